"""Whether a job can still change by itself: what those who wait for its end need to know."""

from __future__ import annotations

from dataclasses import dataclass

from evs_tui.exports.model import Job, JobState
from evs_tui.exports.records import StepRow
from evs_tui.failure import ExitCode

_NOT_IN_JOURNAL = frozenset({"unrecorded", "journal_failed"})


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a job: who could move it on.

    `ours`: this process owns its run; `carried_out`: and is at work on it; `attended`: its place is attached here
    and looked after; `takeable`: its owner ended, so this process frees it at once; `worn_out`: it was looked at
    for so long that only a person can decide.
    """

    ours: bool
    carried_out: bool
    attended: bool
    takeable: bool
    worn_out: bool
    counted_looks: int


def can_change(job: Job, step: StepRow, around: Around, *, submitted_only: bool) -> bool:
    """Whether it is worth waiting for. With `submitted_only` the cloud's answer is the end."""
    if job.outcome is not None or any(item.code in _NOT_IN_JOURNAL for item in job.attention):
        return False
    elsewhere = not around.ours and job.owner is not None and job.owner.alive is True
    match job.state:
        case JobState.PLANNED:
            return around.carried_out or elsewhere
        case JobState.SUBMITTING:
            return around.ours or elsewhere or (around.attended and around.takeable)
        case JobState.UNCLEAR:
            decided_by_person = bool(step.candidates) or around.worn_out
            return not submitted_only and not decided_by_person and (around.attended or elsewhere)
        case _:
            return not submitted_only and _exporting_can_change(step, around, elsewhere=elsewhere)


def _exporting_can_change(step: StepRow, around: Around, *, elsewhere: bool) -> bool:
    unknown = step.image_id is None and (bool(step.candidates) or step.looks >= around.counted_looks)
    if not step.watched or unknown:
        return False
    signed_out = step.error is not None and step.error.exit_code == ExitCode.SIGN_IN
    return around.attended or (elsewhere and not signed_out)
