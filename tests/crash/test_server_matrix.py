"""The crash matrix of the server steps: every named point, answers that were lost, and every way to die.

A cell is a disk of a server of its own that runs. After the misfortune the program is started again, and does what the
journal says is left to do, as a person would by the commands it names. In the end these must hold:

* the server runs again, and its stop was sent at most once per announcement, its start never before the disk was free;
* at most one image was made, and the job says so;
* as long as the server was down and nobody carried the run on, the journal said that something is left to do.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evs_tui.exports.model import Job, JobState, Outcome
from evs_tui.exports.service import read_job, read_jobs
from tests.cli.program import variables_of
from tests.crash.prepared import Prepared, Run
from tests.simulator import Simulator

pytestmark = pytest.mark.crash

_SECONDS = 90.0
_AT_ONCE = 6
CALL = ("before-announce", "announced", "sending", "answered", "answer-committed")
WAIT = ("poll", "seen", "settled")
LOST: dict[str, dict[str, Any]] = {
    "lost-before": {"drop": "before"},
    "lost-after": {"drop": "after"},
    "5xx": {"preset": "html-502"},
    "refused": {"status": 409, "body": '{"conflictingRequest": {"message": "Instance is locked", "code": 409}}'},
}
POINTS = [
    *(f"{kind}-{point}" for kind in ("stop", "start") for point in CALL),
    *(f"{kind}-{point}" for kind in ("wait_stopped", "wait_volume", "start") for point in WAIT),
]
BOTH = ("stop", "start")
CELLS = [
    *((point, "taken", "kill") for point in POINTS),
    *((f"{kind}-{point}", "taken", "hangup") for kind in BOTH for point in CALL),
    *((f"{kind}-{point}", "taken", deed) for kind in BOTH for point in CALL[1:4:2] for deed in ("stop", "full")),
    *((f"{kind}-sending", lost, "kill") for kind in BOTH for lost in LOST),
    *((f"{kind}-{point}", "lost-after", "kill") for kind in BOTH for point in ("look", "looked")),
]


SAYING = {"still_stopped", "start_offered", "stop_unclear"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    """One plain OpenStack with servers for all cells: there a call about a server names it in its path."""
    phases = {"queued": 0.05, "saving": 0.3, "settle": 0.1, "stopping": 0.2, "starting": 0.1}
    settings = {"image_quota": 1000, "compute": True}
    with Simulator(flavour="openstack", volumes=1000, phases=phases, settings=settings) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    """What becomes the program."""
    with Prepared() as process:
        yield process


@dataclass(frozen=True, slots=True)
class Target:
    """A disk, and the one running server that it is attached to."""

    volume_id: str
    server_id: str


def targets(cloud: Simulator) -> Iterator[Target]:
    """Each with a server of its own."""
    running = {one["id"] for one in cloud.servers() if one["status"] == "ACTIVE"}
    for volume in cloud.volumes():
        ids = [one["server_id"] for one in volume["attachments"]]
        if volume["status"] == "in-use" and len(ids) == 1 and ids[0] in running and not volume["encrypted"]:
            running.discard(ids[0])
            yield Target(volume["id"], ids[0])


class Cell:
    """One user with a home of its own."""

    def __init__(self, cloud: Simulator, prepared: Prepared, home: Path, target: Target) -> None:
        self.cloud = cloud
        self.target = target
        self.name = f"crash-{target.volume_id}"
        self._prepared = prepared
        self._home = home
        self._variables = {
            **variables_of(cloud),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "EVS_TUI_IN_FLIGHT": "100",
        }

    def start(self, point: str, deed: str, *words: str) -> Run:
        return self._prepared.start(self._home, words, variables=self._variables, point=point, deed=deed)

    def run(self, *words: str) -> None:
        run = self.start("", "", *words)
        run.wait(_SECONDS)
        assert "Traceback" not in run.err, run.err

    def job(self) -> Job | None:
        """The one job of the journal with its events; None before there is one."""
        state = self._home / "state" / "evs-tui"
        jobs = read_jobs(state / "journal.sqlite3", True, owners_dir=state / "owners")
        return read_job(state / "journal.sqlite3", jobs[0].id, owners_dir=state / "owners") if jobs else None

    def server(self) -> tuple[str, str | None]:
        found = next(one for one in self.cloud.servers() if one["id"] == self.target.server_id)
        return found["status"], found["task_state"]

    def actions(self) -> list[tuple[str, float]]:
        """The stops and starts that reached the cloud, with its time."""
        calls = self.cloud.calls("nova_server_action")
        mine = [call for call in calls if call["params"]["server"] == self.target.server_id]
        return [(next(iter(json.loads(call["body"]))).removeprefix("os-"), call["at"]) for call in mine]


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a cell."""

    code: int
    words: str
    said: bool
    """Whether the journal said so, if the server was down."""
    job: Job
    server: tuple[str, str | None]
    actions: list[tuple[str, float]]
    images: list[dict[str, Any]]


def carry_out(cell: Cell, point: str, answer: str, deed: str) -> Ended:
    """The export with its misfortune, and everything after it until nothing is left to do."""
    if answer != "taken":
        fault = dict(LOST[answer])
        preset = fault.pop("preset", None)
        after = 1 if point.startswith("start") else 0
        path = cell.target.server_id
        cell.cloud.add_fault(preset, operation="nova_server_action", path=path, after=after, count=1, **fault)
    words = ["--stop-servers", "--restart-servers", "--yes", "--wait", "--timeout", "0.1"]
    run = cell.start(point, deed, "export", cell.target.volume_id, "--name", cell.name, *words)
    if deed == "stop":
        run.wait_stopped_or_ended(_SECONDS)
        time.sleep(0.6)  # part of the cell: the announcement grows too old to be sent
        run.send(signal.SIGCONT)
    code = run.wait(_SECONDS)
    assert "Traceback" not in run.err, run.err
    first = cell.job()
    assert first is not None
    said = cell.server() != ("SHUTOFF", None) or bool(SAYING & {item.code for item in first.attention})
    job = _settle(cell)
    images = [image for image in cell.cloud.images() if image["name"] == cell.name]
    return Ended(code, run.err, said, job, cell.server(), cell.actions(), images)


def _settle(cell: Cell) -> Job:
    """Do what the journal says is left to do, until nothing is."""
    for _ in range(25):
        job = cell.job()
        assert job is not None
        codes = {point.code for point in job.attention}
        if codes & {"still_stopped", "start_offered"}:
            cell.run("jobs", "restore", job.id, "--yes", "--watch", "--timeout", "0.1")
        elif "pending_after_restart" in codes:
            cell.run("jobs", "resume", job.id, "--yes", "--watch", "--timeout", "0.1")
        elif job.is_open:
            cell.run("jobs", "--watch", "--timeout", "0.1")
        else:
            return job
    pytest.fail(f"not settled: {cell.job()}")


@pytest.fixture(scope="module")
def ended(
    request: pytest.FixtureRequest, cloud: Simulator, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, str, str], Future[Ended]]]:
    """The chosen cells, a few at a time."""
    free = targets(cloud)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {
            words: pool.submit(carry_out, Cell(cloud, prepared, tmp_path_factory.mktemp("home"), next(free)), *words)
            for words in _chosen(request.session)
        }


def _chosen(session: pytest.Session) -> Iterator[tuple[str, str, str]]:
    for item in session.items:
        if isinstance(item, pytest.Function) and item.name.startswith(
            test_the_server_runs_again_and_nothing_is_lost_or_doubled.__name__
        ):
            words = item.callspec.params
            yield str(words["point"]), str(words["answer"]), str(words["deed"])


@pytest.mark.parametrize(("point", "answer", "deed"), CELLS, ids=["-".join(cell) for cell in CELLS])
def test_the_server_runs_again_and_nothing_is_lost_or_doubled(
    ended: Mapping[tuple[str, str, str], Future[Ended]], point: str, answer: str, deed: str
) -> None:
    end = ended[point, answer, deed].result(timeout=300)
    assert f"{deed} at {point}" in end.words, "the point was never reached"
    assert end.said, "nobody was told that the server is down"
    stops = [at for kind, at in end.actions if kind == "stop"]
    starts = [at for kind, at in end.actions if kind == "start"]
    announced = [event for event in end.job.events if event.kind == "announced" and event.data.get("step") == "stop"]
    assert len(stops) <= len(announced), "stopped without being announced"
    assert len(stops) <= 1, "stopped twice"
    assert stops or not starts, "started what was never stopped"
    assert end.server == ("ACTIVE", None)
    assert len(end.images) <= 1, "two images of one export"
    if end.images:
        assert (end.job.outcome, end.job.image.id) == (Outcome.SUCCEEDED, end.images[0]["id"])
        assert all(at >= end.images[0]["active_at"] for at in starts), "started before the disk was free"
    else:
        assert end.job.state in {JobState.NOT_SUBMITTED, JobState.CANCELLED, JobState.FAILED}
