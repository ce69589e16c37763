"""Marks the rows of a table: one, a range, all that are shown. Rows are known by id; somebody else holds the marks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from evs_tui.tui.widgets.row_cursor import RowCursor


class Marks(Protocol):
    """Who holds the marks of the rows, by id; a mark outlives its row's being shown."""

    def is_marked(self, row_id: str, /) -> bool:
        """Whether a row is marked."""

    def toggle(self, row_id: str, /) -> bool:
        """Mark a row or unmark it; whether it is marked now."""

    def toggle_all(self, row_ids: Collection[str], /) -> None:
        """Mark these rows; unmark them if they all are marked."""

    def mark(self, row_ids: Collection[str], /) -> None:
        """Mark these rows too."""

    def clear(self) -> None:
        """Unmark everything, shown or not."""


class Marking:
    """The marks of a table with a cursor; `marks` is None where rows cannot be marked."""

    def __init__(self, rows: RowCursor, marks: Marks | None) -> None:
        self.marks = marks
        self._rows = rows
        self._anchor: str | None = None
        """The row that was marked last: where a range begins."""

    def is_marked(self, row_id: str) -> bool:
        """Whether a row is marked."""
        return self.marks is not None and self.marks.is_marked(row_id)

    def toggle(self) -> bool:
        """Mark the row under the cursor or unmark it; whether there is one."""
        row_id = self._rows.row_id
        if self.marks is None or row_id is None:
            return False
        self._anchor = row_id if self.marks.toggle(row_id) else None
        return True

    def mark(self) -> None:
        """Mark the row under the cursor; a range goes on from it."""
        if self.marks is not None and self._rows.row_id is not None:
            self.marks.mark((self._rows.row_id,))
            self._anchor = self._rows.row_id

    def mark_range(self) -> None:
        """Mark all rows from the one that was marked last to the cursor; that one alone where none is shown."""
        model, here = self._rows.model, self._rows.position
        anchor = None if self._anchor is None else model.position_of(self._anchor)
        if self.marks is None or self._rows.row_id is None:
            return
        start = here if anchor is None else anchor
        positions = range(min(start, here), max(start, here) + 1)
        self.marks.mark([row_id for at in positions if (row_id := model.id_at(at)) is not None])
        self._anchor = self._rows.row_id

    def toggle_all(self) -> None:
        """Mark all rows that are shown; unmark them if they all are marked."""
        if self.marks is not None:
            model = self._rows.model
            self.marks.toggle_all({row_id for at in range(len(model)) if (row_id := model.id_at(at)) is not None})

    def clear(self) -> None:
        """Unmark everything, shown or not."""
        if self.marks is not None:
            self.marks.clear()
            self._anchor = None
