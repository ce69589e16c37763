"""The program with short waits and one misfortune at one of the engine's named points."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections.abc import Sequence

from evs_tui.cli.main import main as real_main
from evs_tui.exports.timing import Timing
from evs_tui.workspace import Wiring

TIMING = Timing(
    post_deadline=2.0,
    # What is announced and then stopped for longer than this is not sent any more.
    announce_window=1.0,
    retry_first=0.05,
    retry_cap=0.1,
    retry_after_cap=0.2,
    look_first=0.05,
    look_after=0.3,
    look_gap=0.05,
    poll_steps=((60.0, 0.05),),
    poll_last=0.05,
    poll_error_cap=0.1,
    image_rarely=0.2,
    seen_grace=0.3,
    room_gap=0.05,
    server_gap=0.05,
    settled_after=0.5,
    commit_gap=0.05,
    commit_tries=2,
    feed_gap=0.05,
)
_FIRST_PAGE = 4096


class Saboteur:
    """Does its deed the first time that the engine reaches the point."""

    def __init__(self, point: str, deed: str) -> None:
        self._point = point
        self._deed = deed

    def reach(self, name: str) -> None:
        """See `Points.reach`."""
        if name != self._point:
            return
        self._point = ""
        os.write(2, f"{self._deed} at {name}\n".encode())
        if self._deed == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self._deed == "stop":
            # To this thread, which is then stopped right here; the other threads stop with it.
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
        elif self._deed == "hangup":
            os.kill(os.getpid(), signal.SIGHUP)
        elif self._deed == "full":
            fill_the_disk()


def fill_the_disk() -> None:
    """From now on this process can write nothing beyond the first page of any file: no commit, but a few last words."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FIRST_PAGE, hard))


def run(words: Sequence[str]) -> int:
    """`evs-tui` with the first two words as point and deed, and the rest as its command line."""
    point, deed, *arguments = words
    return real_main(arguments, wiring=Wiring(timing=TIMING, points=Saboteur(point, deed)))
