"""Every class of answer to the export call: what the journal then says, and what is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.errors import ErrorKind
from evs_tui.cloud.models import Image
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.model import JobState, Outcome
from evs_tui.exports.owners import ROOM, Owner
from evs_tui.exports.timing import Timing
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import PLACE, ScriptedCloud, cloud_error, plan_of, volume


async def test_taken_with_an_image_id(engine: Engine) -> None:
    job = await engine.job(await engine.submit("v1"))
    assert (job.state, job.image.id, job.image.found_by) == (JobState.EXPORTING, "i-1", "answer")
    assert job.request_ids == ("req-post",)
    assert job.accepted_at == job.announced_at == engine.clock.now()
    assert [event.kind for event in job.events] == ["planned", "announced", "taken", "disk"]


async def test_request_is_the_documented_one_sent_once_with_its_deadline(engine: Engine) -> None:
    await engine.submit("v1")
    await engine.clock.advance(3600)
    fields = {
        "image_name": "image-v1",
        "disk_format": "zvhd2",
        "container_format": "bare",
        "force": False,
        "__os_type": "linux",
    }
    assert engine.cloud.posts == [("v1", {"os-volume_upload_image": fields}, 30.0)]


async def test_taken_without_a_readable_id_is_looked_for_and_never_absent(engine: Engine) -> None:
    engine.answer(lambda cloud, volume_id, name: _unreadable(cloud.take(volume_id, name)))
    job_id = await engine.submit("v1")
    job = await engine.job(job_id)
    assert (job.state, job.image.id, job.phase) == (JobState.EXPORTING, None, "looking for its image")
    await engine.clock.advance(10)
    job = await engine.job(job_id)
    assert (job.state, job.image.id, job.image.found_by) == (JobState.EXPORTING, "i-1", "name")


def _unreadable(answer: Answer) -> Answer:
    assert isinstance(answer, Taken)
    return Taken(None, answer.request_id)


async def test_taken_without_an_image_anywhere_stays_open_and_asks(engine: Engine) -> None:
    engine.answer(Taken(None))
    job_id = await engine.submit("v1")
    await engine.clock.advance(10_000)
    job = await engine.job(job_id)
    assert (job.state, job.outcome) == (JobState.EXPORTING, None)
    assert [item.code for item in job.attention] == ["image_unknown"]
    job = await engine.exports.resolve(job_id, None)
    assert (job.outcome, len(engine.cloud.posts)) == (Outcome.FAILED, 1)


@pytest.mark.parametrize(
    ("kind", "exit_code"), [(ErrorKind.STATE, 1), (ErrorKind.RIGHTS, 1), (ErrorKind.MISSING, 1), (ErrorKind.QUOTA, 1)]
)
async def test_refused_is_final(engine: Engine, kind: ErrorKind, exit_code: int) -> None:
    engine.answer(Refused(cloud_error(kind, code="EVS.5400", http_status=400)))
    job_id = await engine.submit("v1")
    await engine.clock.advance(3600)
    job = await engine.job(job_id)
    assert (job.state, job.outcome, job.phase) == (JobState.FAILED, Outcome.FAILED, "refused by the cloud")
    assert job.last_error is not None
    assert (job.last_error.exit_code, job.last_error.code, job.last_error.request_id) == (
        exit_code,
        "EVS.5400",
        "req-1",
    )
    assert job.last_error.why == f"a test said {kind}"
    assert job.request_ids == ("req-1",)
    assert (len(engine.cloud.posts), job.accepted_at) == (1, None)


@pytest.mark.parametrize(
    ("answer", "exit_code", "event"),
    [
        (RefusedForNow(cloud_error(ErrorKind.EXPIRED, http_status=401)), 4, "not_now"),
        (RefusedForNow(cloud_error(ErrorKind.THROTTLED, http_status=429)), 1, "not_now"),
        (NotSent(cloud_error(ErrorKind.UNREACHABLE)), 5, "not_sent"),
        (NotSent(cloud_error(ErrorKind.UNTRUSTED)), 5, "not_sent"),
    ],
)
async def test_refused_for_now_and_not_sent_are_tried_three_times_in_all(
    engine: Engine, answer: Answer, exit_code: int, event: str
) -> None:
    engine.answer(answer)
    job_id = await engine.submit("v1")
    waiting = await engine.job(job_id)
    assert (waiting.state, waiting.phase) == (JobState.PLANNED, "waits: attempt 2 comes")
    await engine.clock.advance(600)
    job = await engine.job(job_id)
    assert len(engine.cloud.posts) == 3
    assert (job.state, job.outcome) == (JobState.NOT_SUBMITTED, Outcome.NOT_SUBMITTED)
    assert job.last_error is not None
    assert job.last_error.exit_code == exit_code
    kinds = [item.kind for item in job.events]
    assert kinds == ["planned", *["announced", event] * 3, "not_submitted"], "each attempt is announced anew"
    assert engine.cloud.calls["read_volume"] == 3, "and the disk read again before each"


async def test_second_attempt_may_succeed(engine: Engine) -> None:
    answers = [RefusedForNow(cloud_error(ErrorKind.EXPIRED))]
    engine.answer(lambda cloud, *what: answers.pop() if answers else cloud.take(*what))
    job_id = await engine.submit("v1")
    await engine.clock.advance(5)
    job = await engine.job(job_id)
    assert (job.state, job.last_error, len(engine.cloud.posts)) == (JobState.EXPORTING, None, 2)


@pytest.mark.parametrize(("asked", "waited"), [(17.0, 17.0), (3600.0, 300.0), (0.0, 1.0)])
async def test_wait_that_the_cloud_asks_for_is_kept_up_to_five_minutes(
    engine: Engine, asked: float, waited: float
) -> None:
    answers = [RefusedForNow(cloud_error(ErrorKind.THROTTLED), retry_after=asked)]
    engine.answer(lambda cloud, *what: answers.pop() if answers else cloud.take(*what))
    await engine.submit("v1")
    await engine.clock.advance(waited - 0.01)
    assert len(engine.cloud.posts) == 1
    await engine.clock.advance(0.02)
    assert len(engine.cloud.posts) == 2


@pytest.mark.parametrize("kind", [ErrorKind.SERVER, ErrorKind.INTERRUPTED, ErrorKind.NONSENSE, ErrorKind.UNTRUSTED])
async def test_unclear_is_never_sent_again(engine: Engine, kind: ErrorKind) -> None:
    engine.answer(Unclear(cloud_error(kind, http_status=503)))
    job_id = await engine.submit("v1")
    job = await engine.job(job_id)
    assert (job.state, job.outcome, job.phase) == (JobState.UNCLEAR, None, "the answer was lost")
    assert job.last_error is not None
    assert job.last_error.exit_code == 7
    assert [item.code for item in job.attention] == ["unclear"]
    await engine.clock.advance(3600)
    assert len(engine.cloud.posts) == 1


async def test_cloud_that_breaks_its_promise_not_to_raise_is_unclear(engine: Engine) -> None:
    def broken(*_: object) -> Answer:
        raise RuntimeError("a fault")

    engine.answer(broken)
    assert (await engine.job(await engine.submit("v1"))).state is JobState.UNCLEAR


async def test_request_is_not_sent_when_the_machine_stood_still_after_the_announcement(engine: Engine) -> None:
    engine.points.at["announced"] = lambda: engine.clock.suspend(5)
    job_id = await engine.submit("v1")
    assert engine.cloud.posts == []
    job = await engine.job(job_id)
    assert job.state is JobState.PLANNED
    assert [event.kind for event in job.events] == ["planned", "announced", "not_sent"]
    await engine.clock.advance(10)
    assert len(engine.cloud.posts) == 1


async def test_request_is_sent_just_inside_the_window(engine: Engine) -> None:
    engine.points.at["announced"] = lambda: engine.clock.suspend(4.99)
    await engine.submit("v1")
    assert len(engine.cloud.posts) == 1


async def test_closing_waits_for_the_answer_and_records_it(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    engine.cloud.hold = asyncio.Event()
    job_id = await engine.submit("v1")
    assert (await engine.job(job_id)).state is JobState.SUBMITTING
    closing = asyncio.create_task(engine.exports.close())
    await engine.clock.advance(20)
    assert not closing.done()
    recorded: list[str] = []
    engine.points.at["answer-committed"] = lambda: recorded.append("yes")
    engine.cloud.hold.set()
    await closing
    assert (recorded, len(engine.cloud.posts)) == (["yes"], 1)


async def test_closing_announces_nothing_more(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    engine.cloud.add(volume("v2"))
    engine.cloud.hold = asyncio.Event()
    await engine.submit("v1", "v2")
    closing = asyncio.create_task(engine.exports.close())
    await engine.clock.advance(1)
    engine.cloud.hold.set()
    await engine.clock.advance(30)
    await closing
    assert [volume_id for volume_id, _, _ in engine.cloud.posts] == ["v1"]


async def test_closing_between_the_last_check_and_the_announcement_announces_nothing(make_engine: MakeEngine) -> None:
    class Closing(ScriptedCloud):
        async def images_named(self, name: str) -> Sequence[Image]:
            closings.append(asyncio.create_task(engine.exports.close()))
            return await super().images_named(name)

    closings: list[asyncio.Task[None]] = []
    engine = await make_engine(cloud=Closing().add(volume()))
    await engine.exports.submit(plan_of(volume()), PLACE)
    await engine.clock.advance(0)
    await closings[0]
    assert engine.cloud.posts == []
    assert "before-announce" not in engine.points.reached


async def test_whoever_waits_may_go_the_request_stays(engine: Engine) -> None:
    engine.cloud.hold = asyncio.Event()
    job_id = await engine.submit("v1")
    run_tasks = list(engine.exports._own_runs._runner._tasks.values())  # type: ignore[union-attr]
    for task in run_tasks:
        task.cancel()
    await asyncio.gather(*run_tasks, return_exceptions=True)
    engine.cloud.hold.set()
    await engine.clock.advance(1)
    assert (await engine.job(job_id)).image.id == "i-1"


async def test_answer_that_cannot_be_recorded_is_kept_shown_and_recorded_later(engine: Engine) -> None:
    full = _FullDisk(engine)
    engine.points.at["answered"] = full.begin
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)
    job = await engine.job(job_id)
    assert (job.state, job.image.id) == (JobState.UNCLEAR, "i-1")
    assert job.last_error is not None
    assert job.last_error.exit_code == 7
    assert [item.code for item in job.attention] == ["unrecorded"]
    assert "image i-1" in job.attention[0].text
    (settled,) = await engine.exports.wait_settled([job_id], timeout=None)
    assert settled.state is JobState.UNCLEAR, "waiting ends: it cannot change by itself"
    full.end()
    await engine.clock.advance(2)
    job = await engine.job(job_id)
    assert (job.state, job.image.id, job.attention) == (JobState.EXPORTING, "i-1", ())
    assert len(engine.cloud.posts) == 1


async def test_answer_is_recorded_at_once_when_giving_room_helps(engine: Engine) -> None:
    full = _FullDisk(engine, fails=1)
    engine.points.at["answered"] = full.begin
    job = await engine.job(await engine.submit("v1"))
    assert (job.state, job.image.id) == (JobState.EXPORTING, "i-1")


async def test_journal_that_cannot_take_the_announcement_means_nothing_is_sent(engine: Engine) -> None:
    full = _FullDisk(engine)
    engine.points.at["before-announce"] = full.begin
    job_id = await engine.submit("v1")
    await engine.clock.advance(60)
    assert engine.cloud.posts == []
    (job,) = await engine.exports.wait_settled([job_id], timeout=None, submitted_only=True)
    assert (job.state, [item.code for item in job.attention]) == (JobState.PLANNED, ["journal_failed"])
    assert job.last_error is not None
    assert job.last_error.exit_code == 6
    full.end()
    await engine.exports.resume(job_id)
    await engine.clock.advance(1)
    assert (await engine.job(job_id)).state is JobState.EXPORTING


async def test_closing_with_an_answer_that_cannot_be_recorded_comes_to_an_end(make_engine: MakeEngine) -> None:
    engine = await make_engine(timing=Timing(commit_tries=2))
    full = _FullDisk(engine)
    engine.points.at["answered"] = full.begin
    await engine.submit("v1")
    closing = asyncio.create_task(engine.exports.close())
    await engine.clock.advance(30)
    await asyncio.wait_for(closing, 5)


class _FullDisk:
    """Lets every write fail as on a full disk, at most `fails` times."""

    def __init__(self, engine: Engine, fails: int | None = None) -> None:
        self._engine = engine
        self._write = engine.journal._transact
        self._left = fails

    def begin(self) -> None:
        def transact(begin: str, work: object) -> object:
            if begin == "BEGIN IMMEDIATE" and self._left != 0:
                self._left = None if self._left is None else self._left - 1
                raise JournalFailure("The journal cannot be used", "the disk is full", full=True)
            return self._write(begin, work)  # type: ignore[arg-type]

        self._engine.journal._transact = transact  # type: ignore[method-assign, assignment]

    def end(self) -> None:
        self._engine.journal._transact = self._write  # type: ignore[method-assign]


async def test_room_for_the_answer_is_kept_before_anything_is_announced(
    make_engine: MakeEngine, tmp_path: Path
) -> None:
    engine = await make_engine(directory=tmp_path)
    sizes: list[int] = []
    engine.points.at["announced"] = lambda: sizes.append(next((tmp_path / "owners").iterdir()).stat().st_size)
    await engine.submit("v1")
    assert sizes == [ROOM]


async def test_full_disk_without_room_for_the_answer_announces_nothing(make_engine: MakeEngine, tmp_path: Path) -> None:
    engine = await make_engine(directory=tmp_path)

    def no_room(_: Owner) -> None:
        raise JournalFailure("The journal cannot be used", "the disk has no room to record an answer", full=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Owner, "keep_room", no_room)
        job_id = await engine.submit("v1")
        await engine.clock.advance(60)
    assert engine.cloud.posts == []
    job = await engine.job(job_id)
    assert (job.state, job.announced_at) == (JobState.PLANNED, None)


async def test_room_is_given_when_the_answer_finds_none(make_engine: MakeEngine, tmp_path: Path) -> None:
    engine = await make_engine(directory=tmp_path)
    full = _FullDisk(engine, fails=1)
    engine.points.at["answered"] = full.begin
    job_id = await engine.submit("v1")
    assert (await engine.job(job_id)).state is JobState.EXPORTING
    assert next((tmp_path / "owners").iterdir()).stat().st_size == 0
