"""The command line in this process, and clouds that are quick."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.program import Cli
from tests.simulator import Simulator

QUICK_PHASES = {"queued": 0.05, "saving": 0.1, "settle": 0.05}


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """The program, signed in nowhere."""
    return Cli(capsys)


@pytest.fixture
def quick_cloud(start_cloud: Callable[..., Simulator]) -> Simulator:
    """A Huawei-style cloud that makes an image in a blink."""
    return start_cloud(flavour="huawei", volumes=30, phases=QUICK_PHASES)


@pytest.fixture
def slow_cloud(start_cloud: Callable[..., Simulator]) -> Simulator:
    """A Huawei-style cloud whose clock stands still: exports go on until the test moves it."""
    return start_cloud(flavour="huawei", volumes=30, frozen=True, phases=QUICK_PHASES)
