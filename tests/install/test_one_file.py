"""The one file for hosts without internet: built here, used where there is no network, on a bare Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tools import needed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, built by the documented command."""
    path = tmp_path_factory.mktemp("dist") / "evs-tui.pyz"
    subprocess.run([sys.executable, str(ROOT / ".ci/one_file.py"), str(path)], check=True, capture_output=True)
    return path


def test_shows_the_demo_and_exports_without_a_network_on_a_bare_python(one_file: Path) -> None:
    words = [needed("unshare"), "--net"] if os.geteuid() == 0 else [needed("unshare"), "--net", "--map-root-user"]
    ended = subprocess.run(
        [*words, sys.executable, "-m", "tests.install.offline", str(one_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads(ended.stdout)
    assert told["demo_volumes"] == 40
    assert (told["job"]["state"], told["posts"], told["images"]) == ("succeeded", 1, ["offline"])
    assert "DEMO" in told["screen"]
    assert "ready" in told["screen"]


def test_holds_nothing_native_and_no_path_of_the_host_that_built_it(one_file: Path) -> None:
    with zipfile.ZipFile(one_file) as archive:
        names = archive.namelist()
        assert [name for name in names if name.endswith((".so", ".pyd"))] == []
        assert [name for name in names if name.endswith("direct_url.json")] == []
        assert {"evs_tui/cloud/error_codes.csv", "textual/app.py", "textual/app.pyc"} <= set(names)
        assert [name for name in names if str(ROOT).encode() in archive.read(name)] == []


def test_building_twice_gives_the_same_bytes(one_file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pyz"
    subprocess.run([sys.executable, str(ROOT / ".ci/one_file.py"), str(again)], check=True, capture_output=True)
    assert again.read_bytes() == one_file.read_bytes()
