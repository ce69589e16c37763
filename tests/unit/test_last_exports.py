from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from evs_tui.cloud.models import Image
from evs_tui.exports.model import JobState, VolumeRef
from evs_tui.volumes.last_exports import last_exports
from tests.cli.jobs_for_tests import MOMENT, PLACE, job

HOUR = timedelta(hours=1)


def image(volume_id: str | None, hours: int, status: str = "active") -> Image:
    return Image("i", "n", status, origin_volume_id=volume_id, created_at=MOMENT + hours * HOUR)


def test_the_latest_of_succeeded_jobs_and_active_images_counts() -> None:
    jobs = [
        job(JobState.SUCCEEDED, accepted_at=MOMENT + HOUR),
        job(JobState.SUCCEEDED, announced_at=MOMENT + 3 * HOUR),
        job(JobState.SUCCEEDED, volume=VolumeRef("v2", "b", 1)),
        job(JobState.FAILED, accepted_at=MOMENT + 9 * HOUR),
        job(JobState.EXPORTING, accepted_at=MOMENT + 9 * HOUR),
        job(JobState.SUCCEEDED, accepted_at=MOMENT + 9 * HOUR, place=replace(PLACE, project_id="other")),
    ]
    images = [image("v1", 2), image("v2", 5), image("v3", 1), image("v3", 7, "saving"), image(None, 8)]
    assert last_exports(jobs, images, PLACE) == {
        "v1": MOMENT + 3 * HOUR,
        "v2": MOMENT + 5 * HOUR,
        "v3": MOMENT + HOUR,
    }


def test_another_user_of_the_same_project_counts_too() -> None:
    assert last_exports([job(JobState.SUCCEEDED)], (), replace(PLACE, id="p2", user_id="u2")) == {"v1": MOMENT}


def test_an_image_without_a_date_tells_nothing() -> None:
    assert last_exports((), [replace(image("v1", 0), created_at=None)], PLACE) == {}
