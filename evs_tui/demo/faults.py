"""Misbehaviour on demand: plain data that says which calls go wrong, and how.

The transport's own faults (a connection that drops) need more than ASGI offers: see `ABORT` in `evs_tui.demo.app`.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Request

Preset = Literal[
    "html-502", "text-503", "empty-504", "evs-500", "apigw-429", "overlimit-413", "redirect-302", "redirect-307",
    "token-401", "token-plain-401", "token-EVS.0002", "token-Common.0013", "truncated-json", "huge-body", "gzip-bomb",
    "deep-json", "wrong-content-type", "garbled-after", "no-image-id-after", "bad-image-id-after",
]  # fmt: skip
Rewrite = Literal[
    "truncate", "null-lists", "missing-keys", "numbers-as-strings", "duplicate-ids", "hostile-next-link",
    "hostile-catalog", "no-image-id", "wrong-content-type", "not-json",
]  # fmt: skip
HOSTILE_ORIGIN = "https://evil.invalid"


@dataclass(slots=True)
class Fault:
    """Which calls go wrong, and how. What is set of operation, method and path (a regular expression) must all match.

    The first `after` matches pass unharmed, then `count` calls are hit (None: all). What happens, in this order:

    * `wait_before` seconds of real time, or `hold="before"`: the call waits until it is released by the test;
    * `drop="before"`: the connection ends, nothing was done;
    * `delete_marker`: the volume that the query names as marker is deleted first;
    * the call is done, unless `status` is given without `process`;
    * `wait_after`, `hold="after"`;
    * `drop="after"`: the connection ends unanswered; `drop="body"`: in the middle of the body. `reset` ends it by RST,
      not FIN;
    * the answer is replaced (`status`, `body`, `content_type`, `headers`, `size` bytes of filling) or altered
      (`rewrite`).
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    after: int = 0
    count: int | None = None
    wait_before: float = 0.0
    wait_after: float = 0.0
    hold: Literal["before", "after"] | None = None
    drop: Literal["before", "after", "body"] | None = None
    reset: bool = False
    delete_marker: bool = False
    process: bool = False
    status: int | None = None
    body: str | None = None
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    size: int = 0
    gzip: bool = False
    rewrite: Rewrite | None = None
    seen: int = 0
    hits: int = 0

    def takes(self, request: Request) -> bool:
        """Count the call if it matches, and say whether this fault hits it."""
        if self.operation not in (None, request.operation) or self.method not in (None, request.method):
            return False
        if self.path is not None and re.search(self.path, request.path) is None:
            return False
        self.seen += 1
        if self.seen <= self.after or (self.count is not None and self.hits >= self.count):
            return False
        self.hits += 1
        return True

    def as_data(self) -> dict[str, Any]:
        """As JSON data, counters included."""
        return asdict(self)


def preset(name: Preset, **fields: Any) -> Fault:
    """A well-known misbehaviour by name; `fields` says which calls it hits, or changes its details.

    `…-after` are answers to a call that *was* processed; all other replies stand in place of the call.
    Raises KeyError for an unknown name and TypeError for an unknown field.
    """
    return Fault(**{**_PRESETS[name], **fields})


_GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>"
)
_THROTTLED = (
    '{"error_msg": "The throttling threshold has been reached: policy user over ratelimit,limit:10,time:1 minute",'
    ' "error_code": "APIGW.0308", "request_id": "9f0c0000000000000000000000000004"}'
)
_PRESETS: dict[str, dict[str, Any]] = {
    "html-502": {"status": 502, "body": _GATEWAY_PAGE, "content_type": "text/html"},
    "text-503": {
        "status": 503,
        "body": "upstream connect error or disconnect/reset before headers",
        "content_type": "text/plain",
    },
    "empty-504": {"status": 504, "body": ""},
    "evs-500": {"status": 500, "body": '{"error": {"message": "Internal error.", "code": "EVS.2002"}}'},
    "apigw-429": {"status": 429, "body": _THROTTLED},
    "overlimit-413": {
        "status": 413,
        "body": '{"overLimit": {"message": "This request was rate-limited.", "code": 413, "retryAfter": "1"}}',
        "headers": {"Retry-After": "1"},
    },
    "redirect-302": {"status": 302, "body": "", "headers": {"Location": f"{HOSTILE_ORIGIN}/stolen"}},
    "redirect-307": {"status": 307, "body": "", "headers": {"Location": f"{HOSTILE_ORIGIN}/stolen"}},
    "token-401": {
        "status": 401,
        "body": '{"error_msg": "Incorrect IAM authentication information: token expires", "error_code": "APIGW.0301"}',
    },
    "token-plain-401": {
        "status": 401,
        "body": "Authentication required: Authentication failed",
        "content_type": "text/plain",
    },
    "token-EVS.0002": {"status": 400, "body": '{"error": {"message": "Token is invalid.", "code": "EVS.0002"}}'},
    "token-Common.0013": {
        "status": 400,
        "body": '{"error": {"message": "Invalid token in the header.", "code": "Common.0013"}}',
    },
    "truncated-json": {"rewrite": "truncate"},
    "huge-body": {"status": 200, "size": 50_000_000},
    "gzip-bomb": {"status": 200, "size": 300_000_000, "gzip": True},
    "deep-json": {"status": 200, "body": "[" * 100_000 + "]" * 100_000},
    "wrong-content-type": {"rewrite": "wrong-content-type"},
    "garbled-after": {"process": True, "rewrite": "not-json"},
    "no-image-id-after": {"process": True, "rewrite": "no-image-id"},
    "bad-image-id-after": {"process": True, "body": '{"os-volume_upload_image": {"image_id": "../x"}}', "status": 202},
}
