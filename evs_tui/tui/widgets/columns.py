"""The columns of a table: which of them fit into a width, how wide they are then, and how a row is laid out in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evs_tui.tui.content import Align, Cell, Laid, Part, Token, fit, fit_parts, laid, width_of
from evs_tui.tui.theme import Symbols

GUTTER = 3
"""Cursor, mark, blank: facts begin after them."""

_BETWEEN = 2
_LAST_BLANK = 1
_NARROWEST_FLEX = 6


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `width` in cells; `leaves` says in which order columns leave a narrow table.

    The highest `leaves` goes first, 0 never goes. Flexible columns share the room that is left over.
    """

    key: str
    title: str
    width: int
    align: Align = "left"
    leaves: int = 0
    flex: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """A column with the width that it has at present."""

    column: Column
    width: int


def fit_columns(columns: Sequence[Column], width: int) -> tuple[Fitted, ...]:
    """The columns that a table of `width` cells shows, in their order."""
    left = list(columns)
    while _needed(left) > width and any(column.leaves for column in left):
        left.remove(max(left, key=lambda column: column.leaves))
    spare = width - _needed(left)
    widths = {column.key: column.width for column in left}
    flexible = [column for column in left if column.flex]
    for place, column in enumerate(flexible):
        share = spare // (len(flexible) - place) if spare < 0 else -(-spare // (len(flexible) - place))
        grown = max(column.width + share, min(column.width, _NARROWEST_FLEX))
        widths[column.key] = grown
        spare -= grown - column.width
    return tuple(Fitted(column, widths[column.key]) for column in left)


def column_at(fitted: Sequence[Fitted], x: int) -> Column | None:
    """The column whose cells, or the blanks right after them, are at `x`; None in the gutter and beyond the last."""
    end = GUTTER
    for each in fitted:
        end += each.width + _BETWEEN
        if GUTTER <= x < end:
            return each.column
    return None


def _needed(columns: Sequence[Column]) -> int:
    return GUTTER + sum(column.width for column in columns) + _BETWEEN * (len(columns) - 1) + _LAST_BLANK


def row_line(
    fitted: Sequence[Fitted], cells: Sequence[Cell], width: int, gutter: str, base: Token, *, marked: bool, cut: str
) -> Laid:
    """A row: the gutter, then each cell in its column. The name of a marked row is in the colour of marks."""
    parts: list[Part] = [(gutter.ljust(GUTTER), "mark" if marked else "text")]
    for place, (column, cell) in enumerate(zip(fitted, cells, strict=True)):
        if place:
            parts.append((" " * _BETWEEN, "text"))
        pieces = fit_parts(cell, column.width, column.column.align, cut)
        parts += [(text, "mark") for text, _ in pieces] if marked and place == 0 else pieces
    return laid(parts, base, width)


def head_line(fitted: Sequence[Fitted], width: int, sort: tuple[str, bool] | None, symbols: Symbols) -> Laid:
    """The column heads over the hairline; `sort` is the key of the sorted column and whether it descends."""
    parts: list[Part] = [(" " * GUTTER, "head")]
    for place, each in enumerate(fitted):
        title = each.column.title
        if sort is not None and sort[0] == each.column.key:
            title = _sorted_title(title, each.width, symbols.down if sort[1] else symbols.up, symbols.cut)
        between = " " * _BETWEEN if place else ""
        parts.append((between + fit(title, each.width, each.column.align, symbols.cut), "head"))
    return laid(parts, "head", width)


def _sorted_title(title: str, width: int, mark: str, cut: str) -> str:
    """The title with the mark of the direction, which stays where there is no room for both."""
    if width_of(title) + 2 <= width:
        return f"{title} {mark}"
    return fit(title, width - 1, cut=cut).rstrip() + mark
