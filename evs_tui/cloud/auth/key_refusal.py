"""Why a signature was refused, as far as the answer tells: locked, other clock, changed on the way, or a wrong key.

Source: API Gateway, Error Codes (APIGW.0301 and its FAQ); IAM API, Error Codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from evs_tui.cloud.auth.signature import TOLERANCE_SECONDS, canonical_of
from evs_tui.cloud.clock_difference import shown_difference
from evs_tui.cloud.envelopes import Envelope, envelope_of
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.reply import Reply, Unreadable
from evs_tui.secret import redact
from evs_tui.text import excerpt

_WORTH_SAYING = 60.0
_LOCKED = "access failed to reach the limit"
_TOO_OLD = "signature expired"
_ECHO = re.compile(r"canonicalRequest:(.*)", re.DOTALL)
_NOT_ABOUT_THE_KEY = frozenset({"EVS.2143"})
_ABOUT_THE_KEY_BY_403 = frozenset({"APIGW.0301", "APIGW.0303", "APIGW.0305", "IAM.0080", "IAM.0081"})
_ABOUT_THE_KEY_BY_400 = frozenset({"EVS.0002", "Common.0013", "IMG.0087"})
_SECRET_HEADERS = frozenset({"x-security-token", "authorization"})
_MORE_LOCK = "Do not try on and on: more than five failures in a row lock the key for five minutes"


def key_refusal(
    reply: Reply, sent: PreparedRequest, *, shown: str, is_temporary: bool, clock_difference: float | None
) -> CloudError | None:
    """The error where `reply` refuses the key that signed `sent`, None where it is about something else.

    `shown` names the key. `clock_difference` is the cloud's time minus ours in seconds, where it is known.
    """
    envelope = envelope_of(reply)
    by_code = {400: _ABOUT_THE_KEY_BY_400, 403: _ABOUT_THE_KEY_BY_403}.get(reply.status, frozenset())
    if envelope.code in _NOT_ABOUT_THE_KEY or not (reply.status == 401 or envelope.code in by_code):
        return None
    found = (
        _known_cause(envelope, shown, clock_difference)
        or _by_echo(reply, sent, shown, clock_difference)
        or _unknown_cause(envelope, shown, clock_difference, is_temporary=is_temporary)
    )
    return CloudError(
        found.kind,
        found.what,
        found.why,
        found.advice,
        code=envelope.code,
        http_status=reply.status,
        request_id=envelope.request_id,
    )


@dataclass(frozen=True, slots=True)
class _Cause:
    what: str
    why: str
    advice: str
    kind: ErrorKind = ErrorKind.CREDENTIALS


def _known_cause(envelope: Envelope, shown: str, clock_difference: float | None) -> _Cause | None:
    if _LOCKED in envelope.message.lower():
        return _Cause(
            f"The {shown} is locked",
            f"the cloud says: {envelope.message}",
            "Wait five minutes, and check the secret key before the next try",
        )
    if envelope.code == "IAM.0081":
        why = envelope.message or "its user may use the web console only"
        return _Cause(f"The {shown} may not be used", why, "Ask an administrator for programmatic access")
    off = clock_difference is not None and abs(clock_difference) > TOLERANCE_SECONDS
    if off or _TOO_OLD in envelope.message.lower():
        why = envelope.message if clock_difference is None else shown_difference(clock_difference)
        return _Cause(
            "The signature was refused",
            f"{why}, and a signature is good for 15 minutes",
            "Set this machine's clock, then try again",
        )
    return None


def _by_echo(reply: Reply, sent: PreparedRequest, shown: str, clock_difference: float | None) -> _Cause | None:
    echo = _echo(reply)
    if echo is None:
        return None
    differing = _differing(sent, echo)
    if differing is not None:
        return _Cause(
            "The signature was refused",
            differing + _also(clock_difference),
            f"Something between here and the cloud changes requests, often a proxy. {_MORE_LOCK}",
        )
    return _Cause(
        "The signature was refused",
        f"the cloud saw the same request as we signed, so the secret key does not belong to the {shown}"
        + _also(clock_difference),
        f"Copy the secret key again. {_MORE_LOCK}",
    )


def _unknown_cause(envelope: Envelope, shown: str, clock_difference: float | None, *, is_temporary: bool) -> _Cause:
    why = (envelope.message or "the cloud gives no reason") + _also(clock_difference)
    if is_temporary:
        return _Cause(
            f"The temporary {shown} is not accepted",
            why,
            "Temporary keys end by themselves: get a new one with its security token and start again",
            ErrorKind.EXPIRED,
        )
    return _Cause(f"The {shown} was refused", why, f"Check access key and secret key. {_MORE_LOCK}")


def _also(clock_difference: float | None) -> str:
    """A difference that is no proof, but worth knowing."""
    if clock_difference is None or abs(clock_difference) < _WORTH_SAYING:
        return ""
    return f"; {shown_difference(clock_difference)}"


@dataclass(frozen=True, slots=True)
class _Echo:
    """The canonical request as the gateway saw it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    signed_headers: str
    body_hash: str


def _echo(reply: Reply) -> _Echo | None:
    """What the gateway signed itself: its message quotes it, with `|` for every line break."""
    try:
        decoded = reply.loose_json()
    except Unreadable:
        return None
    message = decoded.get("error_msg") if isinstance(decoded, dict) else None
    found = _ECHO.search(message) if isinstance(message, str) else None
    lines = [] if found is None else found.group(1).strip().split("|")
    if len(lines) < 6:
        return None
    headers = dict(line.split(":", 1) for line in lines[3:-3] if ":" in line)
    return _Echo(lines[0], lines[1], lines[2], headers, lines[-2], lines[-1])


def _differing(sent: PreparedRequest, echo: _Echo) -> str | None:
    """The first part of the request that the cloud saw differently, in words; None where nothing differs."""
    signed = dict(sent.headers)
    names = re.search(r"SignedHeaders=([^,]*)", signed.get("Authorization", ""))
    wanted = set(names.group(1).split(";")) if names else set()
    ours = canonical_of(sent, {name: value for name, value in sent.headers if name.lower() in wanted})
    parts = [
        ("method", ours.method, echo.method),
        ("path", ours.path, echo.path),
        ("query", ours.query, echo.query),
        *((f"header {name}", value, echo.headers.get(name, "")) for name, value in ours.headers),
        ("list of signed headers", ours.signed_headers, echo.signed_headers),
        ("body", ours.body_hash, echo.body_hash),
    ]
    for part, signed_part, seen in parts:
        if signed_part == seen:
            continue
        if part.removeprefix("header ") in _SECRET_HEADERS or part == "body":
            return f"the cloud saw another {part} than we signed"
        shown = [excerpt(redact(value), 80) or "nothing" for value in (signed_part, seen)]
        return f"the cloud saw another {part} than we signed: we signed {shown[0]}, it saw {shown[1]}"
    return None
