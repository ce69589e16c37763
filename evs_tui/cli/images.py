"""`evs-tui images`: the private images of the project, and which exports made them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evs_tui.cli.commands import ImagesCommand
from evs_tui.cli.documents import image_document
from evs_tui.cli.output import Output, context_document
from evs_tui.cli.symbols import Symbols
from evs_tui.cli.tables import Column, table
from evs_tui.cloud.errors import CloudError
from evs_tui.exports.model import Job
from evs_tui.failure import ExitCode, Failure, UsageFailure
from evs_tui.lists.images import IMAGE_WORDS, TEXTS, ImageRow, image_rows, state_of
from evs_tui.lists.words import ListFilter

if TYPE_CHECKING:
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Context, Workspace

_SHOWN = {
    "size": Column("Size", right=True, leaves=1),
    "system": Column("System", leaves=3),
    "format": Column("Format", leaves=4),
    "from": Column("From", leaves=2, narrowest=8),
    "created": Column("Created", leaves=5),
}


def list_images(command: ImagesCommand, run: Run) -> int:
    """Write the list in the form asked for.

    Raises:
        UsageFailure: the filter cannot be understood.
        ConfigFailure, CloudError: the images cannot be read.
    """
    with run.workspace() as workspace:
        wanted = _filter(command.filter, workspace)
        context = run.connect(workspace)
        listing = _Listing(workspace, run.output, wanted)
        for rows in listing.pages():
            if command.output == "jsonl":
                _write_rows(rows, run.output)
            else:
                listing.rows.extend(rows)
        return _end(listing, context, run.output)


def _filter(text: str | None, workspace: Workspace) -> ListFilter[ImageRow]:
    wanted = IMAGE_WORDS.parse(text or "", workspace.clock.now())
    if wanted.problem is not None:
        raise UsageFailure("The filter cannot be understood", str(wanted.problem))
    return wanted


@dataclass(slots=True)
class _Listing:
    """Reads the pages, knows the jobs, and keeps what is written at the end."""

    workspace: Workspace
    output: Output
    wanted: ListFilter[ImageRow]
    rows: list[ImageRow] = field(default_factory=list)
    read: int = 0
    matched: int = 0
    skipped: int = 0
    error: CloudError | None = None
    """What ended the list early, after some of it had been read."""

    def pages(self) -> Iterable[Sequence[ImageRow]]:
        """The matching images of each page as it arrives."""
        core = self.workspace.core
        place, jobs = core.run(self.workspace.place), self._jobs()
        try:
            for page in core.iterate(self.workspace.image_pages):
                self.skipped += page.skipped
                self.read += len(page.items)
                matching = [row for row in image_rows(page.items, jobs, place) if self.wanted.matches(row)]
                self.matched += len(matching)
                yield matching
        except CloudError as error:
            if not self.read:
                raise
            self.error = error

    def _jobs(self) -> Collection[Job]:
        from evs_tui.exports.service import read_jobs

        if self.workspace.options.demo:
            return ()
        try:
            return read_jobs(self.workspace.paths.journal, everything=True)
        except Failure as failure:
            self.output.warn(f"Which exports made the images is not known. {failure}")
            return ()


def _write_rows(rows: Iterable[ImageRow], output: Output) -> None:
    output.rows(image_document(row.image, row.job) for row in rows)


def _end(listing: _Listing, context: Context, output: Output) -> int:
    if output.form == "jsonl":
        if listing.error is not None:
            output.failure(listing.error)
            return listing.error.exit_code
        output.end_of_rows(count=listing.matched, skipped=listing.skipped)
        return ExitCode.DONE
    if listing.error is not None:
        output.warn(f"The list is not complete. {listing.error}")
    if output.form == "json":
        documents = [image_document(row.image, row.job) for row in listing.rows]
        output.envelope(context_document(context), {"images": documents})
    else:
        _write_table(listing, context, output)
    return listing.error.exit_code if listing.error is not None else ExitCode.DONE


def _write_table(listing: _Listing, context: Context, output: Output) -> None:
    if listing.rows:
        columns = [Column("ID"), Column("Name", narrowest=12), Column("State"), *_SHOWN.values()]
        lines = [_cells(row, output.symbols) for row in listing.rows]
        output.lines(table(columns, lines, width=output.width, cut=output.symbols.cut))
    where = f"{context.project_name or context.project_id} in {context.region}{' (DEMO)' if context.demo else ''}"
    if not listing.read and listing.error is None:
        output.say(f"No private images: the cloud answered with an empty, complete list for {where}.")
    elif listing.wanted.is_empty:
        output.say(f"{listing.read:,} private images of {where}.")
    else:
        output.say(f"{listing.matched:,} of {listing.read:,} private images of {where}.")
    if listing.skipped:
        output.say(f"{listing.skipped:,} more could not be read.")


def _cells(row: ImageRow, symbols: Symbols) -> list[str]:
    of, word = state_of(row.image)
    return [row.image.id, TEXTS["name"](row), f"{symbols.of(of)} {word}", *(TEXTS[key](row) for key in _SHOWN)]
