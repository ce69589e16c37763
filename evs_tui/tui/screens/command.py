"""The requests as commands: JSON, curl, openstack, cinder, evs-tui; one form at a time, to be copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from evs_tui.exports.as_command import Rendition
from evs_tui.exports.model import Sign
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.content import Line, divided, heading, wrap
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import COMMAND_KEYS
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.choices import Choice
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.sheet import Sheet, TitleLine

_TITLES = {
    "request": "What is sent",
    "curl": "With curl, the token in the variable OS_TOKEN",
    "openstack": "With the openstack client",
    "cinder": "With the cinder client",
    "evs-tui": "With evs-tui, from a script",
}


class CommandPage(Page[None]):
    """Shows one rendition of the requests, and copies it as it stands, without the line breaks of the screen."""

    BINDINGS: ClassVar[list[BindingType]] = list(COMMAND_KEYS)
    AUTO_FOCUS = "Choice"
    DEFAULT_CSS: ClassVar[str] = """
    CommandPage Choice { margin: 1 0; }
    CommandPage VerticalScroll { height: 1fr; scrollbar-size: 0 0; }
    CommandPage #text { height: auto; }
    """

    def __init__(self, desk: Desk, renditions: Sequence[Rendition]) -> None:
        """At least one rendition is needed."""
        super().__init__()
        self.desk = desk
        self._renditions = {each.name: each for each in renditions}

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose(self) -> ComposeResult:
        """Header, the form, its text, note, hints."""
        yield IdentityLine(identity_of(self.desk))
        yield TitleLine()
        yield Choice("Shown as", list(self._renditions), id="form")
        with VerticalScroll(can_focus=False):
            yield Sheet(id="text", classes="-auto")
        yield Note()
        yield Hints()

    def on_mount(self) -> None:
        """Say what it is about."""
        self.query_one(TitleLine).show_title("The same as a command")

    def on_resize(self) -> None:
        """Divide the lines for this width."""
        self._show()

    @property
    def _shown(self) -> Rendition:
        return self._renditions[self.query_one(Choice).value]

    def _show(self) -> None:
        shown, width = self._shown, self.size.width
        lines = [heading(_TITLES.get(shown.name, shown.name))]
        if shown.text is None:
            lines += [Line.placed((3, line, "text")) for line in wrap(f"{shown.remark}.", width - 4)]
            self.query_one(Note).say("This tool cannot do it; left and right show the others.", Sign.BAD)
        else:
            pieces = (piece for line in shown.text.splitlines() for piece in divided(line, width - 2))
            lines += [Line.placed((1, piece, "text")) for piece in pieces]
            said = shown.remark
            self.query_one(Note).say(
                f"To know: {said}." if said else "Nothing has been sent.", Sign.WARN if said else None
            )
        self.query_one("#text", Sheet).show(lines)
        self.call_after_refresh(self.refresh_bindings)

    def on_choice_changed(self) -> None:
        """Another form."""
        self._show()
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_copy(self) -> None:
        """Send it to the terminal's clipboard."""
        shown = self._shown
        if shown.text is None:
            return
        self.query_one(Note).say(*sending_words(self.program.copy(shown.text), shown.name))

    def action_scroll(self, lines: int) -> None:
        """Show other lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Scrolling exists only where not all lines fit."""
        return action != "scroll" or (self.is_mounted and self.query_one(VerticalScroll).max_scroll_y > 0)

    def action_back(self) -> None:
        """Back to where it was asked for."""
        self.app.pop_screen()
