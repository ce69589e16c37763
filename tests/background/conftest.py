"""A cloud whose servers are quick, and the program with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import ROOT, variables_of
from tests.simulator import Simulator

PHASES = {"queued": 0.05, "saving": 0.1, "settle": 0.05, "stopping": 0.2, "starting": 0.2}
_PROGRAM = "import sys; from tests.cli.quick import main; sys.exit(main())"


@dataclass
class Home:
    """One user of one cloud."""

    cloud: Simulator
    path: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables = {
            **variables_of(self.cloud),
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.path),
            "LC_ALL": "C.UTF-8",
            "XDG_STATE_HOME": str(self.path / "state"),
            "XDG_CONFIG_HOME": str(self.path / "config"),
        }

    def run(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """One command to its end."""
        ended = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *words],
            cwd=ROOT,
            env={**self.variables, **changes},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("jobs", "--all", "--output", "json").stdout)["jobs"]
        return found

    def pid(self) -> int:
        """The process in the background."""
        (job,) = self.jobs()
        return int(job["owner"]["pid"])

    def disk(self, name: str = "web-01-data") -> str:
        return next(str(one["id"]) for one in self.cloud.volumes() if one["name"] == name)

    def server(self, name: str = "web-01") -> tuple[str, str | None]:
        found = next(one for one in self.cloud.servers() if one["name"] == name)
        return found["status"], found["task_state"]


def wait_until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def home(start_cloud: Callable[..., Simulator], tmp_path: Path) -> Iterator[Home]:
    """The demo's shop with its own quick clock."""
    yield from _home(start_cloud(volumes=None, phases=PHASES), tmp_path)


@pytest.fixture
def frozen_home(start_cloud: Callable[..., Simulator], tmp_path: Path) -> Iterator[Home]:
    """The demo's shop in which nothing moves unless the test says so."""
    yield from _home(start_cloud(volumes=None, phases=PHASES, frozen=True), tmp_path)


def _home(cloud: Simulator, path: Path) -> Iterator[Home]:
    home = Home(cloud, path)
    yield home
    for job in home.jobs():
        if job["owner"] is not None and job["owner"]["alive"]:
            os.kill(job["owner"]["pid"], 9)


EXPORT = ("--name", "b", "--stop-servers", "--restart-servers", "--background", "--yes")
