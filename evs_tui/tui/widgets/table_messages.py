"""What a table says. Handlers are named after the table: `on_virtual_table_rested` and so on."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


class TableMessage(Message, namespace="virtual_table"):
    """Something that a table says."""

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        """The table."""
        return self.table


class Highlighted(TableMessage, namespace="virtual_table"):
    """The cursor is on another row. Handle it only with what costs nothing; see `Rested`."""

    def __init__(self, table: Widget, row_id: str | None) -> None:
        super().__init__(table)
        self.row_id = row_id


class Rested(Highlighted, namespace="virtual_table"):
    """The cursor has rested on a row, or the row under it has changed: time for the note and the details."""


class Activated(Highlighted, namespace="virtual_table"):
    """The row was chosen with enter or a double click."""


class MarksChanged(TableMessage, namespace="virtual_table"):
    """Rows were marked or unmarked; the owner of the marks knows which."""


class HeadClicked(TableMessage, namespace="virtual_table"):
    """The head of a column was clicked: time to sort by it."""

    def __init__(self, table: Widget, column: str) -> None:
        super().__init__(table)
        self.column = column
        """The key of the column."""
