"""The one place that sends what changes something in the cloud: announce, send once, record the answer.

All three are one task that nobody cancels. Who asked for it may go; `close` waits for it, up to the request's deadline.
"""

from __future__ import annotations

import asyncio

from evs_tui.clock import Clock
from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.exports.attention import Unrecorded
from evs_tui.exports.book import Book
from evs_tui.exports.entry import Entry, Hold, Lost, error_facts
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.kinds.kind import Go, NoRoom
from evs_tui.exports.kinds.table import ACTIONS
from evs_tui.exports.model import StepKind, StepState
from evs_tui.exports.owners import Owner
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.records import StepRow
from evs_tui.exports.steps import Announced, announce, record_answer
from evs_tui.exports.timing import Limits, Timing
from evs_tui.failure import ExitCode


class Sending:
    """Announces and sends for the runs of one owner."""

    def __init__(
        self, book: Book, owner: Owner, *, clock: Clock, points: Points, timing: Timing, limits: Limits
    ) -> None:
        self._book = book
        self._owner = owner
        self._clock = clock
        self._points = points
        self._timing = timing
        self._limits = limits
        self._tasks: dict[str, asyncio.Task[Answer | NoRoom]] = {}
        self._closing = asyncio.Event()
        self.unrecorded: dict[str, Unrecorded] = {}
        """What the journal could not take, by step."""

    def is_sending(self, step_id: str) -> bool:
        """Whether the step was announced here and its answer is not recorded yet."""
        return step_id in self._tasks

    async def send(self, hold: Hold, step: StepRow, cloud: Cloud, go: Go) -> Answer | NoRoom:
        """Announce and send; the answer, recorded, or why it was not announced. The work outlives a cancelled caller.

        Raises:
            Lost: the run is not ours, or the step is no longer pending: nothing was sent.
            JournalFailure: the announcement could not be recorded: nothing was sent.
        """
        task = asyncio.create_task(self._send(hold, step, cloud, go))
        self._tasks[step.id] = task
        task.add_done_callback(lambda done: self._forget(step.id, done))
        return await asyncio.shield(task)

    def stop(self) -> None:
        """Announce nothing more."""
        self._closing.set()

    async def close(self) -> None:
        """Return when what was announced has been answered and recorded, or cannot be. Announces nothing more."""
        self.stop()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def _forget(self, step_id: str, task: asyncio.Task[Answer | NoRoom]) -> None:
        self._tasks.pop(step_id, None)
        if not task.cancelled():
            # Marks the error as seen: if nobody waits for it any more, the journal says what there is to say.
            task.exception()

    async def _send(self, hold: Hold, step: StepRow, cloud: Cloud, go: Go) -> Answer | NoRoom:
        if self._closing.is_set():
            raise Lost
        self._reach(step, "before-announce")
        began = self._clock.elapsed()
        announced = await self._book.enter(lambda entry: self._announce(entry, hold, step, go))
        if isinstance(announced, NoRoom):
            return announced
        self._reach(step, "announced")
        if self._clock.elapsed() - began >= self._timing.announce_window:
            answer: Answer = NotSent(_too_late())
        else:
            answer = await self._call(step, cloud)
        await self._record(hold, step, answer)
        return answer

    def _reach(self, step: StepRow, point: str) -> None:
        self._points.reach(point if step.kind is StepKind.EXPORT else f"{step.kind}-{point}")

    def _announce(self, entry: Entry, hold: Hold, step: StepRow, go: Go) -> Announced | NoRoom:
        self._owner.keep_room()
        return announce(entry, hold, step, self._limits, go)

    async def _call(self, step: StepRow, cloud: Cloud) -> Answer:
        self._reach(step, "sending")
        try:
            answer = await ACTIONS[step.kind].send(cloud, step, deadline=self._timing.post_deadline)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the request may have left
            answer = Unclear(
                CloudError(ErrorKind.INTERRUPTED, "The answer of the cloud was lost", type(error).__name__)
            )
        self._reach(step, "answered")
        return answer

    async def _record(self, hold: Hold, step: StepRow, answer: Answer) -> None:
        """Record the answer, however long the journal refuses; after a while a person is told."""
        tries = 0
        while True:
            try:
                await self._book.enter(lambda entry: self._answered(entry, hold, step, answer))
            except Lost:
                # Somebody took the run over while we were asleep: the step is unclear, and looking finds the image.
                break
            except JournalFailure as failure:
                self._owner.give_room()
                tries += 1
                if tries >= self._timing.commit_tries:
                    self._tell(step, answer, failure)
                    if self._closing.is_set():
                        return
                await self._pause(tries)
            else:
                self._reach(step, "answer-committed")
                break
        if self.unrecorded.pop(step.id, None) is not None:
            self._book.changes.touch(step.id)

    def _answered(self, entry: Entry, hold: Hold, step: StepRow, answer: Answer) -> StepState:
        return record_answer(entry, hold, step.id, answer, self._timing.attempts)

    def _tell(self, step: StepRow, answer: Answer, failure: JournalFailure) -> None:
        if step.id in self.unrecorded:
            return
        image_id = answer.image_id if isinstance(answer, Taken) else None
        self.unrecorded[step.id] = Unrecorded(error_facts(failure, ExitCode.UNCLEAR), _in_words(step, answer), image_id)
        self._book.changes.touch(step.id)

    async def _pause(self, tries: int) -> None:
        """Wait before the next try; the first comes at once, now that there may be room."""
        if tries == 1:
            return
        pause = asyncio.create_task(self._clock.sleep(self._timing.commit_gap))
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait(
                {pause} if tries < self._timing.commit_tries else {pause, closing}, return_when="FIRST_COMPLETED"
            )
        finally:
            pause.cancel()
            closing.cancel()


def _too_late() -> CloudError:
    return CloudError(
        ErrorKind.UNREACHABLE,
        "Nothing was sent",
        "the machine or the program stood still between the announcement and the request",
    )


def _in_words(step: StepRow, answer: Answer) -> str:
    what = "the export" if step.kind is StepKind.EXPORT else f"the request to {step.kind} {step.target_name}"
    match answer:
        case Taken(image_id=None):
            return f"The cloud took {what}" + (", without a readable image id" if step.kind is StepKind.EXPORT else "")
        case Taken(image_id=image_id):
            return f"The cloud took the export: image {image_id}"
        case Refused(error=error) | RefusedForNow(error=error):
            return f"The cloud refused {what}: {error.why}"
        case NotSent():
            return "The request could not be sent"
        case _:
            return "The answer of the cloud was lost"
