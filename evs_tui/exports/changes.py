"""Wakes who waits for something new in the journal: at once for commits of this process, soon for those of others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from evs_tui.clock import Clock
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.journal import Journal
from evs_tui.exports.queries import last_event, steps_since


class Changes:
    """Counts what happened. Read `count`, then the journal, then `wait`: nothing is missed in between."""

    def __init__(self, journal: Journal, clock: Clock, gap_s: float) -> None:
        self._journal = journal
        self._clock = clock
        self._gap_s = gap_s
        self._touched = asyncio.Event()
        self._feeds: set[_Feed] = set()
        self.count = 0

    @property
    def is_followed(self) -> bool:
        """Whether anybody listens to the feed: a screen, or a command that waits."""
        return bool(self._feeds)

    def touch(self, *job_ids: str) -> None:
        """Something changed. `job_ids` are those of which the journal itself does not tell."""
        self.count += 1
        touched, self._touched = self._touched, asyncio.Event()
        touched.set()
        for feed in self._feeds:
            feed.ids.update(job_ids)

    async def wait(self, seen: int, timeout: float | None) -> None:
        """Return when `count` is no longer `seen`, or after `timeout` seconds."""
        if self.count != seen:
            return
        waiting: set[asyncio.Task[Any]] = {asyncio.create_task(self._touched.wait())}
        if timeout is not None:
            waiting.add(asyncio.create_task(_sleep(self._clock, timeout)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    async def watch_others(self) -> None:
        """Notice what other processes commit, for as long as this is not cancelled."""
        seen = await self._version()
        while True:
            await self._clock.sleep(self._gap_s)
            version = await self._version()
            if version != seen:
                seen = version
                self.touch()

    async def feed(self) -> AsyncIterator[frozenset[str]]:
        """The ids of jobs that changed since the last item, as often as somebody asks.

        The first item comes at once and is empty: what is read after it is not missed.
        """
        feed = _Feed()
        self._feeds.add(feed)
        try:
            seq = await self._journal.read(last_event)
            yield frozenset()
            while True:
                seen = self.count
                changed, seq = await self._journal.read(partial(steps_since, seq=seq))
                ids, feed.ids = changed | feed.ids, set()
                if ids:
                    yield frozenset(ids)
                await self.wait(seen, None)
        finally:
            self._feeds.discard(feed)

    async def _version(self) -> int:
        try:
            return await self._journal.version()
        except JournalFailure:
            return -1


class _Feed:
    """What one listener has not been told yet and the journal does not know."""

    def __init__(self) -> None:
        self.ids: set[str] = set()


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.sleep(max(0.0, seconds))
