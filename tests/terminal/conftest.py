"""A cloud that is quick, and the command line beside the terminal to read the journal with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import QUICK_PHASES
from tests.cli.program import Cli
from tests.simulator import Simulator


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line, signed in nowhere."""
    return Cli(capsys)


@pytest.fixture
def quick_cloud(start_cloud: Callable[..., Simulator]) -> Simulator:
    """A Huawei-style cloud that makes an image in a blink."""
    return start_cloud(flavour="huawei", volumes=30, phases=QUICK_PHASES)
