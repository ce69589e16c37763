"""How a command ends: the exit code of one job, and of several things together."""

from __future__ import annotations

from collections.abc import Iterable

from evs_tui.exports.model import Job, JobState
from evs_tui.failure import ExitCode

_SETTLED = {
    JobState.SUCCEEDED: ExitCode.DONE,
    JobState.FAILED: ExitCode.FAILED,
    JobState.CANCELLED: ExitCode.FAILED,
    JobState.UNCLEAR: ExitCode.UNCLEAR,
}
_NOT_PUT_BACK = {"still_stopped", "start_offered"}
_TOLD_BY_ERROR = {ExitCode.SIGN_IN, ExitCode.UNREACHABLE, ExitCode.REFUSED}
_STOOD_FIRST = (ExitCode.UNCLEAR, ExitCode.TIMEOUT)


def code_of(job: Job, *, waited: bool, timed_out: bool = False) -> ExitCode:
    """What `job` means for the exit code, now that nothing more is waited for.

    `waited` says that its end was waited for, not only the cloud's answer; `timed_out` that the time given for
    that ran out.
    """
    settled = _SETTLED.get(job.state)
    if job.outcome is not None and any(point.code in _NOT_PUT_BACK for point in job.attention):
        return ExitCode.PARTLY
    if settled is not None:
        return settled
    told = _told_by(job)
    if job.state is JobState.NOT_SUBMITTED:
        return told or ExitCode.FAILED
    if timed_out:
        return ExitCode.TIMEOUT
    if job.state in {JobState.EXPORTING, JobState.RESTORING}:
        # Waited for, not ended and not out of time: it is no longer watched, and the error says why.
        return (told or ExitCode.UNREACHABLE) if waited else ExitCode.DONE
    return told or ExitCode.REFUSED  # it waits for a person: nothing is sent again by itself


def together(codes: Iterable[ExitCode]) -> ExitCode:
    """One exit code for several: unclear over timeout over partly; all alike: that code; none: done."""
    seen = set(codes)
    for code in _STOOD_FIRST:
        if code in seen:
            return code
    if len(seen) > 1:
        return ExitCode.PARTLY
    return seen.pop() if seen else ExitCode.DONE


def _told_by(job: Job) -> ExitCode | None:
    if job.last_error is None or job.last_error.exit_code not in _TOLD_BY_ERROR:
        return None
    return ExitCode(job.last_error.exit_code)
