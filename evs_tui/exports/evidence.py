"""What a look at an unclear export proves, from reads alone. No clock of this machine takes part in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from evs_tui.cloud.models import Image
from evs_tui.exports.records import StepRow

_GIB = 1024**3
UPLOADING = "uploading"


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one image can be ours, and nothing speaks against it."""

    image: Image


@dataclass(frozen=True, slots=True)
class Ask:
    """Several images can be ours, or one that is not quite what was asked for: a person chooses."""

    images: tuple[Image, ...]


@dataclass(frozen=True, slots=True)
class NotYet:
    """No image, and the disk is uploading: look again."""


@dataclass(frozen=True, slots=True)
class Absent:
    """No image, and the disk is not uploading."""


Evidence = Found | Ask | NotYet | Absent


def weigh(
    step: StepRow, volume_status: str, images: Sequence[Image], *, claimed: Collection[str], rivals: int
) -> Evidence:
    """What the disk's status and the images of our name say.

    `claimed` are the images that other jobs call theirs; `rivals` counts other jobs that look for an image of the
    same name: with one of those about, an image is ours only if it says from which disk it came.
    """
    possible = tuple(image for image in images if _can_be_ours(step, image, claimed))
    if len(possible) == 1 and _fits(step, possible[0]) and (not rivals or possible[0].origin_volume_id):
        return Found(possible[0])
    if possible:
        return Ask(possible)
    return NotYet() if volume_status == UPLOADING else Absent()


def _can_be_ours(step: StepRow, image: Image, claimed: Collection[str]) -> bool:
    return (
        image.name == step.request.image_name
        and image.id not in step.before
        and image.id not in claimed
        and image.origin_volume_id in {None, step.volume_id}
    )


def _fits(step: StepRow, image: Image) -> bool:
    """Format and size, as far as the image tells them yet."""
    wanted = step.request
    same_format = image.disk_format in {None, wanted.disk_format}
    same_container = image.container_format in {None, wanted.container_format}
    not_larger = image.min_disk_gib is None or image.min_disk_gib <= step.volume_size_gib
    if wanted.disk_format == "raw" and image.size_bytes is not None:
        not_larger = not_larger and image.size_bytes <= step.volume_size_gib * _GIB
    return same_format and same_container and not_larger
