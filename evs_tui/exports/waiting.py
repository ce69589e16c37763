"""Whether a job can still change by itself: what those who wait for its end need to know."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evs_tui.exports.attachment import Attachment
from evs_tui.exports.book import Book
from evs_tui.exports.job_servers import JobServers
from evs_tui.exports.jobs import one_job
from evs_tui.exports.model import Job, JobState
from evs_tui.exports.own_runs import OwnRuns
from evs_tui.exports.owners import Liveness
from evs_tui.exports.queries import run_row, server_steps, step_row
from evs_tui.exports.records import RunRow, StepRow
from evs_tui.exports.timing import Timing
from evs_tui.failure import ExitCode

_NOT_IN_JOURNAL = frozenset({"unrecorded", "journal_failed"})


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a job: who could move it on.

    `ours`: this process owns its run; `carried_out`: and is at work on it; `servers_open`: servers that were or will
    be stopped for it are not back; `attended`: its place is attached here
    and looked after; `takeable`: its owner ended, so this process frees it at once; `worn_out`: it was looked at
    for so long that only a person can decide.
    """

    ours: bool
    carried_out: bool
    servers_open: bool
    attended: bool
    takeable: bool
    worn_out: bool
    counted_looks: int


def can_change(job: Job, step: StepRow, around: Around, *, submitted_only: bool) -> bool:
    """Whether it is worth waiting for. With `submitted_only` the cloud's answer is the end."""
    elsewhere = not around.ours and job.owner is not None and job.owner.alive is True
    if around.servers_open and around.carried_out:
        # Who stopped servers stays until they are back, whatever was asked to be waited for.
        return True
    if job.state in {JobState.PREPARING, JobState.RESTORING}:
        return not submitted_only and elsewhere
    if job.outcome is not None or any(item.code in _NOT_IN_JOURNAL for item in job.attention):
        return False
    return _export_can_change(job, step, around, elsewhere=elsewhere, submitted_only=submitted_only)


def _export_can_change(job: Job, step: StepRow, around: Around, *, elsewhere: bool, submitted_only: bool) -> bool:
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
                servers = server_steps(connection, {run.id}).get(run.id, ())
                around = self._around(step, run, servers)
                found.append((job, can_change(job, step, around, submitted_only=submitted_only)))
        return found

    def _around(self, step: StepRow, run: RunRow, servers: Sequence[StepRow]) -> Around:
        attachment = self._attachments.get(run.place.id)
        return Around(
            ours=run.owner is not None and run.owner.id == self._own_runs.owner_id,
            servers_open=JobServers.of(step, servers).is_open,
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
