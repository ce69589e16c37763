"""The lines of every screen: identity, places, title, note, hints."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.widgets import Input

from evs_tui.exports.model import Sign
from evs_tui.tui.content import Line, shown
from evs_tui.tui.theme import ASCII, Face
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.hints import Hints, fitting
from evs_tui.tui.widgets.identity import Identity, IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.places import Places, jobs_room, volumes_room
from evs_tui.tui.widgets.sheet import OneLine, Sheet, TitleLine
from tests.tui.stage import HOSTILE, Stage, cells_of, line_of, screen_of

PRODUCTION = Identity("eu-de_prod", "eu-de", "otc", "exporter", "keyring", production=True)
DEMO = Identity("demo-project", "demo-1", "simulated", "demo", "memory", demo=True, read_only=True)


@pytest.mark.parametrize(
    ("identity", "width", "expected"),
    [
        (
            PRODUCTION,
            80,
            " eu-de_prod  eu-de  otc  as exporter  secret in keyring     PRODUCTION  evs-tui",
        ),
        (PRODUCTION, 70, " eu-de_prod  eu-de  otc  as exporter  secret in keyring   PRODUCTION"),
        (PRODUCTION, 60, " eu-de_prod  eu-de  otc  as exporter  keyring   PRODUCTION"),
        (PRODUCTION, 57, " eu-de_prod  eu-de  otc  exporter  keyring   PRODUCTION"),
        (PRODUCTION, 54, " eu-de_prod  eu-de  exporter  keyring     PRODUCTION"),
        (PRODUCTION, 44, " eu-de_prod  eu-de  keyring     PRODUCTION"),
        (PRODUCTION, 36, " eu-de_prod  keyring    PRODUCTION"),
        (DEMO, 80, " demo-project  demo-1  simulated  as demo  secret in memory   DEMO   READ-ONLY"),
        (None, 30, " not signed in        evs-tui"),
    ],
)
async def test_the_identity_shortens_in_its_order(identity: Identity | None, width: int, expected: str) -> None:
    app = Stage(IdentityLine(identity))
    async with app.run_test(size=(width, 3)):
        assert line_of(app, 0) == expected


async def test_a_long_project_is_cut_and_badge_and_place_of_the_secret_stay() -> None:
    identity = Identity("p" * 200, "r" * 200, "otc", "u" * 200, "keyring", production=True)
    app = Stage(IdentityLine(identity))
    async with app.run_test(size=(80, 3)):
        assert line_of(app, 0) == f" {'p' * 54}»  keyring   PRODUCTION"


async def test_a_badge_is_filled() -> None:
    app = Stage(IdentityLine(PRODUCTION))
    async with app.run_test(size=(80, 3)):
        at = line_of(app, 0).index("PRODUCTION")
        badge = cells_of(app, 0)[at - 1 : at + 11]
        assert {style.bgcolor.name for _, style in badge if style.bgcolor} == {"#ff9a8a"}


async def test_identity_can_change() -> None:
    line = IdentityLine()
    app = Stage(line)
    async with app.run_test(size=(80, 3)) as pilot:
        line.show_identity(DEMO)
        await pilot.pause()
        assert " DEMO " in line_of(app, 0)


async def test_places_say_what_is_in_them() -> None:
    places = Places([volumes_room(12_408), jobs_room(running=2, need_you=1)])
    app = Stage(places)
    async with app.run_test(size=(80, 3)) as pilot:
        assert line_of(app, 0) == " 1 Volumes 12,408   2 Jobs 2 running, 1 needs you"
        assert cells_of(app, 0)[1][1].underline
        places.show_rooms([volumes_room(None), jobs_room(running=0, need_you=2)], "2")
        await pilot.pause()
        assert line_of(app, 0) == " 1 Volumes   2 Jobs 2 need you"
        assert not cells_of(app, 0)[1][1].underline
        assert cells_of(app, 0)[13][1].underline
        places.show_rooms([volumes_room(0), jobs_room(running=0, need_you=0)])
        await pilot.pause()
        assert line_of(app, 0) == " 1 Volumes 0   2 Jobs 0"


async def test_places_are_short_below_80_columns() -> None:
    app = Stage(Places([volumes_room(12_408), jobs_room(running=2, need_you=1)], "2"))
    async with app.run_test(size=(79, 3)):
        assert line_of(app, 0) == " 1 Volumes 12,408  2 Jobs 2 !1"


async def test_the_title_leaves_room_for_its_facts() -> None:
    title = TitleLine()
    app = Stage(title)
    async with app.run_test(size=(60, 3)) as pilot:
        title.show_title("Export web-shared-cluster", "500 GiB SSD", "eu-de-01", "c2d85f07")
        await pilot.pause()
        assert line_of(app, 0) == " Export web-shared-cluster  500 GiB SSD  eu-de-01  c2d85f07"
        title.show_title("Review: export db-01-data while db-01 runs", "500 GiB SSD", "eu-de-01", danger=True)
        await pilot.pause()
        assert line_of(app, 0) == " Review: export db-01-data while db-01 runs     500 GiB SSD"


async def test_the_note_has_its_sign_at_column_1() -> None:
    note = Note()
    app = Stage(note)
    async with app.run_test(size=(60, 3)) as pilot:
        note.say("web-01 is running: it must stop first.", Sign.ACT)
        await pilot.pause()
        assert line_of(app, 0) == " ► web-01 is running: it must stop first."
        note.say("Nothing has been sent yet.")
        await pilot.pause()
        assert line_of(app, 0) == " Nothing has been sent yet."
        note.say((("did you mean ", "text"), ("status:", "strong")), Sign.BAD)
        await pilot.pause()
        assert line_of(app, 0) == " ✗ did you mean status:"
        note.clear()
        await pilot.pause()
        assert line_of(app, 0) == ""


async def test_the_note_in_ascii() -> None:
    note = Note()
    app = Stage(note, face=Face("evs-dark", ansi=False, symbols=ASCII, quiet=False))
    async with app.run_test(size=(20, 3)) as pilot:
        note.say("a sentence that is too long", Sign.GOOD)
        await pilot.pause()
        assert line_of(app, 0) == " + a sentence that~"


class RecordedSheet(Sheet):
    """A sheet that remembers what it repainted."""

    repainted: list[Region]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> RecordedSheet:
        if not hasattr(self, "repainted"):
            self.repainted = []
        if repaint:
            self.repainted += regions or [self.size.region]
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self


def text_line(text: str) -> Line:
    return Line(((text, "text"),))


async def test_a_sheet_repaints_only_the_cells_that_differ() -> None:
    sheet = RecordedSheet([text_line("elapsed 1 min"), text_line("web-01")])
    app = Stage(sheet)
    async with app.run_test(size=(40, 4)) as pilot:
        await pilot.pause()
        sheet.repainted.clear()
        sheet.show([text_line("elapsed 2 min"), text_line("web-01")])
        await pilot.pause()
        assert sheet.repainted == [Region(8, 0, 1, 1)]
        assert screen_of(app)[:2] == ["elapsed 2 min", "web-01"]
        sheet.repainted.clear()
        sheet.show([text_line("elapsed 2 min")])
        await pilot.pause()
        assert sheet.repainted == [Region(0, 1, 6, 1)]
        assert screen_of(app)[:2] == ["elapsed 2 min", ""]


async def test_a_sheet_of_its_own_height_grows() -> None:
    sheet = Sheet([text_line("one")], classes="-auto")
    app = Stage(sheet, OneLine([text_line("below")]))
    async with app.run_test(size=(40, 6)) as pilot:
        assert screen_of(app)[:2] == ["one", "below"]
        sheet.show([text_line("one"), text_line("two")])
        await pilot.pause()
        assert screen_of(app)[:3] == ["one", "two", "below"]
        assert sheet.text == "one\ntwo"


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_shown_literally_in_every_line(text: str) -> None:
    note, title = Note(), TitleLine()
    widgets = [
        IdentityLine(Identity(text, "r", "otc", "u", "keyring")),
        title,
        Sheet([text_line(text)], classes="-auto"),
        note,
    ]
    app = Stage(*widgets)
    async with app.run_test(size=(100, 6)) as pilot:
        note.say(text)
        title.show_title(text, text)
        await pilot.pause()
        wanted = shown(text).strip()
        assert all(wanted in line for line in screen_of(app)[:4])
        for y in range(4):
            await pilot.click(offset=(3, y))
            assert {style.link for _, style in cells_of(app, y)} == {None}
        assert app.is_running


@pytest.mark.parametrize(
    ("width", "kept", "gap"),
    [
        (100, ["enter", "space", "/", "i", "?", "q"], 3),
        (72, ["enter", "space", "/", "i", "?", "q"], 2),
        (65, ["enter", "space", "/", "?", "q"], 3),
        (30, ["?", "q"], 3),
        (10, ["q"], 3),
        (5, [], 3),
    ],
)
def test_hints_leave_whole_and_from_before_the_last_two(width: int, kept: list[str], gap: int) -> None:
    hints = [
        ("enter", "export 2 marked"),
        ("space", "mark"),
        ("/", "filter"),
        ("i", "details"),
        ("?", "help"),
        ("q", "quit"),
    ]
    found, between = fitting(hints, width)
    assert ([key for key, _ in found], between) == (kept, gap)


class HintStage(Stage):
    """Two things to focus, and the hints."""

    def __init__(self) -> None:
        super().__init__(Entry(), Hints())


async def test_hints_follow_the_focus_the_keymap_and_the_words_of_the_screen() -> None:
    app = HintStage()
    async with app.run_test(size=(60, 4)) as pilot:
        app.query_one(Entry).focus()
        await pilot.pause()
        assert line_of(app, 1) == " f1 help   ctrl+q quit"
        app.screen.set_focus(None)
        await pilot.pause()
        assert line_of(app, 1) == " ? help   q quit"
        app.set_keymap({"app.help": "f5", "app.quit": "x"})
        await pilot.pause()
        assert line_of(app, 1) == " f5 help   x quit"
        app.query_one(Hints).say({"app.help": "all keys", "app.quit": ""})
        await pilot.pause()
        assert line_of(app, 1) == " f5 all keys   ctrl+q quit"


async def test_letters_in_a_field_are_text() -> None:
    class Letters(Stage):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "never", "never", id="volumes.filter")]

    app = Letters(Entry(), Hints())
    async with app.run_test(size=(60, 4)) as pilot:
        app.query_one(Entry).focus()
        await pilot.pause()
        assert line_of(app, 1) == " f1 help   ctrl+q quit"
        await pilot.press("q", "question_mark", "slash", "1")
        assert app.query_one(Input).value == "q?/1"


async def test_a_drawer_has_hints_of_its_own_and_the_line_below_stays_true() -> None:
    app = HintStage()
    async with app.run_test(size=(60, 12)) as pilot:
        app.push_screen(Drawer("Leave?", [text_line("  two exports run")], [("stay", "Stay"), ("leave", "Leave")]))
        await pilot.pause()
        assert line_of(app, 11) == " tab next   enter press   esc close"
