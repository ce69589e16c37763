"""Carries out the runs of this process, one export after the other, as there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evs_tui.clock import Clock
from evs_tui.cloud.answers import NotSent, RefusedForNow
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import Image, Server, Volume
from evs_tui.exports.attention import Unrecorded
from evs_tui.exports.book import Book
from evs_tui.exports.entry import Entry, Hold, Lost, error_facts
from evs_tui.exports.evidence import UPLOADING
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.looks import candidate_of
from evs_tui.exports.model import StepState
from evs_tui.exports.ports import Cloud
from evs_tui.exports.queries import claimed_images, run_row, steps_of_run, steps_to_send
from evs_tui.exports.readiness import objection
from evs_tui.exports.records import StepRow
from evs_tui.exports.sending import Sending
from evs_tui.exports.steps import NoRoom, forget_announcement, found_uploading, not_announced, room
from evs_tui.exports.timing import Limits, Timing
from evs_tui.failure import Failure, RefusedFailure


@dataclass(frozen=True, slots=True)
class _Readings:
    """What was read right before an announcement."""

    volume: Volume
    servers: Mapping[str, Server | None]
    same_name: tuple[Image, ...]


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
                step = await self._next(hold)
                if step is None:
                    return
                pause = await self._go_on(hold, place_id, step)
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
            if pause is not None:
                await self._book.changes.wait(seen, pause)

    async def _next(self, hold: Hold) -> StepRow | None:
        """The next export of the run to send, or None when there is none or the run is no longer ours."""
        run = await self._book.read(lambda connection: run_row(connection, hold.run_id))
        if run is None or run.owner is None or (run.owner.id, run.epoch) != (hold.owner_id, hold.epoch):
            return None
        steps = await self._book.read(lambda connection: steps_to_send(connection, hold.run_id))
        for step in steps:
            if step.state is StepState.ANNOUNCED and not self._sending.is_sending(step.id):
                await self._book.enter(lambda entry, step=step: forget_announcement(entry, hold, step))  # type: ignore[misc]
        return next((step for step in steps if step.state is StepState.PENDING), None)

    async def _go_on(self, hold: Hold, place_id: str, step: StepRow) -> float | None:
        """Send this export if it can be sent now; else the seconds to wait until something may have changed."""
        wait = self._retry_at.get(step.id, 0.0) - self._clock.elapsed()
        if wait > 0:
            return wait
        cloud = self._clouds.get(place_id)
        if cloud is None:
            return self._timing.room_gap
        tick = self._book.tick()
        full = await self._book.read(lambda connection: room(connection, step, self._limits, tick))
        if full is None:
            full = await self._attempt(hold, step, cloud)
        if full is None:
            return None
        return self._timing.room_gap if full.wait is None else full.wait

    async def _attempt(self, hold: Hold, step: StepRow, cloud: Cloud) -> NoRoom | None:
        """Read once more, announce, send. NoRoom if another process was quicker."""
        readings = await self._read(cloud, step)
        if isinstance(readings, Failure):
            await self._book.enter(lambda entry: not_announced(entry, hold, step, readings, self._timing.attempts))
            self._plan_retry(step, getattr(readings, "retry_after", None))
            return None
        refusal = objection(step, readings.volume, readings.servers)
        if refusal is not None:
            await self._book.enter(lambda entry: self._leave_it(entry, hold, step, readings, refusal))
            return None
        answer = await self._sending.send(hold, step, cloud, readings.volume, readings.same_name)
        if isinstance(answer, NoRoom):
            return answer
        if isinstance(answer, RefusedForNow):
            self._plan_retry(step, answer.error.retry_after if answer.retry_after is None else answer.retry_after)
        elif isinstance(answer, NotSent):
            self._plan_retry(step, None)
        return None

    async def _read(self, cloud: Cloud, step: StepRow) -> _Readings | Failure:
        try:
            volume = await cloud.read_volume(step.volume_id)
            servers: dict[str, Server | None] = {}
            if volume.status == "in-use" and step.request.force:
                for attachment in volume.attachments:
                    servers[attachment.server_id] = await _server_or_none(cloud, attachment.server_id)
            return _Readings(volume, servers, tuple(await cloud.images_named(step.request.image_name)))
        except Failure as failure:
            return failure

    def _leave_it(
        self, entry: Entry, hold: Hold, step: StepRow, readings: _Readings, refusal: RefusedFailure
    ) -> StepState:
        claimed = claimed_images(entry.connection, step.id)
        ours = [candidate_of(image) for image in readings.same_name if image.id not in claimed]
        if readings.volume.status == UPLOADING and ours:
            return found_uploading(entry, hold, step, ours, refusal)
        return not_announced(entry, hold, step, refusal, self._timing.attempts)

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


async def _server_or_none(cloud: Cloud, server_id: str) -> Server | None:
    try:
        return await cloud.read_server(server_id)
    except CloudError:
        return None
