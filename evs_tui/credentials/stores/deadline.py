"""Calls that may never come back: keyrings wait for prompts that nobody sees, and for services that are mute.

Such a call runs on a daemon thread with a deadline. A thread that is late is left alone: it can neither be ended nor
awaited, and it must not keep the program from ending (an executor's thread would). Measured in the reference on
credentials, section 1.3.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
_MOST_ABANDONED = 3


class TooLate(Exception):
    """The call did not come back within its deadline, or too many before it did not."""


class Patience:
    """Calls with a deadline. After one that was late no other is made until `forgive`."""

    def __init__(self) -> None:
        self._abandoned = 0
        self._late = False

    def call(self, function: Callable[[], T], seconds: float) -> T:
        """The result of `function`, or its error.

        Raises:
            TooLate: it took longer than `seconds`, or a call before did.
        """
        if self._late or self._abandoned >= _MOST_ABANDONED:
            raise TooLate
        answer = _on_thread(function)
        try:
            return answer.result(seconds)
        except TimeoutError:
            if answer.done():  # the function's own
                raise
            self._late = True
            self._abandoned += 1
            raise TooLate from None

    def forgive(self) -> None:
        """Try again after a late call, because a person asked for it."""
        self._late = False


async def aside(function: Callable[[], T]) -> T:
    """Await a function that blocks, on a daemon thread: the loop goes on, and so does the end of the program."""
    return await asyncio.wrap_future(_on_thread(function))


def _on_thread(function: Callable[[], T]) -> Future[T]:
    answer: Future[T] = Future()

    def work() -> None:
        try:
            result = function()
        except BaseException as error:  # noqa: BLE001 - it belongs to the one who asked
            answer.set_exception(error)
        else:
            answer.set_result(result)

    threading.Thread(target=work, name="evs-tui keyring", daemon=True).start()
    return answer
