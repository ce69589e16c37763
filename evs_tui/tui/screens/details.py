"""The details of one volume over the list; its ids can be sent to the terminal from here."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType

from evs_tui.exports.plan import volume_name
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.content import Line
from evs_tui.tui.keys import DETAILS_KEYS
from evs_tui.tui.program import program_of
from evs_tui.tui.theme import sign
from evs_tui.tui.volume_lines import Beside, drawer_columns, ids_of, volume_lines
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.sheet import OneLine, Sheet
from evs_tui.volumes.columns import VolumeRow


class DetailsDrawer(Drawer):
    """The facts of one volume."""

    BINDINGS: ClassVar[list[BindingType]] = [*DETAILS_KEYS]

    def __init__(self, row: VolumeRow, beside: Beside) -> None:
        super().__init__(f"Details of {volume_name(row.volume)}", ())
        self._row = row
        self._beside = beside

    def on_resize(self, event: events.Resize) -> None:
        """Lay the facts out for the width there is."""
        columns = drawer_columns(event.size.width)
        self.query_one("#lines", Sheet).show(volume_lines(self._row, self._beside, program_of(self).symbols, columns))

    def action_copy(self, number: int) -> None:
        """Send one of the ids to the terminal."""
        ids = ids_of(self._row)
        if number < len(ids):
            words, of = sending_words(program_of(self).copy(ids[number]), ids[number])
            line = Line(((" ", "text"), sign(of, program_of(self).symbols), (" " + words, "text")))
            self.query_one("#below", OneLine).show_line(line)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is there only for an id that is."""
        if action == "copy":
            return parameters[0] in range(len(ids_of(self._row)))
        return super().check_action(action, parameters)
