"""What all fields of a form share: the label at column 3, and the remark below the value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from evs_tui.exports.model import Sign
from evs_tui.tui.content import Laid, Line, Part, Token, fit, lay, width_of
from evs_tui.tui.theme import Symbols, sign
from evs_tui.tui.widgets.ink import Inked
from evs_tui.tui.widgets.sheet import OneLine

LABEL = 3
"""The column at which labels begin."""

VALUE = 18
"""The column at which values begin."""

_MARK = 1
_LABEL_CELLS = 13


@dataclass(frozen=True, slots=True)
class Remark:
    """What stands below a field: a rule, or with `Sign.BAD` an error, with `Sign.WARN` a warning."""

    text: str
    of: Sign | None = None

    @property
    def is_error(self) -> bool:
        """Whether the value cannot be used."""
        return self.of is Sign.BAD


Check = Callable[[str], Remark | None]
"""Says what is to be said about a value, while it is typed."""


def label_parts(label: str, symbols: Symbols, *, focused: bool) -> list[Part]:
    """The first columns of a field: the sign of the keyboard, and the label."""
    token: Token = "key" if focused else "muted"
    mark = symbols.cursor if focused else " "
    gap = " " * (LABEL - _MARK - 1)
    return [(" " * _MARK + mark + gap, token), (fit(label, _LABEL_CELLS, cut=symbols.cut), token)]


def remark_parts(remark: Remark, symbols: Symbols) -> list[Part]:
    """A remark with its sign."""
    signed: list[Part] = [] if remark.of is None else [sign(remark.of, symbols), (" ", "text")]
    return [*signed, (remark.text, "bad" if remark.is_error else "muted")]


def remark_line(remark: Remark | None, width: int, symbols: Symbols) -> Line:
    """A remark at column 18, or further to the left if it would not fit there."""
    if remark is None:
        return Line()
    parts = remark_parts(remark, symbols)
    cells = sum(width_of(text) for text, _ in parts)
    column = max(LABEL, min(VALUE, width - 1 - cells))
    return Line(((" " * column, "text"), *parts))


class RemarkLine(OneLine):
    """The line below a field."""

    def __init__(self, remark: Remark | None = None) -> None:
        super().__init__()
        self.remark = remark

    def say(self, remark: Remark | None) -> None:
        """Show another remark, or none."""
        self.remark = remark
        self.repaint_changes()

    def line_for(self, width: int) -> Line:
        """Placed as the width allows."""
        return remark_line(self.remark, width, self.symbols)


class FieldLabel(Inked):
    """The label before an entry."""

    DEFAULT_CSS: ClassVar[str] = """
    FieldLabel { width: 18; height: 1; }
    """

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label
        self.focused = False

    def laid_line(self, y: int) -> Laid:  # noqa: ARG002 - one line
        """The sign of the keyboard, and the label."""
        return lay(Line(tuple(label_parts(self.label, self.symbols, focused=self.focused))), self.size.width)
