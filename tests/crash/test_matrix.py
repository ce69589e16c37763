"""The crash matrix of the export step, with real processes: the cloud is another process, which survives and counts.

A cell is a named point, a class of answer, and a deed. After the deed the program is started again, which may look,
watch, and send what was never announced when it is told to; then these must hold:

* the cloud was asked at most once per announcement, never again after an answer that was lost, and made at most one
  image: nothing is doubled;
* an image that was made belongs to a job that succeeded with it; a job without one ended as not sent or failed, with
  its reason: nothing is lost;
* the program ended as the contract says: by the signal; unclear (7), with the image's id in words, where the journal
  could not take the answer; refused (6) where it could not take the announcement, and then nothing was sent.

Cells that cannot differ are left out: before the request is sent the class of its answer cannot matter, and the points
of watching are reached only after the cloud took the export, so both run with the plain answer alone; `look` and
`looked` are reached only by an export whose answer was lost, and what a look finds depends only on whether the cloud
had processed the request: one class for each, and the answer that proves it was taken without saying as what.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evs_tui.exports.model import Job, JobState, Outcome
from evs_tui.exports.ports import POINTS
from evs_tui.exports.service import read_job, read_jobs
from tests.cli.program import variables_of
from tests.crash.prepared import Prepared, Run
from tests.simulator import Simulator

pytestmark = pytest.mark.crash

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
MADE_AN_IMAGE = {"taken", "taken-unreadable", "lost-after", "cut"}
TRIED_AGAIN = {"refused-for-now", "expired"}
UNCLEAR = {"lost-before", "lost-after", "5xx"}
BEFORE_SENDING = ("run-inserted", "before-announce", "announced")
AROUND_THE_ANSWER = ("sending", "answered", "answer-committed")
LOOKING = ("look", "looked")
WATCHING = ("poll", "active-seen", "settled")
UNRECORDED = ("announced", "sending", "answered")
"""What happens here keeps the answer out of the journal, if the process is killed or its disk is full."""
CELLS = [
    *((point, "taken") for point in (*BEFORE_SENDING, *WATCHING)),
    *((point, answer) for point in AROUND_THE_ANSWER for answer in ANSWERS),
    *((point, answer) for point in LOOKING for answer in ("lost-before", "lost-after")),
]
_SECONDS = 60.0
_AT_ONCE = 8


@pytest.fixture(scope="module")
def cloud() -> Iterator[Simulator]:
    """One cloud for all cells, with a fresh volume for each."""
    phases = {"queued": 0.05, "saving": 0.1, "settle": 0.02}
    with Simulator(volumes=400, phases=phases, settings={"image_quota": 1000}) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    """What becomes the program."""
    with Prepared() as process:
        yield process


class Cell:
    """One user with a home of its own, and the volume that is exported."""

    def __init__(self, cloud: Simulator, prepared: Prepared, home: Path, volume_id: str) -> None:
        self.cloud = cloud
        self.volume_id = volume_id
        self._prepared = prepared
        self._home = home
        self._variables = {
            **variables_of(cloud),
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
        }

    def start(self, point: str, deed: str, *words: str) -> Run:
        """The program, with a misfortune."""
        return self._prepared.start(self._home, words, variables=self._variables, point=point, deed=deed)

    def run(self, *words: str) -> None:
        """The program, undisturbed, to its end."""
        run = self.start("", "", *words)
        run.wait(_SECONDS)
        assert "Traceback" not in run.err, run.err

    def job(self) -> Job:
        """The one job of the journal."""
        state = self._home / "state" / "evs-tui"
        (job,) = read_jobs(state / "journal.sqlite3", True, owners_dir=state / "owners")
        return read_job(state / "journal.sqlite3", job.id, owners_dir=state / "owners")

    def images(self) -> list[str]:
        """The ids of the images that the cloud made for this export."""
        return [image["id"] for image in self.cloud.images() if image["name"] == f"crash-{self.volume_id}"]

    def export(self, point: str, deed: str) -> Run:
        """The export that the misfortune befalls."""
        words = ["export", self.volume_id, "--name", f"crash-{self.volume_id}", "--yes"]
        # Where nothing can be recorded any more, waiting ends by the clock.
        return self.start(point, deed, *words, "--wait", "--timeout", "0.05" if deed == "full" else "0.5")


def _end(run: Run, deed: str) -> int:
    """Let the deed happen and the process end; a stopped one goes on after longer than it may still send."""
    if deed == "stop":
        run.wait_stopped_or_ended(_SECONDS)
        time.sleep(1.1)  # part of the cell: the announcement grows too old to be sent
        run.send(signal.SIGCONT)
    code = run.wait(_SECONDS)
    assert "Traceback" not in run.err, run.err
    return code


def _settle(cell: Cell) -> Job:
    """Start again until the job has ended; what waits unsent is sent when the person says so."""
    for _ in range(4):
        cell.run("jobs", "--watch", "--timeout", "0.1")
        job = cell.job()
        if job.outcome is not None:
            return job
        if job.state is JobState.PLANNED:
            cell.run("jobs", "resume", job.id, "--yes", "--watch", "--timeout", "0.1")
    pytest.fail(f"not settled: {cell.job()}")


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a cell."""

    code: int
    words: str
    then: JobState
    """The state when the misfortune was over, before anything else was done."""
    job: Job
    images: list[str]
    posts: int
    announced: int


def _misbehave(cell: Cell, answer: str) -> None:
    if fault := dict(ANSWERS[answer]):
        preset = fault.pop("preset", None)
        cell.cloud.add_fault(preset, operation="export", path=cell.volume_id, count=1, **fault)


def carry_out(cell: Cell, point: str, answer: str, deed: str) -> Ended:
    """The export with its misfortune, and everything after it until the job has ended."""
    _misbehave(cell, answer)
    run = cell.export(point, deed)
    code = _end(run, deed)
    # After a kill the next start is the program's own, which finds the journal as it was left.
    then = JobState.UNCLEAR if deed == "kill" else cell.job().state
    job = _settle(cell)
    announced = [event for event in job.events if event.kind == "announced"]
    posts = cell.cloud.export_posts(cell.volume_id)
    return Ended(code, run.err, then, job, cell.images(), len(posts), len(announced))


@pytest.fixture(scope="module")
def ended(
    request: pytest.FixtureRequest, cloud: Simulator, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[tuple[str, str, str], Future[Ended]]]:
    """The chosen cells, a few at a time: each has a home, a volume and a fault of its own."""
    volumes = iter(cloud.volume_ids(status="available"))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {
            words: pool.submit(carry_out, Cell(cloud, prepared, tmp_path_factory.mktemp("home"), next(volumes)), *words)
            for words in _chosen(request.session)
        }


def _chosen(session: pytest.Session) -> Iterator[tuple[str, str, str]]:
    for item in session.items:
        if isinstance(item, pytest.Function) and item.name.startswith(
            test_nothing_is_lost_and_nothing_is_sent_twice.__name__
        ):
            words = item.callspec.params
            yield str(words["point"]), str(words["answer"]), str(words["deed"])


@dataclass(frozen=True, slots=True)
class Expected:
    """What must become of a cell."""

    code: int
    then: set[JobState]
    outcome: Outcome
    posts: int
    announced: int


def expected(point: str, answer: str, deed: str) -> Expected:
    """The rules of the engine, once more and in short."""
    lost = point in UNRECORDED and deed in {"kill", "full"}
    never_sent = point in {"announced", "sending"} and deed == "kill"
    if never_sent or answer in {"lost-before", "5xx"}:
        outcome = Outcome.NOT_SUBMITTED
    elif answer in MADE_AN_IMAGE:
        outcome = Outcome.SUCCEEDED
    elif lost:
        outcome = Outcome.NOT_SUBMITTED
    else:
        outcome = Outcome.FAILED if answer == "refused" else Outcome.SUCCEEDED
    code = {
        "kill": -signal.SIGKILL,
        "hangup": 128 + signal.SIGHUP,
        "stop": 0 if outcome is Outcome.SUCCEEDED else 1,
        "full": _code_on_a_full_disk(point, answer),
    }[deed]
    posts = 0 if never_sent else 2 if answer in TRIED_AGAIN and not lost else 1
    # A process that was suspended sends nothing on an old announcement: it announces anew.
    announced = 1 if never_sent else 2 if (point, deed) == ("announced", "stop") else posts
    return Expected(code, _states_then(point, answer, deed), outcome, posts, announced)


def _code_on_a_full_disk(point: str, answer: str) -> int:
    if point in {"run-inserted", "before-announce"}:
        return 6  # nothing may be sent that cannot be recorded
    if point in UNRECORDED or point == "look" or (answer in UNCLEAR and (point, answer) != ("looked", "lost-after")):
        return 7
    if point == "settled":
        return 0
    return 1 if answer == "refused" else 6 if answer in TRIED_AGAIN else 8


def _states_then(point: str, answer: str, deed: str) -> set[JobState]:
    """Where the job may stand when the process has ended; a killed one is looked at by the next start alone."""
    if deed in {"kill", "stop"}:
        return set(JobState)
    if deed == "full" and point in UNRECORDED:
        return {JobState.SUBMITTING}
    if point in {"run-inserted", "before-announce"}:
        # A hang-up is handled by another thread, which may find the request on its way, and then waits for it.
        return {JobState.PLANNED} if deed == "full" else {JobState.PLANNED, JobState.EXPORTING}
    if point in WATCHING:
        return {JobState.EXPORTING, JobState.SUCCEEDED}
    if answer == "refused":
        return {JobState.FAILED}
    if answer in TRIED_AGAIN:
        return {JobState.PLANNED}
    if answer not in UNCLEAR:
        return {JobState.EXPORTING}
    return {JobState.UNCLEAR, JobState.EXPORTING} if answer == "lost-after" else {JobState.UNCLEAR}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("point", "answer"), CELLS, ids=[f"{point}-{answer}" for point, answer in CELLS])
def test_nothing_is_lost_and_nothing_is_sent_twice(
    ended: Mapping[tuple[str, str, str], Future[Ended]], point: str, answer: str, deed: str
) -> None:
    end = ended[point, answer, deed].result(timeout=300)
    must = expected(point, answer, deed)
    assert f"{deed} at {point}\n" in end.words, "the point was not reached"
    assert len(end.images) <= 1, "two images of one export"
    assert end.posts == must.posts
    # A slow machine may find an announcement too old at any time, and announce once more.
    assert end.announced >= must.announced, "sent without being announced, or on an old announcement"
    assert end.job.outcome is must.outcome
    assert end.images == ([end.job.image.id] if must.outcome is Outcome.SUCCEEDED else [])
    assert end.job.last_error is not None or must.outcome is Outcome.SUCCEEDED, "ended without a reason"
    assert end.then in must.then
    assert end.code == must.code, end.words
    if deed == "full" and point in UNRECORDED and answer == "taken":
        assert end.images[0] in end.words, "what the journal could not take was not told"


@pytest.mark.parametrize("answer", sorted(UNCLEAR))
def test_an_unclear_export_ends_with_7_and_is_settled_by_looking_alone(
    cloud: Simulator, prepared: Prepared, tmp_path: Path, answer: str
) -> None:
    volumes = cloud.volume_ids(status="available")
    cell = Cell(cloud, prepared, tmp_path, volumes[-1 - sorted(UNCLEAR).index(answer)])
    _misbehave(cell, answer)
    run = cell.start("", "", "export", cell.volume_id, "--name", f"crash-{cell.volume_id}", "--yes")
    assert run.wait(_SECONDS) == 7
    # A look on the way out may have found the image already.
    assert cell.job().state in {JobState.UNCLEAR, JobState.EXPORTING if answer in MADE_AN_IMAGE else JobState.UNCLEAR}
    cell.run("jobs", "--watch", "--timeout", "0.5")
    assert len(cloud.export_posts(cell.volume_id)) == 1
    assert cell.job().outcome is (Outcome.SUCCEEDED if answer in MADE_AN_IMAGE else Outcome.NOT_SUBMITTED)


def test_every_named_point_is_in_the_matrix() -> None:
    assert {point for point, _ in CELLS} == set(POINTS)
