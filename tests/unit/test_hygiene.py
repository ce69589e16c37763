from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evs_tui.credentials.environment import _SECRET_VARIABLES
from evs_tui.hygiene import child_environment, without_working_directory
from evs_tui.secret import Secret

ROOT = Path(__file__).parents[2]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc and no prctl")


def python(code: str, *arguments: str, environ: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Any:
    """What a fresh interpreter prints as JSON."""
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        cwd=cwd,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


PREPARED = """
    import json, os, resource, sys
    from evs_tui.hygiene import prepare_process
    prepare_process(os.environ)
"""


def test_new_files_are_the_owners_alone_and_there_is_no_core_dump() -> None:
    found = python(PREPARED + "    print(json.dumps([os.umask(0), resource.getrlimit(resource.RLIMIT_CORE)]))")
    assert found == [0o077, [0, 0]]


@on_linux
@pytest.mark.parametrize(("debugging", "dumpable"), [("", 0), ("1", 1)])
def test_the_process_cannot_be_attached_to(debugging: str, dumpable: int) -> None:
    asked = PREPARED + "    import ctypes; print(json.dumps(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)))"
    assert python(asked, environ={"EVS_TUI_DEBUG": debugging}) == dumpable


# Two processes of one ordinary user: one holds a secret, the other tries to read what the kernel shows of it. Where the
# tests run as root both become an ordinary user first, because root may read everything.
READING_EACH_OTHER = """
    import ctypes, json, os, resource, sys  # before the change of user: the interpreter may lie in a closed directory
    from evs_tui.hygiene import prepare_process

    SOMEBODY, PR_SET_DUMPABLE = 54321, 4

    def become_ordinary():
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
            os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
            ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as if started by this user

    def forked(work):
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            become_ordinary()
            work(tell)
            os._exit(0)
        os.close(tell)
        return pid, ready

    wait, release = os.pipe()

    def hold(tell):
        os.close(release)
        prepare_process(os.environ)
        os.write(tell, b"ready")
        os.read(wait, 1)

    holder, ready = forked(hold)
    assert os.read(ready, 5) == b"ready"

    def read(tell):
        found = {}
        for name in ("maps", "environ", "mem", "cmdline"):
            try:
                with open(f"/proc/{holder}/{name}", "rb") as file:
                    found[name] = "open" if name == "mem" else "read" if file.read(1) else "empty"
            except PermissionError:
                found[name] = "denied"
        os.write(tell, json.dumps(found).encode())

    _, answer = forked(read)
    print(os.read(answer, 1000).decode())
    os.close(release)
    os.waitpid(holder, 0)
"""


@on_linux
def test_another_process_of_the_same_user_cannot_read_memory_or_environment() -> None:
    closed = {"maps": "denied", "environ": "denied", "mem": "denied", "cmdline": "read"}
    assert python(READING_EACH_OTHER, environ={"EVS_TUI_DEBUG": ""}) == closed


@on_linux
def test_without_the_hygiene_it_could() -> None:
    opened = {"maps": "read", "environ": "read", "mem": "open", "cmdline": "read"}
    found = python(READING_EACH_OTHER, environ={"EVS_TUI_DEBUG": "1"})
    if found["mem"] == "denied":
        opened["mem"] = "denied"  # a stricter ptrace scope than the default
    assert found == opened


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (
            {"TEXTUAL": "devtools", "TEXTUAL_LOG": "/tmp/keys", "TEXTUAL_PRESS": "q", "TEXTUALLY": "stays"},
            {"TEXTUALLY": "stays", "TEXTUAL_DISABLE_KITTY_KEY": "1", "ESCDELAY": "25"},
        ),
        ({"ESCDELAY": "100", "TEXTUAL_DISABLE_KITTY_KEY": "0"}, {"ESCDELAY": "100", "TEXTUAL_DISABLE_KITTY_KEY": "1"}),
        (
            {"EVS_TUI_DEV": "1", "TEXTUAL_LOG": "x", "TEXTUAL_DISABLE_KITTY_KEY": "0"},
            {"EVS_TUI_DEV": "1", "TEXTUAL_LOG": "x", "TEXTUAL_DISABLE_KITTY_KEY": "0", "ESCDELAY": "25"},
        ),
    ],
)
def test_the_toolkits_debugging_variables_are_gone(given: dict[str, str], left: dict[str, str]) -> None:
    code = """
        import json, sys
        from evs_tui.hygiene import prepare_process
        environ = json.loads(sys.argv[1])
        prepare_process(environ)
        print(json.dumps(environ))
    """
    assert python(code, json.dumps(given)) == left


def test_the_working_directory_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    here = str(tmp_path)
    entries = ["", here, f"{here}/", f"{here}/.", f"{here}/link", f"{here}/lib", "/usr/lib/python311.zip"]
    assert without_working_directory(entries, here) == [f"{here}/lib", "/usr/lib/python311.zip"]
    installed = tmp_path / "site-packages"
    assert without_working_directory([str(installed)], str(installed)) == [str(installed)]


HOSTILE = """
import os, sys
with open(os.path.join(os.path.dirname(__file__), "executed"), "a") as file:
    file.write(__name__ + "\\n")
"""


HOSTILE_NAMES = ("click", "httpx", "h11", "textual", "platformdirs", "yaml", "ctypes", "resource", "sqlite3", "keyring")


@pytest.mark.parametrize(
    ("start", "names"),
    [
        (["-m", "evs_tui"], (*HOSTILE_NAMES, "argparse", "gettext", "json")),
        (["-c", "from evs_tui.cli.main import main; main()"], HOSTILE_NAMES),
    ],
)
@pytest.mark.parametrize("words", [["--version"], ["volumes"], ["jobs"], ["--demo", "volumes"]])
def test_a_library_that_lies_in_the_working_directory_is_not_executed(
    tmp_path: Path, start: list[str], names: tuple[str, ...], words: list[str]
) -> None:
    for name in names:
        (tmp_path / f"{name}.py").write_text(HOSTILE)
    ended = subprocess.run(
        [sys.executable, *start, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "executed").exists(), (tmp_path / "executed").read_text()


@pytest.mark.terminal
def test_only_the_returned_stream_reaches_the_terminal_while_the_screen_is_drawn(tmp_path: Path) -> None:
    code = f"""
        import os, subprocess, sys
        from pathlib import Path
        from evs_tui.hygiene import redirect_stderr_to
        from evs_tui.secret import Secret
        secret = Secret("Sentinel-password")
        terminal = redirect_stderr_to(Path({str(tmp_path / "state" / "log")!r}))
        assert sys.__stderr__ is terminal
        assert not os.get_inheritable(terminal.fileno())
        subprocess.run(["sh", "-c", "echo noise of a child >&2"])
        os.write(2, b"noise of a library\\n")
        print("noise with", secret.reveal(), file=sys.stderr)
        print("drawn \\u2026", file=sys.__stderr__)
        print("last word", file=terminal)
        raise ValueError("refused: " + secret.reveal())
    """
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        stdin=side,
        stdout=side,
        stderr=side,
    )
    os.close(side)
    seen = b""
    while select.select([main], [], [], 30)[0]:
        try:
            seen += os.read(main, 4096)
        except OSError:  # the other side is gone
            break
    os.close(main)
    assert process.wait(30) == 1
    assert seen.decode().splitlines() == ["drawn …", "last word"]
    log = (tmp_path / "state" / "log").read_text()
    for line in ("noise of a child", "noise of a library", "noise with [secret]", "ValueError: refused: [secret]"):
        assert line in log.splitlines()
    assert "Sentinel" not in log
    assert (tmp_path / "state" / "log").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", ["None", "Path('/proc/nowhere/log')"])
def test_without_a_usable_log_the_noise_goes_nowhere(place: str) -> None:
    code = f"""
        import json, os, sys
        from pathlib import Path
        from evs_tui.hygiene import redirect_stderr_to
        terminal = redirect_stderr_to({place})
        os.write(2, b"noise")
        print("last word", file=terminal)
        print(json.dumps(os.readlink("/proc/self/fd/2") if os.path.exists("/proc/self/fd/2") else "/dev/null"))
    """
    assert python(code) == "/dev/null"


def test_a_child_gets_no_secret_by_name_or_by_value() -> None:
    living = Secret("Sentinel-child-1")
    given = {
        "PATH": "/usr/bin",
        "HOME": "/home/x",
        "PWD": "/home/x",
        "SSH_AUTH_SOCK": "/run/agent",
        "LC_ALL": "C.UTF-8",
        "MONKEY": "stays",
        "OS_AUTH_URL": "https://iam.invalid/v3",
        "NOTE": f"contains {living.reveal()} by accident",
        "GITHUB_TOKEN": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "PGPASSWORD_FILE": "stays",
        "TEXTUAL_LOG": "x",
        "PYTHON_KEYRING_BACKEND": "x",
        "SSLKEYLOGFILE": "x",
        **dict.fromkeys(_SECRET_VARIABLES, "x"),
    }
    assert child_environment(given, {"EVS_TUI_JOB": "1"}) == {
        "PATH": "/usr/bin",
        "HOME": "/home/x",
        "PWD": "/home/x",
        "SSH_AUTH_SOCK": "/run/agent",
        "LC_ALL": "C.UTF-8",
        "MONKEY": "stays",
        "OS_AUTH_URL": "https://iam.invalid/v3",
        "PGPASSWORD_FILE": "stays",
        "EVS_TUI_JOB": "1",
    }
