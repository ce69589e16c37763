"""The rows of the activity screen: the newest call first."""

from __future__ import annotations

from collections.abc import Sequence

from evs_tui.cloud.ring import Call
from evs_tui.lists.calls import TEXTS, answer_of
from evs_tui.lists.words import ListFilter
from evs_tui.tui.content import Cell, Part
from evs_tui.tui.theme import SIGN_TOKENS, Symbols, sign
from evs_tui.tui.widgets.columns import Column

COLUMNS = (
    Column("time", "Time", 8),
    Column("call", "Call", 6),
    Column("path", "Path", 34, flex=True),
    Column("answer", "Answer", 11),
    Column("took", "Took", 8, align="right"),
    Column("request", "Request id", 14, leaves=5, flex=True),
)


class CallRows:
    """A `TableModel` of the calls that a filter lets through."""

    def __init__(self, calls: Sequence[Call], wanted: ListFilter[Call], symbols: Symbols) -> None:
        self._symbols = symbols
        self._rows = [(str(call.number), call) for call in reversed(calls) if wanted.matches(call)]
        self._positions = {row_id: at for at, (row_id, _) in enumerate(self._rows)}

    def __len__(self) -> int:
        return len(self._rows)

    def id_at(self, position: int) -> str | None:
        """See `TableModel.id_at`."""
        return self._rows[position][0]

    def position_of(self, row_id: str) -> int | None:
        """See `TableModel.position_of`."""
        return self._positions.get(row_id)

    def heading(self, position: int) -> Part:
        """See `TableModel.heading`; there are no groups."""
        raise IndexError(position)

    def call(self, row_id: str | None) -> Call | None:
        """The call of a row."""
        position = None if row_id is None else self._positions.get(row_id)
        return None if position is None else self._rows[position][1]

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:
        """See `TableModel.cells`."""
        call = self._rows[position][1]
        return [self._cell(call, column) for column in columns]

    def _cell(self, call: Call, column: str) -> Cell:
        if column == "answer":
            of, words = answer_of(call)
            if of is not None:
                return (sign(of, self._symbols), (" " + words, SIGN_TOKENS[of]))
            return (("  " + words, "text"),)
        quiet = column in {"time", "request"}
        return ((TEXTS[column](call), "muted" if quiet else "text"),)
