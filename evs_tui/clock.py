"""Time as the program sees it: the wall clock in UTC, a clock that goes on while the machine sleeps, and waiting."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

_GOES_ON_IN_SUSPEND = getattr(time, "CLOCK_BOOTTIME", None)


class Clock(Protocol):
    """What the engine needs of time. Tests put their own in its place."""

    def now(self) -> datetime:
        """The present moment, in UTC and aware of it."""

    def elapsed(self) -> float:
        """Seconds since some fixed moment; never steps back, and counts the time the machine was suspended."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """See `Clock.elapsed`."""
        return time.monotonic() if _GOES_ON_IN_SUSPEND is None else time.clock_gettime(_GOES_ON_IN_SUSPEND)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(seconds)


def iso(moment: datetime) -> str:
    """`moment` as ISO 8601 in UTC with whole seconds and `Z`: `2026-01-15T09:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_or_none(moment: datetime | None) -> str | None:
    """`iso` for a moment that may be unknown."""
    return None if moment is None else iso(moment)


def parse_time(value: object) -> datetime | None:
    """A moment as clouds write it, or None where it is absent or unreadable.

    EVS and Cinder send UTC without a zone, IMS and Glance with `Z`; both are read as UTC.
    """
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
