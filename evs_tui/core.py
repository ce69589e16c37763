"""The thread and loop that carry sessions, journal, runner and watchers, away from the loop that draws.

A stalled terminal blocks the toolkit's writer and with it the loop of the screens; an export must not care.
Both faces only ask: `await core.ask(function, ...)` from a loop of their own, or `core.run(function, ...)`
from plain code.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_AHEAD = 4
_CLOSE_GRACE = 5.0


class CoreClosed(RuntimeError):
    """The question came too late: the core has ended, or ended while it was answering."""


class Core:
    """An asyncio loop on a thread of its own. Started by the first question, ended by `close`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="evs-tui core", daemon=True)
        self._guard = threading.Lock()
        self._started = False
        self._closed = False
        self._at_close: list[Callable[[], Awaitable[None]]] = []

    def on_close(self, function: Callable[[], Awaitable[None]]) -> None:
        """Have `function` awaited on the loop while it closes; the last added goes first."""
        self._at_close.append(function)

    async def ask(self, function: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Await `function` on the core's loop from another loop. Giving up on the answer cancels the question."""
        return await asyncio.wrap_future(self._submit(_awaited(function, *args, **kwargs)))

    def run(self, function: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Await `function` on the core's loop and block until it answers. An interrupt cancels the question."""
        future = self._submit(_awaited(function, *args, **kwargs))
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    async def stream(
        self, function: Callable[P, AsyncIterator[R]], *args: P.args, **kwargs: P.kwargs
    ) -> AsyncIterator[R]:
        """Iterate on the core's loop, a few items ahead, and hand the items to another loop."""
        here = asyncio.get_running_loop()
        arrived: asyncio.Queue[_Value[R] | _End] = asyncio.Queue()

        def hand_over(item: _Value[R] | _End) -> None:
            with contextlib.suppress(RuntimeError):  # the asker's loop may have ended first
                here.call_soon_threadsafe(arrived.put_nowait, item)

        feed = _Feed[R](hand_over)
        future = self._submit(feed.pump(function(*args, **kwargs)))
        try:
            while isinstance(item := await arrived.get(), _Value):
                self._loop.call_soon_threadsafe(feed.room.release)
                yield item.value
            item.check()
        finally:
            future.cancel()

    def iterate(self, function: Callable[P, AsyncIterator[R]], *args: P.args, **kwargs: P.kwargs) -> Iterator[R]:
        """Like `stream`, for plain code: blocks for each item."""
        arrived: queue.SimpleQueue[_Value[R] | _End] = queue.SimpleQueue()
        feed = _Feed[R](arrived.put)
        future = self._submit(feed.pump(function(*args, **kwargs)))
        try:
            while isinstance(item := arrived.get(), _Value):
                self._loop.call_soon_threadsafe(feed.room.release)
                yield item.value
            item.check()
        finally:
            future.cancel()

    def close(self, timeout: float | None = None) -> None:
        """Run what was left for `on_close`, end the loop and join the thread. May be called twice, from any thread.

        `timeout` in seconds bounds the wait; None waits as long as announced calls take.
        """
        with self._guard:
            first, self._closed = not self._closed, True
            started = self._started
        if not started:
            if first:
                self._loop.close()
            return
        if first:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(timeout)

    def _submit(self, coroutine: Coroutine[Any, Any, R]) -> Future[R]:
        with self._guard:
            if self._closed:
                coroutine.close()
                raise CoreClosed
            if not self._started:
                self._started = True
                self._thread.start()
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def _work(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _end(self) -> None:
        try:
            while self._at_close:
                await self._at_close.pop()()
            rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in rest:
                task.cancel()
            if rest:
                await asyncio.wait(rest, timeout=_CLOSE_GRACE)
            await self._loop.shutdown_asyncgens()
        finally:
            self._loop.stop()


@dataclass(frozen=True, slots=True)
class _Value(Generic[R]):
    value: R


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None = None

    def check(self) -> None:
        if self.error is not None:
            raise self.error


class _Feed(Generic[R]):
    """Carries the items of an iterator out of the core's loop, as long as there is room for more ahead."""

    def __init__(self, put: Callable[[_Value[R] | _End], object]) -> None:
        self._put = put
        self.room = asyncio.Semaphore(_AHEAD)

    async def pump(self, items: AsyncIterator[R]) -> None:
        try:
            async for value in items:
                await self.room.acquire()
                self._put(_Value(value))
        except asyncio.CancelledError:
            self._put(_End(CoreClosed()))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the one who iterates
            self._put(_End(error))
        else:
            self._put(_End())


async def _awaited(function: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    return await function(*args, **kwargs)
