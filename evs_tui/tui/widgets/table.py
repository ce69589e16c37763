"""The table of every list: as quick with 100,000 rows as with ten, for only the rows on screen are ever asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, TypeAlias

from textual import events
from textual.binding import BindingType
from textual.timer import Timer

from evs_tui.tui.content import Laid, Line, Token, lay
from evs_tui.tui.keys import TABLE_KEYS
from evs_tui.tui.widgets import table_messages
from evs_tui.tui.widgets.columns import Column, Fitted, column_at, fit_columns, head_line, row_line
from evs_tui.tui.widgets.ink import Inked
from evs_tui.tui.widgets.marking import Marking, Marks
from evs_tui.tui.widgets.row_cursor import RowCursor, TableModel

REST_S = 0.1
"""How long the cursor must rest before what depends on it is redrawn, in seconds: a held key pays for rows only."""

_WHEEL_ROWS = 3
_DOUBLE = 2


class VirtualTable(Inked, can_focus=True):
    """A list with a cursor and marks, both kept by id.

    After a change of the model call `model_changed` (other rows, another order) or `rows_changed` (other content):
    either repaints nothing but the cells that look different. Filtering and sorting are the model's business: the
    table says `HeadClicked` and is told the order by `show_sort`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*TABLE_KEYS]
    DEFAULT_CSS: ClassVar[str] = """
    VirtualTable { min-height: 2; }
    """

    Highlighted: TypeAlias = table_messages.Highlighted
    Rested: TypeAlias = table_messages.Rested
    Activated: TypeAlias = table_messages.Activated
    MarksChanged: TypeAlias = table_messages.MarksChanged
    HeadClicked: TypeAlias = table_messages.HeadClicked

    def __init__(
        self,
        model: TableModel,
        columns: Sequence[Column],
        *,
        marks: Marks | None = None,
        sort: tuple[str, bool] | None = None,
        jump_scroll: bool = True,
        rest_s: float = REST_S,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """Show `model` in `columns`.

        `marks` holds the marks, for example the selection of a listing; None: rows cannot be marked. `sort` is
        the key of the sorted column and whether it descends. `jump_scroll` moves the view by half a page at
        its edge, which repaints far less often than row by row. `rest_s` is for tests.
        """
        super().__init__(id=id)
        self._rows = RowCursor(model, jump_scroll=jump_scroll)
        self._columns = tuple(columns)
        self._fitted: tuple[Fitted, ...] = ()
        self._fitted_for = 0
        self._sort = sort
        self._marking = Marking(self._rows, marks)
        self._rest_s = rest_s
        self._rest: Timer | None = None

    # What others ask

    @property
    def model(self) -> TableModel:
        """The model that it shows."""
        return self._rows.model

    @property
    def row_id(self) -> str | None:
        """The id of the row under the cursor; None in an empty table."""
        return self._rows.row_id

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The keys of the columns that fit at present."""
        return tuple(fitted.column.key for fitted in self._columns_for(self.size.width))

    @property
    def shown_positions(self) -> range:
        """The positions of the rows on screen."""
        return self._rows.in_view

    # What others say

    def show_model(self, model: TableModel, marks: Marks | None = None) -> None:
        """Show another model; the cursor stays on its row if that is there too. `marks`: their new holder."""
        self._rows.model = model
        self._marking.marks = marks or self._marking.marks
        self.model_changed()

    def show_sort(self, key: str, *, descending: bool) -> None:
        """Show by which column the rows are sorted. Sorting is the model's business."""
        self._sort = (key, descending)
        self.repaint_changes()

    def model_changed(self, *, filtered: bool = False) -> None:
        """Rows came, went, changed places or look otherwise. Call it right after the model changed.

        The cursor stays on its row, and the row on its line of the screen; if the row is gone, the cursor stays
        at its place. `filtered`: the person changed the filter. Then a cursor whose row is gone goes to the first
        row, and it returns to the row that the person went to last as soon as that is shown again.
        """
        self._rows.model_changed(filtered=filtered)
        self.repaint_changes()
        self._follow()

    def rows_changed(self, row_ids: Collection[str]) -> None:
        """These rows look otherwise, at their old places. Those on screen are repainted where they differ."""
        for position in self._rows.in_view:
            if self.model.id_at(position) in row_ids:
                self._repaint_row(position)
                if position == self._rows.position:
                    self._follow()

    def marks_changed(self) -> None:
        """The owner of the marks changed them."""
        self.repaint_changes()
        self.post_message(self.MarksChanged(self))

    def go_to(self, row_id: str) -> bool:
        """Move the cursor to a row; False if it is not shown."""
        position = self.model.position_of(row_id)
        if position is None:
            return False
        self._go(position)
        return True

    # How it is painted

    def laid_line(self, y: int) -> Laid:
        """The column heads, or the row on a line of the screen."""
        width, symbols, model = self.size.width, self.symbols, self.model
        columns = self._columns_for(width)
        if y == 0:
            return head_line(columns, width, self._sort, symbols)
        position = self._rows.top + y - 1
        if position >= len(model):
            return lay(Line(), width)
        row_id = model.id_at(position)
        if row_id is None:
            return lay(Line(((" ", "text"), model.heading(position))), width, symbols.cut)
        marked = self._marking.is_marked(row_id)
        here = position == self._rows.position
        base: Token = "text"
        if here:
            base = "cursor" if self.has_keyboard else "here"
        gutter = (symbols.cursor if here else " ") + (symbols.mark if marked else " ")
        cells = model.cells(position, [fitted.column.key for fitted in columns])
        return row_line(columns, cells, width, gutter, base, marked=marked, cut=symbols.cut)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._rows.resize(self.size.height - 1)
        self.repaint_changes()

    def _columns_for(self, width: int) -> tuple[Fitted, ...]:
        """The columns that fit."""
        if self._fitted_for != width:
            self._fitted_for = width
            self._fitted = fit_columns(self._columns, width)
        return self._fitted

    def on_mount(self) -> None:
        """The row under the cursor has something to say from the first moment."""
        self._follow()

    # The cursor

    def action_move(self, rows: int) -> None:
        """Move by rows; headings do not count."""
        position = self._rows.position
        for _ in range(abs(rows)):
            position = self._rows.beside(position, 1 if rows > 0 else -1)
        self._go(position)

    def action_page(self, pages: int) -> None:
        """Move by screens, less one row for orientation."""
        target = self._rows.position + pages * max(1, self._rows.page - 1)
        self._go(self._rows.near(target, prefer=1 if pages > 0 else -1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._go(self._rows.near(0))

    def action_last(self) -> None:
        """Go to the last row."""
        self._go(self._rows.near(len(self.model) - 1, prefer=-1))

    def action_open(self) -> None:
        """Choose the row under the cursor."""
        if (row_id := self.row_id) is not None:
            self.post_message(self.Activated(self, row_id))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or unmark it, and go on to the next."""
        if self._marking.toggle():
            self._repaint_row(self._rows.position)
            self.post_message(self.MarksChanged(self))
            self.action_move(1)

    def action_mark_on(self, rows: int) -> None:
        """Mark the row under the cursor and the next ones in a direction."""
        self._marking.mark()
        self.action_move(rows)
        self._marking.mark_range()
        self.marks_changed()

    def action_mark_range(self) -> None:
        """Mark all rows from the one that was marked last to the cursor."""
        self._marking.mark_range()
        self.marks_changed()

    def action_mark_all(self) -> None:
        """Mark all rows that are shown; unmark them if they all are marked."""
        self._marking.toggle_all()
        self.marks_changed()

    def action_mark_none(self) -> None:
        """Unmark everything, shown or not."""
        self._marking.clear()
        self.marks_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Marking exists only where rows can be marked."""
        return self._marking.marks is not None or not action.startswith("mark")

    def on_click(self, event: events.Click) -> None:
        """Go to the row; in the gutter mark it, with shift mark up to it, with a double click choose it."""
        if event.y < 1:
            if (column := column_at(self._columns_for(self.size.width), event.x)) is not None:
                self.post_message(self.HeadClicked(self, column.key))
            return
        position = self._rows.top + event.y - 1
        if position >= len(self.model) or self.model.id_at(position) is None:
            return
        self._go(position)
        if event.shift and self._marking.marks is not None:
            self.action_mark_range()
        elif event.x < 2 and self._marking.marks is not None:
            self.action_mark()
        elif event.chain == _DOUBLE:
            self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor, so that the note never speaks of a row out of sight."""
        event.stop()
        self.action_move(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel, the other way."""
        event.stop()
        self.action_move(-_WHEEL_ROWS)

    def _go(self, position: int) -> None:
        before, top = self._rows.position, self._rows.top
        if not self._rows.go(position):
            return
        if self._rows.top == top:
            self._repaint_row(before)
            self._repaint_row(position)
        else:
            self.repaint_changes()
        self._follow()

    def _repaint_row(self, position: int) -> None:
        if position in self._rows.in_view:
            self.repaint_line(1 + position - self._rows.top)

    def _follow(self) -> None:
        """Say where the cursor is: at once, and again when it has rested."""
        self.post_message(self.Highlighted(self, self.row_id))
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(self._rest_s, self._has_rested)

    def _has_rested(self) -> None:
        self._rest = None
        self.post_message(self.Rested(self, self.row_id))
