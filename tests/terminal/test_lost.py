"""The terminal goes away while the screen is drawn: the program ends in order, and writes to it no more."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.program import PRODUCT, QUICK, Cli, variables_of
from tests.cli.schemas import JOURNAL_JOBS
from tests.simulator import Simulator
from tests.terminal.screen import CTRL_S, ENTER, TAB, Terminal

pytestmark = pytest.mark.terminal


def in_terminal(*words: str, code: str = PRODUCT, **variables: str) -> Terminal:
    return Terminal(sys.executable, "-c", code, *words, variables=variables, controlling=False)


def test_a_terminal_that_closes_ends_the_demo() -> None:
    with in_terminal("--demo") as terminal:
        terminal.wait_for("DEMO")
        terminal.hang_up()
        assert terminal.end(10) == 128 + signal.SIGHUP


def test_a_terminal_that_closes_at_any_moment_of_the_start_ends_the_program(own_environment: Path) -> None:
    for moment in (0.2, 0.35, 0.5, 0.7):
        with in_terminal("--demo") as terminal:
            terminal.read_for(moment)
            terminal.hang_up()
            assert terminal.end(10) in {2, 128 + signal.SIGHUP}  # 2: it was gone before anything was drawn


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def signalled(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.send(number)


ENDS = {
    "hang-up": (hang_up, 129),
    "SIGHUP": (signalled(signal.SIGHUP), 129),
    "SIGTERM": (signalled(signal.SIGTERM), 143),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_announced_export_is_awaited_and_nothing_more_is_drawn(
    end: str, quick_cloud: Simulator, cli: Cli, own_environment: Path
) -> None:
    deed, code = ENDS[end]
    cli.sign_in_at(quick_cloud)
    volume = quick_cloud.volume_ids(status="available")[0]
    quick_cloud.add_fault(operation="export", hold="after", count=1)
    with in_terminal("--volume", volume, code=QUICK, **variables_of(quick_cloud)) as terminal:
        terminal.wait_for("Nothing has been sent yet.")
        terminal.type(CTRL_S)
        terminal.wait_for("Review: export")
        terminal.type(TAB, ENTER)
        quick_cloud.wait_for_calls("export")
        terminal.wait_for("submitting")
        deed(terminal)
        if end != "hang-up":
            terminal.read_for(0.3)  # what was on its way
            terminal.type("1")
            assert terminal.read_for(0.3) == b""
        busy = cpu_seconds(terminal.pid)
        time.sleep(0.5)  # a time to be idle in: it waits for the answer
        assert terminal.is_running
        assert cpu_seconds(terminal.pid) - busy < 0.2
        quick_cloud.release()
        assert terminal.end(10) == code
    (job,) = cli("jobs", "--output", "json").document(JOURNAL_JOBS)["jobs"]
    assert (job["state"], job["owner"]) == ("exporting", None)
    assert job["image"]["id"] is not None
    assert len(quick_cloud.export_posts(volume)) == 1
    state = own_environment / ".local" / "state" / "evs-tui"
    assert list((state / "owners").iterdir()) == []
    log = state / "evs-tui.log"
    assert not log.exists() or log.read_text() == ""


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# A shell that starts a wrapper in the foreground, which starts the program; the wrapper is killed, the shell is back.
SHELL = """
import os, signal, subprocess, sys, time

def come_to_the_front():
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)

code, pid, now = sys.argv[1:]
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
script = 'exec 3<&0; "$0" -c "$1" --demo <&3 & echo $! >"$2"; wait'
command = ["/bin/sh", "-c", script, sys.executable, code, pid]
wrapper = subprocess.Popen(command, process_group=0, preexec_fn=come_to_the_front)
while not os.path.exists(now):
    time.sleep(0.02)
wrapper.kill()
wrapper.wait()
os.tcsetpgrp(0, os.getpgrp())
time.sleep(60)
"""


def test_a_program_whose_shell_was_killed_and_that_may_read_no_more_ends_and_writes_no_more(tmp_path: Path) -> None:
    pid, now = tmp_path / "pid", tmp_path / "now"
    with Terminal(sys.executable, "-c", SHELL, PRODUCT, str(pid), str(now)) as terminal:
        terminal.wait_for("DEMO")
        now.touch()
        demo = int(pid.read_text())
        end = time.monotonic() + 10
        while Path(f"/proc/{demo}").exists() and time.monotonic() < end:
            terminal.type("j")
            terminal.read_for(0.1)
        assert not Path(f"/proc/{demo}").exists()
        assert b"\x1b[?1049l" not in terminal.raw, "the terminal is the shell's again, and is not written to"
