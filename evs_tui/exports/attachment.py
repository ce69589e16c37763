"""One signed-in place: what recovers, looks and watches there for as long as its session is used."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Coroutine
from typing import Any

from evs_tui.clock import Clock
from evs_tui.exports.book import Book
from evs_tui.exports.custody import Custody
from evs_tui.exports.entry import Entry
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.looker import Looker
from evs_tui.exports.model import Place
from evs_tui.exports.observer import Observer
from evs_tui.exports.owners import Liveness
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import run_row
from evs_tui.exports.records import RunRow
from evs_tui.exports.runs import leave, owned_runs
from evs_tui.exports.timing import Timing
from evs_tui.exports.watcher import Watcher

_CHECK_S = 30.0


class Attachment:
    """The tasks of one place."""

    def __init__(
        self,
        place: Place,
        cloud: Cloud,
        book: Book,
        *,
        clock: Clock,
        jitter: Callable[[], float],
        points: Points,
        timing: Timing,
        custody: Custody,
        liveness: Liveness,
        claimed_here: Callable[[], frozenset[str]],
    ) -> None:
        self.place = place
        self.cloud = cloud
        self._book = book
        self._liveness = liveness
        self.looker = Looker(
            book,
            place.id,
            cloud,
            clock=clock,
            points=points,
            timing=timing,
            custody=custody,
            claimed_here=claimed_here,
        )
        self.watcher = Watcher(
            book, place.id, cloud, clock=clock, jitter=jitter, points=points, timing=timing, custody=custody
        )
        self.observer = Observer(
            book, place.id, cloud, clock=clock, jitter=jitter, points=points, timing=timing, custody=custody
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = False

    @property
    def can_work(self) -> bool:
        """Whether what is open here is still looked at and watched."""
        return self._begun and not (self.looker.stopped or self.watcher.stopped or self.observer.stopped)

    def begin(self) -> None:
        """Recover what a process that ended left behind, then look and watch, in the background."""
        if not self._begun:
            self._begun = True
            work = (self._recover(), self.looker.run(), self.watcher.run(), self.observer.run())
            self._tasks = [self._task(one) for one in work]

    async def end(self) -> None:
        """Stop looking and watching. Nothing is lost by that."""
        self._begun = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        # A fault of ours: whoever waits for this place must not wait for ever.
        self._begun = False
        self._book.changes.touch()
        asyncio.get_running_loop().call_exception_handler({"message": "watching stopped", "exception": error})

    async def _recover(self) -> None:
        while True:
            seen = self._book.changes.count
            ended: list[RunRow] = []
            living = 0
            with contextlib.suppress(JournalFailure):
                ended, living = await self._book.read(self._owned)
                if ended:
                    await self._book.enter(self._free)
            await self._book.changes.wait(seen, _CHECK_S if living or ended else None)

    def _owned(self, connection: sqlite3.Connection) -> tuple[list[RunRow], int]:
        """The runs here whose processes ended, and how many others still are in somebody's hands."""
        found = [run_row(connection, run_id) for run_id in owned_runs(connection, place_id=self.place.id)]
        runs = [run for run in found if run is not None]
        ended = [run for run in runs if run.owner is not None and self._liveness.is_ours_to_take(run.owner)]
        return ended, len(runs) - len(ended)

    def _free(self, entry: Entry) -> None:
        # Asked again inside the transaction: only what is free at this moment is taken.
        for run in self._owned(entry.connection)[0]:
            leave(entry, run.id, run.epoch)
