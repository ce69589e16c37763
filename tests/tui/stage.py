"""An app with nothing but the widgets of one test on it, and a look at its cells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from evs_tui.tui.content import Cell, Part
from evs_tui.tui.keys import APP_KEYS
from evs_tui.tui.theme import ANSI_VARIABLES, UNICODE, Face, Symbols, dress
from evs_tui.tui.widgets.columns import Column
from evs_tui.tui.widgets.table import VirtualTable

DARK = Face("evs-dark", ansi=False, symbols=UNICODE, quiet=False)
ANSI = Face("ansi-dark", ansi=True, symbols=UNICODE, quiet=True)

HOSTILE = (
    "[@click=app.quit]x[/]",
    "[red]red[/red]",
    "[/",
    "[b",
    "name[ {",
    "[link=https://example.org]y[/link]",
    ":smile:",
    "trailing\\",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
    "\x1bP1$r\x1b\\",
    "\x1b[?1049l",
    "\x1b[c",
    "\x9b31m",
    "\x9d0;t\x9c",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\u202eb",
    "a\u200bb",
    "\u2028",
    "\ud800",
    "a\x00b",
    "\ufe0f\u2764\ufe0f",
)
"""Names that a hostile cloud may give: markup, escape sequences, invisible and broken characters."""


class Stage(App[None]):
    """Shows the widgets it is given; keeps the messages that reach it."""

    BINDINGS: ClassVar[list[BindingType]] = [*APP_KEYS]
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(self, *widgets: Widget, face: Face = DARK) -> None:
        super().__init__(ansi_color=face.ansi or None)
        self.symbols: Symbols = face.symbols
        self.received: list[Message] = []
        self._widgets = widgets
        self._waiting: list[tuple[type[Message], asyncio.Event]] = []
        dress(self, face)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(ANSI_VARIABLES)

    def compose(self) -> ComposeResult:
        yield from self._widgets

    def keep(self, message: Message) -> None:
        """Keep a message, and wake up whoever waits for it."""
        self.received.append(message)
        for kind, event in self._waiting:
            if type(message) is kind:
                event.set()

    def of(self, kind: type[Message]) -> list[Message]:
        """The messages of exactly this kind, in their order."""
        return [message for message in self.received if type(message) is kind]

    async def wait_for(self, kind: type[Message], doing: Callable[[], object] = lambda: None) -> Message:
        """The next message of a kind that comes after `doing`."""
        event = asyncio.Event()
        self._waiting.append((kind, event))
        doing()
        await asyncio.wait_for(event.wait(), 10)
        return self.of(kind)[-1]


def cells_of(app: App[None], y: int) -> list[tuple[str, Style]]:
    """The cells of one line of the screen, as (character, style)."""
    cells: list[tuple[str, Style]] = []
    for text, style, _ in app.screen._compositor.render_strips()[y]:
        cells += [(character, style or Style.null()) for character in text]
    return cells


def line_of(app: App[None], y: int) -> str:
    """The text of one line of the screen, without trailing blanks."""
    return "".join(character for character, _ in cells_of(app, y)).rstrip()


def screen_of(app: App[None]) -> list[str]:
    """The text of all lines of the screen."""
    return [line_of(app, y) for y in range(app.size.height)]


class Rows:
    """A `TableModel` of names under ids, with groups if wanted, that counts what it is asked for."""

    def __init__(self, rows: Sequence[tuple[str | None, str]]) -> None:
        self.rows = list(rows)
        self.sizes: dict[str, str] = {}
        self.asked: list[int] = []
        self.ids_asked = 0

    @classmethod
    def numbered(cls, count: int) -> Rows:
        return cls([(f"v{number}", f"volume-{number}") for number in range(count)])

    def __len__(self) -> int:
        return len(self.rows)

    def id_at(self, position: int) -> str | None:
        self.ids_asked += 1
        return self.rows[position][0]

    def position_of(self, row_id: str) -> int | None:
        return next((at for at, row in enumerate(self.rows) if row[0] == row_id), None)

    def heading(self, position: int) -> Part:
        return self.rows[position][1], "muted"

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:
        self.asked.append(position)
        row_id, name = self.rows[position]
        shown: dict[str, Cell] = {
            "name": ((name, "text"),),
            "size": ((self.sizes.get(row_id or "", "40 GiB"), "text"),),
            "export": (("✓", "good"), (" ready", "text")),
        }
        return [shown[column] for column in columns]


class Marked:
    """Holds marks as a listing's selection does."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def is_marked(self, row_id: str, /) -> bool:
        return row_id in self.ids

    def toggle(self, row_id: str, /) -> bool:
        self.ids ^= {row_id}
        return row_id in self.ids

    def toggle_all(self, row_ids: object, /) -> None:
        ids = set(row_ids)  # type: ignore[call-overload]
        self.ids = self.ids - ids if ids <= self.ids else self.ids | ids

    def mark(self, row_ids: Collection[str], /) -> None:
        self.ids |= set(row_ids)

    def clear(self) -> None:
        self.ids = set()


COLUMNS = (
    Column("name", "Name", 19, flex=True),
    Column("size", "Size", 9, align="right", leaves=1),
    Column("export", "Export", 18),
)


class TableStage(Stage):
    """A table alone on the screen, with the focus."""

    def __init__(self, table: VirtualTable, face: Face = DARK) -> None:
        super().__init__(table, face=face)
        self.table = table

    def on_mount(self) -> None:
        self.table.focus()

    def on_virtual_table_highlighted(self, message: VirtualTable.Highlighted) -> None:
        self.keep(message)

    def on_virtual_table_rested(self, message: VirtualTable.Rested) -> None:
        self.keep(message)

    def on_virtual_table_activated(self, message: VirtualTable.Activated) -> None:
        self.keep(message)

    def on_virtual_table_head_clicked(self, message: VirtualTable.HeadClicked) -> None:
        self.keep(message)

    def on_virtual_table_marks_changed(self, message: VirtualTable.MarksChanged) -> None:
        self.keep(message)
