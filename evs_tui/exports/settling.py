"""How a taken export ends, from what the watcher sees: the image decides, and only proof settles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evs_tui.cloud.models import Image
from evs_tui.exports.consequences import conclude
from evs_tui.exports.entry import Entry
from evs_tui.exports.evidence import UPLOADING
from evs_tui.exports.model import ErrorFacts, Outcome, StepState
from evs_tui.exports.records import StepRow, error_document
from evs_tui.failure import ExitCode

_WITHDRAWN = frozenset({"killed", "deleted"})
_GONE_READS = 2


@dataclass(frozen=True, slots=True)
class Sight:
    """What one poll saw of an export.

    `volume_status` is None where the disk is not there (404). `asked_image` says whether the image was asked for;
    `image` is then None for a 404. `project_seen`: the session read something of the project in this poll, so a
    404 is not that of a wrong project. `gone_reads` counts the polls in a row, this one included, in which the
    image was not there; `age_s` is the time since the export was taken.
    """

    volume_status: str | None
    asked_image: bool
    image: Image | None
    project_seen: bool
    gone_reads: int
    age_s: float


def outcome_of(step: StepRow, sight: Sight, grace_s: float) -> Outcome | None:
    """How the export ended, or None while that is not proved.

    Source: EVS API, Exporting EVS Disk Data as an Image (the image's states are IMS API, Image Statuses).
    """
    if not sight.asked_image:
        return None
    if sight.image is not None:
        if sight.image.status == "active":
            return Outcome.SUCCEEDED
        back = sight.volume_status is not None and sight.volume_status != UPLOADING
        # Not a state of Glance, but of clouds that extend it; final once the disk is free again.
        failed = sight.image.status in _WITHDRAWN or (sight.image.status == "error" and back)
        return Outcome.FAILED if failed else None
    was_there = step.image_status is not None or sight.age_s >= grace_s
    gone = sight.gone_reads >= _GONE_READS and was_there and sight.project_seen
    return Outcome.FAILED if gone else None


def failure_facts(sight: Sight, reason: str | None) -> ErrorFacts:
    """Why a failed export failed: the cloud's own words where it keeps them, else what was seen."""
    status = None if sight.image is None else sight.image.status
    what = "The cloud withdrew the image" if status is None else f'The image became "{status}"'
    disk = "is gone" if sight.volume_status is None else f'is "{sight.volume_status}"'
    why = f"the disk {disk} and the image is {'gone' if status is None else 'of no use'}"
    if reason is not None:
        why = f'the cloud says: "{reason}"'
    return ErrorFacts(ExitCode.FAILED, what, why, "export the disk again; the disk itself is not changed")


def observe(entry: Entry, step: StepRow, volume_status: str | None, image: Image | None) -> None:
    """Record what is new about the disk and the image; what did not change writes nothing."""
    columns: dict[str, Any] = {}
    news: list[tuple[str, str]] = []
    if volume_status is not None and volume_status != step.volume_status:
        columns["volume_status"] = volume_status
        news.append(("disk", volume_status))
    if image is not None and image.status != step.image_status:
        columns["image_status"] = image.status
        news.append(("image", image.status))
    if image is not None and image.size_bytes != step.image_size_bytes:
        columns["image_size_bytes"] = image.size_bytes
    if columns and entry.move(step, StepState.TAKEN, **columns):
        for kind, status in news:
            entry.log(step.run_id, step.id, kind, status=status)


def settle(
    entry: Entry, step: StepRow, outcome: Outcome, error: ErrorFacts | None, receipt: Mapping[str, Any] | None
) -> bool:
    """End a taken export; False if somebody else did meanwhile."""
    settled = entry.settled(StepState.DONE, outcome, error)
    stored = None if receipt is None else json.dumps(receipt)
    if not entry.move(step, StepState.TAKEN, **settled, receipt=stored):
        return False
    data = {} if error is None else {"error": error_document(error)}
    entry.log(step.run_id, step.id, str(outcome), **data)
    conclude(entry, step.run_id)
    return True


def watch_error(entry: Entry, step: StepRow, error: ErrorFacts | None) -> None:
    """Record that watching fails, or works again. It never settles anything."""
    if error == step.error:
        return
    stored = None if error is None else json.dumps(error_document(error))
    if entry.move(step, StepState.TAKEN, error=stored):
        kind, data = ("watch_failed", {"error": error_document(error)}) if error else ("watched_again", {})
        entry.log(step.run_id, step.id, kind, **data)


def set_watched(entry: Entry, step: StepRow, *, watched: bool) -> bool:
    """Watch a taken export, or leave it to itself; False if it is not taken."""
    if not entry.move(step, StepState.TAKEN, watched=int(watched)):
        return False
    if watched != step.watched:
        entry.log(step.run_id, step.id, "watched" if watched else "unwatched")
    return True


def store_receipt(entry: Entry, step: StepRow, receipt: Mapping[str, Any]) -> None:
    """Keep the receipt of a settled export."""
    if entry.move(step, StepState.DONE, receipt=json.dumps(receipt)):
        entry.log(step.run_id, step.id, "receipt")
