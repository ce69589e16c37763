"""`evs-tui volumes`: the volumes of the project, and whether each can be exported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from evs_tui.cli.commands import VolumesCommand
from evs_tui.cli.documents import volume_document
from evs_tui.cli.output import Output, context_document
from evs_tui.cli.places import every_job, open_volume_ids
from evs_tui.cli.symbols import Symbols
from evs_tui.cli.tables import Column, table
from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import Image, Server, Volume
from evs_tui.exports.problem import Problem
from evs_tui.failure import ExitCode, UsageFailure
from evs_tui.volumes.columns import COLUMNS, Sort, VolumeRow, parse_sort, volume_row
from evs_tui.volumes.filtering import Filter, parse_filter
from evs_tui.volumes.last_exports import last_exports

if TYPE_CHECKING:
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Context, Workspace

# Name, id and verdict are what an export needs; the rest leaves a narrow terminal in this order.
_SHOWN = {
    "name": Column("Name", narrowest=12),
    "status": Column("Status", leaves=1),
    "size": Column("Size", right=True),
    "type": Column("Type", leaves=3),
    "az": Column("AZ", leaves=4),
    "attached": Column("Attached to", leaves=2, narrowest=8),
}
_EXPORTED = Column("Last export")


def list_volumes(command: VolumesCommand, run: Run) -> int:
    """Write the list in the form asked for.

    Raises:
        UsageFailure: the filter or the sort key cannot be understood.
        ConfigFailure, CloudError: the volumes cannot be read.
    """
    sort = _sort(command.sort)
    with run.workspace() as workspace:
        wanted = _filter(command.filter, workspace)
        context = run.connect(workspace)
        listing = _Listing(workspace, run.output, wanted, asks_for_exports=_asks_for_exports(wanted, sort))
        streaming = command.output == "jsonl" and sort is None
        for rows in listing.pages():
            if streaming:
                _write_rows(rows, listing, run.output)
            else:
                listing.rows.extend(rows)
        return _end(listing, context, command, sort, run.output)


def _sort(text: str | None) -> Sort | None:
    if text is None:
        return None
    sort = parse_sort(text)
    if isinstance(sort, Problem):
        raise UsageFailure("The volumes cannot be sorted like this", str(sort))
    return sort


def _filter(text: str | None, workspace: Workspace) -> Filter:
    wanted = parse_filter(text or "", workspace.clock.now())
    if wanted.problem is not None:
        raise UsageFailure("The filter cannot be understood", str(wanted.problem))
    return wanted


def _asks_for_exports(wanted: Filter, sort: Sort | None) -> bool:
    return wanted.asks_for_exports or (sort is not None and sort.key == "exported")


@dataclass(slots=True)
class _Listing:
    """Reads the pages, knows the servers, and keeps what is written at the end."""

    workspace: Workspace
    output: Output
    wanted: Filter
    asks_for_exports: bool
    """Whether last exports are wanted, which cost a reading of all images."""
    rows: list[VolumeRow] = field(default_factory=list)
    servers: dict[str, Server | None] = field(default_factory=dict)
    exported: Mapping[str, datetime] = field(default_factory=dict)
    read: int = 0
    matched: int = 0
    skipped: int = 0
    error: CloudError | None = None
    """What ended the list early, after some of it had been read."""
    _servers_asked: bool = False

    def pages(self) -> Iterable[Sequence[VolumeRow]]:
        """The matching volumes of each page as it arrives."""
        core = self.workspace.core
        dialect = core.run(self.workspace.dialect)
        exporting = self._exporting()
        if self.asks_for_exports:
            self.exported = self._last_exports()
        try:
            for page in core.iterate(self.workspace.volume_pages):
                self.skipped += page.skipped
                self.read += len(page.items)
                yield self._matching(page.items, dialect, exporting)
        except CloudError as error:
            if not self.read:
                raise
            self.error = error

    def _matching(self, volumes: Sequence[Volume], dialect: Dialect, exporting: Collection[str]) -> Sequence[VolumeRow]:
        self._know_servers(volumes)
        rows = (
            volume_row(
                volume,
                dialect,
                self.servers,
                exporting=volume.id in exporting,
                exported=self.exported.get(volume.id),
            )
            for volume in volumes
        )
        matching = [row for row in rows if self.wanted.is_empty or self.wanted.matches(row)]
        self.matched += len(matching)
        return matching

    def _exporting(self) -> Collection[str]:
        return () if self.workspace.options.demo else open_volume_ids(self.workspace, self.output)

    def _last_exports(self) -> Mapping[str, datetime]:
        """From the journal, and from the images as far as they can be listed."""
        core, images = self.workspace.core, list[Image]()
        jobs = () if self.workspace.options.demo else every_job(self.workspace, self.output)
        try:
            for page in core.iterate(self.workspace.image_pages):
                images += page.items
        except CloudError as error:
            self.output.warn(f"Last exports are known from the journal alone. {error}")
        return last_exports(jobs, images, core.run(self.workspace.place))

    def _know_servers(self, volumes: Sequence[Volume]) -> None:
        """Read the servers once there is a volume that needs them; one that no list tells of cannot be read."""
        needed = [attachment.server_id for volume in volumes for attachment in volume.attachments]
        if needed and not self._servers_asked:
            self._servers_asked = True
            try:
                for page in self.workspace.core.iterate(self.workspace.server_pages):
                    self.servers.update((server.id, server) for server in page.items)
            except CloudError as error:
                self.output.warn(f"The states of servers could not be read, so they count as running: {error}")
        for server_id in needed:
            self.servers.setdefault(server_id, None)


def _write_rows(rows: Iterable[VolumeRow], listing: _Listing, output: Output) -> None:
    output.rows(volume_document(row.volume, row.verdict, listing.servers) for row in rows)


def _end(listing: _Listing, context: Context, command: VolumesCommand, sort: Sort | None, output: Output) -> int:
    rows = _sorted(listing.rows, sort)
    if command.output == "jsonl":
        _write_rows(rows, listing, output)
        if listing.error is not None:
            output.failure(listing.error)
            return listing.error.exit_code
        output.end_of_rows(count=listing.matched, skipped=listing.skipped)
        return ExitCode.DONE
    if listing.error is not None:
        output.warn(f"The list is not complete. {listing.error}")
    if command.output == "json":
        output.envelope(context_document(context), _payload(rows, listing))
    else:
        _write_table(rows, listing, context, output)
    return listing.error.exit_code if listing.error is not None else ExitCode.DONE


def _sorted(rows: list[VolumeRow], sort: Sort | None) -> list[VolumeRow]:
    if sort is None:
        return rows
    return sorted(rows, key=COLUMNS[sort.key].sort_key, reverse=sort.descending)


def _payload(rows: Sequence[VolumeRow], listing: _Listing) -> Mapping[str, object]:
    return {
        "count": len(rows),
        "skipped": listing.skipped,
        "complete": listing.error is None,
        "volumes": [volume_document(row.volume, row.verdict, listing.servers) for row in rows],
    }


def _write_table(rows: Sequence[VolumeRow], listing: _Listing, context: Context, output: Output) -> None:
    if rows:
        shown = {**_SHOWN, **({"exported": _EXPORTED} if listing.asks_for_exports else {})}
        columns = [Column("ID"), *shown.values(), Column("Export")]
        lines = [_cells(row, shown, output.symbols) for row in rows]
        output.lines(table(columns, lines, width=output.width, cut=output.symbols.cut))
    where = f"{context.project_name or context.project_id} in {context.region}{' (DEMO)' if context.demo else ''}"
    if not listing.read and listing.error is None:
        output.say(f"No volumes: the cloud answered with an empty, complete list for {where}.")
    elif listing.wanted.is_empty:
        output.say(f"{listing.read:,} volumes of {where}.")
    else:
        output.say(f"{listing.matched:,} of {listing.read:,} volumes of {where}.")
    if listing.skipped:
        output.say(f"{listing.skipped:,} more could not be read.")


def _cells(row: VolumeRow, shown: Iterable[str], symbols: Symbols) -> list[str]:
    facts = [COLUMNS[key].text(row) for key in shown]
    return [row.volume.id, *facts, f"{symbols.of(row.verdict.sign)} {row.verdict.label}"]
