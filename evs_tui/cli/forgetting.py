"""`evs-tui jobs forget`: removes ended jobs from the journal, by name or by age. The cloud is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from evs_tui.cli.commands import JobsCommand
from evs_tui.cli.confirming import check_somebody_can_answer, confirm
from evs_tui.cli.output import journal_context
from evs_tui.cli.review import counted
from evs_tui.exports.document import job_document
from evs_tui.exports.model import Job
from evs_tui.exports.retention import forget_now
from evs_tui.exports.service import read_job, read_jobs
from evs_tui.failure import ExitCode, RefusedFailure

if TYPE_CHECKING:
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Workspace


def forget_jobs(command: JobsCommand, run: Run) -> int:
    """Show what will be forgotten, ask, forget, and write the jobs that are gone.

    Raises:
        UsageFailure: a job is unknown, or the review was not confirmed.
        RefusedFailure: one of them is open, or the journal cannot be written.
    """
    if run.options.demo:
        raise RefusedFailure("Nothing was forgotten", "a demo begins without jobs")
    if not command.yes:
        check_somebody_can_answer("forgotten")
    with run.workspace() as workspace:
        jobs, now = _chosen(command, workspace), workspace.clock.now()
        for job in jobs:
            name = job.volume.name or job.volume.id
            run.output.say(f"{job.id}  {run.output.symbols.state(job)}  {name} to {job.request.image_name}")
        if jobs and not command.yes:
            confirm(f"Forget {counted(len(jobs), 'export')}, with timeline and receipt?", "forgotten")
        paths = workspace.paths
        gone = set(forget_now(paths.journal, [job.id for job in jobs], owners_dir=paths.owners)) if jobs else set()
    documents = [job_document(job, now) for job in jobs if job.id in gone]
    if command.output == "json":
        context = journal_context(demo=False, read_only=run.options.read_only)
        run.output.envelope(context, {"jobs": documents})
    elif command.output == "jsonl":
        run.output.rows(documents)
        run.output.end_of_rows(count=len(documents))
    run.output.say(f"{counted(len(gone), 'export')} forgotten. Nothing changed in the cloud.")
    return ExitCode.DONE


def _chosen(command: JobsCommand, workspace: Workspace) -> Sequence[Job]:
    """The named jobs, and those of ended runs that ended long enough ago."""
    paths, now = workspace.paths, workspace.clock.now()
    named = [read_job(paths.journal, job_id, owners_dir=paths.owners) for job_id in command.job_ids]
    if command.older_than is None:
        return named
    everything = read_jobs(paths.journal, everything=True, owners_dir=paths.owners)
    open_runs = {job.run_id for job in everything if job.is_open}
    before = now - timedelta(seconds=command.older_than)
    aged = [
        job for job in everything if job.run_id not in open_runs and job.ended_at is not None and job.ended_at < before
    ]
    return list({job.id: job for job in (*named, *aged)}.values())
