"""The words that filter jobs, for every face."""

from __future__ import annotations

from collections.abc import Sequence

from evs_tui.exports.model import Job
from evs_tui.exports.words import STATE_WORDS
from evs_tui.lists.words import FilterWords


def _volume(job: Job) -> Sequence[str]:
    return job.volume.name, job.volume.id


def _image(job: Job) -> Sequence[str]:
    return job.request.image_name, job.image.id or ""


def _place(job: Job) -> Sequence[str]:
    place = job.place
    return place.project_name or "", place.project_id, place.region, place.cloud, place.user_name or ""


def _state(job: Job) -> Sequence[str]:
    return STATE_WORDS[job.state][1], job.state.value


def _everything(job: Job) -> Sequence[str]:
    return (job.id, *_state(job), *_volume(job), *_image(job), *_place(job), job.phase or "", job.request.disk_format)


JOB_WORDS: FilterWords[Job] = FilterWords(
    everything=_everything,
    texts={
        "id": lambda job: (job.id,),
        "state": _state,
        "volume": _volume,
        "image": _image,
        "format": lambda job: (job.request.disk_format,),
        "place": _place,
    },
    flags={"open": lambda job: job.is_open, "needs": lambda job: bool(job.attention)},
    sizes={"size": lambda job: job.volume.size_gib},
    moments={"age": lambda job: job.planned_at},
)
"""The words that filter jobs."""
