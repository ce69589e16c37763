"""The simulated cloud's own time: it runs with the machine's, or stands still, and can be moved forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SettableClock:
    """Seconds since 1970 as the cloud sees them.

    With `frozen` the clock moves only by `advance`, so that hours pass in no time; otherwise it runs with
    the machine's clock, plus what it was advanced by. `start` is the first moment in seconds since 1970 (default: now).
    """

    def __init__(self, *, frozen: bool = False, start: float | None = None) -> None:
        real = time.time()
        self._frozen_at = (start if start is not None else real) if frozen else None
        self._ahead = 0.0 if start is None else start - real

    def now(self) -> float:
        """The present moment in seconds since 1970."""
        return self._frozen_at if self._frozen_at is not None else time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`. Raises ValueError for a step back."""
        if seconds < 0:
            raise ValueError("the clock of a cloud never steps back")
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._ahead += seconds


def cinder_time(moment: float) -> str:
    """As Cinder writes a time: UTC, microseconds, no zone. Source: EVS API, Querying Details About a Disk."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def glance_time(moment: float) -> str:
    """As Glance and Nova write a time: UTC, whole seconds, `Z`. Source: IMS API, Querying Image Details."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def keystone_time(moment: float) -> str:
    """As Keystone writes a time: UTC, microseconds, `Z`. Source: IAM API, Obtaining a User Token (`expires_at`)."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def job_time(moment: float) -> str:
    """As an ECS job writes a time: UTC, milliseconds, `Z`. Source: ECS API, Querying Task Execution Status."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
