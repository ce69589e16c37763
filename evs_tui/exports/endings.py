"""Tells of each export that ended, once over all processes that share the journal."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from functools import partial

from evs_tui.exports.book import Book
from evs_tui.exports.entry import Entry
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.jobs import one_job
from evs_tui.exports.model import Job, StepKind
from evs_tui.exports.owners import OwnerFacts
from evs_tui.exports.queries import last_event, step_row, steps_since

_TOLD = "hook"
_NEWS_S = 3600.0


class Endings:
    """Follows the journal and calls `tell` with each job that has just ended and nobody told of yet."""

    def __init__(self, book: Book, alive: Callable[[OwnerFacts], bool | None], tell: Callable[[Job], None]) -> None:
        self._book = book
        self._alive = alive
        self._tell = tell
        self._seq: int | None = None

    async def run(self) -> None:
        """Tell of what ends from now on, until cancelled."""
        while True:
            seen = self._book.changes.count
            await self.catch_up()
            await self._book.changes.wait(seen, None)

    async def catch_up(self) -> None:
        """Tell of what ended since the last time. The first time only marks from where on."""
        with contextlib.suppress(JournalFailure):
            if self._seq is None:
                self._seq = await self._book.read(last_event)
                return
            changed, self._seq = await self._book.read(partial(steps_since, seq=self._seq))
            for step_id in sorted(changed):
                if await self._book.read(partial(self._is_news, step_id)):
                    await self._tell_of(step_id)

    async def _tell_of(self, step_id: str) -> None:
        # Claimed in the journal before it is told: of two processes that see the end, one does.
        if await self._book.enter(lambda entry: self._claim(entry, step_id)):
            self._tell(await self._book.read(lambda connection: one_job(connection, step_id, self._alive)))

    def _is_news(self, step_id: str, connection: sqlite3.Connection) -> bool:
        step = step_row(connection, step_id)
        if step is None or step.kind is not StepKind.EXPORT or step.outcome is None or step.settled_at is None:
            return False
        told = connection.execute("SELECT 1 FROM event WHERE step = ? AND kind = ?", (step_id, _TOLD)).fetchone()
        return told is None and self._book.since(step.settled_at) < _NEWS_S

    def _claim(self, entry: Entry, step_id: str) -> bool:
        step = step_row(entry.connection, step_id)
        if step is None or not self._is_news(step_id, entry.connection):
            return False
        entry.log(step.run_id, step_id, _TOLD)
        return True
