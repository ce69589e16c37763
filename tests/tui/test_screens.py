"""The whole app over the simulated cloud: what each screen shows, and what each key does."""

from __future__ import annotations

import pytest
from textual.events import Key

from evs_tui.cloud.models import Page, Volume
from evs_tui.tui.screens.form import ExportForm
from evs_tui.tui.screens.jobs import JobsScreen
from evs_tui.tui.screens.quit import QuitDrawer
from evs_tui.tui.screens.review import ReviewScreen
from evs_tui.tui.screens.volumes import VolumesScreen
from evs_tui.tui.widgets.details_pane import DetailsPane
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.filter_line import FilterInput
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.table import VirtualTable
from tests.tui.demo_app import demo_app, settled
from tests.tui.looking import go_to, lines, open_review
from tests.tui.stage import HOSTILE

_READY = "web-cache-01"


@pytest.mark.parametrize(
    ("size", "heads"),
    [
        ((80, 24), "Name Status Size Attached to Export"),
        ((120, 40), "Name Status Size Attached to Export │ Details i shows all, and sends ids"),
        ((170, 40), "Name Status Size Type AZ Attached to ID Last export Export │ Details i shows all, and sends ids"),
        ((60, 18), "Name Size Export"),
    ],
)
async def test_the_list_shows_what_fits_the_window(size: tuple[int, int], heads: str) -> None:
    async with demo_app(size) as (app, _):
        shown = lines(app)
        assert " ".join(shown[3].split()) == heads
        assert shown[0].startswith(" eu-demo_shop  eu-demo")
        assert " DEMO " in shown[0] + " "
        assert all(len(line) <= size[0] for line in shown)
        assert shown[-2] == " ✓ Not attached: can be exported now."
        assert shown[-1].endswith("? help   q quit") or shown[-1].endswith("? help  q quit")


async def test_the_filter_narrows_as_it_is_typed_and_escape_clears_it() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("slash", *"web -type:sata status:available")
        assert app.desk.listing is not None
        names = {app.desk.listing.row(number).volume.name for number in app.desk.listing.view}
        assert names
        assert all("web" in name for name in names)
        assert f"{len(names)} of 40" in lines(app)[2]
        await pilot.press("escape")
        await settled(app, pilot)
        assert app.desk.listing.counts.shown == 40
        assert isinstance(app.focused, VirtualTable)


async def test_a_filter_word_is_completed_by_tab_and_by_the_right_arrow() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("slash", *"web st")
        await settled(app, pilot)
        assert lines(app)[2].startswith(" / web status:")
        assert lines(app)[-1].startswith(" tab complete")
        await pilot.press("tab", "i")
        await settled(app, pilot)
        await pilot.press("right")
        field = app.screen.query_one(FilterInput)
        assert field.value == "web status:in-use"
        await settled(app, pilot)
        assert not lines(app)[-1].startswith(" tab complete")
        await pilot.press("tab")
        await settled(app, pilot)
        assert isinstance(app.focused, VirtualTable)
        assert field.value == "web status:in-use"


async def test_heads_sort_by_click_and_a_second_click_turns_the_order() -> None:
    async with demo_app() as (app, pilot):
        table = app.screen.query_one(VirtualTable)
        await pilot.click(table, offset=(40, 0))
        assert "Size ▴" in lines(app)[3]
        await pilot.click(table, offset=(40, 0))
        assert "Size ▾" in lines(app)[3]
        assert app.desk.listing is not None
        sizes = [app.desk.listing.row(number).volume.size_gib for number in app.desk.listing.view]
        assert sizes == sorted(sizes, reverse=True)
        await pilot.press("S")
        assert "Size ▴" in lines(app)[3]
        await pilot.press("s")
        assert "Attached to▴" in lines(app)[3]


async def test_cursor_marks_and_place_survive_a_refresh_under_filter_and_order() -> None:
    async with demo_app((80, 18)) as (app, pilot):
        await pilot.press("slash", *"status:available", "enter", "s", "S", *["down"] * 11, "space", "down")
        await settled(app, pilot)
        before = lines(app)
        row_id, marks = app.screen.query_one(VirtualTable).row_id, app.desk.marks.ids
        await pilot.press("r")
        for _ in range(200):
            await pilot.pause(0.01)
            if app.desk.listing is not None and not app.desk.listing.is_reading:
                break
        await settled(app, pilot)
        assert lines(app) == before
        assert app.screen.query_one(VirtualTable).row_id == row_id
        assert app.desk.marks.ids == marks
        assert len(marks) == 1


async def test_the_pane_follows_the_cursor_in_a_wide_window() -> None:
    async with demo_app((120, 40)) as (app, pilot):
        await go_to(app, "web-01-data")
        await settled(app, pilot)
        pane = app.screen.query_one(DetailsPane).text
        assert "Attached to web-01, running" in pane
        assert "Last export none known here" in pane
        assert "a341738c-" in pane
        await pilot.resize_terminal(80, 24)
        await settled(app, pilot)
        assert not app.screen.query_one(DetailsPane).display
        assert "Attached to" in lines(app)[3]


async def test_an_unknown_filter_word_is_explained_where_it_stands() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("slash", *"stauts:x")
        assert lines(app)[-2] == ' ✗ "stauts:" is not a filter word; did you mean status: ?'


async def test_a_disk_is_exported_by_keyboard_alone_and_its_job_is_shown() -> None:
    async with demo_app() as (app, pilot):
        await open_review(app, pilot, _READY)
        assert app.screen.focused is not None
        assert app.screen.focused.id == "cancel"
        assert lines(app)[-2] == " Nothing has been sent yet."
        await pilot.press("tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        assert isinstance(app.screen, JobsScreen)
        shown = lines(app)
        assert shown[1] == " 1 Volumes 40   2 Jobs 1 running   3 Images 3   4 Activity"
        assert shown[4].split() == ["›", "▪", "exporting", _READY, "disk", "is", "uploading", "0", "min"]
        await pilot.press("enter")
        await settled(app, pilot, screen="JobPage")
        assert any("✓ taken by the cloud, image" in line for line in lines(app))


async def test_cancel_in_the_review_sends_nothing() -> None:
    async with demo_app() as (app, pilot):
        await open_review(app, pilot, _READY)
        await pilot.press("enter")
        await settled(app, pilot, screen="ExportForm")
        assert isinstance(app.screen, ExportForm)
        assert list(app.desk.jobs) == []


async def test_a_wrong_name_is_named_with_its_place_and_keeps_the_form() -> None:
    async with demo_app() as (app, pilot):
        await go_to(app, _READY)
        await pilot.press("enter")
        await settled(app, pilot, screen="ExportForm")
        field = app.screen.query_one(TextField)
        field.value = "web/cache"
        await pilot.press("f2")
        await settled(app, pilot)
        assert isinstance(app.screen, ExportForm)
        shown = lines(app)
        assert shown[4] == '                ✗ "/" at place 4 (/ → -): only letters, digits, - _ . and space'
        assert shown[-2] == " ✗ 1 field needs a change before the review: Image name."


async def test_a_disk_that_cannot_be_exported_says_why_and_has_no_button() -> None:
    async with demo_app() as (app, pilot):
        await go_to(app, "dss-ledger")
        await pilot.press("enter")
        await settled(app, pilot, screen="ExportForm")
        shown = lines(app)
        assert shown[-2] == " ✗ Cannot be exported; the plan says why."
        assert " ✗ dss-ledger: it is on dedicated storage (DSS): no image can be made of it." in shown
        await pilot.press("f2")
        await settled(app, pilot, screen="ReviewScreen")
        assert isinstance(app.screen, ReviewScreen)
        assert not app.screen.query("#export")


async def test_marks_survive_a_filter_and_the_hint_counts_them() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("space", "space")
        assert len(app.desk.marks.ids) == 2
        assert "export 2 marked" in lines(app)[-1]
        await pilot.press("slash", *"golden")
        assert "2 marked, 2 hidden" in lines(app)[2]


async def test_quitting_with_open_exports_asks_and_stays_by_default() -> None:
    async with demo_app() as (app, pilot):
        await open_review(app, pilot, _READY)
        await pilot.press("tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        await pilot.press("q")
        await settled(app, pilot, screen="QuitDrawer")
        assert isinstance(app.screen, QuitDrawer)
        assert lines(app)[1] == " 1 Volumes 40   2 Jobs 1 running   3 Images 3   4 Activity"
        await pilot.press("enter")
        await settled(app, pilot, screen="JobsScreen")
        assert app.is_running
        assert isinstance(app.screen, JobsScreen)


async def test_the_volume_named_on_the_command_line_opens_its_form() -> None:
    async with demo_app(volume_id="2edc49c1-f71b-4135-8c06-43b173f29c6a") as (app, pilot):
        await settled(app, pilot, screen="ExportForm")
        assert isinstance(app.screen, ExportForm)
        assert lines(app)[1].startswith(" Export web-cache-01")


async def test_an_unknown_volume_on_the_command_line_is_said() -> None:
    async with demo_app(volume_id="nobody") as (app, _):
        assert isinstance(app.screen, VolumesScreen)
        assert app.screen.query_one(Note).text.strip() == "✗ No volume here has the id nobody."


async def test_hostile_names_are_shown_literally_in_list_details_form_and_review() -> None:
    async with demo_app((120, 40)) as (app, pilot):
        listing = app.desk.listing
        assert listing is not None
        listing.begin()
        from evs_tui.cloud.models import volume_from

        records = [
            volume_from({"id": f"bad-{at}", "name": name, "status": "available", "size": 1})
            for at, name in enumerate(HOSTILE)
        ]
        volumes: tuple[Volume, ...] = tuple(records)
        app._desk_changed("volumes", listing.append(Page(volumes)))
        listing.finish(app.desk.now)
        app._desk_changed("volumes", frozenset())
        await settled(app, pilot)
        shown = "\n".join(lines(app))
        assert "[@click=app.quit]x[/]" in shown
        assert "\x1b" not in shown
        assert "\x9b" not in shown
        await pilot.press("home", "i")
        await settled(app, pilot)
        assert "Details of [@click=app.quit]x[/]" in "\n".join(lines(app))
        await pilot.press("escape", "enter")
        await settled(app, pilot, screen="ExportForm")
        assert "Export [@click=app.quit]x[/]" in "\n".join(lines(app))
        assert app.is_running


async def test_characters_that_were_typed_ahead_reach_the_filter() -> None:
    async with demo_app() as (app, pilot):
        for character in "/web":
            app.post_message(Key("slash" if character == "/" else character, character))
        await settled(app, pilot)
        assert app.screen.query_one(FilterInput).value == "web"
        for key, character in (("enter", "\r"), ("space", " ")):
            app.post_message(Key(key, character))
        await settled(app, pilot)
        assert app.screen.query_one(FilterInput).value == "web"
        assert len(app.desk.marks.ids) == 1
