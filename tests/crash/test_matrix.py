"""The crash matrix of the export step, with real processes: the cloud is another process, which survives and counts.

A cell is a named point, a class of answer, and a deed. After the deed the program is started again, which may look,
watch, and send what was never announced when it is told to; then these must hold:

* the cloud was asked at most once per announcement, and made at most one image: nothing is doubled;
* an image that was made belongs to a job that succeeded with it; a job without one ended as not sent or failed, or
  waits unsent: nothing is lost.

Cells that cannot differ are left out: before the request is sent the class of its answer cannot matter, and the points
of watching are reached only after the cloud took the export, so both run with the plain answer alone; `look` and
`looked` are reached only by an export whose answer was lost.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import variables_of
from tests.simulator import Simulator

pytestmark = pytest.mark.crash

ROOT = Path(__file__).parents[2]
DEEDS = ("kill", "stop", "full", "hangup")
ANSWERS: dict[str, dict[str, Any]] = {
    "taken": {},
    "taken-unreadable": {"preset": "garbled-after"},
    "refused": {"status": 403, "body": '{"forbidden": {"message": "Policy does not allow this.", "code": 403}}'},
    "refused-for-now": {"preset": "apigw-429"},
    "expired": {"preset": "token-401"},
    "lost-before": {"drop": "before"},
    "lost-after": {"drop": "after"},
    "cut": {"drop": "body"},
    "5xx": {"preset": "html-502"},
}
BEFORE_SENDING = ("run-inserted", "before-announce", "announced")
AROUND_THE_ANSWER = ("sending", "answered", "answer-committed")
LOOKING = ("look", "looked")
WATCHING = ("poll", "active-seen", "settled")
CELLS = [
    *((point, "taken") for point in (*BEFORE_SENDING, *WATCHING)),
    *((point, answer) for point in AROUND_THE_ANSWER for answer in ANSWERS),
    *((point, answer) for point in LOOKING for answer in ("lost-before", "lost-after")),
]
_SECONDS = 60.0
_AT_ONCE = 5


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    """One cloud for all cells, with a fresh volume for each."""
    phases = {"queued": 0.05, "saving": 0.1, "settle": 0.02}
    with Simulator(volumes=400, phases=phases) as simulator:
        yield simulator


class Cell:
    """One user with a home of its own, and the volume that is exported."""

    def __init__(self, cloud: Simulator, home: Path, volume_id: str) -> None:
        self.cloud = cloud
        self.volume_id = volume_id
        self._variables = {
            **variables_of(cloud),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "EVS_TUI_IN_FLIGHT": "100",
        }

    def start(self, point: str, deed: str, *arguments: str) -> subprocess.Popen[str]:
        """The program, with a misfortune."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.crash.saboteur", point, deed, *arguments],
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The program, undisturbed, to its end."""
        process = self.start("", "", *arguments)
        out, err = process.communicate(timeout=_SECONDS)
        assert "Traceback" not in err, err
        return process.returncode, out, err

    def jobs(self) -> list[dict[str, Any]]:
        """Every job of the journal."""
        code, out, err = self.run("jobs", "--all", "--output", "json")
        assert code == 0, err
        jobs: list[dict[str, Any]] = json.loads(out)["jobs"]
        return jobs

    def images(self) -> list[str]:
        """The ids of the images that the cloud made for this export."""
        return [image["id"] for image in self.cloud.images() if image["name"] == f"crash-{self.volume_id}"]

    def export(self, point: str, deed: str) -> subprocess.Popen[str]:
        """The export that the misfortune befalls."""
        words = ["export", self.volume_id, "--name", f"crash-{self.volume_id}", "--yes", "--wait", "--timeout", "0.05"]
        return self.start(point, deed, *words)


def _end(process: subprocess.Popen[str], deed: str) -> tuple[int, str]:
    """Let the deed happen and the process end; a stopped one goes on after longer than it may still send."""
    if deed == "stop":
        _wait_until_stopped_or_ended(process.pid)
        time.sleep(0.6)  # part of the cell: the announcement grows too old to be sent
        process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=_SECONDS)
    assert "Traceback" not in err, err
    return process.returncode, err


def _wait_until_stopped_or_ended(pid: int) -> None:
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)


def _settle(cell: Cell) -> dict[str, Any]:
    """Start again until the job has ended; what waits unsent is sent when the person says so."""
    for _ in range(3):
        jobs = cell.jobs()
        assert len(jobs) == 1, jobs
        (job,) = jobs
        if job["outcome"] is not None:
            return job
        if job["state"] == "planned":
            cell.run("jobs", "resume", job["id"], "--yes", "--watch", "--timeout", "0.1")
        else:
            cell.run("jobs", "--watch", "--timeout", "0.1")
    pytest.fail(f"not settled: {cell.jobs()}")


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a cell."""

    code: int
    words: str
    job: dict[str, Any]
    images: list[str]
    posts: int
    announced: int


def carry_out(cell: Cell, point: str, answer: str, deed: str) -> Ended:
    """The export with its misfortune, and everything after it until the job has ended."""
    if fault := dict(ANSWERS[answer]):
        preset = fault.pop("preset", None)
        cell.cloud.add_fault(preset, operation="export", path=cell.volume_id, count=1, **fault)
    code, words = _end(cell.export(point, deed), deed)
    job = _settle(cell)
    announced = [event for event in _events(cell, job["id"]) if event["kind"] == "announced"]
    posts = cell.cloud.export_posts(cell.volume_id)
    return Ended(code, words, job, cell.images(), len(posts), len(announced))


@pytest.fixture(scope="module")
def ended(
    request: pytest.FixtureRequest, cloud: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, str, str], Future[Ended]]]:
    """The chosen cells, a few at a time: each has a home, a volume and a fault of its own."""
    volumes = iter(cloud.volume_ids(status="available"))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {
            cell: pool.submit(carry_out, Cell(cloud, tmp_path_factory.mktemp("home"), next(volumes)), *cell)
            for cell in _chosen(request.session)
        }


def _chosen(session: pytest.Session) -> Iterator[tuple[str, str, str]]:
    for item in session.items:
        if isinstance(item, pytest.Function) and item.name.startswith(
            test_nothing_is_lost_and_nothing_is_sent_twice.__name__
        ):
            words = item.callspec.params
            yield str(words["point"]), str(words["answer"]), str(words["deed"])


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("point", "answer"), CELLS, ids=[f"{point}-{answer}" for point, answer in CELLS])
def test_nothing_is_lost_and_nothing_is_sent_twice(
    ended: Mapping[tuple[str, str, str], Future[Ended]], point: str, answer: str, deed: str
) -> None:
    end = ended[point, answer, deed].result(timeout=300)
    if deed == "kill":
        assert end.code == -signal.SIGKILL, end.words
    if deed == "hangup":
        assert end.code == 128 + signal.SIGHUP, end.words
    assert len(end.images) <= 1, "two images of one export"
    assert end.posts <= end.announced, "sent without being announced"
    if end.images:
        assert (end.job["outcome"], end.job["image"]["id"]) == ("succeeded", end.images[0])
    else:
        assert end.job["outcome"] in {"not_submitted", "failed"}
        assert end.job["last_error"] is not None


def _events(cell: Cell, job_id: str) -> list[dict[str, Any]]:
    code, out, err = cell.run("jobs", "show", job_id, "--output", "json")
    assert code == 0, err
    events: list[dict[str, Any]] = json.loads(out)["jobs"][0]["events"]
    return events
