"""Reads the servers and disks that steps of one place wait for, until they are where they should be.

Like watching it needs no ownership: what a process that ended has begun is seen to its end by the next one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from evs_tui.clock import Clock
from evs_tui.cloud.errors import CloudError
from evs_tui.exports.book import Book
from evs_tui.exports.consequences import ASKED, conclude
from evs_tui.exports.custody import Custody
from evs_tui.exports.entry import Entry
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.kinds.kind import Around, Ended, Observation, Still
from evs_tui.exports.kinds.table import OBSERVED
from evs_tui.exports.model import Outcome, StepState
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import server_steps, steps_to_observe
from evs_tui.exports.records import StepRow, error_document
from evs_tui.exports.timing import Timing
from evs_tui.failure import ExitCode

_IDLE_CHECK_S = 30.0


class Observer:
    """Observes one place with one session."""

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
        self._next: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self.stopped = False
        """Signing in failed: nothing is observed until the next session."""

    async def run(self) -> None:
        """Read whatever is due, until cancelled or signing in fails."""
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
        """Observe what is due; seconds until the next is, or None if nothing waits."""
        everything, ours = await self._book.read(self._steps)
        now = self._clock.elapsed()
        due = [step for step in ours if self._next.get(step.id, 0.0) <= now]
        for step in due:
            await self._observe(step)
            if self.stopped:
                return None
        if due:
            return 0.0
        waits = [self._next[step.id] - now for step in ours]
        if len(ours) < everything:
            # Somebody else observes them; find out when that one ends.
            waits.append(_IDLE_CHECK_S)
        return min(waits, default=None)

    def _steps(self, connection: sqlite3.Connection) -> tuple[int, list[StepRow]]:
        steps = steps_to_observe(connection, self._place_id)
        return len(steps), self._custody.looked_after(connection, steps)

    async def _observe(self, step: StepRow) -> None:
        self._points.reach(f"{step.kind}-poll")
        age = self._book.since_announced(step)
        siblings = await self._book.read(lambda connection: server_steps(connection, [step.run_id])[step.run_id])
        try:
            found = await OBSERVED[step.kind].observe(
                self._cloud, step, Around(siblings=siblings, age_s=age), self._timing
            )
        except CloudError as error:
            self._failed(step, age, error)
            return
        self._failures.pop(step.id, None)
        self._next[step.id] = self._clock.elapsed() + self._interval(age)
        if isinstance(found, Ended):
            self._points.reach(f"{step.kind}-seen")
        await self._note(step, found)
        if isinstance(found, Ended):
            self._next.pop(step.id, None)
            self._points.reach(f"{step.kind}-settled")

    def _interval(self, age: float) -> float:
        interval = next((gap for limit, gap in self._timing.poll_steps if age < limit), self._timing.poll_last)
        return interval * (0.9 + 0.2 * self._jitter())

    def _failed(self, step: StepRow, age: float, error: CloudError) -> None:
        """A reading that fails is none; it is made again, less and less often."""
        if error.exit_code is ExitCode.SIGN_IN:
            self.stopped = True
            return
        failures = self._failures.get(step.id, 0) + 1
        self._failures[step.id] = failures
        wait = min(self._timing.poll_error_cap, self._interval(age) * 2.0**failures)
        asked = min(error.retry_after or 0.0, self._timing.retry_after_cap)
        self._next[step.id] = self._clock.elapsed() + max(wait, asked)

    async def _note(self, step: StepRow, found: Observation) -> None:
        """Record what is new; what did not change writes nothing."""
        if isinstance(found, Still):
            if (found.status, found.fact) != (step.volume_status, step.fact):
                await self._book.enter(lambda entry: _go_on(entry, step, found))
        else:
            await self._book.enter(lambda entry: _end(entry, step, found, self._timing.attempts))


def _go_on(entry: Entry, step: StepRow, found: Still) -> None:
    if not entry.move(step, StepState.TAKEN, volume_status=found.status, fact=found.fact):
        return
    if found.status != step.volume_status:
        entry.log(step.run_id, step.id, "seen", **step.named, status=found.status)
    if found.fact != step.fact:
        entry.log(step.run_id, step.id, found.fact or "goes_on", **step.named)


def _end(entry: Entry, step: StepRow, found: Ended, attempts: int) -> None:
    error = None if found.error is None else error_document(found.error)
    data = {**step.named, "status": found.status} | ({} if error is None else {"error": error})
    if found.again and step.attempt < attempts:
        again = {"state": "pending", "fact": ASKED, "volume_status": found.status, "error": json.dumps(error)}
        if entry.move(step, StepState.TAKEN, **again):
            entry.log(step.run_id, step.id, "tried_again", **data)
        return
    state = StepState.DONE if found.outcome is Outcome.SUCCEEDED else StepState.REFUSED
    settled = entry.settled(state, found.outcome, found.error)
    fact = step.fact if found.fact is None else found.fact
    if entry.move(step, StepState.TAKEN, **settled, volume_status=found.status, fact=fact):
        entry.log(step.run_id, step.id, "ended" if found.outcome is Outcome.SUCCEEDED else "went_wrong", **data)
        conclude(entry, step.run_id)
