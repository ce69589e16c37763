"""The base of every widget that draws lines itself: paints laid-out lines and repaints only the cells that differ."""

from __future__ import annotations

from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from evs_tui.tui.content import Laid, Token, changed_span
from evs_tui.tui.theme import Symbols, ink_styles, symbols_of


class Inked(Widget):
    """A widget of lines. A subclass gives `laid_line`; after a change of its data it calls `repaint_changes`."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Inked { width: 1fr; height: 1fr; background: $background; color: $foreground; overflow: hidden; }
    """
    auto_links = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._painted: dict[int, Laid] = {}
        self._styles_of: tuple[str, bool] | None = None
        self._styles: dict[Token, Style] = {}

    @property
    def symbols(self) -> Symbols:
        """The symbol set of the app."""
        return symbols_of(self.app)

    @property
    def has_keyboard(self) -> bool:
        """Whether keys come here: it has the focus and no drawer lies over its screen."""
        return self.has_focus and self.screen.is_active

    def focus(self, scroll_visible: bool = True) -> Self:
        """Ask for the keyboard. Textual's own method, and its handlers below, would repaint every line besides."""
        self.app.call_later(self._ask_for_focus, scroll_visible)
        return self

    def _ask_for_focus(self, scroll_visible: bool) -> None:
        if self.is_attached:
            self.screen.set_focus(self, scroll_visible=scroll_visible)

    def on_focus(self, event: events.Focus) -> None:
        """Take the keyboard."""
        event.prevent_default()
        self.has_focus = True
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self))

    def on_blur(self, event: events.Blur) -> None:
        """Give the keyboard away."""
        event.prevent_default()
        self.has_focus = False
        if self.parent is not None:
            self.parent.post_message(events.DescendantBlur(self))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """What has the keyboard shows it."""
        super().watch_has_focus(_has_focus)
        self.repaint_changes()

    def laid_line(self, y: int) -> Laid:
        """The line at row `y`, as wide as the widget."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Paint one line and remember what was painted."""
        line = self._painted[y] = self.laid_line(y)
        over = self._inks()
        base = self.rich_style + over[line.base]
        cached: dict[Token, Style] = {line.base: base}
        segments = []
        for text, token in line.runs:
            style = cached.get(token)
            if style is None:
                style = cached[token] = base + over[token]
            segments.append(Segment(text, style))
        return Strip(segments).crop_extend(0, self.size.width, base)

    def repaint_changes(self) -> None:
        """Repaint, on every line, from the first to the last cell that differs from what is on screen."""
        if not self._painted:
            return
        for y in range(self.size.height):
            self.repaint_line(y)

    def repaint_line(self, y: int) -> None:
        """The same for one line."""
        before = self._painted.get(y)
        if before is None:
            return
        if span := changed_span(before, self.laid_line(y)):
            self.refresh(Region(span[0], y, span[1] - span[0], 1))

    def _theme(self) -> tuple[str, bool]:
        return self.app.theme, self.app.native_ansi_color

    def _inks(self) -> dict[Token, Style]:
        theme = self._theme()
        if self._styles_of != theme:
            self._styles_of = theme
            self._styles = ink_styles(self.app.theme_variables, ansi=theme[1])
        return self._styles
