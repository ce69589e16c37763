"""A run is carried out: order, cap, spacing, the last check, cancelling, going on."""

from __future__ import annotations

import itertools

import pytest

from evs_tui.cloud.errors import ErrorKind
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import Choices, JobState, Outcome, Plan
from evs_tui.exports.timing import Limits, Timing
from evs_tui.failure import RefusedFailure, UsageFailure
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import PLACE, ScriptedCloud, attached, cloud_error, image, plan_of, volume


def _posted(engine: Engine) -> list[str]:
    return [volume_id for volume_id, _, _ in engine.cloud.posts]


async def test_exports_go_one_second_apart_and_three_at_a_time(make_engine: MakeEngine) -> None:
    cloud = ScriptedCloud().add(*(volume(f"v{n}") for n in range(1, 6)))
    engine = await make_engine(cloud=cloud)
    await engine.submit("v1", "v2", "v3", "v4", "v5")
    assert _posted(engine) == ["v1"]
    await engine.clock.advance(0.99)
    assert _posted(engine) == ["v1"]
    await engine.clock.advance(0.02)
    assert _posted(engine) == ["v1", "v2"]
    await engine.clock.advance(30)
    assert _posted(engine) == ["v1", "v2", "v3"]
    waiting = [job for job in await engine.exports.jobs() if job.state is JobState.PLANNED]
    assert [job.phase for job in waiting] == ["waits: 3 run already"] * 2
    cloud.finish("v2", "i-2")
    await engine.clock.advance(20)
    assert _posted(engine) == ["v1", "v2", "v3", "v4"]


async def test_cap_and_spacing_hold_across_processes_on_one_journal(make_engine: MakeEngine, tmp_path: object) -> None:
    cloud = ScriptedCloud().add(*(volume(f"v{n}") for n in range(1, 9)))
    first = await make_engine(cloud=cloud, directory=tmp_path, timing=Timing())
    second = await make_engine(cloud=cloud, directory=tmp_path, clock=first.clock, timing=Timing())
    await first.submit("v1", "v2", "v3", "v4")
    await second.submit("v5", "v6", "v7", "v8")
    assert len(cloud.posts) == 1, "the second process waits its second, too"
    await first.clock.advance(60)
    assert len(cloud.posts) == 3
    for number in (1, 2, 3):
        cloud.finish(cloud.posts[number - 1][0], f"i-{number}")
    await first.clock.advance(60)
    assert len(cloud.posts) == 6


async def test_other_projects_do_not_count(make_engine: MakeEngine) -> None:
    from dataclasses import replace

    engine = await make_engine(limits=Limits(in_flight=1))
    other = replace(PLACE, id="place-2", project_id="p2")
    elsewhere = ScriptedCloud().add(volume("w1"))
    engine.exports.attach(other, elsewhere)
    await engine.submit("v1")
    await engine.exports.submit(plan_of(elsewhere.volumes["w1"]), other)
    await engine.clock.advance(1)
    assert len(elsewhere.posts) == 1


async def test_disk_is_read_before_the_request_and_images_of_the_name_are_kept(engine: Engine) -> None:
    engine.cloud.images["old"] = image("old", "image-v1", "active")
    job = await engine.job(await engine.submit("v1"))
    assert engine.cloud.calls["read_volume"] == 1
    assert job.events[1].data == {"attempt": 1, "volume_status": "available", "same_name": 1}
    row = await engine.journal.read(lambda c: c.execute("SELECT before FROM step").fetchone()[0])
    assert row == '["old"]'


RUNNING = Server("s1", "web-01", "ACTIVE")
STOPPING = Server("s1", "web-01", "SHUTOFF", task_state="powering-off")
OFF = Server("s1", "web-01", "SHUTOFF")


@pytest.mark.parametrize(
    ("now", "server", "why"),
    [
        (volume("v1", "error"), None, 'the disk is now "error"'),
        (volume("v1", "uploading"), None, "the disk is being exported already, by somebody else"),
        (attached("v1", "s1"), RUNNING, 'server "web-01" is running'),
        (attached("v1", "s1"), STOPPING, 'server "web-01" is running'),
        (attached("v1", "s1"), None, "the state of server s1 cannot be read, so it counts as running"),
        (volume("v1", "in-use"), None, "the disk is in use, and the cloud does not say by which server"),
    ],
)
async def test_disk_that_changed_since_the_review_is_not_exported(
    engine: Engine, now: Volume, server: Server | None, why: str
) -> None:
    plan = plan_of(engine.cloud.volumes["v1"], force=True)
    engine.cloud.volumes["v1"] = now
    engine.cloud.servers = {} if server is None else {"s1": server}
    await engine.exports.submit(plan, PLACE)
    await engine.clock.advance(60)
    job = await engine.only()
    assert (job.state, job.outcome, engine.cloud.posts) == (JobState.NOT_SUBMITTED, Outcome.NOT_SUBMITTED, [])
    assert job.last_error is not None
    assert (job.last_error.exit_code, job.last_error.why) == (6, why)
    assert job.announced_at is None


async def test_disk_in_use_needs_force_even_if_its_server_is_off(engine: Engine) -> None:
    plan = plan_of(engine.cloud.volumes["v1"])
    engine.cloud.volumes["v1"] = attached("v1", "s1")
    engine.cloud.servers = {"s1": OFF}
    await engine.exports.submit(plan, PLACE)
    await engine.clock.advance(60)
    job = await engine.only()
    assert job.last_error is not None
    assert job.last_error.why == "the disk is now attached to a server"


async def test_disk_of_a_server_that_is_off_is_exported_with_force(engine: Engine) -> None:
    engine.cloud.volumes["v1"] = attached("v1", "s1")
    engine.cloud.servers = {"s1": OFF}
    await engine.submit("v1", force=True)
    assert engine.cloud.posts[0][1]["os-volume_upload_image"]["force"] is True


@pytest.mark.parametrize(
    ("kind", "reads", "exit_code"),
    [
        (ErrorKind.MISSING, 1, 1),
        (ErrorKind.RIGHTS, 1, 1),
        (ErrorKind.CREDENTIALS, 1, 4),
        (ErrorKind.EXPIRED, 3, 4),
        (ErrorKind.UNREACHABLE, 3, 5),
        (ErrorKind.SERVER, 3, 5),
    ],
)
async def test_reading_before_the_request_that_fails_sends_nothing(
    engine: Engine, kind: ErrorKind, reads: int, exit_code: int
) -> None:
    engine.cloud.fail["read_volume"] = cloud_error(kind)
    job_id = await engine.submit("v1")
    await engine.clock.advance(600)
    job = await engine.job(job_id)
    assert (job.state, engine.cloud.posts, engine.cloud.calls["read_volume"]) == (JobState.NOT_SUBMITTED, [], reads)
    assert job.last_error is not None
    assert job.last_error.exit_code == exit_code


async def test_journal_older_than_the_cloud_leaves_it_to_a_person(engine: Engine) -> None:
    plan = plan_of(engine.cloud.volumes["v1"])
    engine.cloud.take("v1", "image-v1", "i-9")
    await engine.exports.submit(plan, PLACE)
    await engine.clock.advance(3600)
    job = await engine.only()
    assert (job.state, engine.cloud.posts) == (JobState.UNCLEAR, [])
    assert ([item.code for item in job.attention], [item.id for item in job.candidates]) == (
        ["found_uploading"],
        ["i-9"],
    )
    assert (await engine.exports.look_now(job.id)).candidates == job.candidates
    job = await engine.exports.resolve(job.id, "i-9")
    assert (job.state, job.image.id, job.image.found_by) == (JobState.EXPORTING, "i-9", "person")


async def test_second_export_of_a_volume_is_refused_with_the_job(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    with pytest.raises(RefusedFailure) as refused:
        await engine.exports.submit(plan_of(volume("v2"), volume("v1")), PLACE)
    assert refused.value.why == '"disk-v1" is being exported already, to "image-v1"'
    assert job_id in str(refused.value.advice)
    assert len(await engine.exports.jobs(everything=True)) == 1, "nothing of the second plan was recorded"


async def test_plan_without_anything_to_do_or_without_a_session_is_refused(engine: Engine) -> None:
    from dataclasses import replace

    with pytest.raises(RefusedFailure, match="no disk that can be exported"):
        await engine.exports.submit(Plan((), ()), PLACE)
    with pytest.raises(RefusedFailure, match="no session of that place"):
        await engine.exports.submit(plan_of(volume()), replace(PLACE, id="elsewhere"))


async def test_run_stands_in_the_journal_when_submit_returns(engine: Engine) -> None:
    run_id = await engine.exports.submit(plan_of(volume()), PLACE)
    (job,) = await engine.exports.jobs(run_id=run_id)
    assert (job.state, job.planned_at) == (JobState.PLANNED, engine.clock.now())


async def test_cancel_before_the_announcement_and_not_after(make_engine: MakeEngine) -> None:
    cloud = ScriptedCloud().add(volume("v1"), volume("v2"), volume("v3"))
    engine = await make_engine(cloud=cloud, limits=Limits(in_flight=1))
    sent = await engine.submit("v1", "v2", "v3")
    jobs = {job.volume.id: job.id for job in await engine.exports.jobs()}
    cancelled = await engine.exports.cancel(jobs["v2"])
    assert (cancelled.state, cancelled.outcome) == (JobState.CANCELLED, Outcome.CANCELLED)
    with pytest.raises(RefusedFailure, match="no call that stops an export"):
        await engine.exports.cancel(sent)
    with pytest.raises(RefusedFailure, match="it has ended: cancelled"):
        await engine.exports.cancel(jobs["v2"])
    cloud.finish("v1", "i-1")
    await engine.clock.advance(30)
    assert _posted(engine) == ["v1", "v3"], "the others of the run go on"
    await engine.exports.submit(plan_of(volume("v2")), PLACE)


async def test_cancel_between_the_last_check_and_the_announcement_wins(engine: Engine) -> None:
    import asyncio

    cancelled: list[asyncio.Task[object]] = []

    def cancel() -> None:
        engine.journal._transact("BEGIN IMMEDIATE", _cancel_all)

    def _cancel_all(connection: object) -> None:
        connection.execute(  # type: ignore[attr-defined]
            "UPDATE step SET state = 'skipped', outcome = 'cancelled', settled_at = '2026-01-15T09:30:00.000+00:00'"
        )

    engine.points.at["before-announce"] = cancel
    job_id = await engine.submit("v1")
    await engine.clock.advance(60)
    assert (engine.cloud.posts, cancelled) == ([], [])
    assert (await engine.job(job_id)).state is JobState.CANCELLED


async def test_retry_gives_the_same_request_again(engine: Engine) -> None:
    job = await engine.job(await engine.submit("v1"))
    assert engine.exports.retry_request(job) == ("v1", Choices("image-v1", "zvhd2", "bare", "linux", force=False))


async def test_job_by_a_prefix_of_its_id(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    assert (await engine.job(job_id[:4])).id == job_id
    with pytest.raises(UsageFailure, match="no job's id begins so"):
        await engine.job("zz")
    with pytest.raises(UsageFailure, match="no job's id begins so"):
        await engine.job("")


async def test_prefix_of_several_jobs_names_them(make_engine: MakeEngine) -> None:
    cloud = ScriptedCloud().add(*(volume(f"v{n}") for n in range(20)))
    engine = await make_engine(cloud=cloud)
    await engine.submit(*cloud.volumes)
    ids = sorted(job.id for job in await engine.exports.jobs())
    first = next(item[0] for item, after in itertools.pairwise(ids) if item[0] == after[0])
    with pytest.raises(UsageFailure, match="several ids begin so"):
        await engine.job(first)


async def test_ended_jobs_are_listed_for_a_day(engine: Engine) -> None:
    await engine.submit("v1")
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    assert len(await engine.exports.jobs()) == 1
    engine.clock.tick(86_400)
    assert await engine.exports.jobs() == []
    assert len(await engine.exports.jobs(everything=True)) == 1


async def test_what_a_new_plan_asks_the_journal(engine: Engine) -> None:
    await engine.submit("v1")
    assert await engine.exports.open_volume_ids(PLACE) == {"v1"}
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    assert await engine.exports.open_volume_ids(PLACE) == frozenset()
    assert await engine.exports.succeeded_images(PLACE, "v1") == ("i-1",)
    assert await engine.exports.succeeded_images(PLACE, "v2") == ()
