"""The activity: the last calls to the cloud, what came of them, and a report of them without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer

from evs_tui.clock import iso
from evs_tui.core import CoreClosed
from evs_tui.exports.model import Sign
from evs_tui.failure import Failure
from evs_tui.lists.calls import CALL_WORDS, answer_of, call_document, sentence_of, succeeded
from evs_tui.tui.call_rows import COLUMNS, CallRows
from evs_tui.tui.content import Line, Part, wrap
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import ACTIVITY_KEYS
from evs_tui.tui.pages import failure_sentence
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.volume_rows import NoRows
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.filter_line import FilterInput, FilterLine
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.table import VirtualTable

if TYPE_CHECKING:
    from evs_tui.cloud.ring import Call

_FOLLOW_S = 1.0
_LABEL, _VALUE, _WIDTH = 3, 18, 76


class ActivityScreen(MainScreen):
    """Every call that is still remembered, the newest first. It changes when it is opened, asked, or follows."""

    ROOM = "4"
    BINDINGS: ClassVar[list[BindingType]] = list(ACTIVITY_KEYS)
    AUTO_FOCUS = "VirtualTable"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._calls: Sequence[Call] = ()
        self._rows: CallRows | None = None
        self._following: Timer | None = None

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose_body(self) -> ComposeResult:
        """Filter line and table."""
        yield FilterLine()
        yield VirtualTable(NoRows(), COLUMNS, id="calls")

    def on_mount(self) -> None:
        """Follow the filter in the same frame in which it is typed."""
        super().on_mount()
        self.watch(self.query_one(FilterInput), "value", lambda _: self._show_calls(), init=False)

    def on_screen_resume(self) -> None:
        """Show the calls made meanwhile."""
        super().on_screen_resume()
        self.action_refresh()

    def on_screen_suspend(self) -> None:
        """Nobody looks: stop following."""
        self._follow(on=False)

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one(VirtualTable)

    @property
    def call(self) -> Call | None:
        """The call under the cursor."""
        return None if self._rows is None else self._rows.call(self.table.row_id)

    # What is shown

    async def _read(self) -> None:
        workspace = self.desk.workspace
        try:
            calls = await workspace.core.ask(workspace.recent_calls)
        except CoreClosed:
            return
        if self._rows is None or calls != self._calls:
            self._calls = calls
            self._show_calls()

    def _show_calls(self) -> None:
        wanted = CALL_WORDS.parse(self.query_one(FilterInput).value, self.desk.now)
        self._rows = CallRows(self._calls, wanted, self.program.symbols)
        self.table.show_model(self._rows)
        self._show_facts(filtered=not wanted.is_empty)
        if wanted.problem is not None:
            self.query_one(Note).say(f"{wanted.problem}.", Sign.BAD)
        else:
            self._show_note()

    def _show_facts(self, *, filtered: bool) -> None:
        count, shown = len(self._calls), 0 if self._rows is None else len(self._rows)
        failed = sum(not succeeded(call) for call in self._calls)
        repeated = sum(call.attempt > 1 for call in self._calls)
        groups: list[tuple[Part, ...]] = [
            ((f"{shown:,}", "strong"), (f" of {count:,}", "muted"))
            if filtered
            else ((f"last {count:,} calls", "muted"),)
        ]
        if failed:
            groups.append(((f"{failed} failed", "warn"),))
        if repeated:
            groups.append(((f"{repeated} repeated", "muted"),))
        if self._following is not None:
            groups.append((("following", "muted"),))
        self.query_one(FilterLine).show_facts(groups)

    def _show_note(self) -> None:
        note, call = self.query_one(Note), self.call
        if call is not None:
            of, words = sentence_of(call)
            note.say(words, of)
        elif self._calls:
            note.say("No call matches; esc clears the filter.", Sign.NONE)
        else:
            note.say("Nothing was asked of the cloud yet.", Sign.NONE)
        self.query_one(Hints).say(
            {
                "table.open": "details",
                "activity.follow": "follow" if self._following is None else "stop following",
                "activity.clear": "all calls" if self.query_one(FilterInput).value else "",
            }
        )

    def on_virtual_table_rested(self) -> None:
        """The note follows the cursor."""
        self._show_note()

    # What the person does

    def on_filter_input_left(self) -> None:
        """The keyboard goes to the rows."""
        self.table.focus()

    def on_virtual_table_activated(self) -> None:
        """Enter shows the details."""
        self.action_details()

    def action_filter(self) -> None:
        """Type a filter."""
        self.set_focus(self.query_one(FilterInput))

    def action_clear_filter(self) -> None:
        """Show all calls again."""
        self.query_one(FilterInput).value = ""

    def action_refresh(self) -> None:
        """Show the calls made meanwhile."""
        self.run_worker(self._read(), group="calls", exclusive=True)

    def action_follow(self) -> None:
        """Show new calls as they are made, or stop doing so."""
        self._follow(on=self._following is None)
        self._show_calls()

    def _follow(self, *, on: bool) -> None:
        if self._following is not None:
            self._following.stop()
        self._following = self.set_interval(_FOLLOW_S, self.action_refresh) if on else None

    def action_details(self) -> None:
        """Everything that is kept of the call."""
        if (call := self.call) is not None:
            self.app.push_screen(Drawer(f"Call at {iso(call.at)}", list(_details(call))))

    def action_write(self) -> None:
        """Write the calls to a file."""
        self.run_worker(self._write(), group="deed")

    async def _write(self) -> None:
        workspace = self.desk.workspace
        try:
            path = await workspace.core.ask(workspace.write_calls, self._calls)
        except Failure as failure:
            self.query_one(Note).say(failure_sentence(failure), Sign.BAD)
        else:
            self.query_one(Note).say(f"{len(self._calls)} calls written, redacted: {path}", Sign.GOOD)


def _details(call: Call) -> Iterator[Line]:
    document = call_document(call)
    for label, value in (
        ("Call", f"{call.method} {document['origin']}{document['path']}"),
        ("Parameters", "  ".join(f"{name}={value}" for name, value in document["query"].items())),
        ("Operation", call.operation),
        ("Answer", answer_of(call)[1]),
        ("Took", f"{call.milliseconds:,} ms"),
        ("Size", f"{call.size:,} bytes"),
        ("Attempt", str(call.attempt)),
        ("Request id", call.request_id),
        ("Note", document["note"]),
    ):
        first, *rest = wrap(value or "-", _WIDTH - _VALUE) or ["-"]
        yield Line.placed((_LABEL, label, "muted"), (_VALUE, first, "text" if value else "muted"))
        yield from (Line.placed((_VALUE, text, "text")) for text in rest)
