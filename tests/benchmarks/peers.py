"""The other programs: `openstack` and `cinder` from PyPI, in an environment of their own, made when first needed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.probe import ROOT

_HOME = ROOT / "build" / "peers"
_PACKAGES = ("python-openstackclient", "python-cinderclient")
OURS = str(Path(sys.executable).with_name("evs-tui"))
PYTHON = sys.executable


def peer(name: str) -> str:
    """The path of one of the other programs; installs them where that has not been done."""
    program = _HOME / "bin" / name
    if not program.exists():
        subprocess.run([PYTHON, "-m", "venv", str(_HOME)], check=True)
        pip = [str(_HOME / "bin" / "pip"), "install", "-q", "--disable-pip-version-check", *_PACKAGES]
        subprocess.run(pip, check=True)
    return str(program)


def peer_version(package: str) -> str:
    """The version of an installed package of theirs."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    shown = subprocess.run([str(_HOME / "bin" / "python"), "-c", code], check=True, capture_output=True, text=True)
    return f"{package} {shown.stdout.strip()}"


def own_versions() -> str:
    """What ours stands on."""
    return f"Python {sys.version.split()[0]}, Textual {version('textual')}, httpx {version('httpx')}"
