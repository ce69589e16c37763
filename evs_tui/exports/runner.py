"""Carries out the runs of this process: each step when those it needs are settled, servers to be started first."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from evs_tui.clock import Clock
from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow
from evs_tui.exports.attention import Unrecorded
from evs_tui.exports.book import Book
from evs_tui.exports.consequences import waits_for_outcomes
from evs_tui.exports.entry import Hold, Lost, error_facts
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.kinds.kind import Action, Around, Ask, Go, NoRoom, NotYet, Over, Reading
from evs_tui.exports.kinds.table import ACTIONS
from evs_tui.exports.model import StepKind, StepState
from evs_tui.exports.ports import Cloud
from evs_tui.exports.queries import claimed_images, open_needs, run_row, server_steps, steps_of_run, steps_to_carry_out
from evs_tui.exports.records import StepRow
from evs_tui.exports.sending import Sending
from evs_tui.exports.steps import begin, forget_announcement, found_uploading, not_announced, over
from evs_tui.exports.timing import Limits, Timing
from evs_tui.failure import Failure

_IDLE_CHECK_S = 30.0


class Runner:
    """The runs that this process owns."""

    def __init__(
        self,
        book: Book,
        sending: Sending,
        clouds: Mapping[str, Cloud],
        *,
        clock: Clock,
        jitter: Callable[[], float],
        timing: Timing,
        limits: Limits,
    ) -> None:
        self._book = book
        self._sending = sending
        self._clouds = clouds
        self._clock = clock
        self._jitter = jitter
        self._timing = timing
        self._limits = limits
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._retry_at: dict[str, float] = {}

    def carry_out(self, hold: Hold, place_id: str) -> None:
        """Begin with a run of ours, in the background."""
        task = asyncio.create_task(self._carry_out(hold, place_id))
        self._tasks[hold.run_id] = task
        task.add_done_callback(lambda done: self._through(hold.run_id, done))

    def is_carrying_out(self, run_id: str) -> bool:
        """Whether this process is at work on the run."""
        return run_id in self._tasks

    async def close(self) -> None:
        """Announce nothing more; return when every announced request was answered or ran out of time."""
        self._sending.stop()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sending.close()

    def _through(self, run_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(run_id) is task:
            del self._tasks[run_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            asyncio.get_running_loop().call_exception_handler({"message": "a run stopped", "exception": error})
        self._book.changes.touch()

    async def _carry_out(self, hold: Hold, place_id: str) -> None:
        refusals = 0
        while True:
            seen = self._book.changes.count
            try:
                steps = await self._due(hold)
                if steps is None:
                    return
                pause = await self._go_on(hold, place_id, steps)
                refusals = 0
            except Lost:
                # Ours no longer, or only this step was cancelled meanwhile: the next reading tells.
                continue
            except JournalFailure as failure:
                refusals += 1
                if refusals >= self._timing.commit_tries:
                    await self._give_up(hold, failure)
                    return
                await self._clock.sleep(self._timing.commit_gap)
                continue
            except Exception as error:
                await self._give_up(hold, Failure("The export stopped", f"a fault of evs-tui: {error!r}"))
                raise
            if pause > 0:
                await self._book.changes.wait(seen, pause)

    async def _due(self, hold: Hold) -> list[StepRow] | None:
        """What of the run can be begun, starts first; None when nothing is left to do, or the run is no longer ours."""
        run = await self._book.read(lambda connection: run_row(connection, hold.run_id))
        if run is None or run.owner is None or (run.owner.id, run.epoch) != (hold.owner_id, hold.epoch):
            return None
        steps = await self._book.read(lambda connection: steps_to_carry_out(connection, hold.run_id))
        for step in steps:
            if step.state is StepState.ANNOUNCED and not self._sending.is_sending(step.id):
                await self._book.enter(lambda entry, step=step: forget_announcement(entry, hold, step))  # type: ignore[misc]
        if not steps:
            return None
        pending = [step for step in steps if step.state is StepState.PENDING]
        due = await self._book.read(lambda connection: [step for step in pending if self._is_due(connection, step)])
        return sorted(due, key=lambda step: (step.kind is not StepKind.START, step.no))

    def _is_due(self, connection: sqlite3.Connection, step: StepRow) -> bool:
        waits_for = open_needs(connection, step)
        if step.kind is StepKind.WAIT_VOLUME:
            return all(self._is_left_to_person(need) for need in waits_for)
        if step.kind is StepKind.START and waits_for_outcomes(step, steps_of_run(connection, step.run_id)):
            return False
        return not waits_for

    def _is_left_to_person(self, export: StepRow) -> bool:
        """Whether an open export does not end by itself: its server need not wait for a decision, only for its disk."""
        too_late = self._book.since_announced(export) >= self._timing.post_deadline + self._timing.look_after
        undecided = bool(export.candidates) or not export.watched or export.looks >= self._timing.looks
        return export.state in {StepState.TAKEN, StepState.UNCLEAR} and undecided and too_late

    async def _go_on(self, hold: Hold, place_id: str, steps: Sequence[StepRow]) -> float:
        """Do what can be done now; the seconds to wait until something may have changed."""
        cloud = self._clouds.get(place_id)
        if cloud is None:
            return self._timing.room_gap
        waits: list[float] = []
        exports_wait = False
        for step in steps:
            if step.kind is StepKind.EXPORT and exports_wait:
                continue
            wait = await self._try(hold, step, cloud)
            if wait is None:
                # Something happened: what is due now may be another step.
                return 0.0
            exports_wait = exports_wait or step.kind is StepKind.EXPORT
            waits.append(wait)
        return min(waits, default=_IDLE_CHECK_S)

    async def _try(self, hold: Hold, step: StepRow, cloud: Cloud) -> float | None:
        """Carry this step out if that can be done now; else the seconds to wait."""
        action = ACTIONS.get(step.kind)
        if action is None:
            await self._book.enter(lambda entry: begin(entry, hold, step))
            return None
        wait = self._retry_at.get(step.id, 0.0) - self._clock.elapsed()
        if wait > 0:
            return wait
        tick = self._book.tick()
        full = await self._book.read(lambda connection: action.room(connection, step, self._limits, tick))
        if full is None:
            full = await self._attempt(hold, step, cloud, action)
        if full is None:
            return None
        return self._timing.room_gap if full.wait is None else full.wait

    async def _attempt(self, hold: Hold, step: StepRow, cloud: Cloud, action: Action) -> NoRoom | None:
        """Read once more, announce, send. NoRoom if another process was quicker, or the target is not ready yet."""
        around = await self._book.read(lambda connection: self._around(connection, step))
        found = await _read(action, cloud, step, around)
        match found:
            case Failure() as failure:
                await self._book.enter(lambda entry: not_announced(entry, hold, step, failure, self._timing.attempts))
                self._plan_retry(step, getattr(failure, "retry_after", None))
            case NotYet():
                return NoRoom(0, self._timing.server_gap)
            case Over():
                await self._book.enter(lambda entry: over(entry, hold, step, found))
            case Ask():
                await self._book.enter(lambda entry: found_uploading(entry, hold, step, found))
            case Go():
                answer = await self._sending.send(hold, step, cloud, found)
                if isinstance(answer, NoRoom):
                    return answer
                self._after(step, answer)
        return None

    def _around(self, connection: sqlite3.Connection, step: StepRow) -> Around:
        siblings = server_steps(connection, [step.run_id]).get(step.run_id, ())
        return Around(siblings=siblings, claimed=claimed_images(connection, step.id))

    def _after(self, step: StepRow, answer: Answer) -> None:
        if isinstance(answer, RefusedForNow):
            self._plan_retry(step, answer.error.retry_after if answer.retry_after is None else answer.retry_after)
        elif isinstance(answer, NotSent | Refused):
            self._plan_retry(step, None)

    def _plan_retry(self, step: StepRow, asked: float | None) -> None:
        """When to try again: after the wait the cloud asked for, else after a growing one of our own."""
        timing = self._timing
        if asked is not None:
            wait = min(max(0.0, asked), timing.retry_after_cap)
        else:
            wait = min(timing.retry_cap, timing.retry_first * 2.0**step.attempt) * (0.75 + 0.5 * self._jitter())
        self._retry_at[step.id] = self._clock.elapsed() + wait

    async def _give_up(self, hold: Hold, failure: Failure) -> None:
        """The run cannot go on here: what is pending stays so, for a person to go on with."""
        try:
            steps = await self._book.read(lambda connection: steps_of_run(connection, hold.run_id))
        except JournalFailure:
            return
        waiting = [step.id for step in steps if step.state is StepState.PENDING]
        for step_id in waiting:
            self._sending.unrecorded[step_id] = Unrecorded(error_facts(failure), None)
        self._book.changes.touch(*waiting)


async def _read(action: Action, cloud: Cloud, step: StepRow, around: Around) -> Reading | Failure:
    try:
        return await action.read(cloud, step, around)
    except Failure as failure:
        return failure
