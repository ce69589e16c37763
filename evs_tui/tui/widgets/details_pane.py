"""The details of the volume under the cursor, beside the list where the window is wide."""

from __future__ import annotations

from typing import ClassVar

from evs_tui.tui.content import heading
from evs_tui.tui.volume_lines import Beside, pane_columns, volume_lines
from evs_tui.tui.widgets.sheet import Sheet
from evs_tui.volumes.columns import VolumeRow


class DetailsPane(Sheet):
    """A pane that its screen displays in wide windows. It has no keys: the same details over the list have."""

    DEFAULT_CSS: ClassVar[str] = """
    DetailsPane { width: 40; border-left: solid $faint; display: none; }
    """

    def on_mount(self) -> None:
        """The one drawn line of the look has a twin for terminals without such characters."""
        if self.symbols.is_ascii:
            self.styles.border_left = ("ascii", self.app.theme_variables["faint"])

    def show_row(self, row: VolumeRow | None, beside: Beside) -> None:
        """Show the facts of a volume; nothing for None, or while the pane is hidden."""
        if row is None or not self.display or not self.size.width:
            self.show(())
            return
        lines = volume_lines(row, beside, self.symbols, pane_columns(self.size.width))
        self.show((heading("Details", ("i shows all, and sends ids", "muted")), *lines))
