"""What a window shows that is too small for any screen: how large it is, and how large it must be."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from evs_tui.tui.content import Line
from evs_tui.tui.widgets.page import ModalPage
from evs_tui.tui.widgets.sheet import Sheet

SMALLEST = Size(60, 18)
"""The smallest window that every screen is made for, in cells."""


def is_too_small(size: Size) -> bool:
    """Whether a window of this size cannot hold a screen."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


class SmallWindow(ModalPage[None]):
    """Lies over whatever is open, so that no key reaches what cannot be seen, until the app finds the window grown."""

    DEFAULT_CSS: ClassVar[str] = """
    SmallWindow, SmallWindow:ansi { background: $background; }
    SmallWindow Sheet { width: 100%; height: 100%; padding: 0 1; }
    """

    def compose(self) -> ComposeResult:
        """A few words."""
        yield Sheet()

    def on_mount(self) -> None:
        """Say how large the window is."""
        self._say(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Say the new size."""
        self._say(event.size)

    def _say(self, size: Size) -> None:
        lines = (
            f"This window is {size.width}x{size.height}.",
            f"evs-tui needs {SMALLEST.width}x{SMALLEST.height}.",
            "",
            "Make it larger, or",
            "ctrl+q quit",
            "",
            "Exports go on.",
        )
        self.query_one(Sheet).show([Line(((text, "text"),)) for text in lines])
