"""How soon the program answers: help, version, the first picture."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator

from tests.benchmarks.peers import OURS, PYTHON, peer
from tests.benchmarks.probe import Probe, median_run
from tests.benchmarks.result import Result
from tests.simulator import Simulator


def help_and_version(runs: int) -> Iterator[Result]:
    """`--help` and `--version` beside `cinder --help`, and beside a Python that does nothing."""
    environ = dict(os.environ)
    theirs = median_run([peer("cinder"), "--help"], environ, runs) * 1e3
    nothing = median_run([PYTHON, "-c", "pass"], environ, 3 * runs) * 1e3
    for option in ("--help", "--version"):
        ours = median_run([OURS, option], environ, 3 * runs) * 1e3
        yield Result(f"`{option}`", ours, "ms", 0.25, "cinder --help", theirs)
        if option == "--help":
            yield Result(f"`{option}`, goal", ours, "ms", 3.0, "python -c pass", nothing)


def first_paint(runs: int) -> Iterator[Result]:
    """From the start of the process to the first picture on a terminal, taken in turns; signing in comes after it."""
    ours, theirs = [], []
    with Simulator(volumes=10) as cloud:
        for _ in range(2 * runs + 1):
            with Probe(PYTHON, "tests/benchmarks/peer_apps.py", "bare") as probe:
                theirs.append(probe.wait_for("bare") - probe.began)
            with Probe(OURS, environ=cloud.environment()) as probe:
                ours.append(probe.wait_for("Volumes") - probe.began)
    yield Result(
        "first paint",
        statistics.median(ours) * 1e3,
        "ms",
        1.5,
        "bare Textual app, one Static",
        statistics.median(theirs) * 1e3,
    )
