"""The review: what is known first, the harmless button focused, and typing where a mistake would be expensive."""

from __future__ import annotations

from dataclasses import replace

from textual.pilot import Pilot

from evs_tui.background.offer import Offer
from evs_tui.cloud.models import Attachment, Server, Volume
from evs_tui.exports.model import (
    Check,
    Choices,
    Light,
    Notice,
    Plan,
    PlannedExport,
    PlannedStep,
    Request,
    Sign,
    StepKind,
    Verdict,
    VerdictState,
)
from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.screens.review import ReviewScreen
from evs_tui.tui.widgets.entry import Entry
from tests.tui.demo_app import demo_app, settled
from tests.tui.looking import lines, open_review

ID = "61d0c6be-92a7-4f3b-8e55-0c7d1b7e4f2a"
RUNNING = Verdict(VerdictState.NEEDS_STOP, Sign.ACT, "stop 1 server", "db-01 is running: it must stop first.", ("s1",))


def dangerous() -> Plan:
    disk = Volume(ID, "db-01-data", "in-use", 200, attachments=(Attachment("s1"),))
    request = Request("db-01-data-20261123", "zvhd2", force=True)
    step = PlannedStep(
        1,
        StepKind.EXPORT,
        ID,
        "db-01-data",
        "Export db-01-data to db-01-data-20261123 (zvhd2, bare, force)",
        "cannot be called back; the server and the disk are not changed",
        request=request,
    )
    notice = Notice("yellow", "crash_consistent", "The image is at most crash-consistent")
    return Plan((PlannedExport(disk, RUNNING, request, crash_consistent=True),), (step,), (notice,))


def large(count: int) -> Plan:
    exports, steps = [], []
    ready = Verdict(VerdictState.READY, Sign.GOOD, "ready", "Not attached: can be exported now.")
    for number in range(1, count + 1):
        request = Request(f"image-{number}", "zvhd2")
        exports.append(PlannedExport(Volume(f"d{number}", f"disk-{number}", "available", 10), ready, request))
        changes = f"Export disk-{number} to image-{number} (zvhd2, bare)"
        steps.append(
            PlannedStep(number, StepKind.EXPORT, f"d{number}", f"disk-{number}", changes, "cannot", request=request)
        )
    return Plan(tuple(exports), tuple(steps))


async def show(app: EvsTuiApp, pilot: Pilot[None], plan: Plan) -> list[Plan]:
    """Show a review of `plan`; what is submitted there lands in the list."""
    submitted: list[Plan] = []

    async def submit(plan: Plan) -> str:
        submitted.append(plan)
        return "run"

    app.desk.submit = submit  # type: ignore[method-assign]
    app.desk.volumes.servers = {**app.desk.servers, "s1": Server("s1", "db-01", "ACTIVE")}
    app.push_screen(ReviewScreen(app.desk, plan, Choices("n")))
    await settled(app, pilot, screen="ReviewScreen")
    return submitted


async def test_the_checks_stand_below_the_steps_and_cancel_has_the_keyboard() -> None:
    async with demo_app() as (app, pilot):
        await open_review(app, pilot, "web-cache-01")
        assert lines(app)[1:10] == [
            " Review: export web-cache-01                                   20 GiB  2edc49c1",
            "",
            "   #  What happens, and how it is undone",
            "   1  Export web-cache-01 to web-cache-01-20261123-1403 (zvhd2, bare)",
            "      cannot be called back; the disk itself is not changed",
            "",
            " ✓ Checked: image quota 4 of 100 afterwards; no image has this name; the role",
            "   evs_adm allows it; the token is renewed by itself; nothing else is being",
            "   exported.",
        ]
        assert app.focused is not None
        assert app.focused.id == "cancel"
        assert "esc back" in lines(app)[-1]


async def test_in_a_wide_window_the_undo_stands_beside() -> None:
    async with demo_app((120, 40)) as (app, pilot):
        await show(app, pilot, dangerous())
        shown = lines(app)
        (head,) = [line for line in shown if "What happens" in line]
        assert head.index("How it is undone") == 66
        (step,) = [line for line in shown if line.startswith("   1  Export")]
        assert step.index("cannot be called back") == 66


async def test_the_disk_of_a_running_server_needs_the_end_of_its_id_typed() -> None:
    async with demo_app() as (app, pilot):
        submitted = await show(app, pilot, dangerous())
        shown = lines(app)
        assert shown[1].startswith(" Review: export db-01-data while db-01 runs")
        assert shown[3] == " ! The image is at most crash-consistent."
        text = "\n".join(shown)
        assert "   Safer: esc, then Servers: stop, export, start again." in text
        assert f"   Volume id      {ID}" in text
        assert "   To confirm" in text
        assert "type the last 4 characters of the id: 0 of 4" in text
        assert "[ Cancel ]   [ Export while db-01 runs ]" in text
        assert app.focused is not None
        assert app.focused.id == "cancel"

        # Pressed too early, the button says what is missing, and leads to the field.
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert lines(app)[-2] == " ! Not yet: type the last 4 characters of the id first."
        assert isinstance(app.focused, Entry)
        await pilot.press(*"4f")
        await pilot.pause()
        assert "type the last 4 characters of the id: 2 of 4" in "\n".join(lines(app))
        await pilot.press("x")
        await pilot.pause()
        assert "! that is not the last 4 characters of the id" in "\n".join(lines(app))
        await pilot.press("backspace", *"2a", "enter")
        await pilot.pause()
        assert submitted == []  # enter in the field never exports
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await pilot.press("tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        assert submitted == [dangerous()]


async def test_up_to_20_disks_need_no_typing_and_more_need_their_number() -> None:
    async with demo_app() as (app, pilot):
        await show(app, pilot, large(20))
        assert "To confirm" not in "\n".join(lines(app))
        await pilot.press("escape")
        submitted = await show(app, pilot, large(21))
        assert "type the number of volumes: 0 of 2" in "\n".join(lines(app))
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert submitted == []
        assert lines(app)[-2] == " ! Not yet: type the number of volumes first."
        await pilot.press(*"20", "tab", "tab", "enter")
        await pilot.pause()
        assert submitted == []
        await pilot.press("backspace", "1", "tab", "tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        assert len(submitted) == 1


async def test_a_long_plan_is_read_to_its_end_and_says_what_is_shared_once() -> None:
    async with demo_app() as (app, pilot):
        await show(app, pilot, large(30))
        seen = set(lines(app))
        for _ in range(6):
            await pilot.press("pagedown")
            await pilot.pause()
            seen |= set(lines(app))
        assert {f"  {n:2}  Export disk-{n} to image-{n} (zvhd2, bare)" for n in range(1, 31)} <= seen
        assert "      each of these cannot" in seen
        assert "      cannot" not in seen


async def test_the_title_says_how_many_the_filter_hides() -> None:
    async with demo_app() as (app, pilot):
        await pilot.press("space", "space", "space", "slash", *"golden", "enter")
        await settled(app, pilot)
        shown_ids = {app.desk.listing.id_of(number) for number in app.desk.listing.view}  # type: ignore[union-attr]
        hidden = len(app.desk.marks.ids - shown_ids)
        assert hidden == 3
        await pilot.press("enter")
        await settled(app, pilot, screen="ExportForm")
        assert lines(app)[1].startswith(" Export 3 volumes, 3 of them hidden by the filter")
        await pilot.press("f2")
        await settled(app, pilot, screen="ReviewScreen")
        assert ", 3 of them hidden by the filter" in lines(app)[1]


async def test_a_red_check_takes_the_button_away_and_says_what_to_do() -> None:
    async with demo_app() as (app, pilot):
        red = Check(Light.RED, "image_quota", "1 image does not fit into the quota: 9 of 9 are there", "delete images")
        await show(app, pilot, replace(large(1), checks=(red,)))
        shown = lines(app)
        assert shown[3:5] == [" ✗ 1 image does not fit into the quota: 9 of 9 are there; delete images.", ""]
        assert not app.screen.query("#export")
        assert shown[-2] == " ✗ Blocked: the line above says why, and what to do."


async def test_the_button_is_named_by_its_deed() -> None:
    async with demo_app() as (app, pilot):
        plan = large(2)
        stop = PlannedStep(1, StepKind.STOP, "s1", "db-01", "Stop db-01, soft", "step 4 starts it again")
        await show(app, pilot, replace(plan, steps=(stop, *plan.steps)))
        assert "[ Cancel ]   [ Stop 1 server and export 2 volumes ]" in "\n".join(lines(app))


async def test_where_it_runs_is_asked_where_servers_are_stopped() -> None:
    async with demo_app() as (app, pilot):
        stop = PlannedStep(1, StepKind.STOP, "s1", "db-01", "Stop db-01, soft", "step 3 starts it again")
        plan = large(1)
        plan = replace(plan, steps=(stop, *plan.steps))
        here, there = [], []

        async def submit(plan: Plan) -> str:
            here.append(plan)
            return "run"

        async def submit_in_background(plan: Plan) -> str:
            there.append(plan)
            return "run"

        app.desk.submit = submit  # type: ignore[method-assign]
        app.desk.submit_in_background = submit_in_background  # type: ignore[method-assign]
        app.push_screen(ReviewScreen(app.desk, plan, Choices("n"), Offer()))
        await settled(app, pilot, screen="ReviewScreen")
        text = "\n".join(lines(app))
        assert "   Runs         ‹ here" in text
        assert "stay until it ends; what waits then goes on at the next start" in text
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await pilot.press("shift+tab", "right")
        await pilot.pause()
        assert "a process without a terminal, which goes on when the line drops" in "\n".join(lines(app))
        await pilot.press("tab", "tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        assert (here, there) == ([], [plan])


async def test_the_background_is_preselected_or_refused_as_offered() -> None:
    async with demo_app() as (app, pilot):
        app.push_screen(ReviewScreen(app.desk, large(1), Choices("n"), Offer(preselected=True)))
        await settled(app, pilot, screen="ReviewScreen")
        assert "‹ in the background" in "\n".join(lines(app))
        await pilot.press("escape")
        app.push_screen(ReviewScreen(app.desk, large(1), Choices("n"), Offer("a passcode is good for one sign-in")))
        await settled(app, pilot, screen="ReviewScreen")
        text = "\n".join(lines(app))
        assert "   Runs           here" in text
        assert "a passcode is good for one sign-in" in text
        await pilot.press("escape")
        app.push_screen(ReviewScreen(app.desk, large(1), Choices("n"), Offer(None, "It is ended at logout", True)))
        await settled(app, pilot, screen="ReviewScreen")
        assert "! It is ended at logout" in "\n".join(lines(app))
