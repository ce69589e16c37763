"""The estimate: a range, from own past exports of the same sort, or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evs_tui.exports.document import job_document
from evs_tui.exports.estimate import Past, estimate_of
from evs_tui.exports.model import Estimate
from evs_tui.exports.words import estimate_sentence, left_words
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, volume

SSD = ("zvhd2", "SSD")


def past(*spans: tuple[int, float], sort: tuple[str, str | None] = SSD) -> list[Past]:
    """Past exports of one sort, as (GiB, seconds)."""
    return [Past(sort, size, seconds) for size, seconds in spans]


@pytest.mark.parametrize(
    ("known", "estimate"),
    [
        ([], None),
        (past((10, 60), (10, 60)), None),
        (past((10, 60), (10, 100), (10, 80)), Estimate(60, 101, 3)),
        # Twice as large: from the time as it was to the time doubled.
        (past((5, 60), (5, 60), (5, 60)), Estimate(60, 121, 3)),
        # Of far smaller disks nothing is concluded, nor of another format or type.
        (past((1, 60), (1, 60), (1, 60)), None),
        ([*past((10, 60), (10, 60)), *past((10, 60), sort=("raw", "SSD"))], None),
        ([*past((10, 60), (10, 60)), *past((10, 60), sort=("zvhd2", None))], None),
        # The twenty newest count.
        (past(*[(10, 60.0)] * 20, (10, 9_000.0)), Estimate(60, 61, 20)),
    ],
)
def test_a_range_needs_three_exports_of_the_same_format_and_type(known: list[Past], estimate: Estimate | None) -> None:
    assert estimate_of(SSD, 10, known) == estimate


def test_what_is_left_shrinks_and_ends_when_it_takes_longer_than_all_before() -> None:
    known = Estimate(60, 300, 3)
    assert known.left(0) == (60, 300)
    assert known.left(90) == (0, 210)
    assert known.left(300) == (0, 0)
    assert known.left(301) is None


async def _export(engine: Engine, volume_id: str, seconds: float) -> str:
    job_id = await engine.submit(volume_id)
    image = (await engine.job(job_id)).image.id
    assert image is not None
    await engine.clock.advance(seconds)
    engine.cloud.finish(volume_id, image)
    await engine.clock.advance(200)
    return job_id


async def test_the_fourth_export_tells_the_range_of_the_three_before_it() -> None:
    disks = [volume(f"v{number}", volume_type="SSD") for number in range(1, 6)]
    engine = await Engine(cloud=ScriptedCloud().add(*disks)).begin()
    for number, seconds in ((1, 240.0), (2, 240.0), (3, 600.0)):
        await _export(engine, f"v{number}", seconds)
        assert (await engine.job((await engine.exports.jobs())[-1].id)).estimate is None
    job = await engine.job(await engine.submit("v4"))
    now = engine.clock.now()
    assert job.estimate is not None
    assert job.estimate.samples == 3
    assert 240 <= job.estimate.low_s <= 300
    assert 600 <= job.estimate.high_s <= 660
    assert job_document(job, now)["estimate"] == {
        "low_s": job.estimate.low_s, "high_s": job.estimate.high_s, "from": 3
    }  # fmt: skip
    (listed,) = [one for one in await engine.exports.jobs() if one.id == job.id]
    assert listed.estimate == job.estimate
    assert left_words(job, now) == "4-11 min"
    assert estimate_sentence(job, now) == (
        "Estimate by 3 own exports of its format and type: 4 to 11 minutes are left."
    )
    later = now + timedelta(hours=1)
    assert job_document(job, later)["estimate"] is None
    assert left_words(job, later) == "-"
    assert estimate_sentence(job, later) == (
        "It takes longer than was to be expected by 3 own exports of its format and type."
    )
