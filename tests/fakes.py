"""Stand-ins for what the program takes from outside, driven by the test and by nothing else."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
from datetime import UTC, datetime, timedelta

_TURNS = 25


class FakeClock:
    """A `Clock` that stands still until the test moves it.

    `sleep` waits until the test has advanced past its end. It may be used from several loops and threads: the
    sleepers are woken on the loop they sleep on. `elapsed_value` and `now_value` may also be set directly, to
    let the machine suspend (`suspend`) or somebody set the wall clock (`set_now`).
    """

    def __init__(self, now: datetime = datetime(2026, 1, 15, 9, 30, tzinfo=UTC), elapsed: float = 1000.0) -> None:
        self._now = now
        self._elapsed = elapsed
        self._guard = threading.RLock()
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._watchers: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self.slept: list[float] = []
        """The length of every sleep that was asked for, in order."""

    def now(self) -> datetime:
        """See `evs_tui.clock.Clock.now`."""
        return self._now

    def elapsed(self) -> float:
        """See `evs_tui.clock.Clock.elapsed`."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """See `evs_tui.clock.Clock.sleep`; a length of zero or less gives the loop one turn."""
        if seconds <= 0:
            self.slept.append(seconds)
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        with self._guard:
            self.slept.append(seconds)
            heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._order), loop, woken))
            self._tell_watchers()
        try:
            await woken
        finally:
            with self._guard:
                self._sleepers = [entry for entry in self._sleepers if entry[3] is not woken]
                heapq.heapify(self._sleepers)

    @property
    def sleepers(self) -> int:
        """How many sleeps are going on."""
        with self._guard:
            return len(self._sleepers)

    async def asleep(self, count: int = 1) -> None:
        """Wait, without moving time, until at least `count` sleeps are going on."""
        loop = asyncio.get_running_loop()
        with self._guard:
            if len(self._sleepers) >= count:
                return
            reached: asyncio.Future[None] = loop.create_future()
            self._watchers.append((count, loop, reached))
        await reached

    async def advance(self, seconds: float) -> None:
        """Move both clocks on, waking the sleepers whose time has come one moment after the other.

        Between two moments, and at the end, this loop gets some turns, so that what was woken can work and
        sleep again within the same advance. Work on other threads is awaited with `asleep`.
        """
        end = self._elapsed + seconds
        await _turns()
        while (moment := self._next_moment(end)) is not None:
            self.tick(moment - self._elapsed)
            await _turns()
        self.tick(end - self._elapsed)
        await _turns()

    def tick(self, seconds: float) -> None:
        """Move both clocks on at once and wake whoever is due, without giving the loop a turn."""
        with self._guard:
            self._elapsed += seconds
            self._now += timedelta(seconds=seconds)
            due = [entry for entry in self._sleepers if entry[0] <= self._elapsed]
            self._sleepers = [entry for entry in self._sleepers if entry[0] > self._elapsed]
            heapq.heapify(self._sleepers)
        for _, _, loop, woken in sorted(due, key=lambda entry: entry[:2]):
            _resolve(loop, woken)

    def suspend(self, seconds: float) -> None:
        """Let time pass as while the machine is suspended: nobody is woken before the next advance."""
        with self._guard:
            self._elapsed += seconds
            self._now += timedelta(seconds=seconds)

    def set_now(self, moment: datetime) -> None:
        """Set the wall clock alone, as an administrator or a time server does."""
        self._now = moment

    def _next_moment(self, end: float) -> float | None:
        with self._guard:
            due = self._sleepers[0][0] if self._sleepers else None
        return None if due is None or due > end else max(due, self._elapsed)

    def _tell_watchers(self) -> None:
        waiting = []
        for count, loop, reached in self._watchers:
            if len(self._sleepers) >= count:
                _resolve(loop, reached)
            else:
                waiting.append((count, loop, reached))
        self._watchers = waiting


def _resolve(loop: asyncio.AbstractEventLoop, future: asyncio.Future[None]) -> None:
    def resolve() -> None:
        if not future.done():
            future.set_result(None)

    loop.call_soon_threadsafe(resolve)


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)
