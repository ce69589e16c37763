"""What the table sends to a real terminal: few bytes, none at rest, and nothing that a name smuggled in."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.stage import HOSTILE

pytestmark = pytest.mark.terminal

ROOT = Path(__file__).parents[2]
DEADLINE_S = 20
FRAME_END = b"\x1b[?2026l"
DOWN = b"\x1b[B"
COMMAND = re.compile(rb"\x1b(\[[0-9;?<>=$]*[@-~]|[\]P^_X].*?(\x07|\x1b\\)|.)")


class Terminal:
    """The other end of a pty: answers the question for synchronised output, so that each frame has an end."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.seen = b""

    def read_until(self, wanted: bytes) -> bytes:
        """What came until `wanted` was seen in it."""
        got = b""
        deadline = time.monotonic() + DEADLINE_S
        while wanted not in got:
            ready, _, _ = select.select([self._descriptor], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"{wanted!r} did not come; the last that came was {got[-300:]!r}"
            got += self._read()
        return got

    def read_for(self, seconds: float) -> bytes:
        """What comes within a time of rest."""
        got = b""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self._descriptor], [], [], left)[0]:
                got += self._read()
        return got

    def press(self, key: bytes) -> None:
        os.write(self._descriptor, key)

    def _read(self) -> bytes:
        got = os.read(self._descriptor, 1 << 16)
        self.seen += got
        if b"\x1b[?2026$p" in got:
            self.press(b"\x1b[?2026;2$y")
        return got


@contextmanager
def terminal(what: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "LC_ALL"}}
    environ = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "tests/tui/table_in_a_terminal.py"), what]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, cwd=ROOT, start_new_session=True
    )
    os.close(theirs)
    try:
        yield Terminal(ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def mean_bytes_of_a_move(what: str) -> float:
    """The mean over sixty moves down, at 80x24."""
    with terminal(what) as screen:
        screen.read_until(b"volume-15")
        screen.read_for(0.5)
        sent = 0
        for _ in range(60):
            screen.press(DOWN)
            sent += len(screen.read_until(FRAME_END))
        return sent / 60


def test_a_move_costs_less_than_045_of_the_stock_table() -> None:
    assert mean_bytes_of_a_move("ours") <= 0.45 * mean_bytes_of_a_move("stock")


def test_at_rest_nothing_is_sent() -> None:
    with terminal("ours") as screen:
        screen.read_until(b"volume-15")
        screen.read_for(0.5)
        assert screen.read_for(2) == b""


def test_no_name_reaches_the_terminal_as_a_command() -> None:
    with terminal("hostile") as screen:
        screen.read_until(b"[@click=app.quit]x[/]")
        screen.read_for(0.5)
        for _ in HOSTILE[1:]:
            screen.press(DOWN)
            screen.read_until(FRAME_END)
        sent = screen.seen
    commands = {match.group() for match in COMMAND.finditer(sent)}
    positions_and_colours = {command for command in commands if re.fullmatch(rb"\x1b\[[0-9;]*[Hm]", command)}
    modes = rb"\?(7|25|1000|1003|1004|1006|1015|1049|2004|2026|2048)([hl]|\$p)"
    setting_up = {command for command in commands if re.fullmatch(rb"\x1b\[(" + modes + rb"|>[0-9]+u)", command)}
    pointer_shape = {b"\x1b]22;default\x07"}
    assert commands - positions_and_colours - setting_up - pointer_shape == set()
    text = COMMAND.sub(b"", sent).decode()
    assert not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u200b\u2028]", text)
    assert "␛[31mred␛[0m" in text
