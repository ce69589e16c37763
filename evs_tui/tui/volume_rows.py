"""The rows of the volumes screen: the listing's view, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence

from evs_tui.exports.model import VerdictState
from evs_tui.tui.content import Cell, Part, Token
from evs_tui.tui.theme import Symbols, sign
from evs_tui.tui.widgets.columns import Column
from evs_tui.volumes.columns import COLUMNS as TEXTS
from evs_tui.volumes.columns import VolumeRow
from evs_tui.volumes.listing import VolumeListing

COLUMNS = (
    Column("name", "Name", 19, flex=True),
    Column("status", "Status", 10, leaves=1),
    Column("size", "Size", 9, align="right"),
    Column("type", "Type", 5, leaves=4),
    Column("az", "AZ", 10, leaves=5),
    Column("attached", "Attached to", 12, leaves=2, flex=True),
    Column("id", "ID", 8, leaves=6),
    Column("exported", "Last export", 11, leaves=7),
    Column("export", "Export", 18),
)

_STATUS_TOKENS: dict[str, Token] = {
    "available": "text",
    "in-use": "text",
    "uploading": "busy",
    "backing-up": "busy",
    "downloading": "busy",
}


class VolumeRowsModel:
    """A `TableModel` over a `VolumeListing`: nothing is formatted but what is on screen."""

    def __init__(self, listing: VolumeListing, symbols: Symbols) -> None:
        self._listing = listing
        self._symbols = symbols

    def shows(self, listing: VolumeListing) -> bool:
        """Whether these are the rows of this listing, and not of the place before."""
        return self._listing is listing

    def __len__(self) -> int:
        return len(self._listing.view)

    def id_at(self, position: int) -> str | None:
        """See `TableModel.id_at`."""
        return self._listing.id_of(self._listing.view[position])

    def position_of(self, row_id: str) -> int | None:
        """See `TableModel.position_of`."""
        return self._listing.index_of(row_id)

    def heading(self, position: int) -> Part:
        """There are none here."""
        raise IndexError(position)

    def row(self, row_id: str | None) -> VolumeRow | None:
        """The row of a volume that is listed, shown or not."""
        number = None if row_id is None else self._listing.number_of(row_id)
        return None if number is None else self._listing.row(number)

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:
        """See `TableModel.cells`."""
        row = self._listing.row(self._listing.view[position])
        return [self._cell(row, column) for column in columns]

    def _cell(self, row: VolumeRow, column: str) -> Cell:
        text = TEXTS[column].text(row)
        if column == "export":
            return self._export_cell(row)
        if column == "name" and not row.volume.name:
            return ((text, "muted"),)
        if column == "status":
            return ((text, _status_token(row)),)
        return ((text, "faint" if text == "-" else "text"),)

    def _export_cell(self, row: VolumeRow) -> Cell:
        found = row.verdict
        quiet = found.state in {VerdictState.BUSY, VerdictState.BLOCKED}
        return (sign(found.sign, self._symbols), (" " + found.label, "muted" if quiet else "text"))


def _status_token(row: VolumeRow) -> Token:
    status = row.volume.status
    if status.startswith("error"):
        return "bad"
    return _STATUS_TOKENS.get(status, "muted" if row.verdict.state is VerdictState.BUSY else "text")


class NoRows:
    """The empty model, before there is a listing."""

    def __len__(self) -> int:
        return 0

    def id_at(self, position: int) -> str | None:
        """There is nothing."""
        raise IndexError(position)

    def position_of(self, row_id: str) -> int | None:  # noqa: ARG002 - the model's interface
        """There is nothing."""
        return None

    def heading(self, position: int) -> Part:
        """There is nothing."""
        raise IndexError(position)

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:  # noqa: ARG002 - the model's interface
        """There is nothing."""
        return ()
