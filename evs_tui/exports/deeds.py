"""What a person decides about single jobs: cancel, resolve, go on, look again, leave alone, read the receipt."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from evs_tui.clock import Clock
from evs_tui.exports.attachment import Attachment
from evs_tui.exports.book import Book
from evs_tui.exports.entry import Entry, Hold
from evs_tui.exports.job_servers import JobServers
from evs_tui.exports.jobs import full_id
from evs_tui.exports.looks import adopt, not_taken
from evs_tui.exports.model import ErrorFacts, Outcome, Place, StepKind, StepState
from evs_tui.exports.own_runs import OwnRuns
from evs_tui.exports.owners import Liveness, OwnerFacts
from evs_tui.exports.queries import run_row, server_steps, step_row, steps_of_run
from evs_tui.exports.receipt import make_receipt
from evs_tui.exports.records import RunRow, StepRow
from evs_tui.exports.restoring import ask_to_restore, wait_on
from evs_tui.exports.retention import forget
from evs_tui.exports.runs import claim, leave
from evs_tui.exports.settling import set_watched, settle, store_receipt
from evs_tui.exports.steps import cancel
from evs_tui.failure import ExitCode, RefusedFailure, UsageFailure
from evs_tui.text import is_id

Rows = tuple[StepRow, RunRow]


class Deeds:
    """Each raises `UsageFailure` for an unknown job, and `RefusedFailure` where the job's state does not allow it."""

    def __init__(
        self,
        book: Book,
        own_runs: OwnRuns,
        liveness: Liveness,
        clock: Clock,
        attached: Callable[[str], Attachment | None],
    ) -> None:
        self._book = book
        self._own_runs = own_runs
        self._liveness = liveness
        self._clock = clock
        self._attached = attached

    async def cancel(self, job_id: str) -> None:
        """Take back an export that was not announced."""
        step, _ = await self._rows(job_id)
        if not await self._book.enter(lambda entry: cancel(entry, step)):
            raise _refused(
                step,
                "was not cancelled",
                "it was sent, and the cloud has no call that stops an export"
                if step.outcome is None
                else f"it has ended: {step.outcome}",
                "delete the image when it is active, if you do not need it" if step.outcome is None else None,
            )
        self._own_runs.unrecorded.pop(step.id, None)

    async def stop_watching(self, job_id: str) -> None:
        """Leave a taken export to itself."""
        step, _ = await self._rows(job_id)
        if not await self._book.enter(lambda entry: set_watched(entry, step, watched=False)):
            raise _refused(step, "is not being watched", "the cloud has not taken it, or it has ended")

    async def resolve(self, job_id: str, image_id: str | None) -> None:
        """Decide what became of an unclear export."""
        step, run = await self._rows(job_id)
        unknown_image = step.state is StepState.TAKEN and step.image_id is None
        if step.state is not StepState.UNCLEAR and not unknown_image:
            raise _refused(step, "was not decided", "it is not unclear", f"evs-tui jobs show {step.id} tells its state")
        done = await (self._resolve_none(step) if image_id is None else self._adopt(step, run.place, image_id))
        if not done:
            raise _refused(step, "was not decided", "it changed meanwhile, or the image belongs to another job")

    async def resume(self, job_id: str, typed: str | None = None) -> None:
        """Go on with a job whose process ended. `typed`: the last four characters of its id, typed by a person."""
        step, run = await self._rows(job_id)
        self._attachment(run.place)
        waits_on = await self._book.enter(lambda entry: self._wait_on(entry, step))
        open_servers = await self._book.read(lambda connection: _has_open_servers(connection, step.run_id))
        if step.outcome is not None and not open_servers:
            raise _refused(step, "was not resumed", f"it has ended: {step.outcome}")
        if step.state is StepState.TAKEN:
            await self._book.enter(lambda entry: set_watched(entry, step, watched=True))
        if (step.state is StepState.TAKEN and not open_servers) or waits_on:
            return
        self._check_typed(step, run, typed)
        if not self._own_runs.is_carrying_out(run.id):
            await self._own_runs.take(lambda entry, owner: self._claim(entry, owner, step), run.place.id)
            for waiting in await self._book.read(lambda connection: steps_of_run(connection, run.id)):
                if waiting.state is StepState.PENDING:
                    self._own_runs.unrecorded.pop(waiting.id, None)

    async def restore(self, job_id: str, typed: str | None = None) -> list[str]:
        """Have the servers that were stopped for a job started again, as soon as that is safe; their names."""
        step, run = await self._rows(job_id)
        self._attachment(run.place)
        self._check_typed(step, run, typed)
        names = await self._book.enter(lambda entry: ask_to_restore(entry, step))
        if not names:
            raise _refused(step, "has nothing to put back", "no server is stopped by its run")
        owner = run.owner
        elsewhere = owner is not None and owner.id != self._own_runs.owner_id and self._liveness(owner) is True
        if not elsewhere and not self._own_runs.is_carrying_out(run.id):
            await self._own_runs.take(lambda entry, facts: self._claim(entry, facts, step), run.place.id)
        return names

    async def look_now(self, job_id: str) -> None:
        """Look at an unclear job at once. Raises `CloudError` where the look could not be made."""
        step, run = await self._rows(job_id)
        attachment = self._attachment(run.place)
        if step.state is StepState.ANNOUNCED:
            self._check_typed(step, run, None)
            await self._book.enter(lambda entry: self._free(entry, step))
            step, run = await self._rows(step.id)
        if step.state is StepState.UNCLEAR or (step.state is StepState.TAKEN and step.image_id is None):
            await attachment.looker.look_once(step)

    async def forget(self, job_id: str) -> None:
        """Remove an ended job from the journal."""
        (full,) = await self._book.enter(lambda entry: forget(entry.connection, [job_id]))
        self._book.changes.touch(full)

    async def receipt(self, job_id: str) -> Mapping[str, Any]:
        """The receipt of a succeeded job, stored, or made from a fresh reading of the image."""
        step, run = await self._rows(job_id)
        if step.receipt is not None:
            return step.receipt
        if step.outcome != Outcome.SUCCEEDED or step.image_id is None:
            raise _refused(step, "has no receipt", "only an export that succeeded has one")
        image = await self._attachment(run.place).cloud.read_image(step.image_id)
        if image is None:
            raise _refused(step, "has no receipt", f"image {step.image_id} is not there any more")
        receipt = make_receipt(step, image, self._clock.now())
        await self._book.enter(lambda entry: store_receipt(entry, step, receipt))
        return receipt

    async def _rows(self, job_id: str) -> Rows:
        def work(connection: sqlite3.Connection) -> Rows:
            step = step_row(connection, full_id(connection, job_id))
            run = None if step is None else run_row(connection, step.run_id)
            if step is None or run is None:
                raise UsageFailure(f'There is no job "{job_id}"', "it is not in the journal")
            return step, run

        return await self._book.read(work)

    def _attachment(self, place: Place) -> Attachment:
        found = self._attached(place.id)
        if found is None:
            where = f"project {place.project_name or place.project_id}, {place.region}, {place.cloud}"
            raise RefusedFailure(
                "The job cannot be acted on from here",
                f"it belongs to another place: {where}, as {place.user_name or place.user_id}",
                "sign in there and try again",
            )
        return found

    def _check_typed(self, step: StepRow, run: RunRow, typed: str | None) -> None:
        """A run of another host is taken over only by a person who says that its process is gone."""
        asked = run.owner is not None and self._liveness(run.owner) is None
        if asked and run.owner is not None and typed != step.id[-4:]:
            raise _refused(
                step,
                "was not resumed",
                f"whether process {run.owner.pid} on {run.owner.host} still carries it out cannot be asked from here",
                "if you know that it has ended, type the last four characters of the job's id",
            )

    async def _resolve_none(self, step: StepRow) -> bool:
        if step.state is StepState.UNCLEAR:
            facts = ErrorFacts(ExitCode.FAILED, "The export was not taken", "a person decided so")
            return await self._book.enter(lambda entry: not_taken(entry, step, facts, "person"))
        lost = ErrorFacts(ExitCode.FAILED, "The export made no image", "a person decided so; the cloud had taken it")
        return await self._book.enter(lambda entry: settle(entry, step, Outcome.FAILED, lost, None))

    async def _adopt(self, step: StepRow, place: Place, image_id: str) -> bool:
        if not is_id(image_id):
            raise UsageFailure(f'"{image_id}" is no image id', "ids have 1 to 64 letters, digits, - and _")
        image = await self._attachment(place).cloud.read_image(image_id)
        if image is None:
            raise _refused(step, "was not decided", f"the cloud has no image {image_id}")
        here = self._own_runs.claimed_images()
        return await self._book.enter(lambda entry: adopt(entry, step, image, "person", claimed=here))

    def _claim(self, entry: Entry, owner: OwnerFacts, step: StepRow) -> Hold | None:
        """Make the run of `step` ours; what was announced in it becomes unclear."""
        run = self._free(entry, step)
        waits = any(
            other.state is StepState.PENDING or (other.kind is not StepKind.EXPORT and not other.is_settled)
            for other in steps_of_run(entry.connection, run.id)
        )
        return claim(entry, run.id, run.epoch, owner) if waits else None

    def _wait_on(self, entry: Entry, step: StepRow) -> bool:
        servers = server_steps(entry.connection, {step.run_id}).get(step.run_id, ())
        return wait_on(entry, [other for other in servers if other.id in JobServers.of(step, servers).ids])

    def _free(self, entry: Entry, step: StepRow) -> RunRow:
        """Take the run of `step` from an owner that ended, or of which a person says so."""
        run = run_row(entry.connection, step.run_id)
        if run is None:
            raise _refused(step, "was not resumed", "its run is not in the journal")
        if run.owner is None:
            return run
        if run.owner.id != self._own_runs.owner_id and self._liveness(run.owner) is True:
            raise _refused(step, "was not resumed", f"process {run.owner.pid} still carries it out")
        if self._own_runs.is_carrying_out(run.id):
            raise _refused(step, "was not resumed", "it is being carried out")
        leave(entry, run.id, run.epoch)
        left = run_row(entry.connection, step.run_id)
        return run if left is None else left


def _has_open_servers(connection: sqlite3.Connection, run_id: str) -> bool:
    return any(not step.is_settled for step in server_steps(connection, {run_id}).get(run_id, ()))


def _refused(step: StepRow, what: str, why: str, advice: str | None = None) -> RefusedFailure:
    return RefusedFailure(f"Job {step.id} {what}", why, advice)
