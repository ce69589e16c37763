"""What `evs-tui jobs` does to jobs: watch, resolve, cancel, resume, retry. It needs a session of their own place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evs_tui.cli.carrying_out import Deed, carry_out, check_able, doing, follow_to_end, tell_end
from evs_tui.cli.commands import JobsCommand
from evs_tui.cli.confirming import check_somebody_can_answer, confirm, confirm_take_over
from evs_tui.cli.following import Waiting
from evs_tui.cli.jobs import write_jobs
from evs_tui.cli.output import context_document
from evs_tui.cli.places import check_place, is_same_place, place_words
from evs_tui.cli.review import counted, named, place_lines, review_lines
from evs_tui.cli.understanding import NO_IMAGE
from evs_tui.exports.document import job_document
from evs_tui.exports.model import Job, JobState, Plan
from evs_tui.failure import ExitCode, Failure, RefusedFailure, UsageFailure

if TYPE_CHECKING:
    from evs_tui.cli.run import Run
    from evs_tui.exports.service import Exports
    from evs_tui.workspace import Context, Workspace

_DONE_WORDS = {"resolve": "decided", "cancel": "cancelled", "resume": "sent", "retry": "exported", "restore": "started"}


def act(command: JobsCommand, run: Run) -> int:
    """Do it, and end as the jobs then stand.

    Raises:
        UsageFailure: a job is unknown, or the review was not confirmed.
        RefusedFailure: a job belongs to another place, or cannot be acted on as it stands.
        ConfigFailure, CloudError: there is no way in.
    """
    done = _DONE_WORDS.get(command.action or "")
    if done is not None and not command.yes:
        check_somebody_can_answer(done)
    with doing(run) as (workspace, deed):
        context = run.connect(workspace)
        exports = workspace.core.run(workspace.exports)
        action = _Action(command, run, workspace, exports, context, deed)
        return action.carried_out(action.chosen())


@dataclass(slots=True)
class _Action:
    """One action on some jobs, with everything it works with."""

    command: JobsCommand
    run: Run
    workspace: Workspace
    exports: Exports
    context: Context
    deed: Deed
    _written: int = field(default=0, init=False)

    def chosen(self) -> list[Job]:
        """The named jobs, all of this place; without names the open ones of this place."""
        core, here = self.workspace.core, self.workspace.core.run(self.workspace.place)
        if self.command.job_ids:
            jobs = [core.run(self.exports.job, job_id) for job_id in self.command.job_ids]
            check_place(jobs, here)
            return jobs
        jobs = [job for job in core.run(self._listed) if job.is_open]
        elsewhere = [job for job in jobs if not is_same_place(job.place, here)]
        for job in elsewhere:
            self.run.output.warn(f"Job {job.id} is not watched: it is in {place_words(job.place)}.")
        return [job for job in jobs if job not in elsewhere]

    async def _listed(self) -> list[Job]:
        return await self.exports.jobs(everything=self.command.everything)

    def carried_out(self, jobs: Sequence[Job]) -> int:
        """Do the action, follow as far as asked for, write the jobs."""
        code: int | None = None
        match self.command.action:
            case "retry":
                self._retry(jobs)
            case "resume":
                self._resume(jobs)
            case "restore":
                self._restore(jobs)
            case "cancel":
                code = self._cancel(jobs)
            case "resolve":
                code = self._resolve(jobs[0])
            case "receipt":
                return self._receipts(jobs)
            case _:
                if not jobs:
                    self.run.output.say("Nothing to watch: no export here is open.")
                self._follow(jobs)
        self._write()
        return self.deed.exit_code if code is None else code

    def _follow(self, jobs: Sequence[Job]) -> None:
        self.deed.followed.jobs.update((job.id, job) for job in jobs)
        follow_to_end(self.workspace, self._waiting, self.run, self.deed, on_change=self._changed)

    @property
    def _waiting(self) -> Waiting:
        return Waiting(for_end=self.command.watch, timeout=self.command.timeout)

    def _retry(self, jobs: Sequence[Job]) -> None:
        plans = [self._plan_again(job) for job in jobs]
        self._review(line for plan in plans for line in review_lines(plan, self.run.output.symbols))
        to_do = [item for plan in plans for item in plan.to_do]
        blocked = [item for plan in plans for item in plan.blocked]
        if not to_do:
            reasons = "; ".join(f"{named(item)}: {item.blocked}" for item in blocked)
            raise RefusedFailure("Nothing was exported", reasons)
        if any(plan.stops for plan in plans) and not self.command.watch:
            raise UsageFailure(
                "Nothing was exported",
                "servers are stopped for it, so somebody must stay and start them again",
                "repeat the command with --watch",
            )
        check_able(self.workspace, "exported")
        self._ask(f"Export {counted(len(to_do), 'volume')} again?")
        self.deed.codes += [ExitCode.REFUSED for _ in blocked]
        able = [plan for plan in plans if plan.to_do]
        carry_out(able, self.workspace, self._waiting, self.run, self.deed, on_change=self._changed)

    def _plan_again(self, job: Job) -> Plan:
        volume_id, choices = self.exports.retry_request(job)
        return self.workspace.core.run(self.workspace.plan, [volume_id], choices)

    def _resume(self, jobs: Sequence[Job]) -> None:
        """Going on with one job sends everything that waits in its run, so all of that is reviewed."""
        core = self.workspace.core
        runs = [core.run(self._jobs_of_run, run_id) for run_id in dict.fromkeys(job.run_id for job in jobs)]
        waiting = [job for of_run in runs for job in of_run if job.state in {JobState.PLANNED, JobState.PREPARING}]
        concerned = list({job.id: job for job in (*jobs, *waiting)}.values())
        self._review(_job_line(job) for job in concerned)
        if waiting:
            check_able(self.workspace, "sent")
        self._ask(f"Send {counted(len(waiting), 'export')}?" if waiting else f"Go on with {_these(jobs)}?")
        typed = _typed(jobs)
        resumed = self._each(jobs, lambda job_id: self.exports.resume(job_id, typed.get(job_id)))
        if resumed:
            kept = {job.id for job in resumed} | {job.id for job in waiting}
            self._follow([job for job in concerned if job.id in kept])

    def _restore(self, jobs: Sequence[Job]) -> None:
        """Servers are started, and what was not sent and needs them off is given up."""
        self._review(line for job in jobs for line in (_job_line(job), *(f"   {item.text}" for item in job.attention)))
        check_able(self.workspace, "started")
        self._ask(f"Start the servers that were stopped for {_these(jobs)}?")
        typed = _typed(jobs)
        restored = self._each(jobs, lambda job_id: self.exports.restore(job_id, typed.get(job_id)))
        if restored:
            self._follow(restored)

    async def _jobs_of_run(self, run_id: str) -> list[Job]:
        return await self.exports.jobs(everything=True, run_id=run_id)

    def _cancel(self, jobs: Sequence[Job]) -> int:
        self._review(_job_line(job) for job in jobs)
        self._ask(f"Cancel {_these(jobs)}?")
        self._keep(self._each(jobs, self.exports.cancel))
        return self._code_of_deeds()

    def _resolve(self, job: Job) -> int:
        image = None if self.command.image == NO_IMAGE else self.command.image
        self._review([_job_line(job)])
        if image is None:
            self._ask(f"Decide that export {job.id} made no image?")
        else:
            self._ask(f"Take image {image} as the one that export {job.id} made?")
        decided = self._each([job], lambda job_id: self.exports.resolve(job_id, image))
        if self.command.watch and image is not None:
            self._follow(decided)
            return self.deed.exit_code
        self._keep(decided)
        return self._code_of_deeds()

    def _receipts(self, jobs: Sequence[Job]) -> int:
        """Receipts that were not stored yet are made from a fresh reading of their images."""
        core = self.workspace.core
        for job in jobs:
            core.run(self.exports.receipt, job.id)
        read = [core.run(self.exports.job, job.id) for job in jobs]
        write_jobs(self.command, read, self.workspace.clock.now(), self.run, context_document(self.context))
        return ExitCode.DONE

    def _each(self, jobs: Sequence[Job], deed: Callable[[str], Awaitable[Job]]) -> list[Job]:
        """Do `deed` to each job; one that is refused does not keep the others from it.

        Raises:
            Failure: it was refused for every one.
        """
        done: list[Job] = []
        refused: list[Failure] = []
        for job in jobs:
            try:
                done.append(self.workspace.core.run(deed, job.id))
            except Failure as failure:
                refused.append(failure)
        if refused and not done:
            raise refused[0]
        for one in refused:
            self.run.output.tell(one)
            self.deed.codes.append(one.exit_code)
        return done

    def _keep(self, jobs: Sequence[Job]) -> None:
        self.deed.followed.jobs.update((job.id, job) for job in jobs)
        for job in jobs:
            self._changed(job)

    def _code_of_deeds(self) -> int:
        """Whether the deeds were done; how the jobs stand after them is not what was asked."""
        return ExitCode.PARTLY if self.deed.codes else ExitCode.DONE

    def _review(self, lines: Iterable[str]) -> None:
        for line in (*place_lines(self.context), *lines, "Nothing has been sent yet."):
            self.run.output.say(line)

    def _ask(self, question: str) -> None:
        if not self.command.yes:
            confirm(question, _DONE_WORDS[self.command.action or "retry"])

    def _changed(self, job: Job) -> None:
        """A line of the `jsonl` form, as it arrives."""
        if self.command.output == "jsonl":
            self.run.output.rows([job_document(job, self.workspace.clock.now(), full=True)])
            self._written += 1

    def _write(self) -> None:
        output = self.run.output
        tell_end(self.deed, self.workspace, self.run)
        if output.form == "jsonl":
            output.end_of_rows(count=self._written)
        elif output.form == "json":
            now = self.workspace.clock.now()
            documents = [job_document(job, now, full=True) for job in self.deed.jobs]
            output.envelope(context_document(self.context), {"jobs": documents})


def _job_line(job: Job) -> str:
    return (
        f"{job.id}  {job.state.value.replace('_', ' ')}  {job.volume.name or job.volume.id} to {job.request.image_name}"
    )


def _these(jobs: Sequence[Job]) -> str:
    return f"export {jobs[0].id}" if len(jobs) == 1 else counted(len(jobs), "export")


def _typed(jobs: Sequence[Job]) -> dict[str, str | None]:
    """What a person types for each job whose process is on another host, and may still carry it out."""
    return {
        job.id: confirm_take_over(job.id, job.owner.host)
        for job in jobs
        if job.owner is not None and job.owner.alive is None
    }
