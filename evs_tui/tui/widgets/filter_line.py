"""The question line of a list: what is typed to narrow it, and how much of it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester

from evs_tui.tui.content import Line, Part, width_of
from evs_tui.tui.keys import FILTER_KEYS
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.sheet import OneLine

Complete = Callable[[str], str | None]
"""The text with its last word completed, or None."""


class _Offer(Suggester):
    def __init__(self, complete: Complete) -> None:
        # What can be offered changes with the list, so nothing is remembered.
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return self._complete(value)


class FilterInput(Entry):
    """Where the words are typed. It looks like text until it has the keyboard.

    What would complete the last word stands behind the cursor; tab or the right arrow takes it.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(FILTER_KEYS)
    DEFAULT_CSS: ClassVar[str] = """
    FilterInput { background: $background; margin: 0 1 0 0; }
    FilterInput:ansi { text-style: none; }
    FilterInput:focus:ansi { text-style: underline; }
    """

    class Left(Message):
        """The keyboard goes back to the list."""

    def __init__(self, text: str, complete: Complete | None = None) -> None:
        super().__init__(text, placeholder="filter")
        self.suggester = None if complete is None else _Offer(complete)

    def watch__suggestion(self, before: str, now: str) -> None:
        """The hints speak of completing only where there is something to complete."""
        if bool(before) is not bool(now):
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Without an offer the key goes on to the next place."""
        return action != "complete" or bool(self._suggestion)

    def action_complete(self) -> None:
        """Take what is offered."""
        self.value = self._suggestion
        self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        """Go to the rows; the filter stays."""
        # At once, not by a message: keys that were typed ahead on a slow line are meant for the rows.
        self.screen.focus_next()
        self.post_message(self.Left())

    def action_clear(self) -> None:
        """Clear the filter and go to the rows."""
        self.value = ""
        self.action_leave()


class FilterLine(Horizontal):
    """`/` and the filter, and at the right edge counts, marks and age."""

    DEFAULT_CSS: ClassVar[str] = """
    FilterLine { height: 1; }
    FilterLine > #slash { width: 3; }
    FilterLine > #facts { width: auto; }
    """

    def __init__(self, text: str = "", complete: Complete | None = None) -> None:
        super().__init__()
        self._text = text
        self._complete = complete

    def compose(self) -> ComposeResult:
        """The slash, the field, the facts."""
        yield OneLine((Line(((" ", "text"), ("/", "key"))),), id="slash")
        yield FilterInput(self._text, self._complete)
        yield OneLine(id="facts")

    @property
    def input(self) -> FilterInput:
        """The field."""
        return self.query_one(FilterInput)

    def show_facts(self, groups: Iterable[tuple[Part, ...]]) -> None:
        """Show groups of facts at the right edge, three blanks apart.

        Where room is short the last but one leaves first: the last is the age of the list, which always stays.
        """
        kept = [group for group in groups if group]
        while len(kept) > 1 and _width(kept) > max(20, self.size.width - 24):
            del kept[-2]
        facts = self.query_one("#facts", OneLine)
        width = _width(kept) + 1 if kept else 0
        if facts.styles.width is None or facts.styles.width.value != width:
            facts.styles.width = width
        parts: list[Part] = []
        for group in kept:
            parts += [("   ", "text"), *group] if parts else [*group]
        facts.show_line(Line(tuple(parts)))


def _width(groups: list[tuple[Part, ...]]) -> int:
    return sum(width_of(text) for group in groups for text, _ in group) + 3 * max(0, len(groups) - 1)
