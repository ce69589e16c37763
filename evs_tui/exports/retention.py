"""Forgetting ended jobs: only when a person asks, by name or by age, and never one that anything still hangs on."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from evs_tui.exports.consequences import OFFERED
from evs_tui.exports.jobs import full_id
from evs_tui.exports.journal import Journal
from evs_tui.exports.model import StepKind, StepState
from evs_tui.exports.owners import Liveness, Machine
from evs_tui.exports.queries import run_row, server_steps, step_row
from evs_tui.exports.records import StepRow
from evs_tui.failure import RefusedFailure


def forget(connection: sqlite3.Connection, job_ids: Sequence[str]) -> list[str]:
    """Remove jobs with their timelines and receipts; a run goes with the last of its jobs. The full ids.

    The cloud is not asked and nothing in it changes. What was forgotten no longer counts for `--skip-existing`.

    Raises:
        UsageFailure: there is no such job.
        RefusedFailure: one has not ended, or its run goes on. Nothing is removed then.
    """
    found = [full_id(connection, job_id) for job_id in job_ids]
    for job_id in found:
        step = step_row(connection, job_id)
        run = None if step is None else run_row(connection, step.run_id)
        if step is None or step.outcome is None or run is None or run.ended_at is None:
            raise RefusedFailure(
                f"Job {job_id} was not forgotten", "it, or another job of its run, is open", "wait until it has ended"
            )
        if any(_is_left(start) for start in server_steps(connection, {run.id}).get(run.id, ())):
            raise RefusedFailure(
                f"Job {job_id} was not forgotten",
                "a server is still stopped by its run",
                "evs-tui jobs restore it first",
            )
    for job_id in dict.fromkeys(found):
        (run_id,) = connection.execute("SELECT run FROM step WHERE id = ?", (job_id,)).fetchone()
        connection.execute("DELETE FROM event WHERE step = ?", (job_id,))
        connection.execute("DELETE FROM step WHERE id = ?", (job_id,))
        left = connection.execute("SELECT count(*) FROM step WHERE run = ? AND kind = 'export'", (run_id,)).fetchone()
        if not left[0]:
            for table, column in (("event", "run"), ("step", "run"), ("run", "id")):
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (run_id,))  # noqa: S608 - our own names
    return found


def _is_left(step: StepRow) -> bool:
    """Whether this is the start of a server that was stopped and does not run again, as far as is known."""
    offered = step.state is StepState.SKIPPED and step.fact == OFFERED
    return step.kind is StepKind.START and (step.state is StepState.REFUSED or offered)


def forget_now(journal_path: Path, job_ids: Sequence[str], *, owners_dir: Path | None = None) -> list[str]:
    """`forget` on the journal at `journal_path`, without a session.

    Raises:
        UsageFailure: there is no such job.
        RefusedFailure: one has not ended, or the journal cannot be written.
    """
    owners = Liveness(owners_dir or journal_path.with_name("owners"), Machine.here())
    journal = Journal.open(journal_path, others_live=owners.any_lock_held)
    try:
        return journal.write_now(lambda connection: forget(connection, job_ids))
    finally:
        journal.close()
