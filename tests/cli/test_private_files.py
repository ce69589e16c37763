"""What the program leaves on disk, and what other users can see of it while it runs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import QUICK, ROOT, variables_of
from tests.simulator import Simulator
from tests.terminal.screen import COMMAND, CTRL_Q, Terminal


def test_everything_it_writes_is_the_owners_alone_whatever_the_umask(
    quick_cloud: Simulator, own_environment: Path, tmp_path: Path
) -> None:
    state = own_environment / ".local" / "state" / "evs-tui"
    config = own_environment / ".config" / "evs-tui"
    variables = variables_of(quick_cloud)
    volume = quick_cloud.volume_ids(status="available")[0]
    words = ["export", volume, "--name", "nightly", "--yes", "--wait", "--debug-log", str(tmp_path / "debug.log")]
    ended = subprocess.run(
        [sys.executable, "-c", f"import os; os.umask(0); {QUICK}", *words],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    files = [path for path in [*state.rglob("*"), *config.rglob("*"), tmp_path / "debug.log"] if path.is_file()]
    assert state / "journal.sqlite3" in files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    directories = [state, *(path for path in state.rglob("*") if path.is_dir())]
    assert {stat.S_IMODE(path.stat().st_mode) for path in directories} == {0o700}
    secrets = [variables["OS_PASSWORD"].encode(), *(t.encode() for t in _tokens(quick_cloud))]
    for path in files:
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content], path


@pytest.mark.terminal
def test_the_toolkit_records_no_keys_and_the_demo_leaves_no_file_behind(own_environment: Path, tmp_path: Path) -> None:
    recorded = tmp_path / "keys.log"
    before = sorted(own_environment.rglob("*"))
    variables = {"TEXTUAL_LOG": str(recorded), "TEXTUAL_DEBUG": "1"}
    with Terminal(COMMAND, "--demo", variables=variables) as terminal:
        terminal.wait_for("DEMO")
        terminal.wait_for("as of")
        terminal.type("/")
        terminal.wait_for("esc clear")  # the field has the keyboard
        terminal.type("sentinel")
        terminal.wait_for("/ sentinel")
        terminal.type(CTRL_Q)  # works from the field, and no escape sequence can swallow it
        assert terminal.end() == 0
    assert not recorded.exists()
    assert sorted(own_environment.rglob("*")) == before


def _tokens(cloud: Simulator) -> set[str]:
    return {call["token"] for call in cloud.calls() if call.get("token")}
