"""Watching many exports for long: what it costs, what an outage does, and that nothing grows."""

from __future__ import annotations

import gc
from datetime import timedelta

from evs_tui.cloud.errors import ErrorKind
from evs_tui.exports.model import JobState
from evs_tui.exports.timing import Limits, Timing
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, cloud_error, volume

COUNT = 60


async def _many(make_engine: MakeEngine, timing: Timing | None = None, *, count: int = COUNT) -> Engine:
    cloud = ScriptedCloud().add(*(volume(f"v{number}") for number in range(count)))
    more = {} if timing is None else {"timing": timing}
    engine = await make_engine(cloud=cloud, limits=Limits(in_flight=COUNT, spacing=0.0), **more)
    await engine.submit(*cloud.volumes)
    await engine.clock.advance(3)
    return engine


def _reads(engine: Engine) -> int:
    calls = engine.cloud.calls
    return calls["read_volumes requests"] + calls["read_image"] + calls["read_volume"]


async def test_sixty_exports_cost_one_call_a_poll_and_at_most_one_image(make_engine: MakeEngine) -> None:
    engine = await _many(make_engine)
    engine.cloud.calls.clear()
    engine.points.reached.clear()
    await engine.clock.advance(900)
    polls = engine.points.reached.count("poll")
    assert engine.cloud.calls["read_volumes requests"] == polls
    assert _reads(engine) <= 2 * polls


async def test_an_hour_without_the_cloud_costs_no_job_and_few_calls(make_engine: MakeEngine) -> None:
    engine = await _many(make_engine)
    engine.cloud.fail["read_volumes"] = cloud_error(ErrorKind.UNREACHABLE)
    engine.cloud.calls.clear()
    await engine.clock.advance(3600)
    jobs = await engine.exports.jobs()
    assert {job.state for job in jobs} == {JobState.EXPORTING}
    assert {job.last_error.exit_code for job in jobs if job.last_error is not None} == {5}
    assert engine.cloud.calls["read_volumes"] < 60
    engine.cloud.fail.clear()
    for volume_id, image_id in zip(engine.cloud.volumes, list(engine.cloud.images), strict=True):
        engine.cloud.finish(volume_id, image_id)
    await engine.clock.advance(400)
    assert {job.state for job in await engine.exports.jobs()} == {JobState.SUCCEEDED}


async def test_the_wait_that_the_cloud_asks_for_is_kept(make_engine: MakeEngine) -> None:
    engine = await _many(make_engine, count=2)
    engine.cloud.fail["read_volumes"] = cloud_error(ErrorKind.THROTTLED, retry_after=240.0)
    await engine.clock.advance(20)
    engine.cloud.calls.clear()
    await engine.clock.advance(200)
    assert engine.cloud.calls["read_volumes"] == 0
    await engine.clock.advance(100)
    assert engine.cloud.calls["read_volumes"] == 1


async def test_nobody_who_looks_means_half_as_many_polls(make_engine: MakeEngine) -> None:
    engine = await _many(make_engine, Timing(feed_gap=600.0), count=2)
    await engine.clock.advance(1200)
    engine.cloud.calls.clear()
    await engine.clock.advance(1200)
    unseen = engine.cloud.calls["read_volumes"]
    feed = engine.exports.changes()
    await anext(feed)
    engine.cloud.calls.clear()
    await engine.clock.advance(1200)
    assert (unseen, engine.cloud.calls["read_volumes"]) == (20, 39)
    await feed.aclose()  # type: ignore[attr-defined]


async def test_a_day_of_watching_leaves_nothing_in_memory(make_engine: MakeEngine) -> None:
    engine = await _many(make_engine, count=4)
    await engine.clock.advance(3 * 3600)
    gc.collect()
    before, polls = len(gc.get_objects()), engine.points.reached.count("poll")
    await engine.clock.advance(21 * 3600)
    gc.collect()
    assert engine.points.reached.count("poll") - polls > 2000
    # What is kept of each poll would be thousands by now.
    assert len(gc.get_objects()) - before < 500


async def test_what_takes_far_too_long_is_told_with_its_age_and_still_watched(engine: Engine) -> None:
    job_id = await engine.submit()
    await engine.clock.advance(6 * 3600 - 60)
    assert (await engine.job(job_id)).attention == ()
    await engine.clock.advance(600)
    (point,) = (await engine.job(job_id)).attention
    assert (point.code, point.text) == (
        "disk_stuck",
        "The disk has been uploading for 6 h 09; no call of the cloud ends that.",
    )
    assert "with request id req-post" in point.action
    engine.cloud.set_volume("v1", "available")
    engine.cloud.set_image("i-1", "saving")
    await engine.clock.advance(120)
    assert [item.code for item in (await engine.job(job_id)).attention] == ["image_stuck"]
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(120)
    job = await engine.job(job_id)
    assert (job.state, job.attention) == (JobState.SUCCEEDED, ())


async def test_a_laptop_that_slept_goes_on_where_it_was(engine: Engine) -> None:
    job_id = await engine.submit()
    engine.clock.suspend(timedelta(hours=9).total_seconds())
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED
