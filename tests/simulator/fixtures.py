"""Fixtures over the simulated cloud, as a pytest plugin: `pytest_plugins = ["tests.simulator.fixtures"]`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.simulator.client import Simulator

StartCloud = Callable[..., Simulator]


@pytest.fixture
def start_cloud() -> Iterator[StartCloud]:
    """Start a cloud with the keywords of `Simulator`; all of them end with the test."""
    with ExitStack() as stack:

        def start(**options: Any) -> Simulator:
            return stack.enter_context(Simulator(**options))

        yield start


@pytest.fixture
def huawei_cloud(start_cloud: StartCloud) -> Simulator:
    """50 volumes, a frozen clock, Huawei style."""
    return start_cloud(flavour="huawei", volumes=50, frozen=True)


@pytest.fixture
def openstack_cloud(start_cloud: StartCloud) -> Simulator:
    """50 volumes, a frozen clock, plain OpenStack."""
    return start_cloud(flavour="openstack", volumes=50, frozen=True)
