"""Carries out reviewed plans from the command line: submits, follows, and tells how it ended."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evs_tui.cli.exit_codes import code_of, together
from evs_tui.cli.following import Followed, Waiting, follow
from evs_tui.cli.results import command, ending_lines, job_table
from evs_tui.cli.signals import Signalled
from evs_tui.exports.model import Job, Plan
from evs_tui.failure import ExitCode, Failure

if TYPE_CHECKING:
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Workspace


@dataclass(slots=True)
class Deed:
    """What came of plans: their runs and jobs, and the exit codes of what never became a job."""

    run_ids: list[str] = field(default_factory=list)
    followed: Followed = field(default_factory=Followed)
    codes: list[ExitCode] = field(default_factory=list)
    waited: bool = False
    handed: bool = False
    """Whether a process in the background has it now: how that ends is its own business."""

    @property
    def jobs(self) -> list[Job]:
        """The jobs, in the order they were submitted."""
        return list(self.followed.jobs.values())

    @property
    def exit_code(self) -> ExitCode:
        """All of it in one number."""
        if self.handed:
            return together([*self.codes, ExitCode.DONE])
        timed_out = self.followed.timed_out
        jobs = [code_of(job, waited=self.waited, timed_out=timed_out) for job in self.jobs]
        return together([*self.codes, *jobs])


def check_able(workspace: Workspace, deed: str) -> None:
    """Say no before anybody is asked. `deed` as in "exported".

    Raises:
        RefusedFailure: the run is read-only, or what is done could not be recorded.
    """
    refusal = workspace.core.run(workspace.read_only_refusal, f"Nothing was {deed}")
    if refusal is not None:
        raise refusal
    problem = workspace.core.run(_problem, workspace)
    if problem is not None:
        raise problem


async def _problem(workspace: Workspace) -> Failure | None:
    return (await workspace.exports()).problem


def carry_out(
    plans: Iterable[Plan],
    workspace: Workspace,
    waiting: Waiting,
    run: Run,
    deed: Deed,
    *,
    on_change: Callable[[Job], None] | None = None,
) -> None:
    """Submit the plans and follow their jobs; `deed` tells what is known at any moment.

    Raises:
        Failure: nothing at all could be submitted.
    """
    for plan in plans:
        try:
            run_id = workspace.core.run(workspace.submit, plan)
        except Failure as failure:
            if not deed.run_ids:
                raise
            run.output.tell(failure)
            deed.codes.append(failure.exit_code)
            continue
        deed.run_ids.append(run_id)
        for job in workspace.core.run(_jobs_of_run, workspace, run_id):
            deed.followed.jobs[job.id] = job
    follow_to_end(workspace, waiting, run, deed, on_change=on_change)


def hand_over(plan: Plan, workspace: Workspace, run: Run, deed: Deed) -> None:
    """Give the plan to a process in the background, and say how to look after it.

    Raises:
        Failure: nothing was recorded and nothing is sent.
    """
    from evs_tui.background.handing import submit_in_background

    handed = workspace.core.run(submit_in_background, workspace, plan)
    deed.run_ids.append(handed.run_id)
    deed.handed = True
    for job in workspace.core.run(_jobs_of_run, workspace, handed.run_id):
        deed.followed.jobs[job.id] = job
    run.output.say(f"Process {handed.pid} carries it out in the background; this terminal may be closed.")
    watch = f"{command('show', deed.jobs, run.options)} --watch"
    run.output.say(f"To watch: {watch}   To end it: evs-tui agent stop {handed.owner_id}")


def follow_to_end(
    workspace: Workspace,
    waiting: Waiting,
    run: Run,
    deed: Deed,
    *,
    on_change: Callable[[Job], None] | None = None,
) -> None:
    """Follow the jobs of `deed`. Where that fails, what is known stays, with a warning and the exit code."""
    deed.waited = waiting.for_end
    try:
        follow(workspace, deed.jobs, waiting, run.output, deed.followed, on_change=on_change)
    except Failure as failure:
        run.output.warn(str(failure))
        deed.codes.append(failure.exit_code)


def tell_end(deed: Deed, workspace: Workspace, run: Run) -> None:
    """The table of results, and in words what is left to do."""
    output = run.output
    if output.form == "table" and deed.jobs:
        output.lines(job_table(deed.jobs, workspace.clock.now(), output.symbols, output.width))
        output.flush()
    for line in ending_lines(deed.jobs, output.symbols, run.options):
        output.say(line)


@contextlib.contextmanager
def doing(run: Run) -> Iterator[tuple[Workspace, Deed]]:
    """A workspace and what is done in it. After ctrl+c it is told what goes on without us, once all is closed."""
    deed = Deed()
    closed: Workspace | None = None
    try:
        with run.workspace() as workspace:
            closed = workspace
            yield workspace, deed
    except Signalled as signalled:
        if signalled.may_speak and closed is not None and deed.jobs:
            _tell_interrupted(deed, closed, run)
        raise


def _tell_interrupted(deed: Deed, workspace: Workspace, run: Run) -> None:
    run.output.say()
    for line in ending_lines(_as_recorded(deed.jobs, workspace), run.output.symbols, run.options):
        run.output.say(line)


def _as_recorded(jobs: Sequence[Job], workspace: Workspace) -> list[Job]:
    """The jobs as the journal has them after closing: an announced request was still waited for."""
    from evs_tui.exports.service import read_job

    if workspace.options.demo:
        return list(jobs)
    try:
        return [read_job(workspace.paths.journal, job.id) for job in jobs]
    except Failure:
        return list(jobs)


async def _jobs_of_run(workspace: Workspace, run_id: str) -> list[Job]:
    exports = await workspace.exports()
    return await exports.jobs(everything=True, run_id=run_id)
