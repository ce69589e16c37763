"""From a reply to its JSON, or to the error that a user reads."""

from __future__ import annotations

from typing import Any

from evs_tui.cloud.envelopes import error_from
from evs_tui.cloud.errors import CHECK_ENDPOINT, CloudError, ErrorKind
from evs_tui.cloud.operations import Operation
from evs_tui.cloud.reply import Reply, Unreadable


def decoded(operation: Operation, reply: Reply) -> Any:
    """The JSON of a successful `reply`.

    Raises:
        CloudError: it is no success, or no JSON.
    """
    if not reply.is_success:
        raise error_from(reply, operation.failed)
    try:
        return reply.json()
    except Unreadable as error:
        raise nonsense(operation, str(error), reply) from None


def nonsense(operation: Operation, why: str, reply: Reply | None = None) -> CloudError:
    """The error for an answer that cannot be what was asked for."""
    return CloudError(
        ErrorKind.NONSENSE,
        operation.failed,
        why,
        CHECK_ENDPOINT,
        http_status=None if reply is None else reply.status,
        request_id=None if reply is None else reply.request_id,
    )
