"""What goes on with a job now, in a few words that fit a column."""

from __future__ import annotations

from evs_tui.exports.consequences import RUN_STOPPED, SERVER_RUNS_ON
from evs_tui.exports.evidence import UPLOADING
from evs_tui.exports.job_servers import JobServers
from evs_tui.exports.model import JobState, OwnerRef
from evs_tui.exports.records import StepRow

_GIB = 1024**3


def phase_of(step: StepRow, state: JobState, owner: OwnerRef | None, running: int, servers: JobServers) -> str:
    """The words for the column Now. `running` counts the exports of the project that are under way."""
    match state:
        case JobState.PLANNED:
            words = _waiting(step, owner, running)
        case JobState.PREPARING:
            words = servers.preparing_phase()
        case JobState.RESTORING:
            words = servers.restoring_phase()
        case JobState.SUBMITTING:
            words = "sending the request" if owner is None or owner.alive is not False else "its process ended"
        case JobState.UNCLEAR:
            words = _unclear(step)
        case JobState.SUCCEEDED:
            words = "image active" + (f", {size_words(step.image_size_bytes)}" if step.image_size_bytes else "")
        case JobState.FAILED:
            words = "image was withdrawn" if step.image_id or step.fact else "refused by the cloud"
        case JobState.CANCELLED:
            words = "before it was sent"
        case JobState.NOT_SUBMITTED:
            words = _not_submitted(step)
        case _:
            words = _exporting(step)
    return words


def _not_submitted(step: StepRow) -> str:
    if step.fact == SERVER_RUNS_ON:
        return "server did not stop"
    return "not taken" if step.fact and step.fact != RUN_STOPPED else "not sent"


def _waiting(step: StepRow, owner: OwnerRef | None, running: int) -> str:
    if owner is None or owner.alive is False:
        return "waits: go on or drop"
    if step.error is not None:
        return f"waits: attempt {step.attempt + 1} comes"
    return f"waits: {running} run already" if running else "waits for its turn"


def _unclear(step: StepRow) -> str:
    if step.candidates:
        return "which image is it?"
    if step.fact == "owner_ended":
        return "its process ended"
    return "the answer was lost"


def _exporting(step: StepRow) -> str:
    if not step.watched:
        return "not watched"
    if step.image_id is None:
        return "looking for its image"
    if step.volume_status == UPLOADING or step.volume_status is None:
        return "disk is uploading"
    if step.image_status is None:
        return "disk is back"
    return f"image is {step.image_status}"


def size_words(size_bytes: int) -> str:
    """A size in bytes as people read it: `512 MiB`, `120 GiB`."""
    if size_bytes < _GIB:
        return f"{max(1, round(size_bytes / 1024**2)):,} MiB"
    return f"{round(size_bytes / _GIB):,} GiB"
