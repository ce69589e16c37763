"""The terminal UI in a real terminal, against the real services: a disk becomes an image by keys alone."""

from __future__ import annotations

import filecmp
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl

import pyte
import pytest

from tests.integration.program import COMMAND, Program
from tests.rig_cloud import RigCloud

_ROWS, _COLUMNS = 24, 80


class Terminal:
    """A terminal with a program in it: what it shows, and keys for it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._screen = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._descriptor, keys.encode())

    def wait_for(self, words: str, seconds: float = 60.0) -> None:
        """Read until `words` stand on the screen."""
        end = time.monotonic() + seconds
        while words not in self.text:
            left = end - time.monotonic()
            if left <= 0:
                pytest.fail(f'"{words}" did not appear:\n{self.text}')
            if select.select([self._descriptor], [], [], left)[0]:
                self._stream.feed(os.read(self._descriptor, 65536))


@contextmanager
def terminal_ui(program: Program, *arguments: str) -> Iterator[Terminal]:
    """The program in a terminal of 80x24."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    process = subprocess.Popen(
        [COMMAND, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**program.surroundings(program.environment), "TERM": "xterm-256color"},
        cwd=program.home,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def test_a_disk_becomes_an_active_image_by_keys_alone(program: Program, rig: RigCloud) -> None:
    volume_id = rig.create_volume("screens")
    with terminal_ui(program, "--volume", volume_id) as terminal:
        terminal.wait_for("Image name")
        terminal.wait_for("Nothing has been sent yet.")
        terminal.press("\x13")  # ctrl+s
        terminal.wait_for("Review: export")
        assert rig.actions(volume_id) == []
        terminal.press("\t\r")
        terminal.wait_for("succeeded", 120)
    (job,) = program.jobs()
    assert (job["state"], job["image"]["status"]) == ("succeeded", "active")
    assert job["request"]["disk_format"] == "raw"
    assert filecmp.cmp(rig.image_file(job["image"]["id"]), rig.volume_file(volume_id), shallow=False)
    assert rig.actions(volume_id) == [202], "one volume, one export: one POST"
