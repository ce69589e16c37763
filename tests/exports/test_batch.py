"""Many disks at once: bad ones are named and left out, the others go out one by one, as many at a time as allowed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from evs_tui.cloud.answers import Answer, Refused
from evs_tui.cloud.dialects import OTC
from evs_tui.cloud.errors import ErrorKind
from evs_tui.cloud.models import ImageQuota
from evs_tui.exports.checking import with_checks
from evs_tui.exports.model import Choices, JobState, Light, Plan
from evs_tui.exports.planning import gather_and_plan
from evs_tui.exports.preflight import SessionFacts
from evs_tui.exports.timing import Limits
from evs_tui.failure import RefusedFailure
from tests.exports.conftest import MakeEngine
from tests.exports.engine import Engine
from tests.exports.scripted import PLACE, ScriptedCloud, cloud_error, volume

CAP, SPACING, UPLOAD_S = 3, 1.0, 40.0


@dataclass
class BusyCloud(ScriptedCloud):
    """Works on each export for some time of its own clock, and keeps a log of when each came and how many ran then."""

    engine: Engine | None = None
    log: list[tuple[float, str, int]] = field(default_factory=list)
    refused: str = ""
    ends: dict[str, float] = field(default_factory=dict)

    async def upload_image(
        self, volume_id: str, body: Mapping[str, Mapping[str, str | bool]], *, deadline: float
    ) -> Answer:
        assert self.engine is not None
        now = self.engine.clock.elapsed()
        self.log.append((now, volume_id, sum(1 for end in self.ends.values() if end > now)))
        if volume_id == self.refused:
            return Refused(cloud_error(ErrorKind.INVALID, http_status=400))
        self.ends[volume_id] = now + UPLOAD_S + len(self.log) % 7
        return await super().upload_image(volume_id, body, deadline=deadline)

    def finish_what_is_due(self) -> None:
        """Let every upload whose time is over end well."""
        assert self.engine is not None
        for image in list(self.images.values()):
            volume_id = image.name.removeprefix("image-disk-")
            if image.status == "queued" and self.ends[volume_id] <= self.engine.clock.elapsed():
                self.finish(volume_id, image.id)


async def planned(engine: Engine, ids: list[str], *, skip: bool = False) -> Plan:
    plan = await gather_and_plan(
        ids,
        Choices("image-{name}", skip_existing=skip),
        dialect=OTC,
        cloud=engine.cloud,
        history=engine.exports,
        place=PLACE,
        clock=engine.clock,
    )
    return await with_checks(
        plan,
        dialect=OTC,
        cloud=engine.cloud,
        record=engine.exports,
        place=PLACE,
        session=SessionFacts(),
        at_once=CAP,
    )


async def test_fifty_disks_with_three_bad_ones(make_engine: MakeEngine) -> None:
    ids = [f"v{number:02}" for number in range(1, 51)]
    cloud = BusyCloud(refused="v31")
    cloud.add(*(volume(each) for each in ids))
    cloud.volumes["v07"] = volume("v07", "error")
    cloud.volumes["v19"] = volume("v19", dedicated=True)
    engine = await make_engine(cloud=cloud, limits=Limits(CAP, SPACING))
    cloud.engine = engine

    plan = await planned(engine, ids)
    assert {item.volume.id: item.blocked for item in plan.blocked} == {
        "v07": "its status is error: repair it in the console first",
        "v19": "it is on dedicated storage (DSS): no image can be made of it",
    }
    assert len(plan.to_do) == 48
    run_id = await engine.exports.submit(plan, PLACE)
    for _ in range(2000):
        await engine.clock.advance(1)
        cloud.finish_what_is_due()
        jobs = await engine.exports.jobs(everything=True, run_id=run_id)
        if all(job.outcome for job in jobs):
            break

    # 47 images, and one clear refusal by the cloud beside the two of our own.
    states = {job.volume.id: job.state for job in jobs}
    assert [each for each, state in states.items() if state is not JobState.SUCCEEDED] == ["v31"]
    assert sum(image.status == "active" for image in cloud.images.values()) == 47
    (refused,) = [job for job in jobs if job.volume.id == "v31"]
    assert refused.state is JobState.FAILED
    assert refused.last_error is not None
    assert (refused.last_error.http_status, refused.last_error.why) == (400, f"a test said {ErrorKind.INVALID}")
    # From the cloud's own log: each once, in order, never nearer than the spacing, never more than the cap.
    assert [volume_id for _, volume_id, _ in cloud.log] == [each for each in ids if each not in {"v07", "v19"}]
    moments = [moment for moment, _, _ in cloud.log]
    assert min(later - earlier for earlier, later in itertools.pairwise(moments)) >= SPACING
    assert max(running for _, _, running in cloud.log) == CAP - 1

    # The same again, leaving out what is there: only the three are left, each with its reason.
    again = await planned(engine, ids, skip=True)
    assert [item.volume.id for item in again.to_do] == ["v31"]
    assert sum(item.skipped is not None for item in again.exports) == 47
    assert [item.volume.id for item in again.blocked] == ["v07", "v19"]


async def test_the_quota_counts_what_waits_and_a_red_check_is_refused_by_the_engine_itself(
    make_engine: MakeEngine,
) -> None:
    cloud = ScriptedCloud(quota=ImageQuota(5, 10)).add(*(volume(f"v{number}") for number in range(9)))
    engine = await make_engine(cloud=cloud)
    await engine.submit("v0", "v1", "v2", "v3")
    await engine.clock.advance(10)
    assert await engine.exports.open_counts(PLACE) == (3, 1)
    cloud.quota = ImageQuota(8, 10)
    fits = await planned(engine, ["v4"])
    assert [check.light for check in fits.checks if check.code == "image_quota"] == [Light.YELLOW]
    plan = await planned(engine, ["v4", "v5"])
    assert plan.refusal is not None
    with pytest.raises(RefusedFailure) as refused:
        await engine.exports.submit(plan, PLACE)
    assert refused.value.why == "2 images do not fit into the quota: 8 of 10 are there and 1 on the way"
    assert len(await engine.exports.jobs()) == 4


async def test_a_quota_that_cannot_be_read_makes_that_check_unknown_and_nothing_else(make_engine: MakeEngine) -> None:
    cloud = ScriptedCloud().add(volume("v1"))
    cloud.fail["image_quota"] = cloud_error(ErrorKind.RIGHTS, http_status=403)
    plan = await planned(await make_engine(cloud=cloud), ["v1"])
    (quota,) = [check for check in plan.checks if check.code == "image_quota"]
    assert (quota.light, quota.text) == (
        Light.UNKNOWN,
        "How many images may still be made is not known: a test said rights",
    )
    assert len(plan.to_do) == 1


async def test_earlier_exports_of_the_same_format_tell_how_long_it_takes(make_engine: MakeEngine) -> None:
    cloud = ScriptedCloud().add(volume("v1"))
    engine = await make_engine(cloud=cloud)
    await engine.submit("v1")
    await engine.clock.advance(90)
    cloud.finish("v1", "i-1")
    await engine.clock.advance(60)
    ((seconds, gib),) = await engine.exports.past_exports(PLACE, "zvhd2")
    assert gib == 10
    assert 90 <= seconds <= 150
    assert await engine.exports.past_exports(PLACE, "raw") == ()
    assert await engine.exports.past_exports(replace(PLACE, project_id="p2"), "zvhd2") == ()
