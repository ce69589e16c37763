"""The journal with the time of each entry: what runner, looker, watcher and service write into."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from evs_tui.clock import Clock
from evs_tui.exports.changes import Changes
from evs_tui.exports.entry import Entry
from evs_tui.exports.journal import Journal
from evs_tui.exports.records import StepRow, Tick

T = TypeVar("T")


class Book:
    """The journal as the engine uses it."""

    def __init__(self, journal: Journal, clock: Clock, boot_id: str, changes: Changes) -> None:
        self.journal = journal
        self.changes = changes
        self._clock = clock
        self._boot_id = boot_id

    def tick(self) -> Tick:
        """This moment on this boot's clock."""
        return Tick(self._boot_id, self._clock.elapsed())

    async def enter(self, work: Callable[[Entry], T]) -> T:
        """Make one entry, dated with the moment it was asked for; on the disk when this returns.

        Raises:
            JournalFailure: nothing of it was recorded.
        """
        now, tick = self._clock.now(), self.tick()
        result = await self.journal.write(lambda connection: work(Entry(connection, now, tick)))
        self.changes.touch()
        return result

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the journal.

        Raises:
            JournalFailure: it cannot be read.
        """
        return await self.journal.read(work)

    def since_announced(self, step: StepRow) -> float:
        """Seconds since the step was announced: on the clock of this boot, else by the wall clock."""
        if step.announced is not None and step.announced.boot_id == self._boot_id:
            return self._clock.elapsed() - step.announced.elapsed
        if step.announced_at is None:
            return 0.0
        return max(0.0, (self._clock.now() - step.announced_at).total_seconds())

    def since_looked(self, step: StepRow) -> float | None:
        """Seconds since somebody last looked, or None if nobody did in this boot."""
        if step.looked is None or step.looked.boot_id != self._boot_id:
            return None
        return self._clock.elapsed() - step.looked.elapsed

    def since_answered(self, step: StepRow) -> float:
        """Seconds by the wall clock since the export was known to be taken."""
        return 0.0 if step.answered_at is None else self.since(step.answered_at)

    def since(self, moment: datetime) -> float:
        """Seconds by the wall clock."""
        return (self._clock.now() - moment).total_seconds()
