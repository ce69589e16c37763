"""The private images of the project: which there are, in what state, and which export made each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.widgets import ContentSwitcher

from evs_tui.clock import iso
from evs_tui.exports.model import Sign
from evs_tui.lists.images import IMAGE_WORDS, ImageRow, sentence_of
from evs_tui.lists.words import ListFilter
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.content import Line, Part
from evs_tui.tui.desk import Desk, Topic
from evs_tui.tui.image_rows import COLUMNS, SORT_ORDER, ImageRowsModel
from evs_tui.tui.keys import IMAGES_KEYS
from evs_tui.tui.pages import error_page, no_images_page
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.volume_rows import NoRows
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.filter_line import FilterInput, FilterLine
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.sheet import Sheet
from evs_tui.tui.widgets.table import VirtualTable

_ERROR_KEYS = (("r", "try again"), ("2", "the jobs, as the journal knows them"), ("q", "quit"))
_LABEL, _VALUE = 3, 18


class ImagesScreen(MainScreen):
    """The list of images, or a page that says why there is none. It is read when somebody comes here."""

    ROOM = "3"
    BINDINGS: ClassVar[list[BindingType]] = list(IMAGES_KEYS)
    AUTO_FOCUS = "VirtualTable"
    DEFAULT_CSS: ClassVar[str] = """
    ImagesScreen > #body { height: 1fr; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._filter: ListFilter[ImageRow] = ListFilter()
        self._sort = ("created", True)
        self._model: ImageRowsModel | None = None

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one(VirtualTable)

    @property
    def row(self) -> ImageRow | None:
        """The image under the cursor."""
        return None if self._model is None else self._model.row(self.table.row_id)

    def compose_body(self) -> ComposeResult:
        """Filter line, then the table or a page in its place."""
        yield FilterLine()
        with ContentSwitcher(initial="table", id="body"):
            yield VirtualTable(NoRows(), COLUMNS, sort=self._sort, id="table")
            yield Sheet(id="page")

    def on_mount(self) -> None:
        """Follow the filter in the same frame in which it is typed."""
        self.watch(self.query_one(FilterInput), "value", self._filter_typed, init=False)

    def desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:
        """See `MainScreen.desk_changed`."""
        super().desk_changed(topic, ids)
        if not self.is_mounted or topic in {"volumes", "rows"}:
            return
        if topic == "images" or self._model is None:
            self._show_rows()
        self._choose_body()
        self._show_facts()
        self._show_note()
        # An image came or went with a job: one more reading, for whoever looks at the list.
        if topic != "images" and self.app.screen is self and self.desk.images.is_stale(self.desk.jobs):
            self._read()

    def _read(self) -> None:
        if self.desk.context is not None:
            self.run_worker(self.desk.images.read(self.desk.jobs), group="images")

    def _show_rows(self, *, filtered: bool = False) -> None:
        self._model = ImageRowsModel(self.desk.images.rows, self._filter, self._sort, self.program.symbols)
        self.table.show_model(self._model)
        if filtered:
            self.table.model_changed(filtered=True)

    def _choose_body(self) -> None:
        shelf, body, page = self.desk.images, self.query_one("#body", ContentSwitcher), self.query_one("#page", Sheet)
        failure = self.desk.failure or shelf.failure
        context = self.desk.context
        if failure is not None and not shelf.rows:
            page.show(error_page(failure, self.program.symbols, _ERROR_KEYS))
            body.current = "page"
        elif shelf.count == 0 and context is not None:
            where = context.project_name or context.project_id
            page.show(no_images_page(where, context.region, context.user or "-"))
            body.current = "page"
        else:
            body.current = "table"

    def _show_facts(self) -> None:
        shelf, shown = self.desk.images, 0 if self._model is None else len(self._model)
        groups: list[tuple[Part, ...]] = []
        if not self._filter.is_empty:
            groups.append(((f"{shown:,}", "strong"), (f" of {len(shelf.rows):,}", "muted")))
        if shelf.skipped:
            groups.append(((f"{shelf.skipped} unreadable", "warn"),))
        if shelf.is_reading:
            groups.append((("reading", "muted"),))
        elif shelf.as_of is not None:
            groups.append(((f"as of {shelf.as_of.astimezone():%H:%M:%S}", "muted"),))
        self.query_one(FilterLine).show_facts(groups)

    def _show_note(self) -> None:
        note, shelf, row = self.query_one(Note), self.desk.images, self.row
        if self.desk.failure is not None:
            note.say(f"{self.desk.failure.what}.", Sign.BAD)
        elif self._filter.problem is not None:
            words = str(self._filter.problem)
            note.say(words if words.endswith(("?", ")")) else f"{words}.", Sign.BAD)
        elif shelf.failure is not None:
            since = f"rows are as of {shelf.as_of.astimezone():%H:%M}" if shelf.as_of else "the list is incomplete"
            note.say(f"{shelf.failure.what}; {since}; r asks again.", Sign.BAD)
        elif row is not None:
            of, words = sentence_of(row)
            note.say(words, of)
        elif shelf.is_reading:
            note.say("Reading images.", Sign.BUSY)
        elif not self._filter.is_empty:
            note.say("No image matches; esc clears the filter.", Sign.NONE)
        else:
            note.clear()
        self.refresh_bindings()
        hints = {"table.open": "details", "images.details": "", "images.clear": "" if self._filter.is_empty else "all"}
        self.query_one(Hints).say(hints)

    # What the person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """A key is there only where its deed is possible."""
        row = self.row if self.is_mounted else None
        if action == "job":
            return row is not None and (row.job or row.asked_by) is not None
        return row is not None if action in {"details", "copy_id"} else True

    def _filter_typed(self, text: str) -> None:
        self._filter = IMAGE_WORDS.parse(text, self.desk.now)
        self._show_rows(filtered=True)
        self._show_facts()
        self._show_note()

    def on_filter_input_left(self) -> None:
        """The keyboard goes to the rows."""
        self.table.focus()

    def on_virtual_table_rested(self) -> None:
        """The note follows the cursor."""
        self._show_note()

    def on_virtual_table_activated(self) -> None:
        """Enter shows all that is known."""
        self.action_details()

    def action_filter(self) -> None:
        """Type a filter."""
        self.set_focus(self.query_one(FilterInput))

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        self.query_one(FilterInput).value = ""

    def action_sort(self) -> None:
        """Go through the columns, each upwards and then downwards."""
        key, descending = self._sort
        if descending:
            key = SORT_ORDER[(SORT_ORDER.index(key) + 1) % len(SORT_ORDER)]
        self._sort = (key, not descending)
        self.table.show_sort(self._sort[0], descending=self._sort[1])
        self._show_rows()

    def action_refresh(self) -> None:
        """Ask the cloud again; after a failed sign-in, sign in again."""
        if self.desk.failure is not None:
            self.program.ask_the_cloud()
        else:
            self._read()

    def action_copy_id(self) -> None:
        """Send the id to the terminal's clipboard."""
        if (row := self.row) is not None:
            self.query_one(Note).say(*sending_words(self.program.copy(row.image.id), row.image.id))

    def action_job(self) -> None:
        """Go to the job that made it."""
        row = self.row
        job = None if row is None else row.job or row.asked_by
        if job is not None:
            self.program.show_job(job.id)

    def action_details(self) -> None:
        """Everything that is known about the image."""
        if (row := self.row) is not None:
            name = row.image.name or row.image.id
            self.app.push_screen(Drawer(f"Details of {name}", _lines(row)))

    def commands(self) -> Iterable[SystemCommand]:
        """See `MainScreen.commands`."""
        yield SystemCommand("Ask again", "Read the list of images anew", self.action_refresh)
        yield SystemCommand("Sort", "Sort by the next column", self.action_sort)


def _lines(row: ImageRow) -> Iterator[Line]:
    image, job = row.image, row.job
    size = None if image.size_bytes is None else f"{image.size_bytes:,} bytes"
    facts = {
        "ID": image.id,
        "Status": image.status,
        "Format": ", ".join(part for part in (image.disk_format, image.container_format) if part),
        "Size": size,
        "Least disk": None if image.min_disk_gib is None else f"{image.min_disk_gib:,} GiB",
        "System": image.os_type,
        "Encrypted": "yes" if image.encrypted else "no",
        "Created": None if image.created_at is None else iso(image.created_at),
        "Updated": None if image.updated_at is None else iso(image.updated_at),
        "Made here": sentence_of(row)[1],
        "Job": None if job is None else f"{job.id}, {job.state.value.replace('_', ' ')}",
        "From volume": image.origin_volume_id if job is None else f"{job.volume.name}  {job.volume.id}",
    }
    for label, value in facts.items():
        yield Line.placed((_LABEL, label, "muted"), (_VALUE, value or "-", "text" if value else "muted"))
