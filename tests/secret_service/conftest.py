"""A bus of its own for every test, with a real Secret Service, and a cloud to sign in at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK_PHASES
from tests.secret_service.buses import Bus
from tests.simulator import Simulator


@pytest.fixture
def bus(tmp_path: Path) -> Bus:
    """A bus with nobody on it."""
    return Bus(tmp_path / "b")


@pytest.fixture
def unlocked(bus: Bus) -> Bus:
    """A bus with an unlocked keyring."""
    bus.start_service(unlocked=True)
    return bus


@pytest.fixture
def cloud(start_cloud: Callable[..., Simulator]) -> Simulator:
    """A Huawei-style cloud."""
    return start_cloud(flavour="huawei", volumes=3, phases=QUICK_PHASES)
