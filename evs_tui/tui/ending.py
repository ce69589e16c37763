"""Hang-up, termination and the loss of the terminal while the screen is drawn: the core ends in order.

The terminal may be gone, or stalled with the toolkit's loop waiting for it; neither may keep an announced call from
being awaited and the locks from being released, and the terminal is not written to any more.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TextIO

from evs_tui.workspace import Workspace

_SIGNALS = ("SIGHUP", "SIGTERM")
_INPUT = 0
_CLOSING_LIMIT = 45.0
"""Seconds: longer than the deadline of a request that was announced, which is waited for."""


class Ending:
    """Ends the program once, whatever comes first: a signal, or a `terminal` that is no longer there."""

    def __init__(self, workspace: Workspace, terminal: TextIO) -> None:
        self._workspace = workspace
        self._terminal = terminal
        self._modes = _terminal_modes()
        self._begun = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def in_order(self) -> Iterator[None]:
        """Watch for all of it inside the block. A signal that the parent had ignored (nohup) stays ignored."""
        before = {}
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self._on_signal)
        try:
            with self._watched_terminal():
                yield
        finally:
            if self._thread is not None:
                self._thread.join()  # it ends the process
            for number, handler in before.items():
                signal.signal(number, handler)

    def close(self) -> None:
        """End the core while signals are still handled: an announced call may take a while."""
        self._workspace.close(_CLOSING_LIMIT)

    def terminal_lost(self) -> None:
        """The terminal has ended, or refuses us: end like after a hang-up."""
        _silence_input()
        self._begin(getattr(signal, "SIGHUP", signal.SIGTERM))

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._begin(number)

    def _begin(self, number: int) -> None:
        if self._begun.acquire(blocking=False):
            _leave_output(self._terminal)
            self._thread = threading.Thread(target=self._end, args=(number,), name="evs-tui end")
            self._thread.start()

    def _end(self, number: int) -> None:
        try:
            self.close()
            _restore_terminal(self._modes)
        finally:
            os._exit(128 + number)

    @contextlib.contextmanager
    def _watched_terminal(self) -> Iterator[None]:
        """Notice the end of the terminal, which no signal tells where it is not the controlling one of the process.

        The toolkit does not: it reads the end of its input again and again, and waits for ever for its output.
        """
        if not hasattr(select, "poll"):  # Windows, where a console takes its programs with it
            yield
            return
        stopped, stop = os.pipe()
        watcher = threading.Thread(target=self._watch, args=(stopped,), name="evs-tui terminal", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            os.close(stop)
            watcher.join()
            os.close(stopped)

    def _watch(self, stopped: int) -> None:
        poll = select.poll()
        for descriptor in (_INPUT, self._terminal.fileno(), stopped):
            poll.register(descriptor, 0)  # no event is asked for: only the end is told
        while True:
            for descriptor, event in poll.poll():
                if descriptor == stopped:
                    return
                if event & select.POLLNVAL:  # a system that cannot watch this one
                    poll.unregister(descriptor)
                else:
                    self.terminal_lost()
                    return


def _leave_output(terminal: TextIO) -> None:
    """Let what is still drawn go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, terminal.fileno(), inheritable=False)
        os.close(nowhere)


def _silence_input() -> None:
    """Put a pipe that never says anything in the place of an input that says again and again that it has ended."""
    with contextlib.suppress(OSError):
        silence, _kept_open = os.pipe()
        os.dup2(silence, _INPUT, inheritable=False)
        os.close(silence)


def _terminal_modes() -> list[object] | None:
    """How the terminal reads keys now; None where it is none."""
    with contextlib.suppress(Exception):  # termios has an error of its own, which is no OSError
        import termios

        return list(termios.tcgetattr(_INPUT))
    return None


def _restore_terminal(modes: list[object] | None) -> None:
    """Let the terminal echo and edit lines again: a setting, no byte is written."""
    if modes is not None:
        with contextlib.suppress(Exception):
            import termios

            termios.tcsetattr(_INPUT, termios.TCSANOW, modes)  # type: ignore[arg-type]
