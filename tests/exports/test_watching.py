"""Watching a taken export: what settles it, what never does, and what it costs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.exports.model import JobState, Outcome
from evs_tui.exports.owners import Machine
from evs_tui.exports.timing import Limits
from evs_tui.failure import RefusedFailure
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, cloud_error, volume


async def test_active_image_succeeds_with_its_receipt(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(6)
    job = await engine.job(job_id)
    assert (job.state, job.outcome, job.image.status) == (JobState.SUCCEEDED, Outcome.SUCCEEDED, "active")
    assert (job.phase, job.attention, job.owner) == ("image active, 10 GiB", (), None)
    assert job.receipt is not None
    assert (job.receipt["image"]["id"], job.receipt["warnings"]) == ("i-1", [])
    assert [event.kind for event in job.events][-3:] == ["disk", "image", "succeeded"]


async def test_image_decides_not_the_disk(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)
    engine.cloud.set_volume("v1", "available")
    engine.cloud.set_image("i-1", "saving")
    await engine.clock.advance(600)
    job = await engine.job(job_id)
    assert (job.state, job.phase) == (JobState.EXPORTING, "image is saving")
    engine.cloud.set_image("i-1", "active")
    await engine.clock.advance(31)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("status", ["killed", "deleted"])
async def test_killed_and_deleted_fail_with_the_clouds_words(engine: Engine, status: str) -> None:
    engine.cloud.reason = "Failed to upload volume to image at backend"
    job_id = await engine.submit("v1")
    engine.cloud.finish("v1", "i-1", status)
    await engine.clock.advance(6)
    job = await engine.job(job_id)
    assert (job.state, job.outcome) == (JobState.FAILED, Outcome.FAILED)
    assert job.last_error is not None
    assert (job.last_error.exit_code, job.last_error.why) == (
        1,
        'the cloud says: "Failed to upload volume to image at backend"',
    )
    assert [item.code for item in job.attention] == ["image_leftover"]


async def test_gone_twice_after_it_was_seen_fails(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.set_volume("v1", "available")
    await engine.clock.advance(5)
    assert (await engine.job(job_id)).image.status == "queued"
    del engine.cloud.images["i-1"]
    await engine.clock.advance(5)
    assert (await engine.job(job_id)).state is JobState.EXPORTING, "once is not enough"
    await engine.clock.advance(5)
    job = await engine.job(job_id)
    assert (job.state, job.phase) == (JobState.FAILED, "image was withdrawn")
    assert job.last_error is not None
    assert job.last_error.why == 'the disk is "available" and the image is gone'


async def test_image_never_seen_has_a_minute_to_appear(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.set_volume("v1", "available")
    late = engine.cloud.images.pop("i-1")
    await engine.clock.advance(59)
    assert (await engine.job(job_id)).state is JobState.EXPORTING
    engine.cloud.images["i-1"] = replace(late, status="active")
    await engine.clock.advance(15)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED


async def test_image_never_seen_after_a_minute_fails(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.set_volume("v1", "available")
    del engine.cloud.images["i-1"]
    await engine.clock.advance(80)
    assert (await engine.job(job_id)).state is JobState.FAILED


async def test_missing_image_proves_nothing_where_the_project_is_not_seen(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)
    disk = engine.cloud.volumes.pop("v1")
    kept = engine.cloud.images.pop("i-1")
    await engine.clock.advance(7200)
    assert (await engine.job(job_id)).state is JobState.EXPORTING
    engine.cloud.add(replace(disk, status="available"))
    engine.cloud.images["i-1"] = replace(kept, status="active")
    await engine.clock.advance(60)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED


async def test_image_deleted_while_the_disk_uploads_is_noticed(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    await engine.clock.advance(70)
    assert (await engine.job(job_id)).image.status == "queued"
    del engine.cloud.images["i-1"]
    await engine.clock.advance(150)
    job = await engine.job(job_id)
    assert job.state is JobState.FAILED
    assert job.last_error is not None
    assert job.last_error.why == 'the disk is "uploading" and the image is gone'


@pytest.mark.parametrize("status", ["deactivated", "pending_delete", "importing", "half-baked"])
async def test_unknown_status_is_watched_and_shown(engine: Engine, status: str) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.finish("v1", "i-1", status)
    await engine.clock.advance(3600)
    job = await engine.job(job_id)
    assert (job.state, job.phase) == (JobState.EXPORTING, f"image is {status}")


async def test_status_error_is_final_only_when_the_disk_is_back(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.set_image("i-1", "error")
    await engine.clock.advance(200)
    assert (await engine.job(job_id)).state is JobState.EXPORTING
    engine.cloud.set_volume("v1", "available")
    await engine.clock.advance(30)
    assert (await engine.job(job_id)).state is JobState.FAILED


async def test_disk_left_out_of_the_list_is_asked_for_singly(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.hidden.add("v1")
    await engine.clock.advance(20)
    assert (await engine.job(job_id)).phase == "disk is uploading"
    assert engine.cloud.calls["read_image"] == 0


@pytest.mark.parametrize("call", ["read_volumes", "read_image"])
@pytest.mark.parametrize(
    "error",
    [
        cloud_error(ErrorKind.SERVER, http_status=503),
        cloud_error(ErrorKind.UNREACHABLE),
        cloud_error(ErrorKind.RIGHTS, http_status=403),
        cloud_error(ErrorKind.PROJECT, http_status=404),
    ],
)
async def test_errors_of_watching_settle_nothing(engine: Engine, call: str, error: CloudError) -> None:
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)
    engine.cloud.finish("v1", "i-1")
    engine.cloud.fail[call] = error
    await engine.clock.advance(3600)
    job = await engine.job(job_id)
    assert (job.state, job.outcome) == (JobState.EXPORTING, None)
    assert job.last_error is not None
    assert job.last_error.request_id == "req-1"
    assert sum(event.kind == "watch_failed" for event in job.events) == 1
    del engine.cloud.fail[call]
    await engine.clock.advance(400)
    job = await engine.job(job_id)
    assert (job.state, job.last_error) == (JobState.SUCCEEDED, None)


async def test_one_image_that_cannot_be_read_keeps_no_other_from_its_end(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=_Forbidding().add(volume("v1"), volume("v2")))
    await engine.submit("v1", "v2")
    await engine.clock.advance(10)
    engine.cloud.finish("v1", "i-1")
    engine.cloud.finish("v2", "i-2")
    await engine.clock.advance(30)
    assert [job.state for job in await engine.exports.jobs()] == [JobState.EXPORTING, JobState.SUCCEEDED]


class _Forbidding(ScriptedCloud):
    async def read_image(self, image_id: str) -> object:  # type: ignore[override]
        if image_id == "i-1":
            raise cloud_error(ErrorKind.RIGHTS, http_status=403)
        return await super().read_image(image_id)


async def test_session_that_ends_stops_watching_and_the_next_goes_on(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.fail["read_volumes"] = cloud_error(ErrorKind.EXPIRED, http_status=401)
    await engine.clock.advance(60)
    asked = engine.cloud.calls["read_volumes"]
    await engine.clock.advance(3600)
    assert engine.cloud.calls["read_volumes"] == asked, "a credential that fails is not tried again"
    job = await engine.job(job_id)
    assert (job.state, [item.code for item in job.attention]) == (JobState.EXPORTING, ["watch_stopped"])
    assert job.last_error is not None
    assert job.last_error.exit_code == 4
    (waited,) = await engine.exports.wait_settled([job_id], timeout=None)
    assert waited.state is JobState.EXPORTING
    del engine.cloud.fail["read_volumes"]
    engine.cloud.finish("v1", "i-1")
    engine.exports.attach(engine.place, engine.cloud)
    await engine.clock.advance(10)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED


async def test_receipt_that_cannot_be_read_now_is_read_later(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)

    def fail() -> None:
        engine.cloud.fail["read_image"] = cloud_error(ErrorKind.SERVER)

    engine.points.at["active-seen"] = fail
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(10)
    job = await engine.job(job_id)
    assert (job.state, job.receipt) == (JobState.SUCCEEDED, None)
    del engine.cloud.fail["read_image"]
    assert (await engine.exports.receipt(job_id))["image"]["id"] == "i-1"
    assert (await engine.job(job_id)).receipt is not None
    asked = engine.cloud.calls["read_image"]
    await engine.exports.receipt(job_id)
    assert engine.cloud.calls["read_image"] == asked, "stored with the job"


async def test_export_may_be_left_alone_and_watched_again(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    job = await engine.exports.stop_watching(job_id)
    assert (job.phase, [item.code for item in job.attention]) == ("not watched", ["unwatched"])
    asked = engine.cloud.calls["read_volumes"]
    await engine.clock.advance(3600)
    assert engine.cloud.calls["read_volumes"] == asked
    engine.cloud.finish("v1", "i-1")
    await engine.exports.resume(job_id)
    await engine.clock.advance(31)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED
    with pytest.raises(RefusedFailure, match="is not being watched"):
        await engine.exports.stop_watching(job_id)


async def test_rhythm_of_the_polls(engine: Engine) -> None:
    await engine.submit("v1")

    async def polls(seconds: float) -> int:
        before = engine.cloud.calls["read_volumes"]
        await engine.clock.advance(seconds)
        return engine.cloud.calls["read_volumes"] - before

    assert engine.cloud.calls["read_volumes"] == 1
    assert await polls(55) == 11
    assert await polls(545) in {36, 37}
    assert await polls(600) == 20


async def test_new_export_is_not_kept_waiting_by_old_ones(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=ScriptedCloud().add(volume("v1"), volume("v2")))
    await engine.submit("v1")
    await engine.clock.advance(1203)
    await engine.submit("v2")
    before = engine.cloud.calls["read_volumes"]
    await engine.clock.advance(5)
    assert engine.cloud.calls["read_volumes"] - before == 1


async def test_hundred_and_thirty_exports_cost_three_calls_a_poll_and_two_an_image(make_engine: MakeEngine) -> None:
    count = 130
    cloud = ScriptedCloud().add(*(volume(f"v{n}") for n in range(count)))
    engine = await make_engine(cloud=cloud, limits=Limits(in_flight=count, spacing=0.0))
    await engine.submit(*cloud.volumes)
    assert len(cloud.posts) == count
    await engine.clock.advance(3)
    cloud.calls.clear()
    engine.points.reached.clear()
    await engine.clock.advance(600)
    polls = engine.points.reached.count("poll")
    reads = cloud.calls["read_volumes requests"] + cloud.calls["read_image"] + cloud.calls["read_volume"]
    assert polls > 40
    assert cloud.calls["read_volumes requests"] == 3 * polls
    assert reads <= (3 + 1) * polls
    cloud.calls.clear()
    engine.points.reached.clear()
    for volume_id, item in list(zip(cloud.volumes, cloud.images, strict=True))[:40]:
        cloud.finish(volume_id, item)
    await engine.clock.advance(61)
    polls = engine.points.reached.count("poll")
    states = [job.state for job in await engine.exports.jobs()]
    assert states.count(JobState.SUCCEEDED) == 40
    reads = cloud.calls["read_volumes requests"] + cloud.calls["read_image"] + cloud.calls["read_volume"]
    assert reads <= (3 + 1) * polls + 2 * 40


async def test_nothing_is_asked_when_nothing_is_open(engine: Engine) -> None:
    await engine.submit("v1")
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    engine.cloud.calls.clear()
    await engine.clock.advance(36_000)
    assert engine.cloud.calls == {}


async def test_second_process_leaves_watching_to_the_first_while_it_lives(
    make_engine: MakeEngine, tmp_path: Path
) -> None:
    first = await make_engine(directory=tmp_path)
    job_id = await first.submit("v1")
    other = ScriptedCloud(first.cloud.volumes, first.cloud.images)
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=other)
    await second.clock.advance(120)
    assert other.calls == {}
    await first.kill()
    await second.clock.advance(60)
    assert other.calls["read_volumes"] > 0
    other.finish("v1", "i-1")
    await second.clock.advance(31)
    assert (await second.job(job_id)).state is JobState.SUCCEEDED


async def test_export_of_a_process_on_another_host_is_watched_here_too(make_engine: MakeEngine, tmp_path: Path) -> None:
    first = await make_engine(directory=tmp_path, machine=Machine("there", "boot-9"))
    job_id = await first.submit("v1")
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=first.cloud)
    await first.kill()
    first.cloud.finish("v1", "i-1")
    await second.clock.advance(31)
    assert (await second.job(job_id)).state is JobState.SUCCEEDED


async def test_export_of_a_living_process_that_may_not_sign_in_any_more_is_watched_here(
    make_engine: MakeEngine, tmp_path: Path
) -> None:
    first = await make_engine(directory=tmp_path)
    job_id = await first.submit("v1")
    other = ScriptedCloud(first.cloud.volumes, first.cloud.images)
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=other)
    await second.clock.advance(30)
    assert other.calls == {}
    first.cloud.fail["read_volumes"] = cloud_error(ErrorKind.EXPIRED, http_status=401)
    await second.clock.advance(60)
    other.finish("v1", "i-1")
    await second.clock.advance(31)
    assert (await second.job(job_id)).state is JobState.SUCCEEDED


async def test_poll_in_flight_when_the_engine_closes_is_dropped(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=_Slow().add(volume()))
    await engine.submit("v1")
    await asyncio.wait_for(engine.exports.close(), 5)


class _Slow(ScriptedCloud):
    async def read_volumes(self, volume_ids: object) -> object:  # type: ignore[override]
        await asyncio.Event().wait()
        return {}
