"""Looks at the unclear steps of one place until it is known what became of them. Looking needs no ownership."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from evs_tui.clock import Clock
from evs_tui.cloud.errors import CloudError
from evs_tui.exports.book import Book
from evs_tui.exports.custody import Custody
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.kinds.call_look import CallLook
from evs_tui.exports.kinds.export_look import ExportLook
from evs_tui.exports.model import StepKind, StepState
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import steps_to_look_for
from evs_tui.exports.records import StepRow
from evs_tui.exports.timing import Timing
from evs_tui.failure import ExitCode

_IDLE_CHECK_S = 30.0
_SLOW_GAP_S = 60.0


class Looker:
    """Looks for one place. `claimed_here` are images whose answers could not be recorded yet."""

    def __init__(
        self,
        book: Book,
        place_id: str,
        cloud: Cloud,
        *,
        clock: Clock,
        points: Points,
        timing: Timing,
        custody: Custody,
        claimed_here: Callable[[], frozenset[str]],
    ) -> None:
        self._book = book
        self._place_id = place_id
        self._clock = clock
        self._points = points
        self._timing = timing
        self._custody = custody
        self._export_look = ExportLook(book, cloud, points=points, timing=timing, claimed_here=claimed_here)
        self._call_look = CallLook(book, cloud, points=points, timing=timing)
        self._failed: dict[str, tuple[int, float]] = {}
        self.stopped = False
        """Signing in failed: nothing is looked at until the next session."""

    async def run(self) -> None:
        """Look whenever a look is due, until cancelled or signing in fails."""
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
        """Look at what is due; seconds until the next is, or None if nothing is unclear."""
        open_steps, ours = await self._book.read(self._steps)
        waits = [(self._wait(step), step) for step in ours]
        due = [step for wait, step in waits if wait is not None and wait <= 0]
        for step in due:
            await self.look(step)
            if self.stopped:
                return None
        if due:
            return 0.0
        later = [wait for wait, _ in waits if wait is not None]
        if len(ours) < open_steps:
            # Somebody else looks at them; find out when that one ends.
            later.append(_IDLE_CHECK_S)
        return min(later, default=None)

    def _steps(self, connection: sqlite3.Connection) -> tuple[int, list[StepRow]]:
        open_steps = steps_to_look_for(connection, self._place_id)
        return len(open_steps), self._custody.looked_after(connection, open_steps)

    def _wait(self, step: StepRow) -> float | None:
        """Seconds until this step is looked at next; None if only a person can decide it any more."""
        age = self._book.since_announced(step)
        if step.state is StepState.UNCLEAR and age > self._timing.look_patience:
            return None
        failures, not_before = self._failed.get(step.id, (0, 0.0))
        pause = not_before - self._clock.elapsed() if failures else 0.0
        since = self._book.since_looked(step)
        due = self._timing.look_first - age if since is None else self._gap(step, age, since) - since
        return max(due, pause)

    def _gap(self, step: StepRow, age: float, since: float) -> float:
        """The gap after the last look: growing while no look counts yet, then the rule's own."""
        timing = self._timing
        counts_from = timing.post_deadline + timing.look_after
        if step.state is StepState.TAKEN and step.looks >= timing.looks:
            return _SLOW_GAP_S
        if step.looks or age - since >= counts_from:
            return timing.look_gap
        return max(timing.look_gap, min(age - since, counts_from - (age - since)))

    async def look(self, step: StepRow) -> None:
        """Look once. A look that fails is no look; a refused sign-in stops looking."""
        self._points.reach("look" if step.kind is StepKind.EXPORT else f"{step.kind}-look")
        try:
            await self.look_once(step)
        except CloudError as error:
            if error.exit_code is ExitCode.SIGN_IN:
                self.stopped = True
                return
            failures = self._failed.get(step.id, (0, 0.0))[0] + 1
            wait = min(self._timing.poll_error_cap, self._timing.look_gap * 2.0 ** (failures - 1))
            wait = max(wait, min(error.retry_after or 0.0, self._timing.retry_after_cap))
            self._failed[step.id] = (failures, self._clock.elapsed() + wait)
        else:
            self._failed.pop(step.id, None)

    async def look_once(self, step: StepRow) -> None:
        """Look once, for somebody who wants to know at once.

        Raises:
            CloudError: the look could not be made, so it is none.
            JournalFailure: what was seen could not be recorded.
        """
        look = self._export_look if step.kind is StepKind.EXPORT else self._call_look
        await look.look_once(step)
