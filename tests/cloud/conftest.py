"""Sessions that are closed when their test ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from evs_tui.cloud.identity import Identity
from evs_tui.cloud.session import Session
from tests.cloud.support import Impatient

Connect = Callable[..., Session]


@pytest.fixture
def impatient() -> Impatient:
    return Impatient()


@pytest.fixture
async def connect(impatient: Impatient) -> AsyncIterator[Connect]:
    """`connect(identity, **keywords of Session)`: a session on the impatient clock, without jitter."""
    sessions: list[Session] = []

    def start(who: Identity, **fields: Any) -> Session:
        session = Session(who, **{"clock": impatient, "jitter": lambda: 1.0, **fields})
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        await session.aclose()
