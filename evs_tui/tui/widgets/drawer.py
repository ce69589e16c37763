"""Questions and help rise from the bottom edge over the full width; what they are about stays visible above."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll

from evs_tui.tui.content import Line, heading
from evs_tui.tui.keys import DRAWER_KEYS
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.ink import Inked
from evs_tui.tui.widgets.page import ModalPage
from evs_tui.tui.widgets.press import Press, PressRow
from evs_tui.tui.widgets.sheet import OneLine, Sheet


class Drawer(ModalPage[str | None]):
    """A question with buttons, or a text without.

    It ends with the id of the button that was pressed; with None on `esc`, which changes nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*DRAWER_KEYS]
    AUTO_FOCUS = "Press"
    DEFAULT_CSS: ClassVar[str] = """
    Drawer, Drawer:ansi { align: left bottom; background: transparent; }
    Drawer > Vertical { width: 100%; height: auto; max-height: 100%; background: $panel; }
    Drawer VerticalScroll { height: auto; background: $panel; scrollbar-size: 0 0; }
    Drawer Sheet, Drawer OneLine, Drawer PressRow { background: $panel; }
    Drawer Sheet.-auto { height: auto; }
    Drawer PressRow { margin: 1 0 1 0; }
    """

    def __init__(
        self,
        title: str,
        lines: Iterable[Line],
        presses: Sequence[tuple[str, str]] = (),
        *,
        safe_words: str = "close",
    ) -> None:
        """Show `lines` under `title`.

        `presses` are ids and words of the buttons, the harmless one first: it has the focus. `safe_words` says
        in the hints what `esc` does.
        """
        super().__init__()
        self._title = title
        self._lines = tuple(lines)
        self._presses = tuple(presses)
        self._safe_words = safe_words

    def compose(self) -> ComposeResult:
        """Heading, lines, buttons, hints."""
        with Vertical():
            yield OneLine([heading(self._title)])
            with VerticalScroll(can_focus=False):
                yield Sheet(self._lines, id="lines", classes="-auto")
            if self._presses:
                yield PressRow([Press(words, id=id_) for id_, words in self._presses])
            else:
                yield OneLine(id="below")
            yield Hints()

    def on_mount(self) -> None:
        """The list below lost the keyboard, and says so."""
        self.query_one(Hints).say({"drawer.close": self._safe_words})
        self._repaint_below()

    def on_unmount(self) -> None:
        """The list below has the keyboard again."""
        self._repaint_below()

    def on_resize(self, event: events.Resize) -> None:
        """The lines take what is left below the first line with its badges; the others are scrolled to."""
        rows = self.query(PressRow)
        below = rows.first().rows(event.size.width) + 2 if rows else 1
        self.query_one(VerticalScroll).styles.max_height = max(1, event.size.height - 3 - below)
        self.call_after_refresh(self.refresh_bindings)

    def on_press_pressed(self, event: Press.Pressed) -> None:
        """A button ends it."""
        event.stop()
        self.dismiss(event.press.id)

    def action_close(self) -> None:
        """Close it and change nothing."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Show other lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_next(self, steps: int) -> None:
        """Go to the next button, or to the one before."""
        (self.focus_next if steps > 0 else self.focus_previous)("Press")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Scrolling exists only where not all lines fit, the next button only where there are two."""
        if action == "scroll":
            return self.is_mounted and self.query_one(VerticalScroll).max_scroll_y > 0
        return action != "next" or len(self._presses) > 1

    def _repaint_below(self) -> None:
        for screen in self.app.screen_stack:
            if screen is not self and isinstance(screen.focused, Inked):
                screen.focused.repaint_changes()
