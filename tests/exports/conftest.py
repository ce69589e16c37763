"""Engines for the tests, closed at their end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.exports.engine import Engine

MakeEngine = Callable[..., Awaitable[Engine]]


@pytest.fixture
async def make_engine() -> AsyncIterator[MakeEngine]:
    made: list[Engine] = []

    async def make(**fields: Any) -> Engine:
        engine = Engine(**fields)
        made.append(engine)
        return await engine.begin()

    yield make
    for engine in made:
        if engine.cloud.hold is not None:
            engine.cloud.hold.set()
        await engine.exports.close()


@pytest.fixture
async def engine(make_engine: MakeEngine) -> Engine:
    return await make_engine()
