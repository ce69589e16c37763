"""What the answer to a call that changes something proves. Every such call ends in exactly one of these."""

from __future__ import annotations

from dataclasses import dataclass

from evs_tui.cloud.errors import CloudError


@dataclass(frozen=True, slots=True)
class Taken:
    """The cloud accepted the call: any 2xx. `image_id` is None where the body could not be read, or names none.

    `job_id` is the job behind a call about a server, where the cloud works with jobs.
    """

    image_id: str | None
    request_id: str | None = None
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The cloud said no, in an envelope we know (4xx). Nothing was begun."""

    error: CloudError


@dataclass(frozen=True, slots=True)
class RefusedForNow:
    """The cloud said not now: throttled, or a token it no longer takes. Nothing was begun.

    `retry_after` is the wait in seconds that it asked for, if any.
    """

    error: CloudError
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """The transport proves that no byte of the request left this machine."""

    error: CloudError


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody knows: the line broke, time ran out, a 5xx, a redirect, or a refusal in no known form."""

    error: CloudError


Answer = Taken | Refused | RefusedForNow | NotSent | Unclear
