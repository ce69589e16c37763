"""A process that has loaded the program and begun nothing, and becomes it as often as it is told to, by `fork`.

Starting Python and loading the modules is nearly all that a start costs; everything that a run does is done in the
child: it sets its own environment and streams, runs `main`, and ends like any Python program. The parent has one
thread, no lock, no open file of the program and no random state that the program uses, so a child differs from a
process of its own by nothing but what is in its cache. `python -m tests.crash.prepared` is the parent's side.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
_NOT_NEEDED = ("evs_tui.tui", "evs_tui.demo", "evs_tui.__main__")


@dataclass(slots=True)
class Run:
    """One run of the program, as the test sees it."""

    out_file: Path
    err_file: Path
    pid: int = 0
    code: int | None = None
    """The exit code; a signal that ended it is negative."""
    was_stopped: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, change: Mapping[str, Any]) -> None:
        """Note what the parent of the run says."""
        with self._changed:
            for name, value in change.items():
                setattr(self, name, value)
            self._changed.notify_all()

    def wait_stopped_or_ended(self, seconds: float) -> None:
        """Return when SIGSTOP has stopped it, or it has ended."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.was_stopped or self.code is not None, seconds), "neither"

    def wait(self, seconds: float) -> int:
        """Its exit code."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.code is not None, seconds), f"runs on: {self.err}"
        assert self.code is not None
        return self.code

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.pid, 10)
        if self.code is None:
            os.kill(self.pid, number)

    @property
    def out(self) -> str:
        """What it wrote to standard output."""
        return self.out_file.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        """What it wrote to standard error."""
        return self.err_file.read_text(encoding="utf-8")


class Prepared:
    """The test's side, as a context manager: at the end every run that is left is killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.prepared"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._runs: dict[int, Run] = {}
        self._guard = threading.Lock()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._listener.join(10)
        self._process.stdout.close()

    def start(self, place: Path, words: Sequence[str], *, variables: Mapping[str, str], point: str, deed: str) -> Run:
        """Run the program with a misfortune; what it writes goes to files in `place`."""
        assert self._process.stdin is not None
        with self._guard:
            number = len(self._runs)
            run = Run(place / f"{number}.out", place / f"{number}.err")
            self._runs[number] = run
            order = {
                "number": number,
                "words": [point, deed, *words],
                "variables": dict(variables),
                "out": str(run.out_file),
                "err": str(run.err_file),
            }
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        return run

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            news = json.loads(line)
            self._runs[news.pop("number")].tell(news)


def _serve() -> dict[str, Any] | None:
    """Fork as told and tell what becomes of the children; None at the end. In a child: what it is to do."""
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    children: dict[int, int] = {}
    orders = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            for news in _changes(children):
                _tell(news)
        if 0 not in ready:
            continue
        piece = os.read(0, 65536)
        if not piece:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            return None
        *lines, orders = (orders + piece).split(b"\n")
        for line in lines:
            order: dict[str, Any] = json.loads(line)
            if (pid := os.fork()) == 0:
                signal.set_wakeup_fd(-1)
                for number in (signal.SIGCHLD, signal.SIGHUP):  # whoever runs the tests may ignore hang-ups
                    signal.signal(number, signal.SIG_DFL)
                os.close(woken)
                os.close(wake)
                return order
            children[pid] = order["number"]
            _tell({"number": order["number"], "pid": pid})


def _changes(children: dict[int, int]) -> Iterator[dict[str, Any]]:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if not pid:
            return
        if os.WIFSTOPPED(status):
            yield {"number": children[pid], "was_stopped": True}
        else:
            yield {"number": children.pop(pid), "code": os.waitstatus_to_exitcode(status)}


def _tell(news: Mapping[str, Any]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def _become(order: Mapping[str, Any]) -> int:
    os.setsid()
    os.environ.clear()
    os.environ.update(order["variables"])
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, order["out"], os.O_WRONLY | os.O_CREAT),
        (2, order["err"], os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = _stream(0, "r"), _stream(1, "w"), _stream(2, "w")
    from tests.crash.saboteur import run

    return run(order["words"])


def _stream(descriptor: int, mode: str) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, mode, closefd=False)
    buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding="utf-8", line_buffering=descriptor == 2)


def _load() -> None:
    import evs_tui

    importlib.import_module("tests.crash.saboteur")
    for module in pkgutil.walk_packages(evs_tui.__path__, "evs_tui."):
        if not module.name.startswith(_NOT_NEEDED):
            importlib.import_module(module.name)
    assert threading.active_count() == 1, "a fork would not take the other threads along"


if __name__ == "__main__":
    _load()
    order = _serve()
    if order is not None:
        sys.exit(_become(order))
