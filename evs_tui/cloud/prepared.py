"""A request as the very bytes that will go out, built before it is authorised: a signature covers exactly these."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import Formatter
from typing import Any
from urllib.parse import quote

from evs_tui.cloud.operations import Operation
from evs_tui.cloud.origins import Endpoint
from evs_tui.failure import UsageFailure
from evs_tui.text import excerpt, is_id

Query = Sequence[tuple[str, str]]
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """Method, target and body, encoded. `path` and `query` are percent-encoded; `headers` hold no secret yet."""

    method: str
    origin: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None = None

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The whole URL."""
        return self.origin + self.target

    def with_headers(self, headers: Mapping[str, str]) -> PreparedRequest:
        """The same request with `headers` added."""
        return replace(self, headers=(*self.headers, *headers.items()))


def prepare(
    operation: Operation,
    endpoint: Endpoint,
    *,
    ids: Mapping[str, str],
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    body: object = None,
) -> PreparedRequest:
    """The request for `operation` at `endpoint`. `ids` fill its path template; `body` is sent as JSON unless None.

    Raises:
        UsageFailure: an id that could change the path it is put into.
    """
    sent = {"Accept": JSON_TYPE, **(headers or {})}
    encoded = None
    if body is not None:
        sent["Content-Type"] = JSON_TYPE
        encoded = json.dumps(body, separators=(",", ":")).encode("ascii")
    return PreparedRequest(
        method=operation.method,
        origin=endpoint.origin,
        path=endpoint.prefix + _path(operation.path, ids),
        query="&".join(f"{_quoted(key)}={_quoted(value)}" for key, value in query),
        headers=tuple(sent.items()),
        body=encoded,
    )


def checked_id(value: str, name: str = "id") -> str:
    """`value`, if it may stand in a URL as an id.

    Raises:
        UsageFailure: it may not.
    """
    if not is_id(value):
        raise UsageFailure(
            f"{excerpt(str(value), 80)!r} is not a usable {name.replace('_', ' ')}",
            "an id is 1 to 64 letters, digits, '-' and '_'",
            "Copy the id from the list",
        )
    return value


def _path(template: str, ids: Mapping[str, Any]) -> str:
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    return template.format(**{name: checked_id(ids[name], name) for name in names})


def _quoted(value: str) -> str:
    """Percent-encoded down to the unreserved characters, so that nobody on the way encodes it differently."""
    return quote(value, safe="-_.~")
