"""What looking at an unclear export does to its step. Nobody need own the run: each asks for the state it saw."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from evs_tui.cloud.models import Image
from evs_tui.exports.consequences import conclude
from evs_tui.exports.entry import Entry
from evs_tui.exports.model import Candidate, ErrorFacts, Outcome, StepState
from evs_tui.exports.queries import claimed_images, step_row
from evs_tui.exports.records import StepRow, candidate_document, error_document
from evs_tui.failure import ExitCode


def adopt(entry: Entry, step: StepRow, image: Image, found_by: str, *, claimed: Collection[str] = ()) -> bool:
    """Make `image` the image of this step and watch it; False if the step moved on or the image is another job's."""
    if image.id in claimed or image.id in claimed_images(entry.connection, step.id):
        return False
    present = step_row(entry.connection, step.id)
    if present is None or present.image_id is not None:
        return False
    changed = entry.move(
        step,
        step.state,
        state="taken",
        image_id=image.id,
        image_status=image.status,
        found_by=found_by,
        volume_status=None,
        candidates="[]",
        error=None,
        watched=1,
        answered_at=entry.stamp if step.state is StepState.UNCLEAR else _stored(step),
    )
    if changed:
        entry.log(step.run_id, step.id, "adopted", image_id=image.id, found_by=found_by, status=image.status)
    return changed


def ask(entry: Entry, step: StepRow, images: Sequence[Image], volume_status: str) -> bool:
    """Several images can be ours: keep them for a person to choose from."""
    found = tuple(candidate_of(image) for image in images)
    if found == step.candidates:
        return False
    candidates = [candidate_document(candidate) for candidate in found]
    changed = entry.move(
        step,
        step.state,
        candidates=json.dumps(candidates),
        volume_status=volume_status,
        looked_boot=entry.tick.boot_id,
        looked_elapsed=entry.tick.elapsed,
    )
    if changed:
        entry.log(step.run_id, step.id, "ambiguous", images=[image.id for image in images])
    return changed


def none_found(entry: Entry, step: StepRow, volume_status: str, *, counts: bool) -> int | None:
    """Record a look that found no image; how many in a row counted so far, or None if somebody looked meanwhile.

    A look that does not count (too early, or the disk is uploading) starts the row anew.
    """
    present = step_row(entry.connection, step.id)
    if present is None or present.looks != step.looks or present.looked != step.looked:
        return None
    looks = step.looks + 1 if counts else 0
    changed = entry.move(
        step,
        step.state,
        looks=looks,
        volume_status=volume_status,
        candidates="[]",
        looked_boot=entry.tick.boot_id,
        looked_elapsed=entry.tick.elapsed,
    )
    if not changed:
        return None
    if counts or volume_status != step.volume_status or step.looked is None:
        entry.log(step.run_id, step.id, "looked", found=0, volume_status=volume_status, counted=looks, **step.named)
    return looks


def not_taken(entry: Entry, step: StepRow, error: ErrorFacts, by: str) -> bool:
    """Settle an unclear step as not taken: `by` looking, or by a person's word."""
    settled = entry.settled(StepState.REFUSED, Outcome.NOT_SUBMITTED, error)
    if not entry.move(step, StepState.UNCLEAR, **settled):
        return False
    entry.log(step.run_id, step.id, "not_submitted", by=by, error=error_document(error), **step.named)
    conclude(entry, step.run_id)
    return True


def absent_facts(looks: int, reason: str | None) -> ErrorFacts:
    """Both readings of "no image": it never arrived, or it came to nothing."""
    why = (
        f"the answer was lost, and {looks} looks found no image while the disk was not uploading:"
        " the request never arrived, or the cloud gave the export up at once"
    )
    if reason is not None:
        why += f'; its last word on this disk: "{reason}"'
    return ErrorFacts(ExitCode.FAILED, "The export was not taken", why, "export the disk again")


def candidate_of(image: Image) -> Candidate:
    """The image as something to choose."""
    return Candidate(image.id, image.status, image.disk_format, image.created_at)


def _stored(step: StepRow) -> str | None:
    return None if step.answered_at is None else step.answered_at.isoformat(timespec="milliseconds")
