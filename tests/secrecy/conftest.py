"""A cloud that is quick, and a home to look through afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK_PHASES
from tests.secrecy.traces import Traces
from tests.simulator import Simulator


@pytest.fixture
def quick_cloud(start_cloud: Callable[..., Simulator]) -> Simulator:
    """A Huawei-style cloud that makes an image in a blink."""
    return start_cloud(flavour="huawei", volumes=30, phases=QUICK_PHASES)


@pytest.fixture
def traces(own_environment: Path) -> Traces:
    """The traces of this test's runs."""
    return Traces(own_environment)
