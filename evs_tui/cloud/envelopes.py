"""Refusals in every form that gateways and services give them, read into one shape. Pure functions.

Source: EVS API, Error Codes; Cinder, Glance, Nova and Keystone faults; API Gateway, Error Codes. The forms differ
by layer: the vendor's own services, the OpenStack services behind them, and the gateways in front of both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from evs_tui.cloud.codes import meanings
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.reply import Reply, Unreadable
from evs_tui.secret import redact
from evs_tui.text import excerpt

LONGEST_WAIT = 300.0
"""Seconds: no cloud makes us wait longer, whatever its Retry-After says."""

_READ = 8000
_TAG = re.compile(r"<[^>]{0,200}>")
_HEAD = re.compile(r"<(head|style|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_KEY_LOCKED = "access failed to reach the limit"
_NEW_TOKEN_BY_400 = frozenset({"EVS.0002", "Common.0013", "IMG.0087"})
_NEW_TOKEN_USELESS = frozenset({"EVS.2143", "IAM.0061"})
_STATE_WORDS = re.compile(r"status must be|valid status|invalid status|in status|conflict", re.IGNORECASE)
_MFA = "a user with MFA also needs a current passcode (OS_PASSCODE)"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a refusal says. `code` is the vendor's own, never a repeated HTTP status.

    `known` tells an envelope of a service or gateway from a page, a text or an object that is none.
    """

    message: str
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    known: bool = False


def envelope_of(reply: Reply) -> Envelope:
    """The refusal in `reply`: any JSON form, else the text of a page or a plain answer. Strings are clean and short."""
    wait = _header_wait(reply.headers)
    try:
        decoded = reply.loose_json()
    except Unreadable:
        return Envelope(_words(_without_markup(reply.text)), None, reply.request_id, wait)
    if not isinstance(decoded, dict):
        return Envelope(_words(reply.text), None, reply.request_id, wait)
    found = _found(decoded)
    request_id = decoded.get("request_id")
    shown_id = excerpt(redact(request_id), 100) if isinstance(request_id, str) and request_id else reply.request_id
    if found is None:
        return Envelope(_words(reply.text), None, shown_id, wait)
    code, message, body_wait = found
    return Envelope(
        message=_words(_without_markup(message)),
        code=_own_code(code),
        request_id=shown_id,
        retry_after=wait if wait is not None else body_wait,
        known=True,
    )


def error_from(reply: Reply, what: str) -> CloudError:
    """The error that `reply`, which is no success, stands for. `what` is the sentence that the user reads first."""
    if reply.is_redirect:
        return _redirect(reply, what)
    envelope = envelope_of(reply)
    meaning = meanings().get(envelope.code or "")
    kind = _kind(reply.status, envelope)
    return CloudError(
        kind,
        what,
        _why(reply.status, envelope),
        meaning.advice if meaning is not None and meaning.advice else _advice(kind, reply.status),
        code=envelope.code,
        http_status=reply.status,
        request_id=envelope.request_id,
        retryable=kind in {ErrorKind.SERVER, ErrorKind.THROTTLED},
        retry_after=envelope.retry_after,
    )


def wants_new_token(reply: Reply) -> bool:
    """Whether signing in again may cure this refusal. Three services say so with a 400; two 401 mean something else."""
    if reply.status not in {400, 401}:
        return False
    envelope = envelope_of(reply)
    if reply.status == 400:
        return envelope.code in _NEW_TOKEN_BY_400
    return envelope.code not in _NEW_TOKEN_USELESS and not _is_key_locked(envelope)


def _found(decoded: Mapping[str, Any]) -> tuple[Any, str, float | None] | None:
    """Code, message and wait, or None where the object is no refusal in a known form."""
    for code_key, message_key in (
        ("error_code", "error_msg"),
        ("errorCode", "errorMsg"),
        ("errorCode", "errorMessage"),
        ("code", "message"),
    ):
        if isinstance(decoded.get(message_key), str) and (code_key in decoded or "title" in decoded):
            return decoded.get(code_key), decoded[message_key], _wait(decoded.get("retryAfter"))
    inner = decoded.get("error")
    if isinstance(inner, str) and inner:
        return decoded.get("code"), inner, None
    for value in [inner, *decoded.values()]:
        if not isinstance(value, dict):
            continue
        message = value.get("message", value.get("msg", value.get("details")))
        if isinstance(message, dict | list):
            message = json.dumps(message)
        if isinstance(message, str):
            return value.get("code", value.get("type")), message, _wait(value.get("retryAfter"))
    return None


def _own_code(code: object) -> str | None:
    """A code of the vendor's, or None where it only repeats the HTTP status ("404 Not Found", 401, "401")."""
    if not isinstance(code, str) or not code.strip() or re.match(r"\s*\d{3}(\D|$)", code):
        return None
    return excerpt(redact(code), 100)


def _kind(status: int, envelope: Envelope) -> ErrorKind:
    meaning = meanings().get(envelope.code or "")
    if status == 401:
        # Some codes give a 401 a meaning of its own (a missing agency); the rest is about the token.
        kind = ErrorKind.EXPIRED if meaning is None else meaning.kind
        return ErrorKind.CREDENTIALS if _is_key_locked(envelope) else kind
    if status == 413 and envelope.retry_after is not None:
        return ErrorKind.THROTTLED
    if status == 400 and (meaning is None or meaning.kind is ErrorKind.INVALID):
        return _kind_by_words(envelope)
    # A 5xx stays one whatever code it bears: nobody knows what the service did.
    return _kind_by_status(status) if meaning is None or status >= 500 else meaning.kind


def _kind_by_status(status: int) -> ErrorKind:
    if status >= 500:
        return ErrorKind.SERVER
    return {
        403: ErrorKind.RIGHTS,
        404: ErrorKind.MISSING,
        407: ErrorKind.UNREACHABLE,
        409: ErrorKind.STATE,
        413: ErrorKind.QUOTA,
        429: ErrorKind.THROTTLED,
    }.get(status, ErrorKind.INVALID if status >= 400 else ErrorKind.NONSENSE)


def _kind_by_words(envelope: Envelope) -> ErrorKind:
    """Plain Cinder has no codes: a wrong state and a wrong project are told from other 400s by their wording."""
    if envelope.message == "Malformed request url":
        return ErrorKind.PROJECT
    return ErrorKind.STATE if _STATE_WORDS.search(envelope.message) else ErrorKind.INVALID


def _advice(kind: ErrorKind, status: int) -> str | None:
    if status == 401:
        return f"Sign in again; {_MFA}"
    return {
        ErrorKind.RIGHTS: "Ask an administrator for the right to do this in this project",
        ErrorKind.PROJECT: "Check the project; the token is for another one",
        ErrorKind.MISSING: "Refresh the list; check the project and the region",
        ErrorKind.STATE: "Refresh and look at the status",
        ErrorKind.QUOTA: "Delete what is no longer needed or have the quota raised",
        ErrorKind.THROTTLED: "Wait a little; the cloud limits how often it may be asked",
        ErrorKind.SERVER: "Try again later; report it to the cloud's support with the request id if it stays",
    }.get(kind)


def _why(status: int, envelope: Envelope) -> str:
    try:
        named = f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        named = f"HTTP {status}"
    if not envelope.message:
        return f"{named}, without a word of explanation"
    return envelope.message if envelope.known else f"{named}: {envelope.message}"


def _redirect(reply: Reply, what: str) -> CloudError:
    target = reply.headers.get("location", "")
    host = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", target).split("/")[0].rpartition("@")[2]
    shown = excerpt(redact(host), 100)
    return CloudError(
        ErrorKind.UNTRUSTED,
        what,
        f"HTTP {reply.status}: the server points to {shown or 'another place'}, which is not followed",
        "Check the endpoint; a login page or a proxy in between often answers like this",
        http_status=reply.status,
        request_id=reply.request_id,
    )


def _is_key_locked(envelope: Envelope) -> bool:
    return _KEY_LOCKED in envelope.message.lower()


def _words(text: str) -> str:
    return excerpt(redact(text[:_READ]))


def _without_markup(text: str) -> str:
    return _TAG.sub(" ", _HEAD.sub(" ", text[:_READ])) if "<" in text else text


def _header_wait(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    seconds = _wait(value)
    if seconds is not None or not value:
        return seconds
    try:
        # Both dates are the server's: our own clock takes no part.
        until, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # A zone of -0000 gives a date without one; the header is UTC by definition.
    waits = (until.replace(tzinfo=until.tzinfo or UTC) - now.replace(tzinfo=now.tzinfo or UTC)).total_seconds()
    return min(max(0.0, waits), LONGEST_WAIT)


def _wait(value: object) -> float | None:
    """Seconds as a number or as text; anything else is no wait."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return min(float(value), LONGEST_WAIT)
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return min(float(value), LONGEST_WAIT)
    return None
