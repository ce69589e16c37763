"""A session with one place of one cloud: signed in once, renewed when needed, every call by the table of operations."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from typing import Any

from evs_tui.clock import Clock
from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow
from evs_tui.cloud.auth.strategy import Auth
from evs_tui.cloud.classify import answer_of, answer_of_fault, unclear
from evs_tui.cloud.decoded import decoded
from evs_tui.cloud.envelopes import LONGEST_WAIT, wants_new_token
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Identity
from evs_tui.cloud.operations import Operation
from evs_tui.cloud.place import SignedIn
from evs_tui.cloud.prepared import PreparedRequest, Query, checked_id, prepare
from evs_tui.cloud.ring import Ring
from evs_tui.cloud.settle import Settled
from evs_tui.cloud.signing import Signing
from evs_tui.cloud.transport import ASGIApp, Timeouts, Transport, TransportFault
from evs_tui.cloud.wire import BodyTooLarge, Wire, error_of
from evs_tui.failure import ExitCode, Failure
from evs_tui.secret import Secret

__all__ = ["BodyTooLarge", "Session", "SignedIn", "Timeouts"]

_TRIES = 4
_FIRST_WAIT = 2.0
_LONGEST_BACK_OFF = 60.0


class Session:
    """Requests to one place, as one identity.

    Reads are retried and the token renewed in here; a call that changes something is sent once, over a connection of
    its own, and is never cancelled. All coroutines belong to one loop. `jitter` gives numbers from 0 to 1; `asgi`
    puts an application in the place of the network; `auth` replaces what `identity.login` would choose.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        clock: Clock,
        read_only: bool = False,
        asgi: ASGIApp | None = None,
        jitter: Callable[[], float] = random.random,
        timeouts: Timeouts | None = None,
        auth: Auth | None = None,
    ) -> None:
        self.identity = identity
        self.read_only = read_only
        self._clock = clock
        self._jitter = jitter
        self._timeouts = timeouts or Timeouts()
        self._wire = Wire(Transport(ca_bundle=identity.ca_bundle, asgi=asgi, timeouts=self._timeouts), clock)
        self._signing = Signing(identity, self._wire, clock, auth)
        self._sending: set[asyncio.Task[Answer]] = set()

    @property
    def ring(self) -> Ring:
        """The last calls, without secrets."""
        return self._wire.ring

    @property
    def signed_in(self) -> SignedIn | None:
        """The place, once `sign_in` has succeeded."""
        settled = self._signing.settled
        return None if settled is None else settled.place

    @property
    def renewable(self) -> bool:
        """Whether the token is renewed by itself; the identity must be usable."""
        return self._signing.renewable

    @property
    def token_seconds_left(self) -> float | None:
        """How long the present token still serves; None where nothing ends by itself, or nobody signed in."""
        ends_at = self._signing.life.ends_at
        return None if ends_at is None else max(0.0, ends_at - self._clock.elapsed())

    @property
    def clock_difference(self) -> float | None:
        """The cloud's time minus this machine's in seconds, by the newest answer; None before there was one."""
        return self._wire.clock_difference

    def give_passcode(self, passcode: Secret) -> None:
        """A person's answer to `PasscodeNeeded`: good for the next sign-in alone, and kept nowhere."""
        self._signing.take_passcode(passcode)

    async def sign_in(self) -> SignedIn:
        """Sign in, if that has not been done, and tell where we are.

        However many ask at once, one request goes out; credentials that were refused are not tried again.

        Raises:
            CloudError: refused, or not reachable.
            ConfigFailure: the identity cannot work as it stands.
        """
        return (await self._signing.sign_in()).place

    async def read(
        self,
        operation: Operation,
        *,
        ids: Mapping[str, str] | None = None,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The decoded JSON that `operation` answers. Failures that pass are retried, within bounds.

        Raises:
            CloudError: no usable answer; `BodyTooLarge` where it was beyond the cap.
            UsageFailure: an id that cannot stand in a URL. Nothing was sent.
            ConfigFailure: see `sign_in`.
        """
        if operation.effect != "read":
            raise ValueError(f"{operation.name} is not a read")
        for name, value in (ids or {}).items():
            checked_id(value, name)
        attempt, waited = 1, 0.0
        while True:
            try:
                return await self._read_once(operation, ids or {}, query, headers, attempt)
            except CloudError as error:
                wait = self._pause(error, attempt)
                worth_it = operation.retry and error.retryable
                if not worth_it or attempt == _TRIES or waited + wait > LONGEST_WAIT:
                    raise
            attempt, waited = attempt + 1, waited + wait
            await self._clock.sleep(wait)

    async def send(
        self,
        operation: Operation,
        *,
        ids: Mapping[str, str] | None = None,
        body: object,
        deadline: float | None = None,
    ) -> Answer:
        """Send a call that changes something, once, and say what its answer proves. Never raises a failure.

        It goes over a fresh connection, within `deadline` seconds altogether, and runs to its end even if whoever
        awaits it is cancelled; `aclose` waits for it. In a read-only session nothing leaves.
        """
        if operation.effect == "read":
            raise ValueError(f"{operation.name} changes nothing")
        if self.read_only:
            return Refused(_read_only(operation))
        seconds = self._timeouts.post if deadline is None else deadline
        task = asyncio.create_task(self._send(operation, ids or {}, body, seconds))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """Wait for calls that change something, give up a sign-in under way, and close the connections."""
        while self._sending:
            await asyncio.wait(self._sending)
        await self._signing.aclose()
        await self._wire.transport.aclose()

    async def _read_once(
        self,
        operation: Operation,
        ids: Mapping[str, str],
        query: Query,
        headers: Mapping[str, str] | None,
        attempt: int,
    ) -> Any:
        life = self._signing.life
        renewed = False
        while True:
            settled = await self._signing.ready()
            prepared = _prepared(settled, operation, ids, query=query, headers=headers)
            try:
                exchange = await self._signing.carry(operation, prepared, attempt=attempt)
            except TransportFault as fault:
                raise error_of(fault, operation) from None
            if exchange.refusal is not None:
                raise exchange.refusal
            reply = exchange.reply
            if not wants_new_token(reply):
                return decoded(operation, reply)
            if renewed:
                life.mark_useless(operation.service)
            if life.useless_for(operation.service):
                return decoded(operation, reply)
            await self._signing.renew(exchange.generation, reply)
            renewed = True

    def _pause(self, error: CloudError, attempt: int) -> float:
        """Seconds before the next try: as the cloud asked, else 2 s doubling, with up to half taken off at random."""
        if error.retry_after is not None:
            return max(error.retry_after, 0.1)
        back_off = min(_FIRST_WAIT * 2.0 ** (attempt - 1), _LONGEST_BACK_OFF)
        return back_off * (0.5 + 0.5 * self._jitter())

    async def _send(self, operation: Operation, ids: Mapping[str, str], body: object, deadline: float) -> Answer:
        begun = self._clock.elapsed()
        try:
            for name, value in ids.items():
                checked_id(value, name)
            async with asyncio.timeout(deadline):
                settled = await self._signing.ready()
            prepared = _prepared(settled, operation, ids, body=body)
        except TimeoutError:
            why = "the time ran out before it could be sent"
            return NotSent(CloudError(ErrorKind.UNREACHABLE, operation.failed, why))
        except CloudError as error:
            return NotSent(error)
        except Failure as failure:
            return Refused(_as_cloud_error(failure))
        left = max(deadline - (self._clock.elapsed() - begun), 0.001)
        return await self._answer(operation, prepared, left)

    async def _answer(self, operation: Operation, prepared: PreparedRequest, deadline: float) -> Answer:
        """Send `prepared` over a fresh connection. Whatever happens has a place in the table of answers."""
        try:
            exchange = await self._signing.carry(operation, prepared, fresh=True, deadline=deadline)
        except TransportFault as fault:
            error = error_of(fault, operation)
            return answer_of_fault(error, sent=fault.sent, status=fault.status)
        except CloudError as error:
            return NotSent(error)
        except Failure as failure:
            return NotSent(_as_cloud_error(failure))
        except Exception as error:  # noqa: BLE001 - whatever it was, the request may have left
            return unclear(operation.failed, f"an unexpected {type(error).__name__} on the way")
        if exchange.refusal is not None:
            return RefusedForNow(exchange.refusal, None)
        answer = answer_of(exchange.reply, operation.failed)
        if isinstance(answer, RefusedForNow) and wants_new_token(exchange.reply):
            self._signing.life.refused(exchange.generation)
        return answer


def _prepared(
    settled: Settled,
    operation: Operation,
    ids: Mapping[str, str],
    *,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    body: object = None,
) -> PreparedRequest:
    endpoint = settled.endpoints.get(operation.service)
    if endpoint is None:
        raise CloudError(
            ErrorKind.INVALID,
            operation.failed,
            f"this cloud offers no {operation.service} service here",
            f"If it does, set EVS_TUI_ENDPOINT_{operation.service.upper()}",
        )
    every_id = {**ids, "project_id": settled.place.project_id}
    return prepare(operation, endpoint, ids=every_id, query=query, headers=headers, body=body)


def _read_only(operation: Operation) -> CloudError:
    error = CloudError(
        ErrorKind.RIGHTS,
        operation.failed,
        "this session is read-only, so nothing was sent",
        "Start without --read-only to change something",
    )
    error.exit_code = ExitCode.REFUSED
    return error


def _as_cloud_error(failure: Failure) -> CloudError:
    """A failure of our own, before anything was sent, with its own exit code."""
    error = CloudError(ErrorKind.INVALID, failure.what, failure.why, failure.advice)
    error.exit_code = failure.exit_code
    return error
