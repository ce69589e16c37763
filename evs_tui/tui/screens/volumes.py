"""The volumes: find the right disk, see whether it can be exported, mark, and open the form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import ContentSwitcher

from evs_tui.exports.model import Sign
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.desk import Desk, Topic
from evs_tui.tui.filter_offers import completed_filter
from evs_tui.tui.keys import VOLUMES_KEYS
from evs_tui.tui.pages import error_page, no_volumes_page
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.volume_lines import Beside
from evs_tui.tui.volume_rows import COLUMNS, NoRows, VolumeRowsModel
from evs_tui.tui.volume_words import Sentence, about_list, broken_off, list_facts
from evs_tui.tui.widgets.details_pane import DetailsPane
from evs_tui.tui.widgets.filter_line import FilterInput, FilterLine
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.sheet import Sheet
from evs_tui.tui.widgets.table import VirtualTable
from evs_tui.volumes.columns import Sort, VolumeRow
from evs_tui.volumes.filtering import parse_filter

_IDLE_S = 0.02
_ERROR_KEYS = (("r", "try again"), ("2", "the jobs, as the journal knows them"), ("q", "quit"))


class VolumesScreen(MainScreen):
    """The list of volumes, or a page that says why there is none."""

    ROOM = "1"
    BINDINGS: ClassVar[list[BindingType]] = list(VOLUMES_KEYS)
    AUTO_FOCUS = "VirtualTable"
    DEFAULT_CSS: ClassVar[str] = """
    VolumesScreen > #body { height: 1fr; }
    VolumesScreen.-wide DetailsPane { display: block; }
    """

    def __init__(self, desk: Desk, *, filter_text: str = "") -> None:
        super().__init__(desk)
        self._filter_text = filter_text
        self._model: VolumeRowsModel | None = None
        self._wanted: str | None = None
        self._is_preparing = False
        self._remark: tuple[Sentence, str | None] | None = None
        """What is said once, and where the cursor was then: it is over when the cursor moves on."""

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose_body(self) -> ComposeResult:
        """Filter line, then the table or a page in its place."""
        yield FilterLine(self._filter_text, lambda text: completed_filter(text, self.desk.listing))
        with ContentSwitcher(initial="list", id="body"):
            with Horizontal(id="list"):
                yield VirtualTable(NoRows(), COLUMNS, marks=self.desk.marks, id="table")
                yield DetailsPane()
            yield Sheet(id="page")

    def on_mount(self) -> None:
        """Follow the filter in the same frame in which it is typed."""
        super().on_mount()
        self.watch(self.query_one(FilterInput), "value", self._filter_typed, init=False)

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one(VirtualTable)

    # What the desk says

    def desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:
        """See `MainScreen.desk_changed`."""
        super().desk_changed(topic, ids)
        if not self.is_mounted:
            return
        self._take_listing()
        if topic == "rows":
            self.table.rows_changed(ids)
        elif topic in {"volumes", "connection"}:
            self.table.model_changed()
            self._choose_body()
        if (words := self.desk.volumes.take_remark()) is not None:
            self._say_once((words, Sign.WARN))
        if topic == "volumes" and (failure := self.desk.reading.failure) is not None and self.desk.listing is not None:
            self._say_once(broken_off(failure, self.desk.reading, self.desk.listing))
        self._show_facts()
        self._show_note()
        self._open_wanted()
        if topic == "volumes":
            self._prepare_filter()

    def _take_listing(self) -> None:
        listing = self.desk.listing
        if listing is not None and (self._model is None or not self._model.shows(listing)):
            self._model = VolumeRowsModel(listing, self.program.symbols)
            self.table.show_model(self._model)
            self._apply_filter(self.query_one(FilterInput).value)

    def _choose_body(self) -> None:
        body = self.query_one("#body", ContentSwitcher)
        listing = self.desk.listing
        failure = self.desk.failure or self.desk.reading.failure
        empty = listing is None or not listing.counts.total
        if failure is not None and empty:
            self.query_one("#page", Sheet).show(error_page(failure, self.program.symbols, _ERROR_KEYS))
            body.current = "page"
        elif listing is not None and empty and not listing.is_reading and listing.as_of is not None:
            self._show_that_there_are_none()
            body.current = "page"
        else:
            body.current = "list"

    def _show_that_there_are_none(self) -> None:
        if (context := self.desk.context) is not None:
            where = context.project_name or context.project_id
            self.query_one("#page", Sheet).show(no_volumes_page(where, context.region, context.user or "-"))

    def _show_facts(self) -> None:
        desk, listing = self.desk, self.desk.listing
        facts = () if listing is None else list_facts(listing, desk.reading, desk.marks.ids)
        self.query_one(FilterLine).show_facts(facts)

    @property
    def _row(self) -> VolumeRow | None:
        return None if self._model is None else self._model.row(self.table.row_id)

    def _say_once(self, sentence: Sentence) -> None:
        """Say it until the cursor moves on."""
        self._remark = (sentence, self.table.row_id)
        self._show_note()

    def _show_note(self) -> None:
        """One place for everything that is to be said now, the most urgent first."""
        note, listing, desk = self.query_one(Note), self.desk.listing, self.desk
        said: Sentence | None
        if desk.failure is not None:
            said = f"{desk.failure.what}.", Sign.BAD
        elif listing is None:
            said = "Signing in.", Sign.BUSY
        elif self._remark is not None and self._remark[1] == self.table.row_id and listing.filter.problem is None:
            said = self._remark[0]
        else:
            said = about_list(listing, self._row)
        if said is None:
            note.clear()
        else:
            note.say(*said)
        self._show_hints()
        self._show_details()

    def _show_details(self) -> None:
        self.query_one(DetailsPane).show_row(self._row, self._beside)

    @property
    def _beside(self) -> Beside:
        volumes = self.desk.volumes
        return Beside(volumes.servers, volumes.servers_failure, volumes.images_failure)

    def on_resize(self) -> None:
        """The pane may have come, or may be laid out anew."""
        self.call_after_refresh(self._show_details)

    def _show_hints(self) -> None:
        marked = len(self.desk.marks.ids)
        self.query_one(Hints).say(
            {
                "table.open": f"export {marked} marked" if marked else "export",
                "volumes.clear": "" if self.desk.listing is None or self.desk.listing.filter.is_empty else "all rows",
            }
        )

    # What the person does

    def _filter_typed(self, text: str) -> None:
        self._apply_filter(text)
        self._show_facts()
        self._show_note()

    def _apply_filter(self, text: str) -> None:
        listing = self.desk.listing
        if listing is not None:
            listing.filter_by(parse_filter(text, self.desk.now))
            self.table.model_changed(filtered=True)

    def on_filter_input_left(self) -> None:
        """The keyboard goes to the rows."""
        self.table.focus()

    def on_virtual_table_rested(self) -> None:
        """Note and details follow the cursor."""
        self._show_note()

    def on_virtual_table_marks_changed(self) -> None:
        """Counts and hints speak of marks."""
        self._show_facts()
        self._show_hints()

    def on_virtual_table_activated(self) -> None:
        """Enter means: export."""
        self.action_export()

    def action_filter(self) -> None:
        """Type a filter."""
        self.set_focus(self.query_one(FilterInput))

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        self.query_one(FilterInput).value = ""

    def action_sort(self) -> None:
        """Sort by the next column that is shown."""
        listing = self.desk.listing
        if listing is not None:
            order = self.table.shown_columns
            at = -1 if listing.sort is None or listing.sort.key not in order else order.index(listing.sort.key)
            self._sort(Sort(order[(at + 1) % len(order)]))

    def action_turn(self) -> None:
        """Turn the order round."""
        if self.desk.listing is not None and (now := self.desk.listing.sort) is not None:
            self._sort(Sort(now.key, descending=not now.descending))

    def on_virtual_table_head_clicked(self, message: VirtualTable.HeadClicked) -> None:
        """Sort by that column; once more turns the order round."""
        now = None if self.desk.listing is None else self.desk.listing.sort
        if now is not None and now.key == message.column:
            self.action_turn()
        else:
            self._sort(Sort(message.column))

    def _sort(self, sort: Sort) -> None:
        if self.desk.listing is not None:
            self.desk.listing.sort_by(sort)
            self.table.show_sort(sort.key, descending=sort.descending)
            self.table.model_changed()

    def action_refresh(self) -> None:
        """Ask the cloud again; after a failed sign-in, sign in again."""
        if self.desk.failure is not None or self.desk.context is None:
            self.program.ask_the_cloud()
        else:
            self.program.read_volumes()

    def action_copy_id(self) -> None:
        """Send the id to the terminal's clipboard."""
        if (row_id := self.table.row_id) is not None:
            self.query_one(Note).say(*sending_words(self.program.copy(row_id), row_id))

    def action_details(self) -> None:
        """Everything that is known about the volume."""
        if (row := self._row) is not None:
            from evs_tui.tui.screens.details import DetailsDrawer

            self.app.push_screen(DetailsDrawer(row, self._beside))

    def action_export(self) -> None:
        """Open the form on the marked volumes, else on the one under the cursor."""
        row_id = self.table.row_id
        self.program.open_form(self.desk.marks.ids or ({row_id} if row_id is not None else ()))

    def open_form_when_read(self, volume_id: str) -> None:
        """Open the form on this volume as soon as it is listed."""
        self._wanted = volume_id

    def _prepare_filter(self) -> None:
        """Work out the texts that a filter searches, a slice in each idle moment, before the first letter is typed."""
        listing = self.desk.listing
        if listing is not None and not self._is_preparing and listing.prepare():
            self._is_preparing = True
            self.set_timer(_IDLE_S, self._go_on_preparing)

    def _go_on_preparing(self) -> None:
        self._is_preparing = False
        self._prepare_filter()

    def _open_wanted(self) -> None:
        listing = self.desk.listing
        if self._wanted is None or listing is None:
            return
        wanted = self._wanted
        if listing.number_of(wanted) is not None:
            self._wanted = None
            self.table.go_to(wanted)
            self.program.open_form([wanted])
        elif not listing.is_reading and listing.as_of is not None:
            self._wanted = None
            self._say_once((f"No volume here has the id {wanted}.", Sign.BAD))

    def commands(self) -> Iterable[SystemCommand]:
        """See `MainScreen.commands`."""
        yield SystemCommand("Export", "Open the form on the marked volumes, else the one here", self.action_export)
        yield SystemCommand("Ask again", "Read the list of volumes anew", self.action_refresh)
        yield SystemCommand(
            "Mark all shown", "Mark every volume that the filter lets through", self.table.action_mark_all
        )
        yield SystemCommand("Unmark everything", "Also what the filter hides", self.table.action_mark_none)
        yield SystemCommand("Sort", "Sort by the next column", self.action_sort)
        yield SystemCommand("Turn the order", "Sort the other way round", self.action_turn)
