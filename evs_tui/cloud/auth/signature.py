"""The signature of a request by an access key, SDK-HMAC-SHA256: pure functions over the bytes that go out.

Source: API Gateway, "API Request Signing Guide"; IAM API, "Calling APIs", AK/SK Authentication.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote, unquote_plus

from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.secret import Secret

ALGORITHM = "SDK-HMAC-SHA256"
TOLERANCE_SECONDS = 900.0
"""How far the time in a signature may be from the gateway's. Source: API Gateway, FAQ, APIGW.0301."""

_UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Canonical:
    """A request in the one form that both sides sign. `headers` are lower-case names with values, sorted by name."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body_hash: str

    @property
    def signed_headers(self) -> str:
        """The names of the signed headers."""
        return ";".join(name for name, _ in self.headers)

    @property
    def text(self) -> str:
        """The whole form; the block of headers ends with an empty line."""
        lines = "".join(f"{name}:{value}\n" for name, value in self.headers)
        return f"{self.method}\n{self.path}\n{self.query}\n{lines}\n{self.signed_headers}\n{self.body_hash}"


def canonical_of(prepared: PreparedRequest, headers: Mapping[str, str]) -> Canonical:
    """The canonical form of `prepared`, with `headers` as the ones that are signed."""
    lowered = sorted((name.lower(), value.strip()) for name, value in headers.items())
    return Canonical(
        method=prepared.method,
        path=_canonical_path(prepared.path),
        query=_canonical_query(prepared.query),
        headers=tuple(lowered),
        body_hash=hashlib.sha256(prepared.body or b"").hexdigest(),
    )


def authorization(canonical: Canonical, access_key: str, secret_key: Secret, date: str) -> str:
    """The value of the header `Authorization`. `date` is the value of `X-Sdk-Date`."""
    digest = hashlib.sha256(canonical.text.encode()).hexdigest()
    text = f"{ALGORITHM}\n{date}\n{digest}"
    signature = hmac.new(secret_key.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={canonical.signed_headers}, Signature={signature}"


def sdk_date(moment: datetime) -> str:
    """`moment` as `X-Sdk-Date` wants it: `20260115T093000Z`."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _canonical_path(path: str) -> str:
    """Decoded, encoded anew piece by piece, and ended with a slash, which the path on the wire has not."""
    pieces = "/".join(quote(piece, safe=_UNRESERVED) for piece in unquote(path).split("/"))
    return pieces if pieces.endswith("/") else pieces + "/"


def _canonical_query(query: str) -> str:
    pairs = sorted(
        (unquote_plus(name), unquote_plus(value))
        for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)
    )
    return "&".join(f"{quote(name, safe=_UNRESERVED)}={quote(value, safe=_UNRESERVED)}" for name, value in pairs)
