"""Whether a job can still change by itself: what those who wait for its end need to know."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evs_tui.exports.attachment import Attachment
from evs_tui.exports.book import Book
from evs_tui.exports.jobs import one_job
from evs_tui.exports.model import Job, JobState
from evs_tui.exports.own_runs import OwnRuns
from evs_tui.exports.owners import Liveness
from evs_tui.exports.queries import run_row, step_row
from evs_tui.exports.records import RunRow, StepRow
from evs_tui.exports.timing import Timing
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


class Standing:
    """Tells of jobs whether waiting for them makes sense."""

    def __init__(
        self,
        book: Book,
        own_runs: OwnRuns,
        liveness: Liveness,
        attachments: Mapping[str, Attachment],
        timing: Timing,
    ) -> None:
        self._book = book
        self._own_runs = own_runs
        self._liveness = liveness
        self._attachments = attachments
        self._timing = timing

    def of(
        self, connection: sqlite3.Connection, job_ids: Sequence[str], *, submitted_only: bool
    ) -> list[tuple[Job, bool]]:
        """Each job, and whether it can still change by itself.

        Raises:
            UsageFailure: there is no such job.
        """
        found = []
        for job_id in job_ids:
            job = one_job(connection, job_id, self._liveness, unrecorded=self._own_runs.unrecorded)
            step, run = step_row(connection, job.id), run_row(connection, job.run_id)
            if step is not None and run is not None:
                found.append((job, can_change(job, step, self._around(step, run), submitted_only=submitted_only)))
        return found

    def _around(self, step: StepRow, run: RunRow) -> Around:
        attachment = self._attachments.get(run.place.id)
        return Around(
            ours=run.owner is not None and run.owner.id == self._own_runs.owner_id,
            carried_out=self._own_runs.is_carrying_out(run.id),
            attended=attachment is not None and attachment.can_work,
            takeable=run.owner is not None and self._liveness.is_ours_to_take(run.owner),
            worn_out=self._book.since_announced(step) > self._timing.look_patience,
            counted_looks=self._timing.looks,
        )


def _exporting_can_change(step: StepRow, around: Around, *, elsewhere: bool) -> bool:
    unknown = step.image_id is None and (bool(step.candidates) or step.looks >= around.counted_looks)
    if not step.watched or unknown:
        return False
    signed_out = step.error is not None and step.error.exit_code == ExitCode.SIGN_IN
    return around.attended or (elsewhere and not signed_out)
