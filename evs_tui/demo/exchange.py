"""One request as the services see it and one reply as they give it, without any of ASGI."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]


@dataclass(slots=True)
class Request:
    """What came in. Header names are lower case; `params` are the named pieces of the path."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    operation: str = "unknown"
    service: str = ""
    params: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        """The query's last value of each key; empty values are kept (`?nocatalog=`)."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def token(self) -> str | None:
        """The caller's token, or None."""
        return self.headers.get("x-auth-token")

    @property
    def is_json(self) -> bool:
        """Whether the body is declared as JSON."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


@dataclass(slots=True)
class Reply:
    """What goes out. `payload` is JSON to be written, `raw` ready bytes instead of it."""

    status: int
    payload: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str | None = None

    def body(self) -> bytes:
        """The bytes of the body; empty where there is neither `raw` nor `payload`."""
        if self.raw is not None:
            return self.raw
        return b"" if self.payload is None else json.dumps(self.payload).encode()


class Refusal(Exception):
    """A service refuses a request: raised anywhere below a handler, answered with its reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.payload}")
        self.reply = reply
