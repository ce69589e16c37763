"""Looks at the unclear exports of one place until it is known what became of them. Looking needs no ownership."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from evs_tui.clock import Clock
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import Image
from evs_tui.exports.book import Book
from evs_tui.exports.custody import Custody
from evs_tui.exports.entry import Entry
from evs_tui.exports.evidence import Absent, Ask, Found, weigh
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.looks import absent_facts, adopt, ask, none_found, not_taken
from evs_tui.exports.model import StepState
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import claimed_images, rivals, steps_to_look_for
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
        self._cloud = cloud
        self._clock = clock
        self._points = points
        self._timing = timing
        self._custody = custody
        self._claimed_here = claimed_here
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
        self._points.reach("look")
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
        if step.fact == "found_uploading":
            # What is there was there before us: only a person can say whether it is ours.
            return
        counts_from = self._timing.post_deadline + self._timing.look_after
        counts = self._book.since_announced(step) >= counts_from
        # The disk first: if it is back already, an image that it left behind is in the list that is read after it.
        volume = await self._cloud.read_volume(step.volume_id)
        images = await self._cloud.images_named(step.request.image_name)
        looks = await self._book.enter(lambda entry: self._conclude(entry, step, volume.status, images, counts=counts))
        if step.state is StepState.UNCLEAR and looks >= self._timing.looks:
            facts = absent_facts(looks, await self._cloud.failure_reason(step.volume_id))
            await self._book.enter(lambda entry: not_taken(entry, step, facts, "looking"))
        self._points.reach("looked")

    def _conclude(
        self, entry: Entry, step: StepRow, volume_status: str, images: Sequence[Image], *, counts: bool
    ) -> int:
        """Record what the look proves; how many looks in a row now found nothing."""
        here = self._claimed_here()
        claimed = claimed_images(entry.connection, step.id) | here
        evidence = weigh(step, volume_status, images, claimed=claimed, rivals=rivals(entry.connection, step))
        if isinstance(evidence, Found) and adopt(entry, step, evidence.image, "name", claimed=here):
            return 0
        if isinstance(evidence, Ask):
            ask(entry, step, evidence.images, volume_status)
            return 0
        counted = isinstance(evidence, Absent) and counts
        return none_found(entry, step, volume_status, counts=counted) or 0
