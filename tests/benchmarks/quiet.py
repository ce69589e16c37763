"""How little goes over the wire: bytes to the terminal, requests to the cloud."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator

from evs_tui.exports.timing import Limits
from tests.benchmarks.peers import OURS, PYTHON
from tests.benchmarks.probe import DOWN, ENTER, TAB, Probe
from tests.benchmarks.result import Result
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, volume
from tests.simulator import Simulator

_MOVES = 60
_REST_S = 10.0
_EXPORTS = 130


def terminal_bytes(runs: int) -> Iterator[Result]:
    """Bytes of a cursor move, of the list at rest, and of the jobs while an export goes on."""
    with Simulator(volumes=1000) as cloud, Probe(OURS, environ=cloud.environment()) as probe:
        probe.wait_for("Volumes 1,000")
        probe.settle()
        resting = probe.bytes_in(_REST_S) / _REST_S
        ours = _bytes_of_a_move(probe)
    with Probe(PYTHON, "tests/benchmarks/peer_apps.py", "table", "1000") as probe:
        probe.wait_for("Attached to")
        probe.press(b"f")
        probe.settle()
        theirs = _bytes_of_a_move(probe)
    yield Result("bytes of a cursor move, mean of 60", ours, "bytes", 0.45, "stock DataTable", theirs)
    yield Result("list at rest", resting, "bytes/s", 0.0)
    yield Result("jobs while one export goes on", statistics.median(_jobs_bytes() for _ in range(runs)), "bytes/s", 300)


def _bytes_of_a_move(probe: Probe) -> float:
    before = probe.sent
    for _ in range(_MOVES):
        probe.press(DOWN)
    return (probe.sent - before) / _MOVES


def _jobs_bytes() -> float:
    with Probe(OURS, "--demo") as probe:
        probe.wait_for("as of")
        probe.settle()
        probe.send(DOWN * 4 + ENTER)
        probe.wait_for("Image name")
        probe.settle(0.5)
        probe.send(b"\x13")
        probe.wait_for("Nothing has been sent yet")
        probe.settle(0.5)
        probe.send(TAB + ENTER)
        probe.wait_for("exporting")
        probe.bytes_in(_REST_S / 2)  # the first picture of the screen
        return probe.bytes_in(_REST_S) / _REST_S


def watching_requests(_runs: int) -> Iterator[Result]:
    """Requests of each poll that watches 130 exports, beside the bound of one for 60 disks and one more."""
    polls, requests = asyncio.run(_watched())
    bound = -(-_EXPORTS // 60) + 1
    yield Result(f"requests of a poll that watches {_EXPORTS} exports", requests / polls, "requests", bound)


async def _watched() -> tuple[int, int]:
    cloud = ScriptedCloud().add(*(volume(f"v{number}") for number in range(_EXPORTS)))
    engine = await Engine(cloud=cloud, limits=Limits(in_flight=_EXPORTS, spacing=0.0)).begin()
    await engine.submit(*cloud.volumes)
    await engine.clock.advance(3)
    cloud.calls.clear()
    engine.points.reached.clear()
    await engine.clock.advance(600)
    calls = cloud.calls
    requests = calls["read_volumes requests"] + calls["read_image"] + calls["read_volume"]
    await engine.exports.close()
    return engine.points.reached.count("poll"), requests
