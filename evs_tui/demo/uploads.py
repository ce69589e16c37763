"""The life of an export after it was taken.

Volume: available or in-use, `uploading`, back where it was. Image: `queued`, `saving`, then `active`, `killed` or gone.
Source: EVS API, Exporting EVS Disk Data as an Image; Cinder's volume manager for what happens on failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from evs_tui.demo.clock import cinder_time
from evs_tui.demo.records import Image, Volume

if TYPE_CHECKING:
    from evs_tui.demo.state import State


@dataclass(slots=True)
class Upload:
    """One export under way. Times are seconds since 1970."""

    volume_id: str
    image_id: str
    previous_status: str
    request_id: str
    saving_at: float
    ends_at: float
    image_done: bool = False


def begin(state: State, volume: Volume, image: Image, request_id: str) -> Upload:
    """Flip the volume to `uploading` and start the image's life."""
    now = state.now()
    saving_at = now + state.phases.queued
    ends_at = saving_at + state.phases.saving_for(volume.size)
    upload = Upload(volume.id, image.id, volume.status, request_id, saving_at, ends_at)
    volume.status = "uploading"
    volume.updated_at = cinder_time(now)
    state.images[image.id] = image
    state.made_images.append(image.id)
    state.uploads[volume.id] = upload
    state.changed()
    return upload


def settle(state: State) -> None:
    """Bring every export under way up to the clock's time."""
    now = state.now()
    for upload in list(state.uploads.values()):
        volume = state.volumes.get(upload.volume_id)
        if volume is None:
            del state.uploads[upload.volume_id]
            continue
        image = state.images.get(upload.image_id)
        if image is not None and image.status == "queued" and now >= upload.saving_at:
            image.status, image.updated_at = "saving", upload.saving_at
        if volume.outcome == "stuck":
            continue
        _end(state, upload, volume, image, now)


def _end(state: State, upload: Upload, volume: Volume, image: Image | None, now: float) -> None:
    ends_at = upload.ends_at if volume.outcome != "fail" else (upload.saving_at + upload.ends_at) / 2
    if now < ends_at:
        return
    if not upload.image_done:
        upload.image_done = True
        _end_image(state, upload, volume, image, ends_at)
    back_at = ends_at + (state.phases.settle if volume.outcome == "normal" else 0.0)
    if now >= back_at:
        volume.status = upload.previous_status
        volume.updated_at = cinder_time(back_at)
        del state.uploads[upload.volume_id]
        state.changed()


def _end_image(state: State, upload: Upload, volume: Volume, image: Image | None, at: float) -> None:
    if volume.outcome == "fail" or image is None:
        state.images.pop(upload.image_id, None)
        state.messages.insert(0, _message(upload, at))
        return
    image.updated_at = at
    if volume.outcome == "killed":
        image.status = "killed"
        return
    image.status, image.active_at = "active", at
    image.size = volume.size * 2**30 if image.disk_format == "raw" else max(197_120, int(volume.size * 0.37 * 2**30))


def _message(upload: Upload, at: float) -> dict[str, Any]:
    """Cinder's note to the user about a failed copy. Source: Cinder API, Messages; user messages of the project."""
    return {
        "id": str(uuid4()),
        "event_id": "VOLUME_VOLUME_003_004",
        "user_message": "copy volume to image:Failed to upload volume to image at backend.",
        "message_level": "ERROR",
        "created_at": cinder_time(at),
        "guaranteed_until": cinder_time(at + 30 * 86_400),
        "request_id": upload.request_id,
        "links": [],
        "resource_type": "VOLUME",
        "resource_uuid": upload.volume_id,
    }
