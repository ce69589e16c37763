"""The announcement of an export is on the disk before its request leaves: seen from outside, by the kernel's calls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK_PHASES
from tests.cli.program import QUICK, ROOT, variables_of
from tests.simulator import Simulator


@pytest.mark.terminal
def test_the_journal_is_synced_between_the_last_look_at_the_disk_and_the_request(
    start_cloud: Callable[..., Simulator], tmp_path: Path
) -> None:
    assert shutil.which("strace"), "strace is needed"
    cloud = start_cloud(flavour="huawei", volumes=5, phases=QUICK_PHASES)
    disk = cloud.volume_ids(status="available")[0]
    trace = tmp_path / "trace"
    watched = "trace=fsync,fdatasync,sendto,sendmsg,write,writev"
    command = ["strace", "-f", "-y", "-s", "120", "-e", watched, "-o", str(trace), sys.executable, "-c", QUICK]
    environ = {**os.environ, **variables_of(cloud), "EVS_TUI_DEBUG": "1"}
    words = ["export", disk, "--name", "synced", "--yes"]
    ended = subprocess.run(  # noqa: PLW1510 - asserted below with what it said
        [*command, *words], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    (post,) = cloud.export_posts(disk)
    lines = trace.read_text(errors="replace").splitlines()
    (sent,) = [at for at, line in enumerate(lines) if f'"POST {post["path"]}' in line]
    looked = max(at for at, line in enumerate(lines[:sent]) if f"/{disk} " in line and "GET" in line)
    between = [line for line in lines[looked:sent] if "sync(" in line]
    assert any("journal.sqlite3>" in line for line in between)
    # PERSIST with EXTRA: a commit ends with the sync of the zeroed rollback journal; nothing is synced after it.
    assert "journal.sqlite3-journal>" in between[-1]
