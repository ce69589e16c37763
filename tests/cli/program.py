"""Ways to call the command line: in this process, and as a process of its own with a pipe or a terminal."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli import quick
from tests.cli.schemas import END, FAILURE, Schema, check
from tests.processes import kept
from tests.simulator import Simulator

ROOT = Path(__file__).parents[2]
PRODUCT = "import sys; from evs_tui.cli.main import main; sys.exit(main())"
QUICK = "import sys; from tests.cli.quick import main; sys.exit(main())"


def variables_of(cloud: Simulator) -> dict[str, str]:
    """What makes the program sign in at `cloud`."""
    dialect = {"EVS_TUI_DIALECT": "otc"} if cloud.flavour == "huawei" else {}
    return {**cloud.environment(), **dialect}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended."""

    code: int
    out: str
    err: str

    def document(self, schema: Schema) -> Any:
        """The one document on standard output, checked."""
        assert self.out.isascii()
        document = json.loads(self.out)
        check(document, schema)
        return document

    def error(self) -> Any:
        """The failure on standard output, checked against the exit code and the words on standard error."""
        error = self.document(FAILURE)["error"]
        assert error["exit_code"] == self.code
        assert f"evs-tui: {error['what']}: {error['why']}" in self.err
        return error

    def rows(self, schema: Schema) -> list[Any]:
        """The objects of `jsonl`, checked, without the last line, which must be the end."""
        *rows, end = [json.loads(line) for line in self.out.splitlines()]
        for row in rows:
            check(row, schema)
        check(end, END)
        assert end["count"] == len(rows)
        return rows


@dataclass(slots=True)
class Cli:
    """The program in this process, with short waits. `variables` are set anew for every call."""

    capture: pytest.CaptureFixture[str]
    variables: dict[str, str] = field(default_factory=dict)

    def sign_in_at(self, cloud: Simulator) -> None:
        """Use the credential of `cloud` from now on."""
        self.variables = variables_of(cloud)

    def __call__(self, *words: str, stdin: str | None = None) -> Ended:
        """Run one command to its end."""
        self.capture.readouterr()
        with pytest.MonkeyPatch.context() as patch, _unprepared():
            for name, value in {**self.variables, "EVS_TUI_DEBUG": "1"}.items():
                patch.setenv(name, value)
            if stdin is not None:
                read, write = os.pipe()
                os.write(write, stdin.encode())
                os.close(write)
                patch.setattr(sys, "stdin", os.fdopen(read, encoding="utf-8"))
            code = quick.main(words)
        written = self.capture.readouterr()
        assert "Traceback" not in written.out + written.err
        return Ended(code, written.out, written.err)


@contextlib.contextmanager
def _unprepared() -> Iterator[None]:
    """Undo what the program does for its own safety to the process that the tests run in."""
    mask, path, variables = os.umask(0), list(sys.path), dict(os.environ)
    os.umask(mask)
    try:
        yield
    finally:
        os.umask(mask)
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(variables)


class Process:
    """The program as a process of its own."""

    def __init__(
        self,
        *words: str,
        variables: Mapping[str, str],
        code: str = QUICK,
        stdin: int | None = subprocess.DEVNULL,
        stdout: int | None = subprocess.PIPE,
        terminal: bool = False,
    ) -> None:
        self._terminal: int | None = None
        self._seen = ""
        stderr: int = subprocess.PIPE
        side: int | None = None
        if terminal:
            self._terminal, side = pty.openpty()
            termios.tcsetwinsize(side, (24, 80))
            stdin = stderr = side
        self._process: subprocess.Popen[str] = kept(
            subprocess.Popen(
                [sys.executable, "-c", code, *words],
                cwd=ROOT,
                env={name: value for name, value in {**os.environ, **variables}.items() if name != "PYTHONUNBUFFERED"},
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        )
        if side is not None:
            os.close(side)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def seen(self) -> str:
        """What `read_until` has read so far."""
        return self._seen

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def close_stdout(self) -> None:
        """Stop reading what it writes."""
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.stdout = None

    def type(self, text: str) -> None:
        """Type at the terminal."""
        assert self._terminal is not None
        os.write(self._terminal, text.encode())

    def read_until(self, text: str, seconds: float = 20.0) -> str:
        """Everything the terminal, or else standard error, showed up to and with `text`."""
        source = self._terminal
        if source is None:
            assert self._process.stderr is not None
            source = self._process.stderr.fileno()
        end = time.monotonic() + seconds
        while text not in self._seen:
            ready, _, _ = select.select([source], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                pytest.fail(f"{text!r} was not shown within {seconds} s, but {self._seen!r}")
            piece = os.read(source, 65536).decode(errors="replace")
            if not piece:
                pytest.fail(f"ended before {text!r} was shown: {self._seen!r}")
            self._seen += piece
        return self._seen

    def is_running(self, seconds: float) -> bool:
        """Whether it goes on for so long."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def end(self, seconds: float = 30.0) -> Ended:
        """Wait for the end. What it writes is read meanwhile, so that it never waits for a reader."""
        try:
            out, err = self._ended(seconds) if self._terminal is None else self._ended_at_terminal(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            pytest.fail(f"not ended within {seconds} s: {self._seen!r}")
        assert "Traceback" not in out + err
        return Ended(self._process.returncode, out, err)

    def _ended(self, seconds: float) -> tuple[str, str]:
        out, err = self._process.communicate(timeout=seconds)
        return out or "", self._seen + err

    def _ended_at_terminal(self, seconds: float) -> tuple[str, str]:
        assert self._terminal is not None
        reader = threading.Thread(target=self._read_terminal, daemon=True)
        reader.start()
        out, _ = self._process.communicate(timeout=seconds)
        reader.join(seconds)
        os.close(self._terminal)
        return out or "", self._seen.replace("\r\n", "\n")

    def _read_terminal(self) -> None:
        assert self._terminal is not None
        with contextlib.suppress(OSError):  # the other side is gone
            while piece := os.read(self._terminal, 65536):
                self._seen += piece.decode(errors="replace")
