"""The sign-in screen: over the demo's cloud, and from nothing over a real socket."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from evs_tui.config.profiles import Profile
from evs_tui.tui.screens.sign_in import SignInScreen
from evs_tui.tui.screens.volumes import VolumesScreen
from evs_tui.tui.sign_in_draft import Draft, Missing
from evs_tui.tui.widgets.choices import Choice
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.note import Note
from evs_tui.workspace import Options
from tests.simulator.client import Simulator
from tests.tui.demo_app import app_of, demo_app, settled
from tests.tui.looking import shows
from tests.tui.stage import screen_of

DRAFT = Draft("prod", "otc", "", "eu-de", "password", "OTC1", "exporter", "", "keyring", "production")


def test_a_draft_becomes_a_profile_with_the_address_that_cloud_and_region_have() -> None:
    assert DRAFT.profile("0" * 16) == Profile(
        name="prod",
        id="0" * 16,
        cloud="otc",
        auth_url="https://iam.eu-de.otc.t-systems.com/v3",
        region="eu-de",
        user="exporter",
        user_domain="OTC1",
        keep_in="keyring",
        production=True,
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a b"}, "name"),
        ({"region": ""}, "region"),
        ({"cloud": "openstack"}, "auth_url"),
        ({"cloud": ""}, "auth_url"),
        ({"domain": ""}, "domain"),
        ({"user": ""}, "user"),
        ({"method": "application-credential", "user": ""}, "user"),
        ({"method": "token", "user": "", "domain": ""}, None),
        ({"method": "access-key", "user": "", "domain": ""}, None),
    ],
)
def test_what_is_missing_is_named_with_its_field(changes: dict[str, str], field: str | None) -> None:
    from dataclasses import replace

    found = replace(DRAFT, **changes).profile("0" * 16)  # type: ignore[arg-type]
    assert (found.field if isinstance(found, Missing) else None) == field


def test_another_method_leaves_no_user_of_the_one_before() -> None:
    base = Profile(name="prod", id="1" * 16, user="exporter", user_domain="OTC1", auth_url="https://iam.x/v3")
    draft = Draft(
        "prod", "otc", "https://iam.x/v3", "eu-de", "application-credential", "", "ac-1", "", "session", "", base
    )
    found = draft.profile("unused")
    assert isinstance(found, Profile)
    assert (found.id, found.user, found.user_domain, found.credential) == ("1" * 16, None, None, "ac-1")


async def fill(pilot: Pilot[None], **values: str) -> None:
    for name, value in values.items():
        pilot.app.screen.query_one(f"#{name}", TextField).value = value
    await pilot.pause()


async def test_a_mark_is_a_badge_on_every_screen_once_somebody_signed_in() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        app.screen.query_one("#marks", Choice).choose("both")
        await fill(pilot, secret="demo-password")
        await pilot.press("ctrl+s")
        await settled(app, pilot, screen="VolumesScreen")
        await shows(app, pilot, "as of")
        assert " PRODUCTION   DEMO   READ-ONLY" in screen_of(app)[0]
        await pilot.press("2")
        await settled(app, pilot, screen="JobsScreen")
        assert " PRODUCTION " in screen_of(app)[0]


async def test_a_wrong_password_changes_nothing_and_is_forgotten() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        before = dict(app.desk.workspace.accounts.profiles)
        app.screen.query_one("#marks", Choice).choose("production")
        await fill(pilot, secret="a-wrong-password")
        await pilot.press("ctrl+s")
        await shows(app, pilot, "Signing in was refused")
        assert isinstance(app.screen, SignInScreen)
        assert app.screen.query_one("#secret", TextField).value == ""
        assert app.desk.workspace.accounts.profiles == before
        assert not any("a-wrong-password" in line for line in screen_of(app))
        await pilot.press("escape")
        await settled(app, pilot, screen="VolumesScreen")
        assert "PRODUCTION" not in screen_of(app)[0]
        await pilot.press("r")
        await shows(app, pilot, "as of")


async def test_what_is_missing_gets_the_keyboard_and_nothing_is_sent() -> None:
    async with demo_app() as (app, pilot):
        calls = len(await app.desk.workspace.core.ask(app.desk.workspace.recent_calls))
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        await fill(pilot, user="")
        await pilot.press("f2")
        await pilot.pause()
        assert app.screen.query_one("#user", TextField).entry.has_focus
        assert app.screen.query_one(Note).text == " ✗ A name."
        assert len(await app.desk.workspace.core.ask(app.desk.workspace.recent_calls)) == calls


async def test_what_is_typed_right_behind_a_tab_reaches_the_next_field() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        app.screen.query_one("#user", TextField).focus()
        await pilot.pause()
        for key in ("tab", *"secret"):
            app.post_message(_key(key))
        await pilot.pause()
        assert app.screen.query_one("#secret", TextField).value == "secret"
        assert app.screen.query_one("#user", TextField).value == "exporter"


async def test_the_projects_are_listed_without_that_of_the_platform() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        await pilot.press("f5")
        await shows(app, pilot, "projects found")
        choice = app.screen.query_one("#projects", Choice)
        names = [option.value for option in choice._options]
        assert "MOS" not in names
        assert choice.value == "eu-demo_shop"
        assert len(names) > 1


async def test_from_nothing_to_a_list_and_back_at_the_next_start(
    huawei_cloud: Simulator, own_environment: Path
) -> None:
    environ = {"HOME": str(own_environment)}
    async with app_of(options=Options(), environ=environ) as (app, pilot):
        await settled(app, pilot, screen="SignInScreen")
        known = huawei_cloud.credential
        app.screen.query_one("#cloud", Choice).choose("")
        await pilot.pause()
        await fill(
            pilot, name="lab", auth_url=huawei_cloud.auth_url, region=known.region, domain=known.user_domain,
            user=known.username, project=known.project, secret=known.password,
        )  # fmt: skip
        await pilot.press("ctrl+s")
        await settled(app, pilot, screen="VolumesScreen")
        await shows(app, pilot, "as of")
        assert isinstance(app.screen, VolumesScreen)
        assert "secret in memory" in screen_of(app)[0]
    text = (own_environment / ".config/evs-tui/config.toml").read_text(encoding="utf-8")
    assert 'default_profile = "lab"' in text
    assert known.password not in text
    async with app_of(options=Options(), environ=environ) as (app, pilot):
        await settled(app, pilot, screen="SignInScreen")
        assert app.screen.query_one("#profile", Choice).value == "lab"
        assert app.screen.query_one("#secret", TextField).entry.has_focus
        assert "The password of profile lab must be given" in app.screen.query_one(Note).text


def _key(key: str) -> Key:

    return Key(key, key if len(key) == 1 else None)


async def test_a_test_goes_step_by_step_and_changes_nothing() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        await fill(pilot, secret="demo-password")
        await pilot.press("ctrl+t")
        await shows(app, pilot, "Everything that was tried works.")
        shown = screen_of(app)
        start = shown.index(" Test of profile demo")
        expected = (
            " - name resolution        the simulated cloud is in this program",
            " - TLS                    the simulated cloud is in this program",
            " ✓ login                  signed in as exporter",
            " ✓ project                eu-demo_shop in eu-demo, Open Telekom Cloud",
            " ✓ right to list volumes  40 volumes on the first page",
            " ✓ right to list images   3 images on the first page",
            " ✓ right to list servers  8 servers on the first page",
        )
        # The login's words may go on, with the difference of clocks.
        lines = [line for line in shown[start:] if not line.startswith("     ")]
        assert [line[: len(words)] for line, words in zip(lines[1:8], expected, strict=True)] == list(expected)
        await pilot.press("escape")
        await settled(app, pilot, screen="SignInScreen")
        assert app.screen.query_one("#secret", TextField).value == "demo-password"
        assert not any("demo-password" in line for line in screen_of(app))


async def test_a_failing_test_says_what_to_do_and_leaves_the_session_alone() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("p")
        await settled(app, pilot, screen="SignInScreen")
        await fill(pilot, secret="a-wrong-password")
        await pilot.press("ctrl+t")
        await shows(app, pilot, "Failed: login.")
        shown = " ".join(" ".join(screen_of(app)).split())
        assert "✗ login Signing in was refused:" in shown
        assert "What to do:" in shown
        assert "- right to list servers not tested, because of: login" in shown
        await pilot.press("escape", "escape")
        await settled(app, pilot, screen="VolumesScreen")
        await pilot.press("r")
        await shows(app, pilot, "as of")
