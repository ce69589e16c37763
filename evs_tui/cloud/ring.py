"""The last calls of a session, without secrets: for the activity screen and for reports of trouble."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

_KEPT = 500


@dataclass(frozen=True, slots=True)
class Call:
    """One request and how it ended. `status` is None where no answer came; `note` then says why.

    `target` is path and query: ids, names and paging, never a credential. `size` counts the bytes of the decoded body.
    """

    at: datetime
    operation: str
    method: str
    origin: str
    target: str
    status: int | None
    milliseconds: int
    size: int = 0
    attempt: int = 1
    request_id: str | None = None
    note: str | None = None
    number: int = 0
    """Its place among all calls of the session, from 1."""


class Ring:
    """The newest calls, oldest first; older ones fall out."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._calls: deque[Call] = deque(maxlen=kept)
        self._count = 0

    def add(self, call: Call) -> None:
        """Remember `call`."""
        self._count += 1
        self._calls.append(replace(call, number=self._count))

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._calls))

    def __len__(self) -> int:
        return len(self._calls)
