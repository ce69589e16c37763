"""Fields, choices, buttons and drawers."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.events import Paste
from textual.geometry import Region

from evs_tui.exports.model import Sign
from evs_tui.tui.content import Line, shown
from evs_tui.tui.theme import ASCII, Face
from evs_tui.tui.widgets.choices import Choice, Fixed, Option
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.field_line import Remark
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.press import Press, PressRow
from evs_tui.tui.widgets.table import VirtualTable
from tests.tui.stage import ANSI, COLUMNS, HOSTILE, Marked, Rows, Stage, cells_of, line_of, screen_of


def rule(value: str) -> Remark | None:
    for place, character in enumerate(value, 1):
        if not (character.isalnum() or character in "-_. "):
            return Remark(f'"{character}" at place {place}: only letters, digits, - _ . and space', Sign.BAD)
    return None if value else Remark("a name is needed", Sign.BAD)


def problem_of(field: TextField) -> str | None:
    return field.problem


class FormStage(Stage):
    """Keeps what fields say."""

    def on_text_field_changed(self, message: TextField.Changed) -> None:
        self.keep(message)

    def on_text_field_submitted(self, message: TextField.Submitted) -> None:
        self.keep(message)

    def on_choice_changed(self, message: Choice.Changed) -> None:
        self.keep(message)

    def on_press_pressed(self, message: Press.Pressed) -> None:
        self.keep(message)


async def test_a_field_stands_in_its_columns_and_says_what_is_wrong_as_one_types() -> None:
    field = TextField("Image name", "web", check=rule)
    app = FormStage(field, Fixed("Container", "bare", "the image service takes no other"))
    async with app.run_test(size=(80, 6)) as pilot:
        field.focus()
        await pilot.pause()
        assert screen_of(app)[:3] == [
            " › Image name     web",
            "",
            "   Container      bare          the image service takes no other",
        ]
        await pilot.press("slash")
        assert screen_of(app)[:3] == [
            " › Image name     web/",
            '                  ✗ "/" at place 4: only letters, digits, - _ . and space',
            "   Container      bare          the image service takes no other",
        ]
        assert problem_of(field) == '"/" at place 4: only letters, digits, - _ . and space'
        error, label = cells_of(app, 1)[18][1].color, cells_of(app, 0)[3][1].color
        assert cells_of(app, 0)[18][1].color == error != label
        await pilot.press("backspace", "enter")
        assert problem_of(field) is None
        assert (field.value, line_of(app, 1)) == ("web", "")
        assert [type(message) for message in app.received] == [
            TextField.Changed,
            TextField.Changed,
            TextField.Submitted,
        ]


async def test_the_tint_of_a_field_is_44_cells_at_80_columns_and_less_at_60() -> None:
    app = FormStage(TextField("Image name", "web"))
    async with app.run_test(size=(80, 4)) as pilot:

        def tinted() -> list[int]:
            cells = cells_of(app, 0)
            return [at for at, (_, style) in enumerate(cells) if style.bgcolor and style.bgcolor.name != "#14171c"]

        assert (min(tinted()), max(tinted())) == (18, 61)
        await pilot.resize_terminal(60, 4)
        await pilot.pause()
        assert (min(tinted()), max(tinted())) == (18, 58)


async def test_a_long_error_moves_to_the_left_rather_than_being_cut() -> None:
    app = FormStage(TextField("Image name", "web/", check=rule))
    async with app.run_test(size=(60, 4)):
        assert line_of(app, 1) == '    ✗ "/" at place 4: only letters, digits, - _ . and space'


async def test_the_rule_can_be_asked_again_when_it_depends_on_something_else() -> None:
    taken: set[str] = set()
    field = TextField("Name", "a", check=lambda value: Remark("it is taken", Sign.BAD) if value in taken else None)
    app = FormStage(field)
    async with app.run_test(size=(60, 4)) as pilot:
        taken.add("a")
        field.check()
        await pilot.pause()
        assert line_of(app, 1) == "                  ✗ it is taken"


async def test_a_hint_that_is_no_error_is_muted() -> None:
    field = TextField("Name", "a", check=lambda value: Remark(f"{len(value)} of 128 characters"))
    app = FormStage(field)
    async with app.run_test(size=(60, 4)):
        assert line_of(app, 1) == "                  1 of 128 characters"
        assert field.problem is None
        assert cells_of(app, 1)[18][1].color.name == "#99a3b4"  # type: ignore[union-attr]


@pytest.mark.parametrize("face", [ANSI, Face("evs-dark", ansi=False, symbols=ASCII, quiet=False)])
async def test_the_entry_cursor_can_be_seen(face: Face) -> None:
    field = TextField("Name", "ab")
    app = FormStage(field, face=face)
    async with app.run_test(size=(60, 4)) as pilot:
        field.focus()
        await pilot.pause()
        cursor, other = cells_of(app, 0)[20][1], cells_of(app, 0)[21][1]
        assert cursor.reverse if face.ansi else cursor.bgcolor != other.bgcolor
        assert not other.reverse
        assert not field.entry.cursor_blink
        assert other.underline or not face.ansi


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_is_pasted_is_made_harmless(text: str) -> None:
    field = TextField("Name")
    app = FormStage(field)
    async with app.run_test(size=(60, 4)) as pilot:
        field.focus()
        await pilot.pause()
        field.entry.post_message(Paste(text))
        await pilot.pause()
        lines = [line for line in text.splitlines() if line.strip()]
        assert field.value == (shown(lines[0]) if lines else "")


async def test_a_paste_replaces_what_is_selected_and_goes_where_the_cursor_is() -> None:
    field = TextField("Name", "abc")
    app = FormStage(field)
    async with app.run_test(size=(60, 4)) as pilot:
        field.focus()
        await pilot.press("home", "shift+right", "shift+right")
        field.entry.post_message(Paste("\nxy\nsecond line"))
        await pilot.pause()
        assert field.value == "xyc"
        await pilot.press("z")
        assert field.value == "xyzc"


FORMATS = ["zvhd2", "vhd", "raw", "qcow2", "vmdk"]


async def test_a_choice_is_changed_by_arrows_and_by_first_letters() -> None:
    choice = Choice("Disk format", FORMATS, "vhd", remark="the default here; 4 others")
    app = FormStage(choice)
    async with app.run_test(size=(80, 4)) as pilot:
        assert line_of(app, 0) == "   Disk format  ‹ vhd        ›  the default here; 4 others"
        choice.focus()
        await pilot.press("right")
        assert line_of(app, 0) == " › Disk format  ‹ raw        ›  the default here; 4 others"
        await pilot.press("left", "left", "left")
        assert choice.value == "vmdk"
        await pilot.press("v")
        assert choice.value == "vhd"
        await pilot.press("V")
        assert choice.value == "vmdk"
        await pilot.press("x", "q")
        assert choice.value == "qcow2"
        assert app.is_running, "a letter that is taken does nothing else"
        assert len(app.of(Choice.Changed)) == 7
        assert {style.bgcolor.name for _, style in cells_of(app, 0)[18:28] if style.bgcolor} == {"#3c639e"}


async def test_a_choice_takes_the_mouse_and_says_other_things() -> None:
    choice = Choice("Servers", [Option("stop", "stop, export"), Option("leave", "leave them")], remark_below=True)
    app = FormStage(choice)
    async with app.run_test(size=(80, 4)) as pilot:
        choice.say("web-01 runs")
        await pilot.click(choice, offset=(20, 0))
        assert (choice.value, line_of(app, 1)) == ("leave", "                  web-01 runs")
        await pilot.click(choice, offset=(16, 0))
        assert choice.value == "stop"
        choice.choose("leave")
        choice.choose("nonsense")
        assert choice.value == "leave"


async def test_a_choice_of_one_has_no_arrows() -> None:
    app = FormStage(Choice("Container", ["bare"]))
    async with app.run_test(size=(80, 4)) as pilot:
        assert line_of(app, 0) == "   Container      bare"
        app.query_one(Choice).focus()
        await pilot.press("right")
        assert app.received == []


async def test_a_choice_shows_its_focus_without_colour() -> None:
    choice = Choice("Disk format", FORMATS)
    app = FormStage(choice, face=ANSI)
    async with app.run_test(size=(80, 4)) as pilot:
        assert cells_of(app, 0)[18][1].underline
        choice.focus()
        await pilot.pause()
        assert cells_of(app, 0)[18][1].reverse
        assert cells_of(app, 0)[3][1].bold


async def test_buttons_are_words_in_brackets_and_arrows_go_between_them() -> None:
    app = FormStage(PressRow([Press("Cancel", id="cancel"), Press("Stop 2 servers and export", id="go")]))
    async with app.run_test(size=(80, 4)) as pilot:
        app.query_one("#cancel").focus()
        await pilot.pause()
        assert line_of(app, 0) == "  ›[ Cancel ]   [ Stop 2 servers and export ]"
        await pilot.press("right")
        assert line_of(app, 0) == "   [ Cancel ]  ›[ Stop 2 servers and export ]"
        await pilot.press("enter", "left", "space")
        pressed = [message.press.id for message in app.received if isinstance(message, Press.Pressed)]
        assert pressed == ["go", "cancel"]
        await pilot.click("#go")
        assert len(app.of(Press.Pressed)) == 3


async def test_buttons_that_do_not_fit_stand_below_each_other() -> None:
    app = FormStage(PressRow([Press("Cancel"), Press("Stop 2 servers and export web-shared-cluster")]))
    async with app.run_test(size=(60, 4)) as pilot:
        await pilot.pause()
        assert screen_of(app)[:2] == ["   [ Cancel ]", "   [ Stop 2 servers and export web-shared-cluster ]"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_shown_literally_in_every_field(text: str) -> None:
    app = FormStage(
        Fixed("System", text),
        Choice("Choice", [text]),
        TextField("Label", shown(text), check=lambda _: Remark(text, Sign.BAD)),
        PressRow([Press(text)]),
    )
    async with app.run_test(size=(80, 8)) as pilot:
        await pilot.pause()
        lines = screen_of(app)
        assert all(shown(text).strip() in line for line in lines[:5])
        for y in range(5):
            await pilot.click(offset=(20, y))
        assert app.is_running


async def test_going_to_another_field_does_not_repaint_the_page() -> None:
    class Recorded(Page[None]):
        repaints = 0

        def compose(self) -> ComposeResult:
            yield Choice("One", ["a", "b"])
            yield Choice("Two", ["a", "b"])

        def refresh(
            self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
        ) -> Recorded:
            self.repaints += 1
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
            return self

    app = FormStage()
    async with app.run_test(size=(60, 6)) as pilot:
        page = Recorded()
        await app.push_screen(page)
        await pilot.press("tab")
        assert line_of(app, 0).startswith(" › One")
        page.repaints = 0
        await pilot.press("tab")
        assert [line[1:6] for line in screen_of(app)[:2]] == ["  One", "› Two"]
        assert page.repaints == 0


def list_stage() -> tuple[Stage, VirtualTable]:
    table = VirtualTable(Rows.numbered(40), COLUMNS, marks=Marked())
    return Stage(table), table


async def test_a_drawer_rises_from_the_bottom_and_the_list_behind_it_stays() -> None:
    app, table = list_stage()
    async with app.run_test(size=(60, 16)) as pilot:
        table.focus()
        answers: list[str | None] = []
        lines = [Line.placed((3, "web-shared-cluster", "text")), Line.placed((3, "Without: evs-tui jobs", "muted"))]
        app.push_screen(Drawer("Quit?", lines, [("stay", "Stay"), ("quit", "Quit")]), answers.append)
        await pilot.pause()
        assert screen_of(app)[1].startswith("›  volume-0")
        assert screen_of(app)[8:] == [
            "   volume-7                      40 GiB  ✓ ready",
            " Quit?",
            "   web-shared-cluster",
            "   Without: evs-tui jobs",
            "",
            "  ›[ Stay ]   [ Quit ]",
            "",
            " tab next   enter press   esc close",
        ]
        assert all(style.underline for _, style in cells_of(app, 9))
        assert cells_of(app, 1)[5][1].bgcolor.name == "#262d38", "the list no longer has the keyboard"  # type: ignore[union-attr]
        await pilot.press("enter")
        assert answers == ["stay"]
        await pilot.pause()
        assert cells_of(app, 1)[5][1].bgcolor.name == "#3c639e", "and now it has"  # type: ignore[union-attr]


async def test_escape_changes_nothing_and_tab_reaches_the_other_button() -> None:
    app, _table = list_stage()
    async with app.run_test(size=(60, 16)) as pilot:
        answers: list[str | None] = []
        for keys in (["escape"], ["tab", "enter"], ["right", "enter"], ["q", "1", "escape"]):
            app.push_screen(Drawer("Quit?", [], [("stay", "Stay"), ("quit", "Quit")]), answers.append)
            await pilot.pause()
            await pilot.press(*keys)
        assert answers == [None, "quit", "quit", None]
        assert app.is_running


async def test_a_drawer_that_is_too_long_scrolls_and_keeps_heading_and_hints() -> None:
    app, _table = list_stage()
    async with app.run_test(size=(60, 10)) as pilot:
        lines = [Line(((f"   line {number}", "text"),)) for number in range(20)]
        app.push_screen(Drawer("Keys", lines))
        await pilot.pause()
        await pilot.pause()
        shown_lines = screen_of(app)
        assert shown_lines[1:3] == [" Keys", "   line 0"]
        assert shown_lines[-1] == " down more   esc close"
        await pilot.press("down", "pagedown", "up")
        assert screen_of(app)[2] == "   line 10"
        await pilot.press("pagedown")
        assert screen_of(app)[7] == "   line 19"


async def test_a_drawer_that_fits_offers_no_scrolling() -> None:
    app, _table = list_stage()
    async with app.run_test(size=(60, 16)) as pilot:
        app.push_screen(Drawer("Keys", [Line((("   one", "text"),))], safe_words="back to the list"))
        await pilot.pause()
        await pilot.pause()
        assert screen_of(app)[-1] == " esc back to the list"
