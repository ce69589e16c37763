"""A block of lines. New lines repaint only the cells that differ, and markup is never read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.geometry import Size

from evs_tui.tui.content import Laid, Line, Part, lay
from evs_tui.tui.widgets.ink import Inked

_EMPTY = Line()


class Sheet(Inked):
    """Lines of text with their meaning. Give it `height: auto` to be as high as its lines."""

    DEFAULT_CSS: ClassVar[str] = """
    Sheet.-one { height: 1; }
    Sheet.-auto { height: auto; }
    """

    def __init__(
        self,
        lines: Iterable[Line] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._lines = tuple(lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that it shows."""
        return self._lines

    def show(self, lines: Iterable[Line]) -> None:
        """Show other lines in place of the present ones."""
        count = len(self._lines)
        self._lines = tuple(lines)
        if len(self._lines) != count and self.styles.is_auto_height:
            self.refresh(layout=True)
        else:
            self.repaint_changes()

    @property
    def text(self) -> str:
        """What it shows, for tests and for copying: the lines without trailing blanks."""
        return "\n".join(self.laid_line(y).text.rstrip() for y in range(len(self._lines)))

    def laid_line(self, y: int) -> Laid:
        """The line at row `y`; a blank one below the last."""
        line = self._lines[y] if y < len(self._lines) else _EMPTY
        return lay(line, self.size.width, self.symbols.cut)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """As high as its lines."""
        return len(self._lines)


class OneLine(Sheet):
    """A sheet of exactly one line, which a subclass may compose for the width that there is."""

    DEFAULT_CSS: ClassVar[str] = """
    OneLine { height: 1; }
    """

    def show_line(self, line: Line) -> None:
        """Show another line."""
        self.show((line,))

    def line_for(self, width: int) -> Line:  # noqa: ARG002 - for subclasses
        """The line for a width."""
        return self.lines[0] if self.lines else _EMPTY

    def laid_line(self, y: int) -> Laid:
        """The line; blank ones below it."""
        width = self.size.width
        return lay(_EMPTY if y else self.line_for(width), width, self.symbols.cut)

    @property
    def text(self) -> str:
        """What it shows, without trailing blanks."""
        return self.laid_line(0).text.rstrip()


class TitleLine(OneLine):
    """The title of a form or a review, with facts about its volume at the right edge."""

    def show_title(self, title: str, *facts: str, danger: bool = False) -> None:
        """Show `title`; `facts` stand at the right, the last one leaves first where room is short."""
        groups: list[tuple[Part, ...]] = [((fact, "muted"),) for fact in facts]
        self.show_line(Line(((" ", "text"), (title, "alarm" if danger else "strong")), tuple(groups), gap=2))
