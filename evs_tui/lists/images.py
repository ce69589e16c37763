"""The private images as both faces list them: each beside the export of ours that made it, if one did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evs_tui.cloud.models import Image
from evs_tui.exports.model import Job, Place, Sign
from evs_tui.exports.phases import size_words
from evs_tui.lists.words import FilterWords
from evs_tui.volumes.columns import NO_NAME, NOTHING

_GIB = 1024**3
_SIGNS: Mapping[str, Sign] = {
    "active": Sign.GOOD,
    "queued": Sign.BUSY,
    "saving": Sign.BUSY,
    "uploading": Sign.BUSY,
    "importing": Sign.BUSY,
    "killed": Sign.BAD,
    "deleted": Sign.BAD,
    "error": Sign.BAD,
    "deactivated": Sign.NONE,
    "pending_delete": Sign.WAIT,
}
FORMING = frozenset({"queued", "saving", "uploading", "importing"})
"""The statuses of an image that is still being made. Source: IMS API, Image Statuses; Glance API v2."""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One image. `job` is the export of ours that made it; `asked_by` an unclear one that may have."""

    image: Image
    job: Job | None = None
    asked_by: Job | None = None


def image_rows(images: Iterable[Image], jobs: Iterable[Job], place: Place) -> list[ImageRow]:
    """The images of `place`, in their order, joined with the jobs there."""
    made: dict[str, Job] = {}
    asked: dict[str, Job] = {}
    for job in jobs:
        if (job.place.auth_origin, job.place.project_id) == (place.auth_origin, place.project_id):
            if job.image.id is not None:
                made[job.image.id] = job
            asked.update((candidate.id, job) for candidate in job.candidates)
    return [ImageRow(image, made.get(image.id), asked.get(image.id)) for image in images]


def state_of(image: Image) -> tuple[Sign, str]:
    """The sign and the word of an image's status; one that is unknown here is shown as it came."""
    return _SIGNS.get(image.status, Sign.ASK), image.status


def origin_words(row: ImageRow) -> str:
    """Where it comes from, for a column: the volume of our export, or that it was not made here."""
    if row.job is not None:
        return row.job.volume.name or row.job.volume.id
    if row.asked_by is not None:
        return "unclear, see jobs"
    return f"volume {row.image.origin_volume_id[:8]}" if row.image.origin_volume_id else "not made here"


def sentence_of(row: ImageRow) -> tuple[Sign, str]:
    """The one sentence about an image, for the note."""
    if row.asked_by is not None:
        return Sign.ASK, f"Perhaps made by job {row.asked_by.id[:8]}: decide it in the jobs (2)."
    if row.job is None:
        return Sign.NONE, "Not made by evs-tui from here."
    name = row.job.volume.name or row.job.volume.id
    if row.image.status in FORMING:
        return Sign.BUSY, f"Being made from {name}; the jobs (2) follow it."
    if row.image.status != "active":
        return Sign.BAD, f'Made from {name}, and now "{row.image.status}".'
    kept = "; receipt kept" if row.job.receipt is not None else ""
    when = row.job.ended_at or row.job.planned_at
    return Sign.GOOD, f"Made by evs-tui from {name} on {when:%Y-%m-%d}{kept}."


def _size(image: Image) -> str:
    if image.size_bytes is not None:
        return size_words(image.size_bytes)
    return f"{image.min_disk_gib:,} GiB" if image.min_disk_gib else NOTHING


def _created(image: Image) -> str:
    return NOTHING if image.created_at is None else image.created_at.strftime("%Y-%m-%d")


TEXTS: Mapping[str, Callable[[ImageRow], str]] = {
    "name": lambda row: row.image.name or NO_NAME,
    "state": lambda row: row.image.status,
    "size": lambda row: _size(row.image),
    "system": lambda row: row.image.os_type or NOTHING,
    "format": lambda row: row.image.disk_format or NOTHING,
    "from": origin_words,
    "created": lambda row: _created(row.image),
    "id": lambda row: row.image.id[:8],
}
"""What each column shows. Times are UTC; without a size the least disk stands there, as the cloud tells it."""

_LAST = "\U0010ffff"
SORT_KEYS: Mapping[str, Callable[[ImageRow], str | float]] = {
    "name": lambda row: row.image.name.casefold() or _LAST,
    "state": lambda row: row.image.status,
    "size": lambda row: row.image.size_bytes or (row.image.min_disk_gib or 0) * _GIB,
    "system": lambda row: row.image.os_type or _LAST,
    "format": lambda row: row.image.disk_format or _LAST,
    "from": lambda row: origin_words(row).casefold(),
    "created": lambda row: 0.0 if row.image.created_at is None else row.image.created_at.timestamp(),
    "id": lambda row: row.image.id,
}
"""How each column sorts."""


def _everything(row: ImageRow) -> Sequence[str]:
    return (*(text(row) for text in TEXTS.values()), row.image.id, "" if row.job is None else row.job.volume.id)


def _volume_texts(row: ImageRow) -> Sequence[str]:
    of_job = () if row.job is None else (row.job.volume.name, row.job.volume.id)
    return (*of_job, row.image.origin_volume_id or "")


IMAGE_WORDS: FilterWords[ImageRow] = FilterWords(
    everything=_everything,
    texts={
        "name": lambda row: (row.image.name,),
        "id": lambda row: (row.image.id,),
        "status": lambda row: (row.image.status,),
        "os": lambda row: (row.image.os_type or "",),
        "format": lambda row: (row.image.disk_format or "",),
        "volume": _volume_texts,
        "job": lambda row: () if row.job is None else (row.job.id,),
    },
    flags={"ours": lambda row: row.job is not None, "encrypted": lambda row: row.image.encrypted},
    sizes={"size": lambda row: row.image.min_disk_gib if row.image.size_bytes is None else row.image.size_bytes / _GIB},
    moments={"age": lambda row: row.image.created_at},
)
"""The words that filter images."""
