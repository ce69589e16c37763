"""Begins a process in the background: no terminal, a scrubbed environment, its orders through a pipe."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import evs_tui
from evs_tui.background.line import Orders
from evs_tui.failure import ExitCode, Failure, RefusedFailure
from evs_tui.hygiene import child_environment
from evs_tui.text import clean

_KEPT = {
    "HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "XDG_CONFIG_HOME", "XDG_STATE_HOME",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR",
}  # fmt: skip
_CHILD = "import sys; sys.path[:0] = sys.argv[1:]; from evs_tui.background.child import main; sys.exit(main())"
_WHAT = "Nothing was exported"


@dataclass(frozen=True, slots=True)
class Spawned:
    """A process that is signed in and holds its lock: its id as an owner, and as a process."""

    owner_id: str
    pid: int


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """What a child of ours that stays may know of the environment: where things lie and how to reach the network."""
    safe = child_environment(environ)
    return {name: value for name, value in safe.items() if name in _KEPT or name.startswith("LC_")}


def spawn(orders: Orders, environ: Mapping[str, str], *, seconds: float) -> Spawned:
    """Begin the process, and wait until it can take a run.

    Raises:
        Failure: it could not be begun, could not sign in, or said nothing within `seconds`.
    """
    if sys.platform == "win32":
        raise RefusedFailure(_WHAT, "this system has no background process for it", "stay with --wait")
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-c", _CHILD, *_places()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=scrubbed(environ),
        start_new_session=True,
    )
    answer = _exchange(process, orders.as_line(), seconds)
    if "owner_id" in answer:
        return Spawned(str(answer["owner_id"]), int(answer["pid"]))
    raise Failure(
        clean(str(answer.get("what", _WHAT))),
        clean(str(answer.get("why", "the process in the background ended without a word; evs-tui.log may say why"))),
        None if answer.get("advice") is None else clean(str(answer["advice"])),
        exit_code=ExitCode(int(answer.get("exit_code", ExitCode.FAILED))),
    )


def _places() -> list[str]:
    """Where this program and its libraries were found, so that the child finds the same ones."""
    root = str(Path(evs_tui.__file__).parent.parent)
    return [root, *(entry for entry in sys.path if entry and entry != root and Path(entry).is_absolute())]


def _exchange(process: subprocess.Popen[bytes], line: bytes, seconds: float) -> dict[str, Any]:
    """Give the orders, close that pipe, and read the one line of the answer."""
    if process.stdin is None or process.stdout is None:
        raise ValueError(process)
    try:
        with process.stdin:
            process.stdin.write(line)
    except BrokenPipeError:
        pass
    with process.stdout:
        answer = _read_line(process.stdout.fileno(), time.monotonic() + seconds)
    # Its first process ends at once; what works is its child, which belongs to nobody.
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:
        found = json.loads(answer) if answer else {}
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def _read_line(descriptor: int, end: float) -> bytes:
    read = b""
    while not read.endswith(b"\n"):
        ready, _, _ = select.select([descriptor], [], [], max(0.0, end - time.monotonic()))
        piece = os.read(descriptor, 65536) if ready else b""
        if not piece:
            break
        read += piece
    return read
