"""`python -m tests.benchmarks [ROW...]`: measures, beside the peers, in one run, and prints a Markdown table.

Nothing here fails because a machine is slow: it tells, and a person judges. Not part of the tests.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import listing, peers, quiet, starting
from tests.benchmarks.result import Result, markdown

ROWS: Mapping[str, Callable[[int], Iterator[Result]]] = {
    "help": starting.help_and_version,
    "paint": starting.first_paint,
    "list": listing.ten_thousand,
    "table": listing.hundred_thousand,
    "bytes": quiet.terminal_bytes,
    "requests": quiet.watching_requests,
}


def machine() -> str:
    """Processor, cores, memory, system, and the versions compared."""
    cpu = next(
        (_value(line) for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.processor()
    )
    memory = next((int(_value(line).split()[0]) / 1e6 for line in _lines("/proc/meminfo") if "MemTotal" in line), 0)
    parts = [f"{cpu or platform.machine()}, {os.cpu_count()} cores", f"{memory:.0f} GB", platform.system()]
    return ", ".join([*parts, peers.own_versions()])


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _value(line: str) -> str:
    return line.partition(":")[2].strip()


def main() -> None:
    """Measure what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; default: all")
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured; the median counts")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    results: list[Result] = []
    for name in options.rows or ROWS:
        for result in ROWS[name](options.runs):
            print(" | ".join(result.cells()), file=sys.stderr, flush=True)
            results.append(result)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, load {os.getloadavg()[0]:.1f}\n\n{markdown(results)}")


if __name__ == "__main__":
    main()
