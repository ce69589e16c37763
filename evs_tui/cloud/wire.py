"""Exchanges of one session: carried out by the transport, remembered in the ring, told to the log."""

from __future__ import annotations

import logging
from dataclasses import replace

from evs_tui.clock import Clock
from evs_tui.cloud.clock_difference import difference
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.operations import Operation
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.reply import Reply
from evs_tui.cloud.ring import Call, Ring
from evs_tui.cloud.transport import Transport, TransportFault

_LOG = logging.getLogger("evs_tui.cloud")


class BodyTooLarge(CloudError):
    """An answer beyond the cap. A list asks again for half as much."""


class Wire:
    """The transport of a session, with a memory."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self.transport = transport
        self.ring = Ring()
        self.clock_difference: float | None = None
        """The cloud's time minus ours in seconds, by the newest answer that told it."""
        self._clock = clock

    async def carry(
        self,
        operation: Operation,
        prepared: PreparedRequest,
        *,
        attempt: int = 1,
        fresh: bool = False,
        deadline: float | None = None,
    ) -> Reply:
        """One exchange, see `Transport.exchange`.

        Raises:
            TransportFault: there was no whole answer.
        """
        begun = self._clock.elapsed()
        try:
            reply = await self.transport.exchange(prepared, fresh=fresh, deadline=deadline)
        except TransportFault as fault:
            cut = Reply(fault.status or 0, fault.headers, b"")
            self._remember(self._call(operation, prepared, begun, attempt, cut), fault.why)
            raise
        self._note_time(reply)
        self._remember(self._call(operation, prepared, begun, attempt, reply), None)
        return reply

    def _note_time(self, reply: Reply) -> None:
        found = difference(reply, self._clock.now())
        if found is not None:
            self.clock_difference = found

    def _call(self, operation: Operation, prepared: PreparedRequest, begun: float, attempt: int, reply: Reply) -> Call:
        return Call(
            at=self._clock.now(),
            operation=operation.name,
            method=prepared.method,
            origin=prepared.origin,
            target=prepared.target,
            status=reply.status or None,
            milliseconds=round((self._clock.elapsed() - begun) * 1000),
            size=len(reply.body),
            attempt=attempt,
            request_id=reply.request_id,
        )

    def _remember(self, call: Call, note: str | None) -> None:
        self.ring.add(replace(call, note=note))
        _LOG.debug(
            "%s %s%s: status %s, %d ms, %d bytes, try %d, request id %s%s",
            call.method,
            call.origin,
            call.target,
            call.status,
            call.milliseconds,
            call.size,
            call.attempt,
            call.request_id,
            "" if note is None else f", {note}",
        )


def error_of(fault: TransportFault, operation: Operation) -> CloudError:
    """What a user reads of `fault`."""
    kind = BodyTooLarge if fault.too_large else CloudError
    return kind(
        fault.kind,
        operation.failed,
        fault.why,
        fault.advice,
        http_status=fault.status,
        request_id=Reply(0, fault.headers, b"").request_id,
        retryable=fault.kind in {ErrorKind.UNREACHABLE, ErrorKind.INTERRUPTED},
    )
