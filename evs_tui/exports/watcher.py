"""Watches the taken exports of one place until their images are proved usable or lost. It needs no ownership.

A poll asks for the disks, 60 in a call; an image is asked for when its disk has left `uploading`, and rarely before.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evs_tui.clock import Clock
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import Image
from evs_tui.exports.book import Book
from evs_tui.exports.custody import Custody
from evs_tui.exports.entry import Entry, error_facts
from evs_tui.exports.evidence import UPLOADING
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.model import ErrorFacts, Outcome
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import newest_to_watch, step_row, steps_to_watch
from evs_tui.exports.receipt import make_receipt
from evs_tui.exports.records import StepRow
from evs_tui.exports.settling import Sight, failure_facts, observe, outcome_of, settle, watch_error
from evs_tui.exports.timing import Timing
from evs_tui.failure import ExitCode

_IDLE_CHECK_S = 30.0
_TOLD_AFTER = 2
_OF_ONE = frozenset(
    {ErrorKind.RIGHTS, ErrorKind.PROJECT, ErrorKind.MISSING, ErrorKind.STATE, ErrorKind.QUOTA, ErrorKind.INVALID}
)
"""Errors that speak of one thing and do not keep the others from being watched."""


@dataclass(frozen=True, slots=True)
class _Disks:
    """What a poll learned of the disks. A disk that is known to be gone has the status None."""

    statuses: dict[str, str | None]
    project_seen: bool


class Watcher:
    """Watches one place with one session."""

    def __init__(
        self,
        book: Book,
        place_id: str,
        cloud: Cloud,
        *,
        clock: Clock,
        jitter: Callable[[], float],
        points: Points,
        timing: Timing,
        custody: Custody,
    ) -> None:
        self._book = book
        self._place_id = place_id
        self._cloud = cloud
        self._clock = clock
        self._jitter = jitter
        self._points = points
        self._timing = timing
        self._custody = custody
        self._polled: float | None = None
        self._failures = 0
        self._pause = 0.0
        self._asked = 0.0
        self._jittered = 1.0
        self._gone: dict[str, int] = {}
        self._image_asked: dict[str, float] = {}
        self.stopped = False
        """Signing in failed: nothing is watched until the next session."""

    async def run(self) -> None:
        """Poll for as long as there is something to watch, until cancelled or signing in fails."""
        while not self.stopped:
            seen = self._book.changes.count
            try:
                wait = await self._round()
            except JournalFailure:
                wait = _IDLE_CHECK_S
            if wait is None or wait > 0:
                await self._book.changes.wait(seen, wait)
        self._book.changes.touch()

    async def _round(self) -> float | None:
        """Poll if it is time; seconds until the next poll, or None while there is nothing to watch."""
        newest = await self._book.read(lambda connection: newest_to_watch(connection, self._place_id))
        if newest is None:
            return None
        wait = self._wait(self._book.since(newest))
        if wait > 0:
            return wait
        steps = await self._book.read(self._steps)
        if not steps:
            # Somebody else watches them; find out when that one ends.
            return _IDLE_CHECK_S
        self._polled = self._clock.elapsed()
        try:
            well = await self._poll(steps)
        except CloudError as error:
            await self._failed(steps, error)
        else:
            self._failures = 0
            await self._tell(well, None)
        self._pause = self._next_pause(self._book.since(newest))
        return 0.0

    def _steps(self, connection: sqlite3.Connection) -> list[StepRow]:
        return self._custody.looked_after(connection, steps_to_watch(connection, self._place_id))

    def _wait(self, youngest: float) -> float:
        if self._polled is None:
            return 0.0
        # An export that was taken after the last poll is not kept waiting for the slow rhythm of older ones.
        pause = self._pause if self._failures else min(self._pause, self._interval(youngest) * self._jittered)
        return pause - (self._clock.elapsed() - self._polled)

    def _next_pause(self, youngest: float) -> float:
        interval = self._interval(youngest)
        self._jittered = 0.9 + 0.2 * self._jitter()
        if self._failures:
            interval = max(interval, min(self._timing.poll_error_cap, interval * 2.0**self._failures), self._asked)
        return interval * self._jittered

    def _interval(self, youngest: float) -> float:
        """The rhythm by the age of the youngest export, in seconds; slower while nobody looks."""
        gap = next((gap for age, gap in self._timing.poll_steps if youngest < age), self._timing.poll_last)
        return gap if self._book.changes.is_followed else gap * self._timing.poll_unseen

    async def _poll(self, steps: Sequence[StepRow]) -> list[StepRow]:
        """Ask once about everything; the exports that could be asked about."""
        self._points.reach("poll")
        disks = await self._read_disks([step for step in steps if step.volume_status in {None, UPLOADING}])
        early = next((step.id for step in steps if self._is_due_early(step)), None)
        well = []
        for step in steps:
            status = disks.statuses.get(step.volume_id, step.volume_status)
            try:
                if status != UPLOADING or step.id == early:
                    await self._see(step, status, await self._read_image(step), disks)
                else:
                    await self._note(step, status, None)
            except CloudError as error:
                if error.kind not in _OF_ONE:
                    raise
                await self._tell([step], error_facts(error))
            else:
                well.append(step)
        return well

    async def _read_disks(self, steps: Sequence[StepRow]) -> _Disks:
        wanted = [step.volume_id for step in steps]
        found = await self._cloud.read_volumes(wanted) if wanted else {}
        statuses: dict[str, str | None] = {volume_id: volume.status for volume_id, volume in found.items()}
        for volume_id in wanted:
            # What a list leaves out is not gone for that.
            if volume_id not in statuses:
                statuses[volume_id] = await self._read_status(volume_id)
        return _Disks(statuses, any(status is not None for status in statuses.values()))

    async def _read_status(self, volume_id: str) -> str | None:
        try:
            return (await self._cloud.read_volume(volume_id)).status
        except CloudError as error:
            if error.kind is ErrorKind.MISSING:
                return None
            raise

    async def _read_image(self, step: StepRow) -> Image | None:
        self._image_asked[step.id] = self._clock.elapsed()
        return None if step.image_id is None else await self._cloud.read_image(step.image_id)

    def _is_due_early(self, step: StepRow) -> bool:
        """Whether it is time to ask for the image of a disk that still uploads: one in a poll, each one rarely."""
        asked = self._image_asked.setdefault(step.id, self._clock.elapsed())
        return self._clock.elapsed() - asked >= self._timing.image_rarely

    async def _see(self, step: StepRow, volume_status: str | None, image: Image | None, disks: _Disks) -> None:
        """Judge an export whose image was just asked for."""
        self._gone[step.id] = 0 if image is not None else self._gone.get(step.id, 0) + 1
        seen = disks.project_seen
        if image is None and not seen and await self._read_status(step.volume_id) is not None:
            seen = True
        sight = Sight(
            volume_status=volume_status,
            asked_image=True,
            image=image,
            project_seen=seen,
            gone_reads=self._gone[step.id],
            # Whichever clock says less: the wall clock may have been set meanwhile.
            age_s=min(self._book.since_answered(step), self._book.since_announced(step)),
        )
        await self._note(step, volume_status, image)
        outcome = outcome_of(step, sight, self._timing.seen_grace)
        if outcome is Outcome.SUCCEEDED:
            await self._succeed(step)
        elif outcome is Outcome.FAILED:
            facts = failure_facts(sight, await self._cloud.failure_reason(step.volume_id))
            await self._settle(step, Outcome.FAILED, facts, None)

    async def _succeed(self, step: StepRow) -> None:
        self._points.reach("active-seen")
        try:
            image = await self._read_image(step)
        except CloudError:
            # The image was active; its receipt can be made later.
            await self._settle(step, Outcome.SUCCEEDED, None, None)
            return
        if image is not None:
            await self._settle(step, Outcome.SUCCEEDED, None, image)

    async def _settle(self, step: StepRow, outcome: Outcome, error: ErrorFacts | None, image: Image | None) -> None:
        receipt = None if image is None else make_receipt(step, image, self._clock.now())

        def work(entry: Entry) -> None:
            present = step_row(entry.connection, step.id)
            if present is not None and image is not None:
                observe(entry, present, None, image)
            settle(entry, step, outcome, error, receipt)

        await self._book.enter(work)
        self._gone.pop(step.id, None)
        self._image_asked.pop(step.id, None)
        self._points.reach("settled")

    async def _note(self, step: StepRow, volume_status: str | None, image: Image | None) -> None:
        new_status = volume_status is not None and volume_status != step.volume_status
        new_image = image is not None and (image.status, image.size_bytes) != (step.image_status, step.image_size_bytes)
        if new_status or new_image:
            await self._book.enter(lambda entry: observe(entry, step, volume_status, image))

    async def _failed(self, steps: Sequence[StepRow], error: CloudError) -> None:
        self._failures += 1
        self._asked = min(error.retry_after or 0.0, self._timing.retry_after_cap)
        self.stopped = error.exit_code is ExitCode.SIGN_IN
        # One poll that fails is no news.
        if self.stopped or self._failures >= _TOLD_AFTER:
            await self._tell(steps, error_facts(error))

    async def _tell(self, steps: Sequence[StepRow], error: ErrorFacts | None) -> None:
        concerned = [step for step in steps if _kind(step.error) != _kind(error)]

        def work(entry: Entry) -> None:
            for step in concerned:
                watch_error(entry, step, error)

        if concerned:
            await self._book.enter(work)


def _kind(error: ErrorFacts | None) -> tuple[int, str] | None:
    """What makes an error the same news as the last one: request ids differ each time."""
    return None if error is None else (error.exit_code, error.what)
