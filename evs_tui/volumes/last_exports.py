"""When each volume was last exported, from the two sources that tell: the journal's jobs and the images there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from evs_tui.cloud.models import Image
from evs_tui.exports.model import Job, Outcome, Place


def last_exports(jobs: Iterable[Job], images: Iterable[Image], place: Place) -> Mapping[str, datetime]:
    """The latest moment for each volume of `place` that an export of it is known for, by the volume's id.

    A succeeded job counts with the moment at which the cloud took it, an active image that names the volume as its
    origin with the moment at which it was made: both are when the data was about to be copied.
    Source: IMS API, Querying Images (`__data_origin`).
    """
    found: dict[str, datetime] = {}

    def note(volume_id: str, moment: datetime) -> None:
        if volume_id not in found or found[volume_id] < moment:
            found[volume_id] = moment

    for job in jobs:
        here = (job.place.auth_origin, job.place.project_id) == (place.auth_origin, place.project_id)
        if here and job.outcome is Outcome.SUCCEEDED:
            note(job.volume.id, job.accepted_at or job.announced_at or job.planned_at)
    for image in images:
        if image.status == "active" and image.origin_volume_id is not None and image.created_at is not None:
            note(image.origin_volume_id, image.created_at)
    return found
