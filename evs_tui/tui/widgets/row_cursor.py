"""What a table asks its model, where its cursor is and what is in view. Rows are known by id, whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from evs_tui.tui.content import Cell, Part


class TableModel(Protocol):
    """What a table shows. Rows are known by id; a row without an id is a heading, which the cursor skips."""

    def __len__(self) -> int:
        """How many rows there are, headings included."""

    def id_at(self, position: int) -> str | None:
        """The id of a row; None for a heading."""

    def position_of(self, row_id: str) -> int | None:
        """Where a row stands now; None if it is not shown."""

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:
        """What a row shows in the columns of these keys, in their order."""

    def heading(self, position: int) -> Part:
        """The words of a heading."""


class RowCursor:
    """The cursor and the view of a table over a model."""

    def __init__(self, model: TableModel, *, jump_scroll: bool) -> None:
        self.model = model
        self.top = 0
        """The first position in view."""
        self.page = 1
        """How many rows fit into the view."""
        self.position = 0
        self.row_id: str | None = None
        """The row under the cursor as it was painted: what a key means, whatever the model holds by now."""
        self._wanted: str | None = None
        self._jump_scroll = jump_scroll
        self._set(self.near(0))

    @property
    def in_view(self) -> range:
        """The positions in view."""
        return range(self.top, min(self.top + self.page, len(self.model)))

    def resize(self, page: int) -> None:
        """Another number of rows fits into the view."""
        self.page = max(1, page)
        self.top = self._fit(self.top)
        self._show()

    def go(self, position: int) -> bool:
        """Go to a row because the person wants it; whether that moved the cursor."""
        if position >= len(self.model):
            return False
        before = self.position
        self._set(position)
        self._wanted = self.row_id
        self._show()
        return position != before

    def model_changed(self, *, filtered: bool) -> None:
        """Find the row again after the model changed; see `VirtualTable.model_changed`."""
        line = self.position - self.top
        wanted = (self._wanted, self.row_id) if filtered else (self.row_id,)
        position = next((at for row in wanted if row and (at := self.model.position_of(row)) is not None), None)
        if filtered and self._wanted is None:
            self._wanted = self.row_id
        if position is None:
            position = self.near(0 if filtered else self.position)
            line = min(line, position)
        self._set(position)
        self.top = self._fit(position - line)
        self._show()

    def beside(self, position: int, step: int) -> int:
        """The next row in a direction that is no heading; the same position at the end."""
        at = position + step
        while 0 <= at < len(self.model):
            if self.model.id_at(at) is not None:
                return at
            at += step
        return position

    def near(self, position: int, prefer: int = 1) -> int:
        """The row at a position, or the nearest one that is no heading, looking first where `prefer` points."""
        last = len(self.model) - 1
        position = max(0, min(position, last))
        if last < 0 or self.model.id_at(position) is not None:
            return position
        for step in (prefer, -prefer):
            if (found := self.beside(position, step)) != position:
                return found
        return position

    def _set(self, position: int) -> None:
        self.position = position
        self.row_id = self.model.id_at(position) if position < len(self.model) else None

    def _show(self) -> None:
        """Move the view so that the cursor is in it, and the headings right above the cursor too."""
        first = min(self.position, len(self.model))
        while first > 0 and self.model.id_at(first - 1) is None:
            first -= 1
        if first < self.top:
            jumps = self._jump_scroll and self.top - self.position == 1
            self.top = self._fit(self.position - self.page // 2 if jumps else first)
        elif self.position >= self.top + self.page:
            jumps = self._jump_scroll and self.position == self.top + self.page
            self.top = self._fit(self.position - (self.page // 2 if jumps else self.page - 1))

    def _fit(self, top: int) -> int:
        return max(0, min(top, len(self.model) - self.page))
