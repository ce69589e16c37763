"""The activity screen over the demo's cloud."""

from __future__ import annotations

from evs_tui.tui.screens.activity import ActivityScreen
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.table import VirtualTable
from tests.tui.demo_app import demo_app, settled
from tests.tui.looking import lines


async def test_every_call_is_listed_the_newest_first_and_new_ones_come_when_asked_for() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("4")
        await settled(app, pilot, screen="ActivityScreen")
        shown = lines(app)
        assert shown[1] == " 1 Volumes 40   2 Jobs 0   3 Images 3   4 Activity"
        assert shown[2].endswith("last 4 calls")
        assert " ".join(shown[3].split()) == "Time Call Path Answer Took"
        assert "POST    iam /auth/tokens" in shown[7]
        assert "201" in shown[7]
        app.read_volumes()
        await settled(app, pilot)
        assert lines(app)[2].endswith("last 4 calls")
        await pilot.press("r")
        await settled(app, pilot)
        assert lines(app)[2].endswith("last 7 calls")
        newest = [line for line in lines(app)[4:7] if "evs /cloudvolumes/detail" in line]
        assert len(newest) == 1


async def test_following_shows_new_calls_by_itself_until_the_screen_is_left() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("4")
        await settled(app, pilot, screen="ActivityScreen")
        await pilot.press("f")
        app.read_volumes()
        for _ in range(300):
            await pilot.pause(0.02)
            if lines(app)[2].endswith("last 7 calls   following"):
                break
        assert lines(app)[2].endswith("last 7 calls   following")
        await pilot.press("1")
        await settled(app, pilot, screen="VolumesScreen")
        screen = app.get_screen("activity", ActivityScreen)
        assert screen._following is None


async def test_filter_details_and_keys() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("4")
        await settled(app, pilot, screen="ActivityScreen")
        await pilot.press("slash", *"service:iam", "enter")
        await settled(app, pilot)
        assert lines(app)[2].endswith("1 of 4")
        await pilot.press("enter")
        await settled(app, pilot, screen="Drawer")
        assert isinstance(app.screen, Drawer)
        assert "   Operation      create_token" in lines(app)
        await pilot.press("escape", "slash", *"x", "enter")
        await settled(app, pilot)
        assert lines(app)[-2] == " - No call matches; esc clears the filter."
        await pilot.press("escape")
        assert len(app.screen.query_one(VirtualTable).model) == 4


async def test_the_demo_writes_no_file() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("4")
        await settled(app, pilot, screen="ActivityScreen")
        await pilot.press("w")
        await settled(app, pilot)
        assert lines(app)[-2] == " ✗ Nothing was written: the demo leaves no file behind."
