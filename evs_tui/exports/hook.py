"""The user's own command for an export that ended: without a shell, the JOB on its standard input, never waited for."""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from evs_tui.hygiene import child_environment

log = logging.getLogger(__name__)
_LIMIT_S = 60.0
_GRACE_S = 2.0


class Hook:
    """Runs `command` for each job that it is given. What the command does or says cannot touch an export."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], *, limit: float = _LIMIT_S) -> None:
        """`environ` is scrubbed of secrets; after `limit` seconds the command is ended."""
        self._command = tuple(command)
        self._environ = child_environment(environ)
        self._limit = limit
        self._handed_over: list[threading.Event] = []

    def start(self, job: Mapping[str, Any]) -> None:
        """Begin to run the command with this JOB; returns at once."""
        handed_over = threading.Event()
        self._handed_over.append(handed_over)
        threading.Thread(target=self._run, args=(job, handed_over), name="evs-tui hook", daemon=True).start()

    def close(self) -> None:
        """Wait, but not for long, until every command has its JOB. The commands themselves may outlive this process."""
        end = time.monotonic() + _GRACE_S
        for event in self._handed_over:
            event.wait(max(0.0, end - time.monotonic()))

    def _run(self, job: Mapping[str, Any], handed_over: threading.Event) -> None:
        try:
            with subprocess.Popen(  # noqa: S603 - the user's own configuration says which
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environ,
                cwd="/",
                start_new_session=True,
            ) as process:
                self._feed(process, json.dumps(job).encode() + b"\n", handed_over)
        except OSError as error:
            log.warning("the hook could not be run: %s", error)
        finally:
            handed_over.set()

    def _feed(self, process: subprocess.Popen[bytes], document: bytes, handed_over: threading.Event) -> None:
        stdin = process.stdin
        # A program that does not read its input may block the pipe or close it: that is its own business.
        with contextlib.suppress(OSError):
            if stdin is not None:
                stdin.write(document)
                stdin.close()
        handed_over.set()
        try:
            code = process.wait(self._limit)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if code:
            log.warning("the hook ended with %s", code)
