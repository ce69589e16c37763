"""The one kind of error that reaches a user: what happened, why, what to do next, and how the program then ends."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How the command line ends. Scripts rely on these numbers."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PARTLY = 3
    SIGN_IN = 4
    UNREACHABLE = 5
    REFUSED = 6
    UNCLEAR = 7
    TIMEOUT = 8


class Failure(Exception):
    """An expected error, in words.

    `what` happened and `why`, each a sentence without a full stop; `advice` says what to do next. `code`,
    `http_status` and `request_id` are the cloud's, where it gave them. All strings are clean already.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(
        self,
        what: str,
        why: str,
        advice: str | None = None,
        *,
        exit_code: ExitCode | None = None,
        code: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(what, why)
        self.what = what
        self.why = why
        self.advice = advice
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        if exit_code is not None:
            self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class UsageFailure(Failure):
    """A value that breaks a rule, an unknown or ambiguous job, an unusable terminal."""

    exit_code = ExitCode.USAGE


class ConfigFailure(Failure):
    """Configuration or credentials that cannot be used: missing, half filled, contradictory, unsafe."""

    exit_code = ExitCode.USAGE


class RefusedFailure(Failure):
    """Our own check says no: a blocked plan, read-only, a journal that cannot be written, an open export."""

    exit_code = ExitCode.REFUSED
