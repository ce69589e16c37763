"""What can go wrong with a call to the cloud, as one type."""

from __future__ import annotations

from enum import StrEnum

from evs_tui.failure import ExitCode, Failure


class ErrorKind(StrEnum):
    """What a failed call means for what is done next."""

    CREDENTIALS = "credentials"
    """Signing in was refused: wrong password, locked account, missing second factor."""
    EXPIRED = "expired"
    """The token is no longer accepted; signing in again may help."""
    RIGHTS = "rights"
    PROJECT = "project"
    """The project does not fit the token, or is not in the URL."""
    MISSING = "missing"
    STATE = "state"
    """Refused because of the state of the thing, or a conflict."""
    QUOTA = "quota"
    THROTTLED = "throttled"
    INVALID = "invalid"
    """Refused for another reason in the request."""
    SERVER = "server"
    """5xx: for a call that changes something, nobody knows whether it took effect."""
    UNREACHABLE = "unreachable"
    """No byte of the request left: name, route, connect, proxy, TLS handshake."""
    INTERRUPTED = "interrupted"
    """The connection broke or timed out after the request may have left."""
    UNTRUSTED = "untrusted"
    """A certificate, redirect or origin that is not accepted."""
    NONSENSE = "nonsense"
    """An answer that cannot be read: not JSON, cut, too large, of the wrong shape."""


CHECK_ENDPOINT = "Check the endpoint; a proxy or a login page in between often answers like this"
"""What to do about an answer that cannot be read."""

_EXIT_CODES = {
    ErrorKind.CREDENTIALS: ExitCode.SIGN_IN,
    ErrorKind.EXPIRED: ExitCode.SIGN_IN,
    ErrorKind.SERVER: ExitCode.UNREACHABLE,
    ErrorKind.UNREACHABLE: ExitCode.UNREACHABLE,
    ErrorKind.INTERRUPTED: ExitCode.UNREACHABLE,
    ErrorKind.UNTRUSTED: ExitCode.UNREACHABLE,
    ErrorKind.NONSENSE: ExitCode.UNREACHABLE,
}


class CloudError(Failure):
    """A call that did not do what was asked. See `Failure` for the words.

    `retryable` says that the same read may well work a little later; `retry_after` is the wait in seconds
    that the cloud asked for. A call that changes something is never repeated on the strength of these alone.
    """

    def __init__(
        self,
        kind: ErrorKind,
        what: str,
        why: str,
        advice: str | None = None,
        *,
        code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(
            what,
            why,
            advice,
            exit_code=_EXIT_CODES.get(kind, ExitCode.FAILED),
            code=code,
            http_status=http_status,
            request_id=request_id,
        )
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after
