"""Processes that tests start: what is left of them ends with the test, also with one that fails."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import Any

_started: list[subprocess.Popen[Any]] = []


def kept(process: subprocess.Popen[Any]) -> subprocess.Popen[Any]:
    """`process`, which is killed at the end of the test if it still runs, with its session if it leads one."""
    _started.append(process)
    return process


def outliving(process: subprocess.Popen[Any]) -> None:
    """Leave `process` to a fixture that outlives the test, and ends it itself."""
    _started.remove(process)


def end_all() -> None:
    """Kill what still runs."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                leads = os.getsid(process.pid) == process.pid
                os.killpg(process.pid, signal.SIGKILL) if leads else process.kill()
            process.wait()
