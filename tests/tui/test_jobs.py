"""The monitor over the simulated cloud: groups, filter, history, the page of one job, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from textual.pilot import Pilot

from evs_tui.exports.model import Attention, Candidate, Event, ImageRef, Job, JobState, Outcome, OwnerRef
from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.job_offers import offers_of
from evs_tui.tui.phase_chart import phases_of
from tests.lists.test_words import job as succeeded_job
from tests.tui.demo_app import NOON, demo_app, settled
from tests.tui.looking import lines, open_review

CANDIDATE = Candidate("i9", "saving", "zvhd2", None)


def job(state: JobState, *codes: str, **changes: object) -> Job:
    """A job in a state, with what it needs."""
    points = tuple(Attention(code, "fact", "action") for code in codes)
    plain = replace(succeeded_job(), state=state, outcome=None, attention=points, image=ImageRef())
    return replace(plain, **changes)  # type: ignore[arg-type]


def actions(one: Job) -> list[str]:
    """The deeds that are offered."""
    return [offer.action for offer in offers_of(one)]


@pytest.mark.parametrize(
    ("one", "offered"),
    [
        (job(JobState.UNCLEAR, "unclear"), ["look", "not_ours"]),
        (job(JobState.UNCLEAR, "ambiguous", candidates=(CANDIDATE,)), ["adopt", "look", "not_ours"]),
        (job(JobState.UNCLEAR, "found_uploading", candidates=(CANDIDATE,)), ["adopt", "not_ours"]),
        (job(JobState.UNCLEAR, "unrecorded"), []),
        (job(JobState.PLANNED), ["cancel"]),
        (job(JobState.PLANNED, "pending_after_restart"), ["resume", "cancel"]),
        (job(JobState.SUBMITTING), []),
        (job(JobState.SUBMITTING, "left_behind"), ["resume"]),
        (job(JobState.EXPORTING, image=ImageRef("i1")), ["unwatch", "copy_id"]),
        (job(JobState.EXPORTING, "unwatched", image=ImageRef("i1")), ["resume", "copy_id"]),
        (job(JobState.EXPORTING, "watch_stopped", image=ImageRef("i1")), ["look", "unwatch", "copy_id"]),
        (job(JobState.EXPORTING, "image_unknown"), ["not_ours", "unwatch"]),
        (
            job(JobState.SUCCEEDED, outcome=Outcome.SUCCEEDED, image=ImageRef("i1")),
            ["receipt", "copy_id", "retry", "forget"],
        ),
        (job(JobState.NOT_SUBMITTED, outcome=Outcome.NOT_SUBMITTED), ["retry", "forget"]),
    ],
)
def test_each_state_offers_what_can_be_done_and_nothing_else(one: Job, offered: list[str]) -> None:
    assert actions(one) == offered


def test_phases_have_the_length_they_took_and_the_last_one_grows() -> None:
    start = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

    def event(seconds: int, kind: str, **data: object) -> Event:
        facts: Mapping[str, object] = data
        return Event(start + timedelta(seconds=seconds), kind, facts)

    events = (
        event(0, "planned"),
        event(60, "announced"),
        event(61, "taken"),
        event(66, "disk", status="uploading"),
        event(666, "disk", status="available"),
        event(667, "image", status="saving"),
    )
    going = job(JobState.EXPORTING, planned_at=start, events=events)
    now = start + timedelta(seconds=700)
    spans = [(name, int((end - began).total_seconds())) for name, began, end in phases_of(going, now)]
    assert spans == [
        ("waiting", 60),
        ("sending", 1),
        ("taken", 5),
        ("disk uploading", 600),
        ("disk available", 1),
        ("image saving", 33),
    ]
    ended = replace(going, outcome=Outcome.SUCCEEDED, events=(*events, event(690, "succeeded")))
    assert list(phases_of(ended, now))[-1][2] == start + timedelta(seconds=690)


async def exporting(app: EvsTuiApp, pilot: Pilot[None]) -> Job:
    """Export a disk of the demo; its job, on the list of jobs."""
    await open_review(app, pilot, "web-cache-01")
    await pilot.press("tab", "enter")
    await settled(app, pilot, screen="JobsScreen")
    (one,) = app.desk.jobs
    return one


async def test_the_page_of_a_job_says_what_can_be_done_and_follows_it() -> None:
    async with demo_app((80, 40)) as (app, pilot):
        one = await exporting(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot, screen="JobPage")
        shown = lines(app)
        assert "   u  stop watching; it goes on in the cloud" in shown
        assert any(line.startswith("   Request ids") for line in shown)
        await pilot.press("u")
        await settled(app, pilot)
        shown = lines(app)
        assert "   s  watch it again" in shown
        assert any("no longer watched" in line for line in shown)
        await pilot.press("q")
        await settled(app, pilot, screen="JobsScreen")
        # The cursor is on it, so it stays in its group until the cursor has moved on.
        assert lines(app)[3] == " Running"
        assert "1 needs you" in lines(app)[1]
        assert app.desk.jobs[0].id == one.id


async def test_the_filter_takes_a_line_only_while_it_is_used() -> None:
    async with demo_app() as (app, pilot):
        await exporting(app, pilot)
        assert lines(app)[2].split() == ["State", "Volume", "Now", "Elapsed", "Est.", "left"]
        await pilot.press("slash", *"state:failed")
        await settled(app, pilot)
        assert "0 of 1" in lines(app)[2]
        assert lines(app)[-2] == " - No job matches; esc clears the filter."
        await pilot.press("escape")
        await settled(app, pilot)
        assert lines(app)[2].split()[0] == "State"
        assert "exporting" in lines(app)[4]


async def test_taking_over_from_another_host_needs_the_last_four_characters() -> None:
    async with demo_app() as (app, pilot):
        left = job(
            JobState.SUBMITTING,
            "left_behind",
            owner=OwnerRef("other-host", 77, None),
            planned_at=NOON,
            id="00aabbccddee",
        )
        await pilot.press("2")
        app.desk.jobs = [left]
        app._desk_changed("jobs", frozenset())
        await settled(app, pilot, screen="JobsScreen")
        await pilot.press("s")
        await settled(app, pilot, screen="TypedDrawer")
        assert any("Take the export of web-01-data over from other-host" in line for line in lines(app))
        await pilot.press("shift+tab", *"ddxx", "tab", "tab", "enter")
        await settled(app, pilot)
        assert any("type 4 characters first" in line for line in lines(app))
        await pilot.press("escape")
        await settled(app, pilot, screen="JobsScreen")
        assert type(app.screen).__name__ == "JobsScreen"
