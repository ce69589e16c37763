"""Looking at an unclear export: each rule, and what it must never conclude."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.cloud.answers import Answer, Unclear
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.exports.model import JobState, Outcome
from evs_tui.failure import RefusedFailure, UsageFailure
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, cloud_error, image, volume

LOST = Unclear(cloud_error(ErrorKind.INTERRUPTED))
Upload = Callable[[ScriptedCloud, str, str], Answer]


def _taken_but_lost(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
    cloud.take(volume_id, name)
    return LOST


async def _unclear(engine: Engine, upload: Upload | Answer = LOST) -> str:
    engine.answer(upload)
    job_id = await engine.submit("v1")
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    return job_id


async def test_one_new_image_is_adopted(engine: Engine) -> None:
    job_id = await _unclear(engine, _taken_but_lost)
    await engine.clock.advance(10)
    job = await engine.job(job_id)
    assert (job.state, job.image.id, job.image.found_by) == (JobState.EXPORTING, "i-1", "name")
    assert (job.last_error, job.candidates) == (None, ())
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(30)
    job = await engine.job(job_id)
    assert job.state is JobState.SUCCEEDED
    assert job.receipt is not None
    assert "found_by_name" in [item["code"] for item in job.receipt["warnings"]]
    assert len(engine.cloud.posts) == 1


async def test_three_looks_without_an_image_from_150_seconds_on_mean_not_taken(engine: Engine) -> None:
    job_id = await _unclear(engine)
    await engine.clock.advance(169.9)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    await engine.clock.advance(0.2)
    job = await engine.job(job_id)
    assert (job.state, job.outcome, job.phase) == (JobState.NOT_SUBMITTED, Outcome.NOT_SUBMITTED, "not taken")
    counted = [(event.at, event.data["counted"]) for event in job.events if event.kind == "looked"][1:]
    began = job.planned_at
    assert [(int((at - began).total_seconds()), count) for at, count in counted] == [(150, 1), (160, 2), (170, 3)]
    assert job.last_error is not None
    assert "3 looks found no image" in job.last_error.why
    assert (job.last_error.exit_code, len(engine.cloud.posts)) == (1, 1)


async def test_last_word_of_the_cloud_is_told(engine: Engine) -> None:
    engine.cloud.reason = "Failed to upload volume to image at backend"
    job_id = await _unclear(engine)
    await engine.clock.advance(200)
    error = (await engine.job(job_id)).last_error
    assert error is not None
    assert error.why.endswith('its last word on this disk: "Failed to upload volume to image at backend"')


async def test_image_that_comes_late_from_a_gateway_is_still_found(engine: Engine) -> None:
    job_id = await _unclear(engine)
    await engine.clock.advance(145)
    engine.cloud.take("v1", "image-v1")
    await engine.clock.advance(10)
    assert (await engine.job(job_id)).image.id == "i-1"


async def test_nothing_is_concluded_while_the_disk_is_uploading(engine: Engine) -> None:
    def hidden(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
        cloud.set_volume(volume_id, "uploading")
        return LOST

    job_id = await _unclear(engine, hidden)
    await engine.clock.advance(3600)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    engine.cloud.set_volume("v1", "available")
    await engine.clock.advance(19)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    await engine.clock.advance(15)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


async def test_upload_seen_between_two_looks_starts_the_count_anew(engine: Engine) -> None:
    job_id = await _unclear(engine)
    await engine.clock.advance(165)
    engine.cloud.set_volume("v1", "uploading")
    await engine.clock.advance(10)
    engine.cloud.set_volume("v1", "available")
    await engine.clock.advance(20)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    await engine.clock.advance(15)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


@pytest.mark.parametrize(
    "error",
    [
        cloud_error(ErrorKind.RIGHTS, http_status=403),
        cloud_error(ErrorKind.SERVER, http_status=503),
        cloud_error(ErrorKind.UNREACHABLE),
        cloud_error(ErrorKind.MISSING, http_status=404),
    ],
)
@pytest.mark.parametrize("call", ["read_volume", "images_named"])
async def test_look_that_fails_is_no_look(engine: Engine, call: str, error: CloudError) -> None:
    job_id = await _unclear(engine)
    engine.cloud.fail[call] = error
    await engine.clock.advance(7200)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    assert engine.cloud.calls[call] < 60, "and it is not repeated without a pause"
    del engine.cloud.fail[call]
    await engine.clock.advance(400)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


async def test_session_that_ends_stops_looking_and_the_next_goes_on(engine: Engine) -> None:
    job_id = await _unclear(engine)
    engine.cloud.fail["read_volume"] = cloud_error(ErrorKind.EXPIRED, http_status=401)
    await engine.clock.advance(60)
    asked = engine.cloud.calls["read_volume"]
    await engine.clock.advance(3600)
    assert engine.cloud.calls["read_volume"] == asked
    (job,) = await engine.exports.wait_settled([job_id], timeout=None)
    assert job.state is JobState.UNCLEAR, "waiting ends"
    del engine.cloud.fail["read_volume"]
    engine.exports.attach(engine.place, engine.cloud)
    await engine.clock.advance(60)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


async def test_images_that_were_there_before_are_not_ours(engine: Engine) -> None:
    engine.cloud.images["old"] = image("old", status="active")
    job_id = await _unclear(engine)
    await engine.clock.advance(200)
    job = await engine.job(job_id)
    assert (job.state, job.image.id) == (JobState.NOT_SUBMITTED, None)


async def test_images_of_other_jobs_are_not_ours(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=ScriptedCloud().add(volume("v1"), volume("v2")))
    engine.answer(LOST)
    lost = await engine.submit("v1", names={"v1": "same"})
    engine.answer(lambda cloud, *what: cloud.take(*what))
    await engine.clock.advance(1)
    await engine.submit("v2", names={"v2": "same"})
    await engine.clock.advance(200)
    job = await engine.job(lost)
    assert (job.state, job.image.id) == (JobState.NOT_SUBMITTED, None)


async def test_image_of_another_name_is_not_ours(engine: Engine) -> None:
    def other(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
        cloud.take(volume_id, "a colleague's")
        return LOST

    job_id = await _unclear(engine, other)
    await engine.clock.advance(600)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR, "the disk is uploading"
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


def _two(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
    cloud.take(volume_id, name)
    cloud.take(volume_id, name)
    return LOST


async def test_of_several_the_person_chooses(engine: Engine) -> None:
    job_id = await _unclear(engine, _two)
    await engine.clock.advance(3600)
    job = await engine.job(job_id)
    assert (job.state, job.phase) == (JobState.UNCLEAR, "which image is it?")
    assert [item.id for item in job.candidates] == ["i-1", "i-2"]
    (attention,) = job.attention
    assert attention.code == "ambiguous"
    assert f"evs-tui jobs resolve {job_id} --image ID" in attention.action
    (waited,) = await engine.exports.wait_settled([job_id], timeout=None)
    assert waited.state is JobState.UNCLEAR
    job = await engine.exports.resolve(job_id, "i-2")
    assert (job.state, job.image.id, job.image.found_by) == (JobState.EXPORTING, "i-2", "person")


async def test_person_may_say_that_none_is_its(engine: Engine) -> None:
    job_id = await _unclear(engine, _two)
    await engine.clock.advance(10)
    job = await engine.exports.resolve(job_id, None)
    assert (job.outcome, job.last_error and job.last_error.why) == (Outcome.NOT_SUBMITTED, "a person decided so")
    with pytest.raises(RefusedFailure, match="it is not unclear"):
        await engine.exports.resolve(job_id, "i-1")


async def test_person_cannot_choose_what_is_not_there_or_another_jobs(make_engine: MakeEngine) -> None:
    engine = await make_engine(cloud=ScriptedCloud().add(volume("v1"), volume("v2")))
    await engine.submit("v2")
    await engine.clock.advance(1)
    job_id = await _unclear(engine)
    with pytest.raises(RefusedFailure, match="the cloud has no image i-77"):
        await engine.exports.resolve(job_id, "i-77")
    with pytest.raises(RefusedFailure, match="belongs to another job"):
        await engine.exports.resolve(job_id, "i-1")
    with pytest.raises(UsageFailure, match="no image id"):
        await engine.exports.resolve(job_id, "../v2/images")


@pytest.mark.parametrize(
    "misfit",
    [{"disk_format": "qcow2"}, {"container_format": "ovf"}, {"min_disk_gib": 11}],
)
async def test_one_that_does_not_fit_is_not_adopted_unasked(engine: Engine, misfit: dict[str, object]) -> None:
    def other(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
        cloud.take(volume_id, name)
        cloud.images["i-1"] = replace(cloud.images["i-1"], **misfit)  # type: ignore[arg-type]
        return LOST

    job_id = await _unclear(engine, other)
    await engine.clock.advance(600)
    job = await engine.job(job_id)
    assert (job.state, [item.id for item in job.candidates]) == (JobState.UNCLEAR, ["i-1"])


async def test_image_that_names_another_disk_is_not_ours(engine: Engine) -> None:
    def other(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
        cloud.images["i-1"] = image("i-1", name, disk_format="zvhd2", origin_volume_id="v9")
        return LOST

    job_id = await _unclear(engine, other)
    await engine.clock.advance(200)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


@pytest.mark.parametrize(("origin", "adopted"), [(None, False), ("v1", True)])
async def test_two_unclear_jobs_of_one_name_do_not_share_an_image(
    make_engine: MakeEngine, origin: str | None, adopted: bool
) -> None:
    engine = await make_engine(cloud=ScriptedCloud().add(volume("v1"), volume("v2")))
    engine.answer(LOST)
    first = await engine.submit("v1", names={"v1": "same"})
    await engine.clock.advance(1)
    await engine.submit("v2", names={"v2": "same"})
    engine.cloud.images["i-1"] = image("i-1", "same", disk_format="zvhd2", origin_volume_id=origin)
    await engine.clock.advance(15)
    job = await engine.job(first)
    assert (job.image.id == "i-1") is adopted
    assert bool(job.candidates) is not adopted


async def test_look_now_does_not_wait_and_does_not_count_early(engine: Engine) -> None:
    job_id = await _unclear(engine)
    for _ in range(5):
        job = await engine.exports.look_now(job_id)
    assert job.state is JobState.UNCLEAR
    engine.cloud.take("v1", "image-v1")
    assert (await engine.exports.look_now(job_id)).image.id == "i-1"


async def test_look_now_tells_why_it_could_not(engine: Engine) -> None:
    job_id = await _unclear(engine)
    engine.cloud.fail["images_named"] = cloud_error(ErrorKind.SERVER)
    with pytest.raises(CloudError):
        await engine.exports.look_now(job_id)


async def test_after_a_day_only_a_person_decides(engine: Engine) -> None:
    def for_ever(cloud: ScriptedCloud, volume_id: str, name: str) -> Answer:
        cloud.set_volume(volume_id, "uploading")
        return LOST

    job_id = await _unclear(engine, for_ever)
    engine.clock.tick(86_400)
    await engine.clock.advance(100)
    asked = engine.cloud.calls["images_named"]
    await engine.clock.advance(10_000)
    assert engine.cloud.calls["images_named"] == asked
    (job,) = await engine.exports.wait_settled([job_id], timeout=None)
    assert job.state is JobState.UNCLEAR


async def test_wall_clock_that_jumps_proves_nothing(engine: Engine) -> None:
    from datetime import timedelta

    job_id = await _unclear(engine)
    engine.clock.set_now(engine.clock.now() + timedelta(days=300))
    await engine.clock.advance(60)
    assert (await engine.job(job_id)).state is JobState.UNCLEAR
    engine.clock.set_now(engine.clock.now() - timedelta(days=600))
    await engine.clock.advance(120)
    assert (await engine.job(job_id)).state is JobState.NOT_SUBMITTED


async def test_counts_are_kept_and_shared_by_processes(make_engine: MakeEngine, tmp_path: Path) -> None:
    first = await make_engine(directory=tmp_path)
    job_id = await _unclear(first)
    await first.clock.advance(155)
    looks = first.cloud.calls["images_named"]
    await first.kill()
    second = await make_engine(directory=tmp_path, clock=first.clock, cloud=first.cloud)
    third = await make_engine(directory=tmp_path, clock=first.clock, cloud=first.cloud)
    await second.clock.advance(4)
    assert first.cloud.calls["images_named"] == looks, "the gap after the last look is kept"
    await second.clock.advance(10.5)
    assert (await second.job(job_id)).state is JobState.UNCLEAR, "two processes that look at once count one look"
    await second.clock.advance(12)
    assert (await third.job(job_id)).state is JobState.NOT_SUBMITTED
    counted = [event.data["counted"] for event in (await third.job(job_id)).events if event.kind == "looked"]
    assert counted[-3:] == [1, 2, 3]
