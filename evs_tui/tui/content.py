"""Text on screen: parts of a line with what they mean, laid out in cells. Markup is never read here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from textual.content import Content

from evs_tui.text import clean

Token = Literal[
    "text",
    "strong",
    "title",
    "muted",
    "faint",
    "key",
    "place",
    "head",
    "good",
    "warn",
    "bad",
    "alarm",
    "busy",
    "mark",
    "cursor",
    "here",
    "field",
    "prod",
    "safe",
]
"""What a part means. `tui.theme` gives each its colour and attributes; nothing else does."""

TOKENS: tuple[Token, ...] = get_args(Token)

Part = tuple[str, Token]
"""A piece of text and its meaning."""

Cell = tuple[Part, ...]
"""What stands in one column of a row, e.g. a sign and its words."""

Align = Literal["left", "right"]

CUT = "»"
"""The default sign for "the text goes on"; one cell, as every cut sign must be."""

_SHOWS_ON_BLANKS: frozenset[Token] = frozenset({"place", "head", "cursor", "here", "field", "prod", "safe"})
_BANDS: frozenset[Token] = frozenset({"cursor"})
_SELECTORS = re.compile("[\ufe00-\ufe0f]")


def shown(text: str) -> str:
    """`text` as it may stand on a screen: cleaned, and without variation selectors.

    A selector has no shape of its own, but terminals disagree on whether it widens the character before it,
    which would shift the rest of a line.
    """
    text = clean(text)
    return text if text.isascii() else _SELECTORS.sub("", text)


def plain(text: str) -> Content:
    """`text` for a stock widget or a notification, literally: brackets are brackets, nothing is a link."""
    return Content(shown(text))


def width_of(text: str) -> int:
    """How many cells `text` takes."""
    return cell_len(shown(text))


def fit(text: str, width: int, align: Align = "left", cut: str = CUT) -> str:
    """`text` in exactly `width` cells. A text that is too long ends in `cut`; a wide character is never halved."""
    if width < 1:
        return ""
    text = shown(text)
    cells = cell_len(text)
    if cells > width:
        text = set_cell_size(text, width - 1).rstrip() + cut
        cells = cell_len(text)
    gap = " " * (width - cells)
    return gap + text if align == "right" else text + gap


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at blanks; a word that is longer than a line is divided."""
    lines: list[str] = []
    line = ""
    for word in shown(text).split():
        rest = word
        joined = f"{line} {rest}" if line else rest
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while cell_len(rest) > width:
            head = _head(rest, width)
            lines.append(head)
            rest = rest[len(head) :]
        line = rest
    return [*lines, line] if line else lines


def divided(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells with every blank kept, divided wherever a line is full."""
    text = shown(text)
    lines: list[str] = []
    while cell_len(text) > width:
        lines.append(_head(text, width))
        text = text[len(lines[-1]) :]
    return [*lines, text]


def _head(text: str, width: int) -> str:
    """The longest beginning of `text` within `width` cells, but at least one character."""
    used = 0
    for place, character in enumerate(text):
        used += get_character_cell_size(character)
        if used > width and place:
            return text[:place]
    return text


@dataclass(frozen=True, slots=True)
class Line:
    """One line: parts from the left, groups of parts at the right edge, and a token for the whole line.

    The last column stays blank. Right groups stand `gap` blanks apart; what does not fit beside the left parts
    leaves whole, the last group first, and the first group stays.
    """

    left: tuple[Part, ...] = ()
    right: tuple[tuple[Part, ...], ...] = ()
    base: Token = "text"
    gap: int = 3

    @classmethod
    def placed(cls, *items: tuple[int, str, Token], base: Token = "text") -> Line:
        """A line of texts that begin at given columns; a text that reaches the next column is pushed on by a blank."""
        parts: list[Part] = []
        at = 0
        for column, text, token in items:
            blanks = max(column - at, 1 if at else 0)
            if blanks:
                parts.append((" " * blanks, "text"))
            parts.append((text, token))
            at += blanks + width_of(text)
        return cls(tuple(parts), base=base)


def heading(text: str, *details: Part, column: int = 1) -> Line:
    """A heading, closed by the hairline over the full width."""
    parts: tuple[Part, ...] = ((" " * column, "text"), (text, "title"))
    for detail in details:
        parts += (("   ", "text"), detail)
    return Line(parts, base="head")


@dataclass(frozen=True, slots=True)
class Laid:
    """A line as it is painted: runs of one token each, together exactly as wide as the widget."""

    base: Token
    runs: tuple[Part, ...]

    @property
    def text(self) -> str:
        """What stands on the line."""
        return "".join(text for text, _ in self.runs)


def lay(line: Line, width: int, cut: str = CUT) -> Laid:
    """`line` laid out in exactly `width` cells."""
    used = sum(width_of(text) for text, _ in line.left)
    right = _right_parts(line, used, width - 1)
    taken = sum(width_of(text) for text, _ in right)
    # Two blanks between left and right, and the blank last column.
    parts = fit_parts(line.left, width - taken - (3 if taken else 1), cut=cut)
    parts.append(("  " if taken else " ", "text"))
    parts.extend((shown(text), token) for text, token in right)
    if taken:
        parts.append((" ", "text"))
    return laid(parts, line.base)


def _right_parts(line: Line, used: int, width: int) -> list[Part]:
    groups = list(line.right)
    while len(groups) > 1 and used + line.gap + _span(groups, line.gap) > width:
        groups.pop()
    parts: list[Part] = []
    for group in groups:
        if parts:
            parts.append((" " * line.gap, "text"))
        parts.extend(group)
    return parts if parts and _span(groups, line.gap) <= width - 2 else []


def _span(groups: Sequence[Sequence[Part]], gap: int) -> int:
    return sum(width_of(text) for group in groups for text, _ in group) + gap * (len(groups) - 1)


def fit_parts(parts: Sequence[Part], width: int, align: Align = "left", cut: str = CUT) -> list[Part]:
    """`parts` in exactly `width` cells, as `fit` does it for one text."""
    used = sum(width_of(text) for text, _ in parts)
    if used > width:
        return _cut_parts(parts, width, cut)
    fitted: list[Part] = [(shown(text), token) for text, token in parts]
    gap: Part = (" " * (width - used), "text")
    return [gap, *fitted] if align == "right" else [*fitted, gap]


def _cut_parts(parts: Sequence[Part], width: int, cut: str) -> list[Part]:
    fitted: list[Part] = []
    at = 0
    for text, token in parts:
        cells = width_of(text)
        if at + cells >= width:
            # What follows is lost as well, so the sign is due even where this part alone would just fit.
            fitted.append((fit(text + " " * width + cut, width - at, cut=cut), token))
            break
        fitted.append((shown(text), token))
        at += cells
    return fitted


def laid(parts: Iterable[Part], base: Token = "text", width: int = 0) -> Laid:
    """Parts joined into as few runs as possible, since every change of style costs bytes on a slow line.

    They are filled up with blanks to `width` cells.
    """
    parts = list(parts)
    if (missing := width - sum(cell_len(text) for text, _ in parts)) > 0:
        parts.append((" " * missing, "text"))
    if base in _BANDS:
        return Laid(base, (("".join(text for text, _ in parts), base),))
    runs: list[Part] = []
    for text, token in parts:
        if not text:
            continue
        if runs:
            before, last = runs[-1]
            if token == last or (not text.strip(" ") and not {token, last} & _SHOWS_ON_BLANKS):
                runs[-1] = (before + text, last)
                continue
        runs.append((text, token))
    return Laid(base, tuple(runs))


def changed_span(before: Laid, after: Laid) -> tuple[int, int] | None:
    """First and one past the last cell in which two lines differ on screen; None if they look the same."""
    if before == after:
        return None
    old, new = _cells(before), _cells(after)
    if before.base != after.base or len(old) != len(new):
        return 0, max(len(old), len(new))
    differing = [at for at, pair in enumerate(zip(old, new, strict=True)) if pair[0] != pair[1]]
    if not differing:
        return None
    start, end = differing[0], differing[-1] + 1
    # A wide character is painted whole: its second cell never stands alone behind the span.
    while end < len(new) and "" in (old[end][0], new[end][0]):
        end += 1
    return start, end


def _cells(line: Laid) -> list[Part]:
    cells: list[Part] = []
    for text, token in line.runs:
        for character in text:
            size = get_character_cell_size(character)
            if size == 0 and cells:
                last, kept = cells[-1]
                cells[-1] = (last + character, kept)
                continue
            blank = character == " " and token not in _SHOWS_ON_BLANKS
            cells.append((character, "text" if blank else token))
            if size == 2:
                cells.append(("", token))
    return cells
