"""The form by keyboard alone: what each field says, what stays in its place, and where an error leads."""

from __future__ import annotations

import pytest

from evs_tui.cloud.models import Page, Volume
from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.screens.command import CommandPage
from evs_tui.tui.screens.form import ExportForm
from evs_tui.tui.screens.review import ReviewScreen
from evs_tui.tui.widgets.choices import Choice
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.fields import TextField
from tests.tui.demo_app import demo_app, settled
from tests.tui.looking import lines, open_form

DISK = "web-cache-01"


def put_in_place_of_all(app: EvsTuiApp, *volumes: Volume) -> None:
    """A list of these volumes alone."""
    listing = app.desk.listing
    assert listing is not None
    listing.begin()
    app._desk_changed("volumes", listing.append(Page(volumes)))
    listing.finish(app.desk.now)
    app._desk_changed("volumes", frozenset())


async def test_everything_is_seen_at_80_columns_and_nothing_is_cut() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, DISK)
        shown = lines(app)
        assert shown[1:16] == [
            " Export web-cache-01                          20 GiB ESSD  eu-demo-01  2edc49c1",
            "",
            " › Image name     web-cache-01-20261123-1403                   26 of 128",
            "                  letters, digits, - _ . and space inside",
            "   Disk format  ‹ zvhd2      ›",
            "                  compressed (zstd), starts quickly; some pages' default",
            "   Container      bare          f4 offers the others",
            "   System       ‹ linux      ›",
            "                  sent: the disk has no type of its own",
            "   Result         a data disk: no server starts from the image",
            "",
            " Plan   1 volume",
            "   1  Export web-cache-01 to web-cache-01-20261123-1403 (zvhd2, bare)",
            "",
            " Request   force false, zvhd2, bare; __os_type linux",
        ]
        assert shown[-1] == " tab next   f2 review   f3 as command   esc back   f1 help   ctrl+q quit"
        assert not any("»" in line for line in shown)


async def test_typing_changes_the_remark_and_the_count_and_moves_nothing() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, DISK)
        before = lines(app)
        await pilot.press("/")
        await pilot.pause()
        after = lines(app)
        assert after[3] == " › Image name     web-cache-01-20261123-1403/                  27 of 128"
        assert after[4] == '               ✗ "/" at place 27 (/ → -): only letters, digits, - _ . and space'
        assert after[5:11] == before[5:11]
        assert after[12:14] == [" Plan", "   Export to a name to be corrected"]
        assert after[-2] == " ✗ 1 field needs a change before the review: Image name."
        await pilot.press("backspace")
        await pilot.pause()
        assert lines(app) == before


async def test_the_review_with_an_error_leads_to_the_first_bad_field() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, DISK)
        await pilot.press("/", "tab", "tab")
        assert not isinstance(app.focused, Entry)
        for key in ("f2", "ctrl+s"):
            await pilot.press("tab", key)
            await pilot.pause()
            assert isinstance(app.screen, ExportForm)
            assert app.focused is app.screen.query_one(TextField).entry


async def test_each_format_says_what_it_is_good_for_in_the_same_place() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, DISK)
        await pilot.press("tab")
        said = {}
        for _ in range(5):
            shown = lines(app)
            said[shown[5].split()[4]] = shown[6].strip()
            await pilot.press("right")
            await pilot.pause()
        assert said == {
            "zvhd2": "compressed (zstd), starts quickly; some pages' default",
            "raw": "every byte as on the disk: the largest, read by all",
            "qcow2": "QEMU's format: compact, read by KVM and most clouds",
            "vhd": "widely read, also elsewhere; some pages' default",
            "zvhd": "compressed (zlib), read from start to end",
        }


async def test_the_container_is_offered_on_demand_in_the_line_where_it_stood() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, DISK)
        assert isinstance(app.screen, ExportForm)
        before = lines(app)
        await pilot.press("f4")
        await pilot.pause()
        shown = lines(app)
        assert shown[7] == " › Container    ‹ bare       ›  no container: what image services expect"
        assert shown[8:12] == before[8:12]
        await pilot.press("o")
        await pilot.pause()
        assert lines(app)[7] == " › Container    ‹ ovf        ›  ! OVF package; bare is meant almost always"
        assert app.screen.choices.container_format == "ovf"
        assert "Container format ovf: the image service documents bare alone" in "\n".join(lines(app))


@pytest.mark.parametrize(
    ("volume", "system"),
    [
        (
            Volume("d1", "win2019-root", "available", 40),
            ("   System       ‹ linux      ›", "! this looks like a Windows disk: choose windows"),
        ),
        (
            Volume("d1", "disk", "available", 40, os_type="linux", image_metadata={"__os_version": "Ubuntu 24.04"}),
            ("   System         linux", "inherited from Ubuntu 24.04; fixed"),
        ),
        (
            Volume("d1", "disk", "available", 40, os_type="linux", image_metadata={"__platform": "Windows"}),
            ("   System         linux", "! the image will be typed linux, but this looks like Windows"),
        ),
        (
            Volume("d1", "disk", "error", 40),
            ("   System         linux", "without effect: the disk is not available"),
        ),
    ],
)
async def test_the_system_type_is_editable_inherited_or_without_effect(volume: Volume, system: tuple[str, str]) -> None:
    async with demo_app() as (app, pilot):
        put_in_place_of_all(app, volume)
        await settled(app, pilot)
        assert app.open_form(["d1"])
        await settled(app, pilot, screen="ExportForm")
        assert (lines(app)[8], lines(app)[9].strip()) == system


async def test_what_the_traits_of_the_disk_mean_for_the_image() -> None:
    async with demo_app() as (app, pilot):
        put_in_place_of_all(app, Volume("d1", "big", "available", 2048, bootable=True, encrypted=True, shared=True))
        await settled(app, pilot)
        app.open_form(["d1"])
        await settled(app, pilot, screen="ExportForm")
        assert [line.strip() for line in lines(app)[10:14]] == [
            "Result         bootable: servers can start from the image",
            "encrypted: so is the image; it cannot be shared",
            "shared: sound only while all its servers are off",
            "over 1 TiB: refused by some pages, not by others",
        ]


async def test_a_plan_that_is_longer_than_the_screen_is_read_by_page_keys() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("slash", *"status:available", "enter", "a")
        await settled(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot, screen="ExportForm")
        assert "page down more" in lines(app)[-1]
        seen = set(lines(app)[12:22])
        for _ in range(8):
            await pilot.press("pagedown")
            await pilot.pause()
            seen |= set(lines(app)[12:22])
        steps = {line.split()[0] for line in seen if " Export " in line}
        count = len(app.desk.marks.ids)
        assert {str(number) for number in range(1, count)} == steps  # one is left out
        assert "page down more" not in lines(app)[-1]


async def test_a_template_is_previewed_for_each_disk_and_twins_are_found() -> None:
    async with demo_app() as (app, pilot):
        put_in_place_of_all(
            app,
            Volume("aaaaaaaa-1", "data", "available", 10),
            Volume("bbbbbbbb-2", "data", "available", 10),
            Volume("cccccccc-3", "logs", "available", 10),
        )
        await settled(app, pilot)
        app.open_form(["aaaaaaaa-1", "bbbbbbbb-2", "cccccccc-3"])
        await settled(app, pilot, screen="ExportForm")
        field = app.screen.query_one(TextField)
        field.value = "{name}"
        await pilot.pause()
        shown = lines(app)
        assert shown[1].startswith(" Export 3 volumes")
        assert shown[3:5] == [
            " › Image names    {name}                                       4 of 128",
            "                  ! 2 names come twice: put {id8} or {index} in",
        ]
        text = "\n".join(shown)
        assert "Plan   1 volume, 2 left out" in text
        assert 'data: its image name "data" comes twice' in text
        assert "1  Export logs to logs (zvhd2, bare)" in text
        field.value = "{name}-{index}"
        await pilot.pause()
        text = "\n".join(lines(app))
        assert "1  Export data to data-1 (zvhd2, bare)" in text
        assert "2  Export data to data-2 (zvhd2, bare)" in text
        field.value = "same"
        await pilot.pause()
        assert lines(app)[4] == "                  ✗ all names are alike: put {id8} or {index} in"


async def test_the_request_as_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    async with demo_app() as (app, pilot):
        sent: list[str] = []

        def copy(text: str) -> bool:
            sent.append(text)
            return True

        monkeypatch.setattr(app, "copy", copy)
        await open_form(app, pilot, DISK)
        await pilot.press("f3")
        await settled(app, pilot, screen="CommandPage")
        assert isinstance(app.screen, CommandPage)
        shown = lines(app)
        assert shown[3] == " › Shown as     ‹ request    ›"
        assert '     "image_name": "web-cache-01-20261123-1403",' in shown
        await pilot.press("c", "y")
        await pilot.pause()
        assert sent[-1].startswith("curl -sS -X POST https://evs.demo.invalid/v3/")
        assert '-H "X-Auth-Token: $OS_TOKEN"' in sent[-1]
        assert lines(app)[-2] == " - Sent to the terminal: curl"
        await pilot.press("right", "y")
        await pilot.pause()
        text = "\n".join(lines(app))
        assert "openstack refuses zvhd2: it is not in its own list of formats." in text
        assert len(sent) == 1  # there is nothing to copy
        await pilot.press("e", "y")
        await pilot.pause()
        assert sent[-1].startswith("evs-tui export 2edc49c1-f71b-4135-8c06-43b173f29c6a --name ")
        assert sent[-1].endswith(" --demo")
        await pilot.press("escape")
        await settled(app, pilot, screen="ExportForm")
        await pilot.press("/", "f3")
        await pilot.pause()
        assert lines(app)[-2] == " ✗ There is no request to show: nothing can be sent as it stands."


async def test_read_only_is_said_in_the_form_and_again_in_the_review() -> None:
    async with demo_app(read_only=True) as (app, pilot):
        await open_form(app, pilot, DISK)
        assert lines(app)[-2] == " ! Read-only: the plan can be looked at, nothing can be sent."
        await pilot.press("f2")
        await settled(app, pilot, screen="ReviewScreen")
        assert isinstance(app.screen, ReviewScreen)
        assert lines(app)[-2] == " ! Read-only: nothing can be sent from here."
        assert not app.screen.query("#export")
        assert app.screen.query("#cancel")


async def test_every_field_is_reached_by_tab() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, DISK)
        reached = []
        for _ in range(4):
            await pilot.press("tab")
            focused = app.focused
            reached.append(focused.label if isinstance(focused, Choice) else "Image name")
        assert reached == ["Disk format", "System", "Image name", "Disk format"]


async def test_what_happens_to_a_running_server_is_chosen_and_the_plan_follows() -> None:
    async with demo_app() as (app, pilot):
        await open_form(app, pilot, "web-01-root")
        assert isinstance(app.screen, ExportForm)
        shown = lines(app)
        assert shown[10:12] == [
            "   Servers      ‹ stop, export, start again   ›",
            "                  web-01 runs; it stops in the plan",
        ]
        assert [line.strip()[3:15] for line in shown[15:20]] == [
            "Stop web-01,",
            "Wait until w",
            "Export web-0",
            "Wait until w",
            "Start web-01",
        ]
        assert (app.screen.choices.stop_servers, app.screen.choices.restart_servers) == (True, True)
        await pilot.press("tab", "tab", "right")
        await pilot.pause()
        assert app.screen.choices.restart_servers is False
        assert "web-01 will be stopped and stays off afterwards" in "\n".join(lines(app))
        await pilot.press("right")
        await pilot.pause()
        shown = lines(app)
        assert shown[10:12] == [
            " › Servers      ‹ export while it runs        ›",
            "                  ! web-01 runs: at most as after a power cut, and typed for",
        ]
        choices = app.screen.choices
        assert (choices.force, choices.stop_servers, choices.crash_consistent) == (True, False, "ee99")
        await pilot.press("f2")
        await settled(app, pilot, screen="ReviewScreen")
        assert "[ Export while web-01 runs ]" in "\n".join(lines(app))


async def test_of_many_disks_no_server_is_stopped_unless_that_is_chosen() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("slash", *"web-01", "enter", "a", "enter")
        await settled(app, pilot, screen="ExportForm")
        assert isinstance(app.screen, ExportForm)
        assert "‹ leave out what runs" in "\n".join(lines(app))
        assert app.screen.choices.stop_servers is False
