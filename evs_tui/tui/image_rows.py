"""The rows of the images screen: filtered, sorted, cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evs_tui.lists.images import FORMING, SORT_KEYS, TEXTS, ImageRow, state_of
from evs_tui.lists.words import ListFilter
from evs_tui.tui.content import Cell, Part
from evs_tui.tui.theme import Symbols, sign
from evs_tui.tui.widgets.columns import Column

COLUMNS = (
    Column("name", "Name", 24, flex=True),
    Column("state", "State", 9),
    Column("size", "Size", 8, align="right", leaves=1),
    Column("system", "System", 8, leaves=2),
    Column("format", "Format", 6, leaves=4),
    Column("from", "From", 20, leaves=1, flex=True),
    Column("created", "Created", 10, leaves=5),
    Column("id", "ID", 8, leaves=6),
)
SORT_ORDER = tuple(column.key for column in COLUMNS)


class ImageRowsModel:
    """A `TableModel` of images: those of `rows` that the filter lets through, in order."""

    def __init__(
        self, rows: Iterable[ImageRow], wanted: ListFilter[ImageRow], sort: tuple[str, bool], symbols: Symbols
    ) -> None:
        self._symbols = symbols
        shown = [row for row in rows if wanted.matches(row)]
        self._shown = shown = sorted(shown, key=SORT_KEYS[sort[0]], reverse=sort[1])
        self._positions = {row.image.id: at for at, row in enumerate(shown)}

    def __len__(self) -> int:
        return len(self._shown)

    def id_at(self, position: int) -> str | None:
        """See `TableModel.id_at`."""
        return self._shown[position].image.id

    def position_of(self, row_id: str) -> int | None:
        """See `TableModel.position_of`."""
        return self._positions.get(row_id)

    def heading(self, position: int) -> Part:
        """There are none here."""
        raise IndexError(position)

    def row(self, row_id: str | None) -> ImageRow | None:
        """The image of a row that is shown."""
        position = None if row_id is None else self._positions.get(row_id)
        return None if position is None else self._shown[position]

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:
        """See `TableModel.cells`."""
        row = self._shown[position]
        return [self._cell(row, column) for column in columns]

    def _cell(self, row: ImageRow, column: str) -> Cell:
        text = TEXTS[column](row)
        if column == "state":
            of, word = state_of(row.image)
            return (sign(of, self._symbols), (" " + word, "text"))
        if column == "from" and row.job is None:
            return ((text, "warn" if row.asked_by is not None else "muted"),)
        if column == "name" and not row.image.name:
            return ((text, "muted"),)
        quiet = column == "size" and row.image.status in FORMING
        return ((text, "faint" if text == "-" else "muted" if quiet else "text"),)
