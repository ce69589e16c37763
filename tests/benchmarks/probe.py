"""A program under a pty, measured from outside: when it paints, what a key costs, how many bytes it sends at rest."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
DOWN, PAGE_DOWN, ENTER, TAB, ESCAPE = b"\x1b[B", b"\x1b[6~", b"\r", b"\t", b"\x1b"
_FRAME_END = b"\x1b[?2026l"
_MODE_ASKED, _MODE_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_COMMAND = re.compile(rb"\x1b\[[0-9;?<>=$]*[@-~]|\x1b\].*?(?:\x07|\x1b\\)")
_LIMIT_S = 120.0
_FRAME_LIMIT_S = 10.0


class Probe:
    """One run of a program. Answers the question for synchronised output, so that every frame has an end."""

    def __init__(self, *words: str, environ: Mapping[str, str] | None = None, size: tuple[int, int] = (80, 24)) -> None:
        near, far = pty.openpty()
        termios.tcsetwinsize(far, (size[1], size[0]))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            words,
            cwd=ROOT,
            env={
                **kept,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LC_ALL": "C.UTF-8",
                "PYTHONPATH": str(ROOT),
                **(environ or {}),
            },
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
        )
        os.close(far)
        self._side = near
        self.sent = 0
        """How many bytes it wrote so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._side)

    def wait_for(self, text: str) -> float:
        """The moment (of `time.perf_counter`) at which `text` was in what it wrote from now on.

        Raises:
            TimeoutError: it did not come.
        """
        got = b""
        wanted = text.encode()
        end = time.perf_counter() + _LIMIT_S
        while wanted not in _COMMAND.sub(b"", got):
            if not self._ready(end - time.perf_counter()):
                raise TimeoutError(f"{text!r} did not come; the last that came was {got[-500:]!r}")
            got = (got + self._read())[-200_000:]
        return time.perf_counter()

    def press(self, key: bytes) -> float:
        """Press a key; seconds until the first frame that it caused was complete.

        Raises:
            TimeoutError: there was no frame.
        """
        began = time.perf_counter()
        os.write(self._side, key)
        got = b""
        while _FRAME_END not in got:
            if not self._ready(_FRAME_LIMIT_S):
                raise TimeoutError(f"{key!r} caused no frame")
            got += self._read()
        return time.perf_counter() - began

    def send(self, keys: bytes) -> None:
        """Press keys without looking at what they cause."""
        os.write(self._side, keys)

    def bytes_in(self, seconds: float) -> int:
        """How many bytes it writes in so many seconds."""
        before = self.sent
        end = time.perf_counter() + seconds
        while self._ready(end - time.perf_counter()):
            self._read()
        return self.sent - before

    def settle(self, seconds: float = 1.0) -> None:
        """Return when it has written nothing for so long."""
        while self.bytes_in(seconds):
            pass

    def memory(self) -> float:
        """Its resident memory in MB (10^6 bytes)."""
        shown = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self._process.pid)], check=True, capture_output=True, text=True
        )
        return int(shown.stdout) * 1024 / 1e6

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._side], [], [], max(0.0, seconds))[0])

    def _read(self) -> bytes:
        try:
            got = os.read(self._side, 1 << 16)
        except OSError:
            got = b""
        if not got:
            raise EOFError(f"the program ended with {self._process.wait()}")
        self.sent += len(got)
        if _MODE_ASKED in got:
            os.write(self._side, _MODE_ANSWER)
        return got


def median_run(words: Sequence[str], environ: Mapping[str, str], runs: int) -> float:
    """The median of how long a program takes from start to end, in seconds.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL, cwd=ROOT, env=dict(environ))
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]
