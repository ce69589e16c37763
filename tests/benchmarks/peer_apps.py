"""Run as a program: what our screens are compared with. `bare`, or `table` with so many rows once `f` is pressed."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from textual.app import App, ComposeResult


class Bare(App[None]):
    """The least that Textual can show."""

    def compose(self) -> ComposeResult:
        from textual.widgets import Static

        yield Static("bare")


class Table(App[None]):
    """Textual's own table with as many columns as our list has at this width."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    BINDINGS = [("f", "fill")]  # noqa: RUF012 - Textual's own type

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        from textual.widgets import DataTable

        yield DataTable[Any](cursor_type="row")

    def on_mount(self) -> None:
        from textual.widgets import DataTable

        table = self.query_one(DataTable)
        for column, width in (("Name", 20), ("Status", 12), ("Size", 9), ("Attached to", 11), ("Export", 15)):
            table.add_column(column, width=width)

    def action_fill(self) -> None:
        from rich.text import Text
        from textual.widgets import DataTable

        table = self.query_one(DataTable)
        for number in range(self._rows):
            size = Text("40 GiB", justify="right")
            table.add_row(f"volume-{number}", "available", size, "-", "✓ ready", key=f"id-{number}")


if __name__ == "__main__":
    (Bare() if sys.argv[1] == "bare" else Table(int(sys.argv[2]))).run()
