"""Runs that stop servers: the right calls in the right order, and everything put back that was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evs_tui.cloud.answers import Answer, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.dialects import DIALECTS
from evs_tui.cloud.errors import ErrorKind
from evs_tui.cloud.models import Attachment, ServerJob, Volume
from evs_tui.exports.model import Choices, Job, JobState, Plan
from evs_tui.exports.plan import plan_exports
from evs_tui.exports.timing import Limits
from evs_tui.failure import RefusedFailure
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import PLACE, ScriptedCloud, cloud_error, volume

STOP = Choices("{name}-{id8}", stop_servers=True, restart_servers=True)


def attached(volume_id: str, *server_ids: str) -> Volume:
    return volume(volume_id, "in-use", attachments=tuple(Attachment(one) for one in server_ids))


def cloud_of(*volumes: Volume) -> ScriptedCloud:
    names = {attachment.server_id for one in volumes for attachment in one.attachments}
    return ScriptedCloud().add(*volumes).add_servers(*sorted(names))


def plan_for(cloud: ScriptedCloud, choices: Choices = STOP) -> Plan:
    servers = {server.id: server for server in cloud.servers.values()}
    volumes = [one for one in cloud.volumes.values() if one.status != "uploading"]
    return plan_exports(volumes, choices, DIALECTS["otc"], servers=servers, now=_now())


def _now() -> Any:
    from tests.fakes import FakeClock

    return FakeClock().now()


async def submit(engine: Engine, choices: Choices = STOP) -> list[Job]:
    run_id = await engine.exports.submit(plan_for(engine.cloud, choices), PLACE)
    await engine.clock.advance(0)
    return await engine.exports.jobs(run_id=run_id)


async def finish(engine: Engine, volume_id: str) -> None:
    """Let the newest export of a disk come to its good end, and be seen."""
    image_id = next(one.id for one in engine.cloud.images.values() if one.name.startswith(f"disk-{volume_id}-"))
    engine.cloud.finish(volume_id, image_id)
    await engine.clock.advance(60)


async def off(engine: Engine, *server_ids: str) -> None:
    for server_id in server_ids:
        engine.cloud.set_server(server_id, "SHUTOFF")
        engine.cloud.jobs[f"job-stop-{server_id}"] = ServerJob("SUCCESS")
    await engine.clock.advance(10)


def running(engine: Engine, *server_ids: str) -> None:
    for server_id in server_ids:
        engine.cloud.set_server(server_id, "ACTIVE")


def always(answer: Answer) -> Callable[[ScriptedCloud, str], Answer]:
    return lambda *_: answer


def take_start(cloud: ScriptedCloud, server_id: str) -> Answer:
    return cloud.take_start(server_id)


def codes(job: Job) -> list[str]:
    return [point.code for point in job.attention]


async def test_a_server_is_stopped_its_disk_exported_and_the_server_started_when_the_disk_is_free(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    cloud, clock = engine.cloud, engine.clock
    (job,) = await submit(engine)
    assert (job.state, job.phase) == (JobState.PREPARING, "waiting until off")
    assert cloud.deeds == ["stop web-01"]
    await clock.advance(30)
    assert cloud.deeds == ["stop web-01"], "ACTIVE with a task is not off"
    await off(engine, "web-01")
    job = await engine.job(job.id)
    assert (job.state, job.phase) == (JobState.EXPORTING, "disk is uploading")
    assert cloud.deeds == ["stop web-01", "export v1"]
    assert cloud.posts[0][1]["os-volume_upload_image"]["force"] is True
    # The image is active, the disk still uploading: the outcome is settled, the server waits.
    cloud.set_image("i-1", "active", size_bytes=1, container_format="bare")
    await clock.advance(120)
    job = await engine.job(job.id)
    assert (job.state, str(job.outcome)) == (JobState.RESTORING, "succeeded")
    assert cloud.deeds == ["stop web-01", "export v1"]
    cloud.set_volume("v1", "in-use")
    await clock.advance(30)
    job = await engine.job(job.id)
    assert (job.state, job.phase) == (JobState.RESTORING, "starting web-01")
    assert cloud.deeds == ["stop web-01", "export v1", "start web-01"]
    running(engine, "web-01")
    await clock.advance(15)
    job = await engine.job(job.id)
    assert (job.state, job.attention) == (JobState.SUCCEEDED, ())
    assert not job.is_open
    words = [(event.kind, event.data.get("target")) for event in job.events]
    assert [kind for kind, target in words if target == "web-01"] == [
        *("announced", "taken", "waiting", "seen", "ended"),
        *("announced", "taken", "seen", "ended"),
    ]


async def test_disks_of_one_server_share_one_stop_and_one_start(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01"), attached("v2", "web-01")))
    await submit(engine)
    await off(engine, "web-01")
    assert engine.cloud.deeds == ["stop web-01", "export v1", "export v2"]
    await finish(engine, "v1")
    assert engine.cloud.deeds[3:] == [], "the other disk still needs the server off"
    await finish(engine, "v2")
    assert engine.cloud.deeds[3:] == ["start web-01"]


async def test_a_shared_disk_needs_all_its_servers_off_and_only_those_that_ran_are_started(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "a-1", "b-1", "c-1")))
    engine.cloud.set_server("b-1", "SHUTOFF")
    await submit(engine)
    assert engine.cloud.deeds == ["stop a-1", "stop c-1"]
    await off(engine, "a-1")
    assert engine.cloud.deeds[2:] == []
    await off(engine, "c-1")
    assert engine.cloud.deeds[2:] == ["export v1"]
    await finish(engine, "v1")
    assert sorted(engine.cloud.deeds[3:]) == ["start a-1", "start c-1"]


async def test_no_server_stands_still_while_its_disk_would_only_wait_for_its_turn(make_engine: MakeEngine) -> None:
    volumes = [attached(f"v{n}", f"s-{n}") for n in range(1, 4)]
    engine = await make_engine(cloud=cloud_of(*volumes), limits=Limits(in_flight=1, spacing=0.0))
    await submit(engine)
    assert engine.cloud.deeds == ["stop s-1"]
    await off(engine, "s-1")
    assert engine.cloud.deeds == ["stop s-1", "export v1"]
    await finish(engine, "v1")
    running(engine, "s-1")
    await engine.clock.advance(10)
    assert engine.cloud.deeds[2:] in (["start s-1", "stop s-2"], ["stop s-2", "start s-1"])


async def test_a_server_that_an_export_of_another_run_needs_is_not_started_before_that_has_ended(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    await submit(engine)
    await off(engine, "web-01")
    engine.cloud.add(attached("v2", "web-01"))
    await submit(engine, Choices("{name}-{id8}", force=True))
    assert engine.cloud.deeds == ["stop web-01", "export v1", "export v2"]
    await finish(engine, "v1")
    first, _ = await engine.exports.jobs()
    assert (first.state, engine.cloud.deeds[3:]) == (JobState.RESTORING, [])
    await finish(engine, "v2")
    assert engine.cloud.deeds[3:] == ["start web-01"]


async def test_a_disk_that_somebody_else_exports_keeps_its_server_off(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    await submit(engine)
    await off(engine, "web-01")
    engine.cloud.add(replace(attached("v2", "web-01"), status="uploading"))
    engine.cloud.servers["web-01"] = replace(engine.cloud.servers["web-01"], volume_ids=("v1", "v2", "gone"))
    await finish(engine, "v1")
    assert engine.cloud.deeds[2:] == []
    engine.cloud.set_volume("v2", "in-use")
    await engine.clock.advance(10)
    assert engine.cloud.deeds[2:] == ["start web-01"]


async def test_a_stop_whose_job_fails_sends_nothing_and_leaves_the_server_alone(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    engine.cloud.stop = always(Taken(None, "req-1", "job-1"))
    engine.cloud.jobs["job-1"] = ServerJob("FAIL", "the host is busy")
    (job,) = await submit(engine)
    await engine.clock.advance(60)
    job = await engine.job(job.id)
    assert (job.state, job.phase, job.attention) == (JobState.NOT_SUBMITTED, "server did not stop", ())
    assert job.last_error is not None
    assert job.last_error.why == 'web-01 did not stop: the cloud says: "the host is busy"'
    assert engine.cloud.deeds == ["stop web-01"]


async def test_without_jobs_a_server_that_goes_on_running_did_not_stop(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    engine.cloud.stop = always(Taken(None, "req-1"))
    (job,) = await submit(engine)
    await engine.clock.advance(25)
    assert (await engine.job(job.id)).state is JobState.PREPARING
    await engine.clock.advance(30)
    assert (await engine.job(job.id)).state is JobState.NOT_SUBMITTED
    assert engine.cloud.deeds == ["stop web-01"]


async def test_a_locked_server_refuses_the_stop_and_the_other_one_is_started_again(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "a-1", "b-1")))
    locked = Refused(cloud_error(ErrorKind.STATE, code="Ecs.0605"))
    engine.cloud.stop = lambda cloud, server_id: locked if server_id == "b-1" else cloud.take_stop(server_id)
    (job,) = await submit(engine)
    assert (await engine.job(job.id)).state is JobState.RESTORING
    await off(engine, "a-1")
    assert engine.cloud.deeds == ["stop a-1", "stop b-1", "start a-1"]
    running(engine, "a-1")
    await engine.clock.advance(30)
    job = await engine.job(job.id)
    assert (job.state, job.attention) == (JobState.NOT_SUBMITTED, ())


async def test_a_server_that_is_not_off_in_time_needs_a_person_and_is_still_looked_at(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine)
    await engine.clock.advance(590)
    assert codes(await engine.job(job.id)) == []
    await engine.clock.advance(60)
    job = await engine.job(job.id)
    assert (codes(job), job.phase) == (["stop_overdue"], "web-01 is not off yet")
    await engine.exports.resume(job.id)
    assert codes(await engine.job(job.id)) == []
    await engine.clock.advance(700)
    assert codes(await engine.job(job.id)) == ["stop_overdue"]
    await engine.clock.advance(60)
    await off(engine, "web-01")
    await engine.clock.advance(30)
    assert engine.cloud.deeds == ["stop web-01", "export v1"]
    assert codes(await engine.job(job.id)) == []


async def test_giving_up_on_a_late_server_drops_the_export_and_starts_it_once_it_is_off(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine)
    await engine.clock.advance(700)
    job = await engine.exports.restore(job.id)
    assert (str(job.outcome), job.state) == ("cancelled", JobState.RESTORING)
    await engine.clock.advance(60)
    assert engine.cloud.deeds == ["stop web-01"], "it is still shutting down"
    await off(engine, "web-01")
    assert engine.cloud.deeds == ["stop web-01", "start web-01"]
    running(engine, "web-01")
    await engine.clock.advance(60)
    assert (await engine.job(job.id)).state is JobState.CANCELLED


async def test_force_refused_after_the_stop_starts_the_server_first_of_all_and_stops_no_other(
    make_engine: MakeEngine,
) -> None:
    volumes = [attached("v1", "a-1"), attached("v2", "a-1"), attached("v3", "b-1")]
    engine = await make_engine(cloud=cloud_of(*volumes), limits=Limits(in_flight=2, spacing=0.0))
    engine.answer(Refused(cloud_error(ErrorKind.INVALID, code="badRequest", http_status=400)))
    jobs = await submit(engine)
    await off(engine, "a-1")
    assert engine.cloud.deeds == ["stop a-1", "export v1", "start a-1"]
    running(engine, "a-1")
    await engine.clock.advance(60)
    jobs = [await engine.job(job.id) for job in jobs]
    assert [job.state for job in jobs] == [JobState.FAILED, JobState.NOT_SUBMITTED, JobState.NOT_SUBMITTED]
    assert jobs[2].last_error is not None
    assert "refused the export of disk-v1 with force" in jobs[2].last_error.why
    assert [job.attention for job in jobs] == [(), (), ()]


async def test_a_start_that_fails_is_tried_again_and_then_left_to_a_person_who_restores_it(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine)
    await off(engine, "web-01")
    engine.cloud.start = always(Taken(None, "req-2", "job-2"))
    engine.cloud.jobs["job-2"] = ServerJob("FAIL", "no capacity")
    await finish(engine, "v1")
    await engine.clock.advance(300)
    job = await engine.job(job.id)
    assert engine.cloud.deeds == ["stop web-01", "export v1", *["start web-01"] * 3]
    assert (job.state, codes(job)) == (JobState.SUCCEEDED, ["still_stopped"])
    assert "web-01 is still stopped by this run" in job.attention[0].text
    assert "no capacity" in job.attention[0].text
    await engine.clock.advance(90_000)
    assert [one.id for one in await engine.exports.jobs()] == [job.id], "listed until somebody sees to it"
    engine.cloud.start = take_start
    job = await engine.exports.restore(job.id)
    await engine.clock.advance(5)
    assert engine.cloud.deeds[5:] == ["start web-01"]
    running(engine, "web-01")
    await engine.clock.advance(60)
    assert ((await engine.job(job.id)).state, (await engine.job(job.id)).attention) == (JobState.SUCCEEDED, ())
    with pytest.raises(RefusedFailure, match="has nothing to put back"):
        await engine.exports.restore(job.id)


async def test_a_refused_start_that_may_pass_is_tried_again(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine)
    await off(engine, "web-01")
    answers: list[Answer] = [
        Refused(cloud_error(ErrorKind.STATE, code="Ecs.0100")),
        RefusedForNow(cloud_error(ErrorKind.THROTTLED), 7.0),
    ]
    engine.cloud.start = lambda cloud, server_id: answers.pop(0) if answers else cloud.take_start(server_id)
    await finish(engine, "v1")
    await engine.clock.advance(60)
    assert engine.cloud.deeds[2:] == ["start web-01"] * 3
    running(engine, "web-01")
    await engine.clock.advance(30)
    assert ((await engine.job(job.id)).state, (await engine.job(job.id)).attention) == (JobState.SUCCEEDED, ())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda cloud: cloud.set_server("b-1", "SHUTOFF"), id="somebody stopped it"),
        pytest.param(lambda cloud: cloud.set_server("b-1", "ACTIVE", "rebooting"), id="it reboots"),
        pytest.param(lambda cloud: cloud.set_server("b-1", "ACTIVE", None, locked=True), id="it is locked"),
    ],
)
async def test_a_change_since_the_review_stops_the_run_and_puts_back_what_was_changed(
    make_engine: MakeEngine, change: Callable[[ScriptedCloud], None]
) -> None:
    volumes = [attached("v1", "a-1"), attached("v2", "b-1"), attached("v3", "c-1")]
    engine = await make_engine(cloud=cloud_of(*volumes), limits=Limits(in_flight=1, spacing=0.0))
    jobs = await submit(engine)
    await off(engine, "a-1")
    change(engine.cloud)
    await finish(engine, "v1")
    running(engine, "a-1")
    await engine.clock.advance(60)
    assert engine.cloud.deeds == ["stop a-1", "export v1", "start a-1"]
    jobs = [await engine.job(job.id) for job in jobs]
    assert [job.state for job in jobs] == [JobState.SUCCEEDED, JobState.NOT_SUBMITTED, JobState.NOT_SUBMITTED]
    assert jobs[2].last_error is not None
    assert "b-1 changed since the review" in jobs[2].last_error.why


async def test_a_server_that_somebody_started_meanwhile_keeps_its_disk_from_being_sent(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine)
    engine.points.at["wait_stopped-settled"] = lambda: engine.cloud.set_server("web-01", "ACTIVE")
    await off(engine, "web-01")
    await engine.clock.advance(60)
    job = await engine.job(job.id)
    assert (job.state, engine.cloud.deeds, job.attention) == (JobState.NOT_SUBMITTED, ["stop web-01"], ())


async def test_a_stop_whose_answer_was_lost_is_found_and_its_server_is_only_offered_to_be_started(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))

    def lost(cloud: ScriptedCloud, server_id: str) -> Any:
        cloud.take_stop(server_id)
        return Unclear(cloud_error(ErrorKind.INTERRUPTED))

    engine.cloud.stop = lost
    (job,) = await submit(engine)
    assert (job.state, codes(job)) == (JobState.PREPARING, ["stop_unclear"])
    await engine.clock.advance(30)
    await off(engine, "web-01")
    await finish(engine, "v1")
    await engine.clock.advance(600)
    job = await engine.job(job.id)
    assert engine.cloud.deeds == ["stop web-01", "export v1"]
    assert (job.state, codes(job)) == (JobState.SUCCEEDED, ["start_offered"])
    await engine.exports.restore(job.id)
    await engine.clock.advance(5)
    assert engine.cloud.deeds == ["stop web-01", "export v1", "start web-01"]


async def test_a_stop_that_was_lost_on_the_way_is_never_sent_again(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    engine.cloud.stop = always(Unclear(cloud_error(ErrorKind.INTERRUPTED)))
    (job,) = await submit(engine)
    await engine.clock.advance(600)
    job = await engine.job(job.id)
    assert (job.state, job.attention, engine.cloud.deeds) == (JobState.NOT_SUBMITTED, (), ["stop web-01"])


async def test_a_start_whose_answer_was_lost_is_looked_at_and_sent_again_only_if_the_server_stays_off(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine)
    await off(engine, "web-01")
    engine.cloud.start = always(Unclear(cloud_error(ErrorKind.INTERRUPTED)))
    await finish(engine, "v1")
    assert engine.cloud.deeds[2:] == ["start web-01"]
    engine.cloud.start = take_start
    await engine.clock.advance(300)
    assert engine.cloud.deeds[2:] == ["start web-01"] * 2
    running(engine, "web-01")
    await engine.clock.advance(60)
    assert (await engine.job(job.id)).state is JobState.SUCCEEDED


async def test_servers_that_shall_stay_off_are_started_only_if_nothing_was_exported(make_engine: MakeEngine) -> None:
    kept = replace(STOP, restart_servers=False)
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    (job,) = await submit(engine, kept)
    await off(engine, "web-01")
    await finish(engine, "v1")
    await engine.clock.advance(300)
    job = await engine.job(job.id)
    assert (job.state, job.attention, engine.cloud.deeds) == (JobState.SUCCEEDED, (), ["stop web-01", "export v1"])
    await engine.exports.restore(job.id)
    await engine.clock.advance(5)
    assert engine.cloud.deeds[2:] == ["start web-01"]

    other = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    other.answer(Refused(cloud_error(ErrorKind.INVALID)))
    await submit(other, kept)
    await off(other, "web-01")
    assert other.cloud.deeds == ["stop web-01", "export v1", "start web-01"]


async def test_cancelling_before_and_after_the_stop(make_engine: MakeEngine) -> None:
    volumes = [attached("v1", "a-1"), attached("v2", "b-1")]
    engine = await make_engine(cloud=cloud_of(*volumes), limits=Limits(in_flight=1, spacing=0.0))
    first, second = await submit(engine)
    assert engine.cloud.deeds == ["stop a-1"]
    assert (await engine.exports.cancel(second.id)).state is JobState.CANCELLED
    assert (await engine.exports.cancel(first.id)).state is JobState.RESTORING
    await engine.clock.advance(30)
    assert engine.cloud.deeds == ["stop a-1"], "it is still shutting down"
    await off(engine, "a-1")
    assert engine.cloud.deeds == ["stop a-1", "start a-1"]


async def test_two_runs_cannot_both_be_about_to_stop_a_server(make_engine: MakeEngine) -> None:
    volumes = [attached("v1", "a-1"), attached("v2", "b-1")]
    engine = await make_engine(cloud=cloud_of(*volumes), limits=Limits(in_flight=1, spacing=0.0))
    await submit(engine)
    engine.cloud.volumes = {"v3": attached("v3", "b-1")}
    with pytest.raises(RefusedFailure, match="another run is about to stop b-1"):
        await submit(engine)


async def test_a_crash_consistent_export_of_a_running_server_is_sent_and_stops_nothing(
    make_engine: MakeEngine,
) -> None:
    engine = await make_engine(cloud=cloud_of(attached("v1", "web-01")))
    await submit(engine, Choices("{name}-{id8}", force=True, crash_consistent="v1"))
    assert engine.cloud.deeds == ["export v1"]
    await finish(engine, "v1")
    assert (await engine.only()).state is JobState.SUCCEEDED
