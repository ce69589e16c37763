"""Signing in on the screen: a passcode that is asked for, and a token whose end is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from textual.pilot import Pilot

from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.screens.passcode import PasscodeDrawer
from evs_tui.tui.widgets.secret_input import SecretInput
from evs_tui.workspace import Options, Workspace
from tests.cli.program import variables_of
from tests.simulator.client import Simulator
from tests.tui.demo_app import DARK, settled
from tests.tui.stage import screen_of


@asynccontextmanager
async def app_at(variables: Mapping[str, str]) -> AsyncIterator[tuple[EvsTuiApp, Pilot[None]]]:
    workspace = Workspace.open(Options(), dict(variables))
    app = EvsTuiApp(workspace, DARK)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            yield app, pilot
    finally:
        workspace.close(5)


async def until_listed(app: EvsTuiApp, pilot: Pilot[None]) -> None:
    for _ in range(400):
        if app.desk.listing is not None and app.desk.listing.as_of is not None:
            break
        await pilot.pause(0.01)
    await settled(app, pilot)


async def test_a_passcode_is_asked_for_and_never_shown(huawei_cloud: Simulator) -> None:
    known = huawei_cloud.credential
    variables = {**variables_of(huawei_cloud), "OS_AUTH_TYPE": "v3multifactor", "OS_USER_ID": known.mfa_user_id}
    async with app_at(variables) as (app, pilot):
        await settled(app, pilot, screen="PasscodeDrawer")
        assert isinstance(app.screen.focused, SecretInput)
        assert huawei_cloud.calls() == []
        await pilot.pause()
        shown = screen_of(app)
        assert shown[-6:-2] == [
            " Passcode",
            f"   {known.username} signs in with a one-time passcode (MFA).",
            "   It is sent once and kept nowhere.",
            "",
        ]
        assert shown[-1] == " esc do not sign in"
        await pilot.press("enter")
        assert isinstance(app.screen, PasscodeDrawer)
        await pilot.press(*known.passcode)
        await pilot.pause()
        assert not any(known.passcode in line for line in screen_of(app))
        assert known.passcode not in app.export_screenshot()
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x")
        assert app.clipboard == ""
        await pilot.press("enter")
        await until_listed(app, pilot)
        assert screen_of(app)[0].startswith(" eu-demo_shop")
    assert huawei_cloud.counters()["create_token"] == 1


async def test_without_a_passcode_nothing_is_sent(huawei_cloud: Simulator) -> None:
    variables = {**variables_of(huawei_cloud), "OS_AUTH_TYPE": "v3multifactor"}
    async with app_at(variables) as (app, pilot):
        await settled(app, pilot, screen="PasscodeDrawer")
        await pilot.press("escape")
        await settled(app, pilot, screen="VolumesScreen")
        assert any("A passcode is needed" in line for line in screen_of(app))
    assert huawei_cloud.calls() == []


async def test_the_end_of_a_ready_token_stands_in_the_first_line(huawei_cloud: Simulator) -> None:
    async with app_at(variables_of(huawei_cloud)) as (app, pilot):
        await until_listed(app, pilot)
        assert "until" not in screen_of(app)[0]
    token = huawei_cloud.calls("list_cloudvolumes")[0]["token"]
    huawei_cloud.advance(86_400 - 3_600)
    variables = {"OS_AUTH_URL": huawei_cloud.auth_url, "OS_TOKEN": token}
    async with app_at(variables) as (app, pilot):
        await until_listed(app, pilot)
        context = app.desk.context
        assert context is not None
        assert context.token_ends_at is not None
        assert abs((context.token_ends_at - datetime.now().astimezone()).total_seconds() - 3_600) < 60
        here = context.token_ends_at.astimezone()
        same_day = here.date() == datetime.now().astimezone().date()
        until = f"environment until {here:%H:%M}" if same_day else f"environment until {here:%m-%d %H:%M}"
        assert until in screen_of(app)[0]
