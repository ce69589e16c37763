"""The log of what reached the simulated cloud: the proof that something was sent once, or not at all."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Request

_KEPT = 20_000
_BODY_KEPT = 4_096
_SIGNED_BY = re.compile(r"\bAccess=(\w+)")


@dataclass(slots=True)
class Call:
    """One call. `at` is the cloud's time in seconds since 1970.

    `status` is what was answered, None while under way or where the connection was dropped; `processed` says whether
    the service did the work, `image_id` what an export made. The body of a sign-in is here with its password: those of
    the simulation are no secrets.
    """

    number: int
    at: float
    operation: str
    service: str
    method: str
    path: str
    query: str
    header_names: list[str]
    host: str
    token: str | None
    access_key: str | None
    body: str
    params: dict[str, str]
    status: int | None = None
    processed: bool = False
    fault: bool = False
    dropped: str | None = None
    image_id: str | None = None

    def as_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)


@dataclass(slots=True)
class CallLog:
    """Calls in the order of their arrival; the last 20,000 are kept, all are counted."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT))
    counters: Counter[str] = field(default_factory=Counter)

    def arrived(self, request: Request, at: float) -> Call:
        """Note a call the moment it is complete, before anything is done about it."""
        self.counters[request.operation] += 1
        signed = _SIGNED_BY.search(request.headers.get("authorization", ""))
        call = Call(
            number=sum(self.counters.values()),
            at=at,
            operation=request.operation,
            service=request.service,
            method=request.method,
            path=request.path,
            query=request.query_string,
            header_names=sorted(request.headers),
            host=request.headers.get("host", ""),
            token=request.token,
            access_key=None if signed is None else signed.group(1),
            body=request.body[:_BODY_KEPT].decode("utf-8", "replace"),
            params=dict(request.params),
        )
        self.calls.append(call)
        return call

    def of(self, operation: str | None = None) -> list[Call]:
        """The calls of one operation, or all."""
        return [call for call in self.calls if operation in (None, call.operation)]
