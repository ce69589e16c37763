"""Lists: ten thousand disks on the command line, a hundred thousand on the screen."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence

from tests.benchmarks.peers import OURS, PYTHON, peer
from tests.benchmarks.probe import DOWN, ESCAPE, PAGE_DOWN, Probe, median_run
from tests.benchmarks.result import Result
from tests.simulator import Simulator

_MANY = 100_000
_REST_S = 0.25
_FILTERS = (b"web-0", b"avail", b"data-1", b"prod")


def ten_thousand(runs: int) -> Iterator[Result]:
    """`volumes --output json` beside `openstack volume list -f json` on the same simulated OpenStack."""
    with Simulator(flavour="openstack", volumes=10_000) as cloud:
        environ = {**os.environ, **cloud.environment(), "OS_IDENTITY_API_VERSION": "3"}
        ours = median_run([OURS, "volumes", "--output", "json"], environ, runs)
        theirs = median_run([peer("openstack"), "volume", "list", "-f", "json"], environ, 1)
    yield Result("10,000 disks as JSON", ours, "s", 0.1, "openstack volume list", theirs)


def hundred_thousand(runs: int) -> Iterator[Result]:
    """Keys, first paint and memory of the list."""
    with Simulator(volumes=10) as small:
        few = statistics.median(_settled_memory(small.environment()) for _ in range(runs))
    with Simulator(volumes=_MANY) as cloud:
        yield _paint_after_data(cloud, runs)
        with Probe(OURS, environ=cloud.environment()) as probe:
            probe.wait_for(f"Volumes {_MANY:,}")
            probe.settle(2)
            for name, key in (("cursor", DOWN), ("page", PAGE_DOWN)):
                yield Result(f"100,000 disks: {name} key to frame, p95", _p95(_presses(probe, [key] * 60)), "ms", 16.0)
            yield Result("100,000 disks: filter letter to frame, p95", _p95(_letters(probe, runs)), "ms", 16.0)
            probe.settle(2)
            ours = probe.memory() - few
    yield Result(f"memory of 100,000 disks above 10 (which need {few:.0f} MB)", ours, "MB", 90.0)


def _settled_memory(environ: Mapping[str, str]) -> float:
    with Probe(OURS, environ=environ) as probe:
        probe.wait_for("as of")
        probe.settle()
        return probe.memory()


def _paint_after_data(cloud: Simulator, runs: int) -> Result:
    """From the moment at which the cloud lets its first page go to the picture with its rows."""
    times = []
    name = next(str(row["name"]) for row in cloud.volumes() if row["name"].isascii() and row["name"])
    for _ in range(runs):
        cloud.clear_faults()
        cloud.add_fault(operation="list_cloudvolumes", hold="after", count=1)
        with Probe(OURS, environ=cloud.environment()) as probe:
            probe.wait_for("Reading volumes")
            cloud.wait_for_calls("list_cloudvolumes")
            probe.settle(0.5)
            began = time.perf_counter()
            cloud.release()
            times.append(probe.wait_for(name[:15]) - began)
        cloud.forget_calls()
    theirs = []
    for _ in range(runs):
        with Probe(PYTHON, "tests/benchmarks/peer_apps.py", "table", "100000") as probe:
            probe.wait_for("Attached to")
            probe.settle(0.5)
            began = time.perf_counter()
            probe.send(b"f")
            theirs.append(probe.wait_for("volume-1") - began)
    what = f"first rows after data (stock DataTable with 100,000: {statistics.median(theirs) * 1e3:,.0f} ms)"
    return Result(what, statistics.median(times) * 1e3, "ms", 50.0)


def _presses(probe: Probe, keys: Sequence[bytes]) -> list[float]:
    times = []
    for key in keys:
        times.append(probe.press(key))
        probe.settle(_REST_S)  # what follows the cursor once it rests is no part of the next key's frame
    return times


def _letters(probe: Probe, runs: int) -> list[float]:
    times = []
    for _ in range(runs):
        for text in _FILTERS:
            probe.press(b"/")
            times += _presses(probe, [text[at : at + 1] for at in range(len(text))])
            probe.send(ESCAPE)
            probe.settle(0.5)
    return times


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)] * 1e3
