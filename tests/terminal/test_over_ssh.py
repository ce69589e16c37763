"""The way most operators work: over SSH, in tmux, with names that are not ASCII, in a window that changes its size."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.screen import COMMAND, Terminal
from tests.terminal.ssh import sshd
from tests.tools import needed

pytestmark = pytest.mark.terminal

FIRST_ROW = "db-replica-snapshot"
CHINESE = "生产环境-订单-数据"


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Terminal]:
    """The demo in tmux on the other side of an sshd, seen at 80x24."""
    tmux = needed("tmux")
    config = tmp_path / "tmux.conf"
    config.write_text("set -g status off\nset -sg escape-time 10\nset -g default-terminal tmux-256color\n")
    server = f"{tmux} -S {tmp_path / 'socket'} -f {config}"
    (tmp_path / "keys").mkdir()
    with sshd(tmp_path / "keys") as ssh:
        words = [*ssh, f"LC_ALL=C.UTF-8 {server} -u new-session '{COMMAND} --demo'"]
        try:
            with Terminal(*words) as terminal:
                yield terminal
        finally:
            subprocess.run([*server.split(), "kill-server"], check=False, capture_output=True)


def test_list_filter_mark_and_details_and_the_screen_after_a_resize_and_back(far: Terminal) -> None:
    far.wait_for(FIRST_ROW, "as of", "3 Images", seconds=60)
    far.type("/生产")  # in one piece, as a slow line brings it: nothing typed ahead is lost
    far.wait_for("2 of 40")
    assert [line[3:].partition("  ")[0] for line in far.lines[4:7]] == [CHINESE, "web-logs-生产环境", ""]
    far.type("\r \x1b[A")
    far.wait_for("1 marked", "export 1 marked")
    far.wait_until(lambda: far.lines[4].startswith(f"›* {CHINESE}"), "the cursor on the marked row")
    far.type("i")
    far.wait_for(f"Details of {CHINESE}", "y ID", "esc close")
    far.type("\x1b")
    far.wait_until(lambda: "Details of" not in far.text and "export 1 marked" in far.text, "the list again")
    before = far.lines
    far.resize(60, 18)
    far.wait_until(lambda: far.lines[3].split() == ["Name", "Size", "Export"], "the heads of a narrow table")
    far.wait_until(lambda: far.lines[17].startswith(" enter export 1 marked"), "the hints in the last row")
    narrow = far.lines
    assert narrow[2].startswith(" / 生产")
    assert narrow[2].endswith("as of" + narrow[2].rpartition("as of")[2])
    assert narrow[4].startswith(f"›* {CHINESE}")
    assert narrow[4].endswith("✓ ready")
    assert narrow[5].startswith("   web-logs-生产环境")
    assert narrow[6:16] == [""] * 10
    far.resize(80, 24)
    far.wait_until(lambda: far.lines == before, "the screen as it was before")
    far.type("q")
    assert far.end() == 0
