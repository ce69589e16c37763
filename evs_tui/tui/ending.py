"""Hang-up and termination while the screen is drawn: the core ends in order, and the terminal is not written to.

The terminal may be gone, or stalled with the toolkit's loop waiting for it; neither may keep an announced call from
being awaited and the locks from being released.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from evs_tui.workspace import Workspace

_SIGNALS = ("SIGHUP", "SIGTERM")
_CLOSING_LIMIT = 45.0
"""Seconds: longer than the deadline of a request that was announced, which is waited for."""


@contextlib.contextmanager
def ends_in_order(workspace: Workspace) -> Iterator[None]:
    """Handle both signals inside the block. One that the parent had ignored (nohup) stays ignored."""
    modes = _terminal_modes()
    begun = threading.Event()

    def end(number: int, _frame: FrameType | None) -> None:
        if not begun.is_set():
            begun.set()
            threading.Thread(target=_end, args=(workspace, number, modes), name="evs-tui end").start()

    before = {}
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(workspace: Workspace, number: int, modes: list[object] | None) -> None:
    try:
        workspace.close(_CLOSING_LIMIT)
        _restore_terminal(modes)
    finally:
        os._exit(128 + number)


def _terminal_modes() -> list[object] | None:
    """How the terminal reads keys now; None where it is none."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import termios

        return list(termios.tcgetattr(0))
    return None


def _restore_terminal(modes: list[object] | None) -> None:
    """Let the terminal echo and edit lines again: a setting, no byte is written."""
    if modes is not None:
        with contextlib.suppress(Exception):
            import termios

            termios.tcsetattr(0, termios.TCSANOW, modes)  # type: ignore[arg-type]
