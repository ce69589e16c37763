"""Run as a program: our table, or Textual's own with the same rows, for what they send to a terminal."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from evs_tui.tui.widgets.table import VirtualTable
from tests.tui.stage import COLUMNS, HOSTILE, Rows, TableStage

ROWS = 1000


class Stock(App[None]):
    """The comparison."""

    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def compose(self) -> ComposeResult:
        yield DataTable[Any](cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for column, width in (("Name", 45), ("Size", 9), ("Export", 18)):
            table.add_column(column, width=width)
        for number in range(ROWS):
            table.add_row(f"volume-{number}", Text("40 GiB", justify="right"), "✓ ready")


def main(what: str) -> None:
    """Show `ours`, `stock`, or `hostile` names."""
    if what == "stock":
        Stock().run()
        return
    names = [(f"h{number}", name) for number, name in enumerate(HOSTILE)]
    rows = Rows(names) if what == "hostile" else Rows.numbered(ROWS)
    TableStage(VirtualTable(rows, COLUMNS)).run()


if __name__ == "__main__":
    main(sys.argv[1])
