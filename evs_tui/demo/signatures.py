"""Requests signed by an access key, checked strictly: the canonical request is rebuilt here from what came in.

Source: API Gateway, "API Request Signing Guide", Error Codes (APIGW.0301) and FAQ (15 minutes, lock after five
failures); IAM API, "Calling APIs", AK/SK Authentication.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote_from_bytes, unquote_to_bytes

from evs_tui.demo import refusals
from evs_tui.demo.exchange import Refusal

if TYPE_CHECKING:
    from evs_tui.demo.account import AccessKey
    from evs_tui.demo.exchange import Request
    from evs_tui.demo.state import State

_TOLERANCE = 900.0
_FAILURES_ALLOWED = 5
_LOCKED_FOR = 300.0
_AUTHORIZATION = re.compile(
    r"SDK-HMAC-SHA256 Access=([A-Za-z0-9]+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
_DATE = re.compile(r"\d{8}T\d{6}Z")


@dataclass(slots=True)
class KeyRecord:
    """What happened to one access key: failures in a row, all failures, and until when it is locked."""

    in_a_row: int = 0
    failures: int = 0
    locked_until: float = 0.0


def is_signed(request: Request) -> bool:
    """Whether a request wants to be believed by its signature."""
    return "authorization" in request.headers


def check_signature(state: State, request: Request) -> AccessKey:
    """The key that signed `request`, or the gateway's refusal. Each refusal counts against the key."""
    found = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if found is None:
        _refuse("the authorization header cannot be read")
    name, signed, signature = found.groups()
    record = state.keys.setdefault(name, KeyRecord())
    if record.locked_until > state.now():
        record.failures += 1
        _refuse("AK access failed to reach the limit,forbidden")
    try:
        key = _verified(state, request, name, signed.split(";"), signature)
    except Refusal:
        record.failures += 1
        record.in_a_row += 1
        if record.in_a_row > _FAILURES_ALLOWED:
            record.locked_until = state.now() + _LOCKED_FOR
        raise
    record.in_a_row = 0
    return key


def _verified(state: State, request: Request, name: str, signed: list[str], signature: str) -> AccessKey:
    key = next((key for key in state.credential.access_keys if key.access == name), None)
    if key is None or state.flavour != "huawei":
        _refuse(f"Get secretKey failed,ak:{name},err:ak not exist")
    if request.token is not None:
        _refuse("x-auth-token and a signature at once")
    date = request.headers.get("x-sdk-date", "")
    if _DATE.fullmatch(date) is None:
        _refuse("calc aksk signature fail:x-sdk-date not found")
    moment = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    if abs(moment - state.now()) > _TOLERANCE:
        server = datetime.fromtimestamp(state.now(), UTC).strftime("%Y%m%dT%H%M%SZ")
        _refuse(f"calc aksk signature fail:signature expired, signature time:{date},server time:{server}")
    # Whoever adds one of these to a signed request must not be able to change what it does.
    wanted = {"host", "x-sdk-date"} | ({"x-project-id", "x-security-token"} & set(request.headers))
    if not wanted <= set(signed) or signed != sorted(set(signed)):
        _refuse(f"verify aksk signature fail, signedHeaders:{';'.join(signed)}")
    if request.headers.get("x-security-token") != key.security_token:
        _refuse("verify security token fail")
    canonical = _canonical(request, signed)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    expected = hmac.digest(key.secret.encode(), f"SDK-HMAC-SHA256\n{date}\n{digest}".encode(), "sha256").hex()
    if not hmac.compare_digest(expected, signature):
        echo = canonical.replace("\n", "|")
        _refuse(f"verify aksk signature fail, canonicalRequest:{echo}")
    return key


def _canonical(request: Request, signed: list[str]) -> str:
    path = "/".join(_encoded(piece) for piece in unquote_to_bytes(request.path).split(b"/"))
    pairs = sorted(
        (_decoded(name), _decoded(value))
        for name, _, value in (pair.partition("=") for pair in request.query_string.split("&") if pair)
    )
    lines = [
        request.method,
        path if path.endswith("/") else f"{path}/",
        "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs),
        *(f"{name}:{request.headers.get(name, '').strip()}" for name in signed),
        "",
        ";".join(signed),
        hashlib.sha256(request.body).hexdigest(),
    ]
    return "\n".join(lines)


def _decoded(text: str) -> bytes:
    return unquote_to_bytes(text.replace("+", " "))


def _encoded(piece: bytes) -> str:
    return quote_from_bytes(piece, safe="~")


def _refuse(why: str) -> NoReturn:
    raise refusals.gateway(401, "APIGW.0301", f"Incorrect IAM authentication information: {why}")
