"""Waiting for jobs and hearing of changes, of this process and of others."""

from __future__ import annotations

import asyncio
from pathlib import Path

from evs_tui.cloud.answers import RefusedForNow
from evs_tui.cloud.errors import ErrorKind
from evs_tui.exports.model import Job, JobState
from evs_tui.exports.timing import Limits, Timing
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import PLACE, ScriptedCloud, cloud_error, plan_of, volume


def _waiting(engine: Engine, *ids: str, timeout: float | None = None, sent: bool = False) -> asyncio.Task[list[Job]]:
    return asyncio.create_task(engine.exports.wait_settled(ids, timeout=timeout, submitted_only=sent))


async def test_waits_for_the_end_and_no_longer(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    task = _waiting(engine, job_id)
    await engine.clock.advance(300)
    assert not task.done()
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(31)
    assert [job.state for job in task.result()] == [JobState.SUCCEEDED]


async def test_gives_up_at_the_timeout_and_the_job_goes_on(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    task = _waiting(engine, job_id, timeout=100)
    await engine.clock.advance(99)
    assert not task.done()
    await engine.clock.advance(1)
    assert [job.state for job in task.result()] == [JobState.EXPORTING]
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(31)
    assert (await engine.job(job_id)).state is JobState.SUCCEEDED


async def test_waits_only_for_the_answers_if_asked(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=ScriptedCloud().add(volume("v1"), volume("v2")))
    engine.cloud.hold = asyncio.Event()
    run_id = await engine.exports.submit(plan_of(*engine.cloud.volumes.values()), PLACE)
    task = _waiting(engine, *[job.id for job in await engine.exports.jobs(run_id=run_id)], sent=True)
    await engine.clock.advance(10)
    assert not task.done()
    engine.cloud.hold.set()
    await engine.clock.advance(5)
    assert [job.state for job in task.result()] == [JobState.EXPORTING, JobState.EXPORTING]


async def test_waits_through_refusals_for_now(engine: Engine) -> None:
    engine.answer(RefusedForNow(cloud_error(ErrorKind.THROTTLED), retry_after=60))
    task = _waiting(engine, await engine.submit("v1"), sent=True)
    await engine.clock.advance(100)
    assert not task.done()
    await engine.clock.advance(30)
    assert [job.state for job in task.result()] == [JobState.NOT_SUBMITTED]


async def test_what_waits_for_room_is_waited_for(make_engine: MakeEngine) -> None:
    cloud = ScriptedCloud().add(volume("v1"), volume("v2"))
    engine = await make_engine(cloud=cloud, limits=Limits(in_flight=1))
    await engine.submit("v1", "v2")
    task = _waiting(engine, *[job.id for job in await engine.exports.jobs()])
    await engine.clock.advance(60)
    cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    assert not task.done()
    cloud.finish("v2", "i-2")
    await engine.clock.advance(60)
    assert [job.state for job in task.result()] == [JobState.SUCCEEDED] * 2


async def test_job_of_another_living_process_is_waited_for_without_asking_the_cloud(
    make_engine: MakeEngine, tmp_path: Path
) -> None:
    first = await make_engine(directory=tmp_path)
    job_id = await first.submit("v1")
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=ScriptedCloud(), timing=Timing())
    task = _waiting(second, job_id)
    await second.clock.advance(60)
    assert not task.done()
    first.cloud.finish("v1", "i-1")
    await second.clock.advance(20)
    assert [job.state for job in task.result()] == [JobState.SUCCEEDED]
    assert second.cloud.calls == {}


async def test_own_changes_are_heard_at_once(engine: Engine) -> None:
    changes = engine.exports.changes()
    assert await anext(changes) == frozenset()
    following = asyncio.ensure_future(anext(changes))
    await engine.clock.advance(0)
    assert not following.done()
    job_id = await engine.submit("v1")
    assert following.result() == {job_id}
    assert await anext(changes) == {job_id}
    following = asyncio.ensure_future(anext(changes))
    await engine.clock.advance(4)
    assert not following.done(), "a poll that sees nothing new is no change"
    following.cancel()


async def test_changes_of_other_processes_are_heard_within_two_seconds(make_engine: MakeEngine, tmp_path: Path) -> None:
    first = await make_engine(directory=tmp_path)
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=ScriptedCloud(), timing=Timing())
    changes = second.exports.changes()
    await anext(changes)
    following = asyncio.ensure_future(anext(changes))
    await second.clock.advance(0)
    job_id = await first.submit("v1")
    await second.clock.advance(2)
    assert following.result() == {job_id}


async def test_end_of_a_whole_run_is_a_change_of_its_jobs(make_engine: MakeEngine, tmp_path: Path) -> None:
    first = await make_engine(directory=tmp_path)
    job_id = await first.submit("v1")
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=ScriptedCloud(), timing=Timing())
    changes = second.exports.changes()
    await anext(changes)
    following = asyncio.ensure_future(anext(changes))
    await second.clock.advance(0)
    await first.exports.close()
    await second.clock.advance(2)
    assert following.result() == {job_id}
