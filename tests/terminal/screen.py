"""A program at a real terminal: a pty that it controls, and an emulator that knows what a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
import pytest

from tests.processes import kept

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("evs-tui"))
"""The installed program."""
ENTER, TAB, ESCAPE, CTRL_Q, CTRL_S = "\r", "\t", "\x1b", "\x11", "\x13"


class Terminal:
    """One program under a pty of its own, as a context manager: at the end nothing of it is left running."""

    def __init__(
        self,
        *words: str,
        variables: Mapping[str, str] | None = None,
        size: tuple[int, int] = (80, 24),
        controlling: bool = True,
    ) -> None:
        """Start `words`; `size` is columns and rows, `variables` come on top of this environment's.

        Without `controlling` the program only has the terminal open: the kernel tells it nothing when that goes away.
        """
        self.raw = bytearray()
        """Every byte that it wrote."""
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._open = True
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        for name in ("PYTHONUNBUFFERED", "NO_COLOR", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "COLUMNS", "LINES"):
            environ.pop(name, None)
        self._side, far = pty.openpty()
        termios.tcsetwinsize(far, (size[1], size[0]))
        self._process = kept(
            subprocess.Popen(
                words,
                cwd=ROOT,
                env={**environ, **(variables or {})},
                stdin=far,
                stdout=far,
                stderr=far,
                preexec_fn=_with_terminal if controlling else _without_terminal,  # noqa: PLW1509
            )
        )
        os.close(far)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The process id of the program, which leads its session."""
        return self._process.pid

    @property
    def lines(self) -> Sequence[str]:
        """What stands on the screen, without trailing blanks."""
        # A wide character fills two cells; the emulator leaves the second one empty.
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(self.lines)

    def type(self, *keys: str) -> None:
        """Type these characters."""
        for key in keys:
            os.write(self._side, key.encode())

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size; the program is told by the kernel."""
        self._screen.resize(rows, columns)
        termios.tcsetwinsize(self._side, (rows, columns))

    def wait_for(self, *texts: str, seconds: float = 20.0) -> None:
        """Read until all of these stand on the screen at once."""
        self.wait_until(lambda: all(text in self.text for text in texts), f"{texts} to be shown", seconds=seconds)

    def wait_until(self, reached: Callable[[], bool], what: str, *, seconds: float = 20.0, gap: float = 0.5) -> None:
        """Read until `reached`, which is asked after each piece and each `gap`; `what` is for the message."""
        end = time.monotonic() + seconds
        while not reached():
            left = end - time.monotonic()
            if left <= 0 or not self._open:
                pytest.fail(f"waited for {what}, but the screen is:\n{self.text}")
            self._read(min(left, gap))

    @property
    def pending(self) -> int:
        """How many bytes it wrote that were not read yet."""
        return int.from_bytes(fcntl.ioctl(self._side, termios.FIONREAD, bytes(4)), sys.byteorder)

    def read_for(self, seconds: float) -> bytes:
        """What it writes in this time."""
        before = len(self.raw)
        end = time.monotonic() + seconds
        while self._open and (left := end - time.monotonic()) > 0:
            self._read(left)
        return bytes(self.raw[before:])

    def end(self, seconds: float = 20.0) -> int:
        """Read until it has ended; its exit code, negative for a signal."""
        end = time.monotonic() + seconds
        while (code := self._process.poll()) is None:
            if time.monotonic() > end:
                self.kill()
                pytest.fail(f"not ended within {seconds} s; the screen is:\n{self.text}")
            self._read(0.05) if self._open else time.sleep(0.01)
        self.read_for(0.05)
        return code

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self._side)
        self._open, self._side = False, -1

    def kill(self) -> None:
        """End it and everything that it started in its session."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._side >= 0:
            os.close(self._side)
            self._side = -1

    def _read(self, seconds: float) -> None:
        if not select.select([self._side], [], [], seconds)[0]:
            return
        try:
            piece = os.read(self._side, 65536)
        except OSError:
            piece = b""
        self._open = bool(piece)
        self.raw += piece
        self._stream.feed(piece)


def _with_terminal() -> None:
    """A session of its own that this terminal controls; runs between fork and exec."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may ignore hang-ups
    os.login_tty(0)


def _without_terminal() -> None:
    """A session of its own that no terminal controls; runs between fork and exec."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.setsid()
