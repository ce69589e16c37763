"""`export --background`: a process without a terminal that survives who began it and leaves no server behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.background.conftest import EXPORT, Home, is_gone, wait_until


def test_the_run_goes_on_without_who_began_it_and_the_process_ends_with_it(home: Home) -> None:
    ended = home.run("export", home.disk(), *EXPORT)
    assert ended.returncode == 0, ended.stderr
    assert "this terminal may be closed" in ended.stderr
    pid = int(ended.stderr.partition("Process ")[2].split()[0])
    wait_until(lambda: is_gone(pid))
    (job,) = home.jobs()
    assert (job["state"], job["attention"], home.server()) == ("succeeded", [], ("ACTIVE", None))
    assert "Nothing works in the background." in home.run("agent", "list").stderr


def test_the_process_has_no_terminal_no_secret_in_sight_and_nothing_of_the_environment(frozen_home: Home) -> None:
    home = frozen_home
    ended = home.run("export", home.disk(), *EXPORT, LD_LIBRARY_PATH="/nowhere", AWS_SECRET_ACCESS_KEY="kept-out")
    assert ended.returncode == 0, ended.stderr
    process = Path(f"/proc/{home.pid()}")
    environment = dict(line.partition("=")[::2] for line in (process / "environ").read_text().split("\0") if line)
    assert set(environment) <= {"PATH", "HOME", "LC_ALL", "XDG_STATE_HOME", "XDG_CONFIG_HOME"}
    password = home.cloud.credential.password
    assert password not in (process / "cmdline").read_text()
    assert [(process / f"fd/{number}").readlink() for number in (0, 1, 2)] == [Path("/dev/null")] * 3
    assert (process / "cwd").readlink() == Path("/")
    stat = (process / "stat").read_text().rpartition(")")[2].split()
    parent, session, terminal = int(stat[1]), int(stat[3]), int(stat[4])
    assert (parent, terminal) == (1, 0)
    assert session != os.getsid(0)
    kept = [path for path in home.path.rglob("*") if path.is_file()]
    assert kept
    assert all(password.encode() not in path.read_bytes() for path in kept)


def test_a_process_that_cannot_sign_in_is_no_process_and_nothing_is_recorded(home: Home) -> None:
    refusal = '{"error": {"code": 401, "message": "no", "title": "Unauthorized"}}'
    home.cloud.add_fault(operation="create_token", after=1, status=401, body=refusal)
    ended = home.run("export", home.disk(), *EXPORT)
    assert ended.returncode == 4, ended.stderr
    assert home.jobs() == []
    assert home.server() == ("ACTIVE", None)


def test_killed_in_the_middle_it_is_said_what_is_left_and_one_command_puts_it_back(frozen_home: Home) -> None:
    home = frozen_home
    home.run("export", home.disk(), *EXPORT)
    home.cloud.wait_for_calls("server_action")
    home.cloud.advance(1)
    home.cloud.wait_for_calls("export")
    os.kill(home.pid(), signal.SIGKILL)
    wait_until(lambda: home.jobs()[0]["owner"]["alive"] is False)
    (job,) = home.jobs()
    assert [point["code"] for point in job["attention"]] == ["still_stopped"]
    home.cloud.advance(1)
    restored = home.run("jobs", "restore", job["id"], "--yes", "--watch", "--timeout", "0.02")
    assert home.server() == ("SHUTOFF", "powering-on"), restored.stderr


def test_stopping_it_leaves_everything_in_order_and_says_what_is_left(frozen_home: Home) -> None:
    home = frozen_home
    home.run("export", home.disk(), *EXPORT)
    home.cloud.wait_for_calls("server_action")
    pid = home.pid()
    listed = home.run("agent").stdout
    assert "web-01-data" in listed
    agent = listed.splitlines()[1].split()[0]
    unasked = home.run("agent", "stop", agent[:5])
    assert (unasked.returncode, is_gone(pid)) == (2, False)
    ended = home.run("agent", "stop", agent[:5], "--yes")
    assert ended.returncode == 0, ended.stderr
    wait_until(lambda: is_gone(pid))
    assert "web-01 is still stopped by this run" in ended.stderr
    assert home.run("agent", "stop", agent[:5], "--yes").returncode == 2
    home.cloud.advance(1)
    (job,) = home.jobs()
    home.run("jobs", "resume", job["id"], "--yes", "--watch", "--timeout", "0.02")
    home.cloud.wait_for_calls("export")


def test_what_cannot_go_into_the_background(home: Home) -> None:
    demo = home.run("export", home.disk(), "--name", "b", "--background", "--yes", "--demo")
    assert demo.returncode == 6
    both = home.run("export", home.disk(), "--name", "b", "--background", "--wait", "--yes")
    assert (both.returncode, "--wait and --background cannot both be given" in both.stderr) == (2, True)
    passcode = home.run("export", home.disk(), *EXPORT, OS_PASSCODE=home.cloud.credential.passcode)
    assert passcode.returncode == 6, passcode.stderr
    assert "a passcode is good for one sign-in" in passcode.stderr
    assert home.server() == ("ACTIVE", None)
