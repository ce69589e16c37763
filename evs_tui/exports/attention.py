"""What a job still needs a person for: stable codes, the fact, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evs_tui.exports.job_servers import JobServers
from evs_tui.exports.model import Attention, ErrorFacts, JobState, Outcome, OwnerRef
from evs_tui.exports.records import StepRow
from evs_tui.failure import ExitCode

_WITHDRAWN = frozenset({"killed", "deleted", "error"})
_COUNTED_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """What this process knows of a job and the journal does not, because it could not be written."""

    error: ErrorFacts
    answer: str | None
    """What the cloud answered, in words; None: nothing was sent."""
    image_id: str | None = None


def attention_of(
    step: StepRow, state: JobState, owner: OwnerRef | None, unrecorded: Unrecorded | None, servers: JobServers
) -> tuple[Attention, ...]:
    """Everything about this job that waits for a person, the most urgent first."""
    abandoned = owner is None or owner.alive is False
    return (*servers.attention(step.id, abandoned=abandoned), *_needs(step, state, owner, unrecorded))


def _needs(
    step: StepRow, state: JobState, owner: OwnerRef | None, unrecorded: Unrecorded | None
) -> Iterator[Attention]:
    if step.outcome is not None:
        yield from _after(step)
        return
    if unrecorded is not None:
        yield _not_recorded(step, unrecorded)
    ended = owner is None or owner.alive is False
    if state in {JobState.PLANNED, JobState.PREPARING} and ended:
        yield Attention(
            "pending_after_restart",
            "The process that was to send it ended; nothing was sent.",
            f"evs-tui jobs resume {step.id} goes on, evs-tui jobs cancel {step.id} drops it",
        )
    elif state is JobState.SUBMITTING and owner is not None and owner.alive is not True:
        yield Attention(
            "left_behind",
            f"Process {owner.pid} on {owner.host} announced the request and cannot be asked whether it was sent.",
            f"if that process is gone: evs-tui jobs resume {step.id} looks for the image, it sends nothing",
        )
    elif state is JobState.UNCLEAR and unrecorded is None:
        yield _unclear(step)
    elif state is JobState.EXPORTING:
        yield from _exporting(step)


def _not_recorded(step: StepRow, unrecorded: Unrecorded) -> Attention:
    if unrecorded.answer is None:
        return Attention(
            "journal_failed",
            "The journal could not be written, so nothing was sent.",
            f"make room or repair the disk, then: evs-tui jobs resume {step.id}",
        )
    return Attention(
        "unrecorded",
        f"{unrecorded.answer}; this could not be recorded.",
        "note it and make room on the disk; the next start looks for the image, nothing is sent again",
    )


def _unclear(step: StepRow) -> Attention:
    decide = f"evs-tui jobs resolve {step.id} --image ID adopts one, --image none says that none is its"
    if step.candidates:
        images = ", ".join(f"{item.id} ({item.status})" for item in step.candidates)
        if step.fact == "found_uploading":
            return Attention(
                "found_uploading", f"The disk is uploading already, to an image of this name: {images}.", decide
            )
        return Attention("ambiguous", f"More than one image can be its, or one does not quite fit: {images}.", decide)
    return Attention(
        "unclear",
        "Whether the cloud took the export is not known. Nothing is sent again by itself.",
        f"evs-tui jobs --watch looks; {decide}",
    )


def _exporting(step: StepRow) -> Iterator[Attention]:
    if not step.watched:
        yield Attention(
            "unwatched", "Nobody watches it; the export goes on in the cloud.", f"evs-tui jobs resume {step.id} watches"
        )
    elif step.error is not None and step.error.exit_code == ExitCode.SIGN_IN:
        yield Attention(
            "watch_stopped",
            "Watching stopped because signing in failed; the export goes on in the cloud.",
            "sign in again: evs-tui jobs --watch",
        )
    if step.candidates or (step.image_id is None and step.looks >= _COUNTED_LOOKS):
        images = ", ".join(item.id for item in step.candidates) or "none of its name"
        yield Attention(
            "image_unknown",
            f"The cloud took the export, and its image is not known ({images}).",
            f"evs-tui jobs resolve {step.id} --image ID|none",
        )


def _after(step: StepRow) -> Iterator[Attention]:
    if step.outcome == Outcome.FAILED and step.image_id is not None and step.image_status in _WITHDRAWN:
        yield Attention(
            "image_leftover",
            f'A useless image may be left: {step.image_id}, last seen "{step.image_status}".',
            "delete it in the image service, if it is still there",
        )
    for warning in (step.receipt or {}).get("warnings", ()):
        if warning.get("code") in {"disk_format", "container_format", "size", "name"}:
            yield Attention("receipt_differs", str(warning.get("text")), f"evs-tui jobs receipt {step.id}")
