"""Recorded exchanges with real Keystone, Cinder and Glance, as data for tests (tests/fixtures/openstack)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FOLDER = Path(__file__).parent / "fixtures" / "openstack"

_MARKER = re.compile(
    rb"### (?:request(?: \((?P<note>[^)]*)\))?|response after (?P<took>[0-9.]+) s|at (?P<at>[0-9.]+) s)\n"
)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """What a client sent. Header names are in lower case; `target` is path and query as on the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The decoded query."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class RecordedReply:
    """What the server answered. Header names are in lower case."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its reply. `at_s`: seconds into the upload that the recording follows, else None."""

    request: RecordedRequest
    reply: RecordedReply
    note: str | None
    took_s: float
    at_s: float | None


def names() -> list[str]:
    """The names of all transcripts, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.http"))


def read(name: str) -> tuple[Exchange, ...]:
    """The exchanges of one transcript in their order.

    Raises:
        ValueError: The file is not laid out as the README beside it says.
    """
    return tuple(_exchanges((FOLDER / f"{name}.http").read_bytes()))


def only(name: str) -> Exchange:
    """The one exchange of a transcript that holds one."""
    (exchange,) = read(name)
    return exchange


def _exchanges(data: bytes) -> Iterator[Exchange]:
    position = 0
    at_s: float | None = None
    note: str | None = None
    request: RecordedRequest | None = None
    while position < len(data):
        marker = _MARKER.match(data, position)
        if marker is None:
            raise ValueError(f"no marker line at byte {position}")
        position = marker.end()
        if marker["at"] is not None:
            at_s = float(marker["at"])
            continue
        first, headers, body, position = _message(data, position)
        if marker["took"] is None:
            method, target, _ = first.split(" ", 2)
            note = marker["note"].decode() if marker["note"] else None
            request = RecordedRequest(method, target, headers, body)
        elif request is None:
            raise ValueError(f"a response without its request before byte {position}")
        else:
            _, status, reason = first.split(" ", 2)
            reply = RecordedReply(int(status), reason, headers, body)
            yield Exchange(request, reply, note, float(marker["took"]), at_s)
            request = None


def _message(data: bytes, start: int) -> tuple[str, dict[str, str], bytes, int]:
    """First line, headers, body, and where the next marker line begins."""
    end = data.index(b"\r\n\r\n", start)
    first, *lines = data[start:end].decode("latin-1").split("\r\n")
    headers = {key.lower(): value.strip() for key, value in (line.split(":", 1) for line in lines)}
    body_end = end + 4 + int(headers.get("content-length", "0"))
    if data[body_end : body_end + 1] != b"\n":
        raise ValueError(f"the message at byte {start} does not end where its length says")
    return first, headers, data[end + 4 : body_end], body_end + 1
