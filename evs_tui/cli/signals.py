"""Ctrl+c, termination and hang-up on the command line: one exception at a safe place, none while things are closed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_WATCHED = ("SIGINT", "SIGTERM", "SIGHUP")


class Signalled(BaseException):
    """The process was asked to end by the signal `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def exit_code(self) -> int:
        """How a shell tells a death by this signal."""
        return 128 + self.number

    @property
    def may_speak(self) -> bool:
        """Whether somebody may still read: only ctrl+c is pressed by a person who looks at the terminal."""
        return self.number == signal.SIGINT


class Signals:
    """Turns the first signal into `Signalled` in the main thread; later ones add nothing.

    While something is being closed in order (`held`), the exception waits until that is done.
    """

    def __init__(self) -> None:
        self._holding = 0
        self._came: int | None = None
        self._raised = False

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Handle signals inside the block. One that the parent had ignored (nohup) stays ignored."""
        before = {}
        for name in _WATCHED:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let the block finish whatever comes; what came is raised at its end."""
        self._holding += 1
        try:
            yield
        finally:
            self._holding -= 1
        self._raise_what_came()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._came is None:
            self._came = number
        self._raise_what_came()

    def _raise_what_came(self) -> None:
        if self._came is not None and not self._holding and not self._raised:
            self._raised = True
            raise Signalled(self._came)
