"""Buttons: `[ words ]` on one line, each named by its deed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from evs_tui.tui.content import Laid, Part, Token, laid, shown, width_of
from evs_tui.tui.keys import PRESS_KEYS, PRESS_ROW_KEYS
from evs_tui.tui.widgets.ink import Inked

_GUTTER = 1
_INDENT = 2


class Press(Inked, can_focus=True):
    """A button. It is never disabled: pressed too early, it is its owner's business to say what is missing."""

    BINDINGS: ClassVar[list[BindingType]] = [*PRESS_KEYS]
    DEFAULT_CSS: ClassVar[str] = """
    Press { height: 1; width: auto; margin: 0 2 0 0; background: transparent; }
    """

    class Pressed(Message):
        """The button was pressed."""

        def __init__(self, press: Press) -> None:
            super().__init__()
            self.press = press

        @property
        def control(self) -> Press:
            """The button."""
            return self.press

    def __init__(self, words: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.words = words

    def rename(self, words: str) -> None:
        """Name another deed."""
        if words != self.words:
            self.words = words
            self.refresh(layout=True)

    @property
    def cells(self) -> int:
        """How wide it is."""
        return _GUTTER + width_of(self.words) + 4

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's
        """As wide as its words."""
        return self.cells

    def laid_line(self, y: int) -> Laid:  # noqa: ARG002 - one line
        """The sign of the keyboard, and the words in brackets."""
        has_keyboard = self.has_keyboard
        token: Token = "cursor" if has_keyboard else "text"
        parts: list[Part] = [(self.symbols.cursor if has_keyboard else " ", "text")]
        parts.append((f"[ {shown(self.words)} ]", token))
        return laid(parts)

    def action_press(self) -> None:
        """Press it."""
        self.post_message(self.Pressed(self))

    def on_click(self, event: events.Click) -> None:
        """Press it."""
        event.stop()
        self.action_press()


class PressRow(Widget):
    """Buttons beside each other from column 3 on, or below each other where they would not fit."""

    BINDINGS: ClassVar[list[BindingType]] = [*PRESS_ROW_KEYS]
    DEFAULT_CSS: ClassVar[str] = """
    PressRow { layout: horizontal; height: auto; width: 1fr; padding: 0 0 0 2; }
    PressRow.-stacked { layout: vertical; }
    """

    def __init__(self, presses: Sequence[Press], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        """The harmless button comes first."""
        super().__init__(id=id)
        self._presses = tuple(presses)

    def compose(self) -> ComposeResult:
        """The buttons."""
        yield from self._presses

    def rows(self, width: int) -> int:
        """How many rows the buttons take in a row of `width` cells."""
        needed = _INDENT + sum(press.cells + 2 for press in self._presses)
        return 1 if needed <= width else len(self._presses)

    def on_resize(self, event: events.Resize) -> None:
        """Choose how they stand."""
        self.set_class(self.rows(event.container_size.width) > 1, "-stacked")
