"""The terminal's reader stops, as in a connection that hangs or a stopped tmux client: exports go on without it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.program import QUICK, Cli, variables_of
from tests.cli.schemas import JOURNAL_JOBS
from tests.simulator import Simulator
from tests.terminal.screen import CTRL_S, ENTER, TAB, Terminal

pytestmark = pytest.mark.terminal

STALL_S = float(os.environ.get("EVS_TUI_TEST_STALL", "0"))
"""How much longer than the export needs the reader stands still; 60 in the long form, by hand."""


def test_an_export_goes_on_to_its_end_while_nobody_reads_the_screen(
    start_cloud: Callable[..., Simulator], cli: Cli
) -> None:
    cloud = start_cloud(volumes=30, frozen=True)
    cli.sign_in_at(cloud)
    volume = cloud.volume_ids(status="available")[0]
    with Terminal(sys.executable, "-c", QUICK, "--volume", volume, variables=variables_of(cloud)) as terminal:
        terminal.wait_for("Nothing has been sent yet.")
        terminal.type(CTRL_S)
        terminal.wait_for("Review: export")
        terminal.type(TAB, ENTER)
        terminal.wait_for("exporting")
        pending = stall(terminal)
        time.sleep(STALL_S / 2)
        cloud.advance(24 * 3600)  # only now can the export end
        job = the_job_once(cli, "succeeded")
        time.sleep(STALL_S / 2)
        assert terminal.pending == pending, "the screen was to stand still meanwhile"
        terminal.wait_for("succeeded", seconds=30)
    (image,) = [image for image in cloud.images() if image["made_here"]]
    assert (image["status"], job["image"]["id"]) == ("active", image["id"])
    assert len(cloud.export_posts(volume)) == 1


def stall(terminal: Terminal) -> int:
    """Read no more and let the program draw until it cannot; how many bytes wait in the terminal."""
    still, pending = 0, -1
    for _ in range(400):
        terminal.type("1", "2")
        time.sleep(0.02)
        still = still + 1 if terminal.pending == pending else 0
        pending = terminal.pending
        if still == 50:  # a second of keys without a byte
            return pending
    pytest.fail(f"the terminal takes more and more: {pending} bytes")


def the_job_once(cli: Cli, state: str) -> Any:
    """The one job of the journal, when it is in this state."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        (job,) = cli("jobs", "--output", "json").document(JOURNAL_JOBS)["jobs"]
        if job["state"] == state:
            return job
        time.sleep(0.05)
    pytest.fail(f"not {state}: {job}")
