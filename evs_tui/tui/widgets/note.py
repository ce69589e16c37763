"""The line above the keys: one sentence about the row or the state under the cursor."""

from __future__ import annotations

from typing import ClassVar

from evs_tui.exports.model import Sign
from evs_tui.tui.content import Line, Part
from evs_tui.tui.theme import sign
from evs_tui.tui.widgets.sheet import OneLine


class Note(OneLine):
    """One sentence, with its sign. Errors, loading, watching and "Nothing has been sent yet." live here too."""

    DEFAULT_CSS: ClassVar[str] = """
    Note { background: $bar; }
    """

    def say(self, words: str | tuple[Part, ...], of: Sign | None = None) -> None:
        """Show a sentence. With a sign it begins at column 3, without one muted at column 1."""
        if of is None:
            parts = ((words, "muted"),) if isinstance(words, str) else words
            self.show_line(Line(((" ", "text"), *parts)))
            return
        parts = ((words, "text"),) if isinstance(words, str) else words
        self.show_line(Line(((" ", "text"), sign(of, self.symbols), (" ", "text"), *parts)))

    def clear(self) -> None:
        """Say nothing."""
        self.show_line(Line())
