"""The command line against the real services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lost_exports import LostExports
from tests.integration.program import Program
from tests.rig_cloud import RigCloud


@pytest.fixture
def program(tmp_path: Path, rig: RigCloud) -> Program:
    """evs-tui of a user who signs in with the variables of `demo`, with nothing configured and no job yet."""
    return Program(tmp_path, rig.environment())


@pytest.fixture(scope="session")
def lost(tmp_path_factory: pytest.TempPathFactory, rig: RigCloud) -> Iterator[LostExports]:
    """Two exports whose images get lost: one is deleted, one fails in the backend."""
    exports = LostExports(tmp_path_factory.mktemp("lost"), rig)
    yield exports
    exports.close()


@pytest.fixture(scope="session", autouse=True)
def _lost_from_the_start(request: pytest.FixtureRequest) -> None:
    """Begin the exports that take a minute with the first test here, if any test asks for them."""
    if any("lost" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("lost")
