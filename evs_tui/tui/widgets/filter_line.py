"""The question line of a list: what is typed to narrow it, and how much of it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message

from evs_tui.tui.content import Line, Part, width_of
from evs_tui.tui.keys import FILTER_KEYS
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.sheet import OneLine


class FilterInput(Entry):
    """Where the words are typed. It looks like text until it has the keyboard."""

    BINDINGS: ClassVar[list[BindingType]] = list(FILTER_KEYS)
    DEFAULT_CSS: ClassVar[str] = """
    FilterInput { background: $background; margin: 0 1 0 0; }
    FilterInput:ansi { text-style: none; }
    FilterInput:focus:ansi { text-style: underline; }
    """

    class Left(Message):
        """The keyboard goes back to the list."""

    def __init__(self, text: str) -> None:
        super().__init__(text, placeholder="filter")

    def action_leave(self) -> None:
        """Go to the rows; the filter stays."""
        self.post_message(self.Left())

    def action_clear(self) -> None:
        """Clear the filter and go to the rows."""
        self.value = ""
        self.post_message(self.Left())


class FilterLine(Horizontal):
    """`/` and the filter, and at the right edge counts, marks and age."""

    DEFAULT_CSS: ClassVar[str] = """
    FilterLine { height: 1; }
    FilterLine > #slash { width: 3; }
    FilterLine > #facts { width: auto; }
    """

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The slash, the field, the facts."""
        yield OneLine((Line(((" ", "text"), ("/", "key"))),), id="slash")
        yield FilterInput(self._text)
        yield OneLine(id="facts")

    @property
    def input(self) -> FilterInput:
        """The field."""
        return self.query_one(FilterInput)

    def show_facts(self, groups: Iterable[tuple[Part, ...]]) -> None:
        """Show groups of facts at the right edge, three blanks apart; the last leaves first where room is short."""
        kept = [group for group in groups if group]
        while kept and _width(kept) > max(20, self.size.width - 24):
            kept.pop()
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
