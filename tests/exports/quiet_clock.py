"""A fake clock that moves on only when nobody has anything left to do at the present moment."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fakes import FakeClock


class QuietClock(FakeClock):
    """For engines whose journal answers at once: all their work then shows in the loop's own queue."""

    async def advance(self, seconds: float) -> None:
        """See `FakeClock.advance`; before each moment every task has come to rest."""
        end = self.elapsed() + seconds
        await _rest()
        while (moment := self._next_moment(end)) is not None:
            self.tick(moment - self.elapsed())
            await _rest()
        self.tick(end - self.elapsed())
        await _rest()


async def _rest() -> None:
    loop: Any = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(0)
        if not loop._ready:
            return
