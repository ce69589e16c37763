"""Plain tables: aligned by terminal cells, fitted to a terminal's width, never cut in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evs_tui.exports.wording import cells

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column. On a narrow terminal the column with the highest `leaves` goes first; 0 never leaves.

    `narrowest` is the width that a column may be cut down to; None is never cut.
    """

    head: str
    right: bool = False
    leaves: int = 0
    narrowest: int | None = None


def table(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], *, width: int | None = None, cut: str = "»"
) -> list[str]:
    """The lines of the table, heads first, without blanks at their ends.

    `width` is the terminal's, None where nothing limits a line. Facts that do not fit leave column by column;
    then the columns that may be cut are, with `cut` as the last character.
    """
    shown = list(range(len(columns)))
    widths = [max(cells(text) for text in (column.head, *(row[i] for row in rows))) for i, column in enumerate(columns)]
    if width is not None:
        shown = _that_fit(columns, widths, shown, width)
        _narrow(columns, widths, shown, width)
    lines = [[column.head for column in columns], *rows]
    return [_line(columns, line, widths, shown, cut) for line in lines]


def fitted(text: str, width: int, cut: str) -> str:
    """`text` in at most `width` cells, ending in `cut` where it goes on."""
    if cells(text) <= width:
        return text
    kept, room = "", width - cells(cut)
    for character in text:
        room -= cells(character)
        if room < 0:
            break
        kept += character
    return kept + cut


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[i] for i in shown) + len(_GAP) * (len(shown) - 1)


def _least(columns: Sequence[Column], widths: Sequence[int], shown: Sequence[int]) -> int:
    least = [min(widths[i], width) if (width := columns[i].narrowest) else widths[i] for i in range(len(columns))]
    return _total(least, shown)


def _that_fit(columns: Sequence[Column], widths: Sequence[int], shown: list[int], width: int) -> list[int]:
    leaving = sorted((i for i in shown if columns[i].leaves), key=lambda i: -columns[i].leaves)
    for i in leaving:
        if _least(columns, widths, shown) <= width:
            break
        shown = [other for other in shown if other != i]
    return shown


def _narrow(columns: Sequence[Column], widths: list[int], shown: Sequence[int], width: int) -> None:
    """Take what is too much from the columns that may be cut, from the widest first."""
    flexible = [i for i in shown if columns[i].narrowest]
    while (over := _total(widths, shown) - width) > 0:
        able = [i for i in flexible if widths[i] > (columns[i].narrowest or 0)]
        if not able:
            return
        widest = max(able, key=lambda i: widths[i])
        widths[widest] -= min(over, max(1, (widths[widest] - (columns[widest].narrowest or 0)) // 2))


def _line(
    columns: Sequence[Column], texts: Sequence[str], widths: Sequence[int], shown: Sequence[int], cut: str
) -> str:
    parts = []
    for i in shown:
        text = fitted(texts[i], widths[i], cut)
        blank = " " * (widths[i] - cells(text))
        parts.append(blank + text if columns[i].right else text + blank)
    return _GAP.join(parts).rstrip()
