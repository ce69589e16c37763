"""Signing in once for all who ask, and renewing the token: ahead of its end, or when a service no longer takes it.

A wrong password tried again and again locks the account, a wrong key the key. So: one request at a time, shared by all
who wait; refused credentials are never sent again by this object; a token that was renewed in vain is not renewed in a
loop. Where there is no token the first request goes alone, and the others go when it proved the key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from evs_tui.clock import Clock
from evs_tui.cloud.auth.choose import auth_for
from evs_tui.cloud.auth.password import PasswordAuth
from evs_tui.cloud.auth.strategy import Auth, Grant
from evs_tui.cloud.catalog import iam_endpoint
from evs_tui.cloud.clock_difference import shown_difference
from evs_tui.cloud.decoded import decoded
from evs_tui.cloud.envelopes import error_from
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Identity
from evs_tui.cloud.operations import CREATE_TOKEN, Operation
from evs_tui.cloud.origins import Endpoint
from evs_tui.cloud.place import SignedIn
from evs_tui.cloud.prepared import PreparedRequest, Query, prepare
from evs_tui.cloud.reply import Reply
from evs_tui.cloud.settle import Settled, settle
from evs_tui.cloud.token_life import TokenLife
from evs_tui.cloud.transport import TransportFault
from evs_tui.cloud.wire import Wire, error_of
from evs_tui.failure import Failure
from evs_tui.secret import Secret

_CLOCK_WARNING_SECONDS = 300.0
_PROVING = frozenset({400, 403, 404, 409})
"""Refusals about something else: whoever is told so was let in. A 429 may come before anybody looked."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer, with the generation of the token that was sent; `refusal` where it refuses the credential itself."""

    reply: Reply
    generation: int
    refusal: CloudError | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    """How to sign in, and where."""

    auth: Auth
    iam: Endpoint


class Signing:
    """The sign-in of one session. `auth` replaces what the identity's login would choose."""

    def __init__(self, identity: Identity, wire: Wire, clock: Clock, auth: Auth | None) -> None:
        self.life = TokenLife()
        self.settled: Settled | None = None
        self._identity = identity
        self._wire = wire
        self._clock = clock
        self._auth = auth
        self._way: _Way | None = None
        self._task: asyncio.Task[Failure | None] | None = None
        self._refused: Failure | None = None
        self._proved = asyncio.Event()
        self._alone = asyncio.Lock()

    @property
    def renewable(self) -> bool:
        """Whether signing in once more can work without a person."""
        return self._chosen_way().auth.renewable and self._refused is None

    async def sign_in(self) -> Settled:
        """The place, signing in if that has not been done.

        Raises:
            CloudError: refused, or not reachable.
            ConfigFailure: the identity cannot work as it stands.
        """
        if self.settled is None:
            await self._newer_token_than(self.life.generation)
        if self.settled is None:
            raise CloudError(ErrorKind.UNREACHABLE, CREATE_TOKEN.failed, "the session was closed")
        return self.settled

    async def ready(self) -> Settled:
        """The place, with a token that is not about to end.

        Raises:
            Failure: see `sign_in`. A renewal ahead that fails is no failure: the token still works.
        """
        settled = await self.sign_in()
        if self._refused is not None and not self._chosen_way().auth.has_token:
            raise self._refused
        if not self.life.is_due(self._clock.elapsed()) or not self._chosen_way().auth.renewable:
            return settled
        try:
            await self._newer_token_than(self.life.generation)
        except Failure:
            if self._refused is not None:
                self.life.hold()
            else:
                self.life.postpone(self._clock.elapsed())
        return self.settled or settled

    async def renew(self, generation: int, reply: Reply) -> None:
        """A service refused the token of `generation` with `reply`: have another one.

        Raises:
            Failure: there is none to be had; the message says what a person must do.
        """
        way = self._chosen_way()
        if way.auth.renewable or self.life.generation != generation:
            await self._newer_token_than(generation)
            return
        refusal = error_from(reply, CREATE_TOKEN.failed)
        try:
            await way.auth.sign_in(self._ask, again=True)
        except CloudError as ended:
            ended.code, ended.http_status, ended.request_id = refusal.code, refusal.http_status, refusal.request_id
            raise

    async def carry(
        self,
        operation: Operation,
        prepared: PreparedRequest,
        *,
        attempt: int = 1,
        fresh: bool = False,
        deadline: float | None = None,
    ) -> Exchange:
        """Send `prepared` with what proves who we are; see `Wire.carry`. A credential not proved yet is sent alone.

        Raises:
            TransportFault: there was no whole answer, or no turn came within `deadline`.
            Failure: the credential was refused before. Nothing was sent.
        """
        if self._proved.is_set():
            return await self._carry(operation, prepared, attempt, fresh=fresh, deadline=deadline)
        try:
            async with asyncio.timeout(deadline):
                await self._alone.acquire()
        except TimeoutError:
            raise TransportFault(ErrorKind.UNREACHABLE, "another first request took too long", sent=False) from None
        try:
            if not self._proved.is_set():
                return await self._carry(operation, prepared, attempt, fresh=fresh, deadline=deadline)
        finally:
            self._alone.release()
        return await self._carry(operation, prepared, attempt, fresh=fresh, deadline=deadline)

    async def _carry(
        self, operation: Operation, prepared: PreparedRequest, attempt: int, *, fresh: bool, deadline: float | None
    ) -> Exchange:
        auth = self._chosen_way().auth
        if self._refused is not None and not auth.has_token:
            raise self._refused
        generation = self.life.generation
        sent = self._authorised(operation, prepared, auth)
        reply = await self._wire.carry(operation, sent, attempt=attempt, fresh=fresh, deadline=deadline)
        refusal = auth.refusal(reply, sent, self._wire.clock_difference)
        if refusal is not None:
            self._refused = refusal
        if reply.is_success or (refusal is None and reply.status in _PROVING):
            self._proved.set()
        return Exchange(reply, generation, refusal)

    def _authorised(self, operation: Operation, prepared: PreparedRequest, auth: Auth) -> PreparedRequest:
        place = None if self.settled is None or operation.service == "iam" else self.settled.place
        return prepared.with_headers(auth.apply(prepared, project_id=None if place is None else place.project_id))

    def take_passcode(self, passcode: Secret) -> None:
        """Use `passcode` for the next sign-in: a person has given it, so what was refused may be tried once more."""
        auth = self._chosen_way().auth
        if isinstance(auth, PasswordAuth):
            auth.take_passcode(passcode)
            self._refused = None

    async def aclose(self) -> None:
        """Give up a sign-in that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _newer_token_than(self, generation: int) -> None:
        if self.life.generation != generation:
            return
        if self._refused is not None:
            raise self._refused
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._obtain_token())
        # Shielded: one who gives up waiting must not take the sign-in away from the others.
        failure = await asyncio.shield(self._task)
        if failure is not None:
            raise failure

    async def _obtain_token(self) -> Failure | None:
        try:
            way = self._chosen_way()
            if self.settled is None:
                self._wire.transport.allowed = frozenset({way.iam.origin})
            grant = await way.auth.sign_in(self._ask, again=self.settled is not None)
            await self._accept(way, grant)
        except Failure as failure:
            if isinstance(failure, CloudError) and failure.kind in {ErrorKind.CREDENTIALS, ErrorKind.EXPIRED}:
                self._refused = failure
            return failure
        return None

    async def _accept(self, way: _Way, grant: Grant) -> None:
        if self.settled is None:
            settled = await settle(self._identity, way.iam, grant, self._wire.transport, self._lookup)
            settled = replace(settled, place=self._with_clock_warning(settled.place, way.auth))
            # From here on these are the only places ever spoken to, whatever a later answer says.
            self._wire.transport.allowed = frozenset(settled.place.origins)
        else:
            place = self.settled.place
            if grant.user_id != place.user_id or grant.project_id not in {None, place.project_id}:
                raise CloudError(
                    ErrorKind.UNTRUSTED,
                    "The renewed token is not ours",
                    "it is for another user or project than the one signed in to",
                    "Start again",
                )
            settled = replace(self.settled, place=replace(place, expires_at=grant.expires_at))
        if way.auth.has_token:
            self._proved.set()
        self.life.begin(grant, self._clock.elapsed())
        self.settled = settled

    def _with_clock_warning(self, place: SignedIn, auth: Auth) -> SignedIn:
        """A wrong clock does a token no harm, but ends signatures."""
        off = self._wire.clock_difference
        if auth.has_token or off is None or abs(off) < _CLOCK_WARNING_SECONDS:
            return place
        told = shown_difference(off)
        warning = f"{told[0].upper()}{told[1:]}; from 15 minutes on signatures are refused"
        return replace(place, warnings=(*place.warnings, warning))

    def _chosen_way(self) -> _Way:
        if self._way is None:
            self._way = _Way(self._auth or auth_for(self._identity, self._clock), iam_endpoint(self._identity))
        return self._way

    async def _ask(
        self,
        operation: Operation,
        *,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: object = None,
        by: Auth | None = None,
    ) -> Reply:
        """See `strategy.Ask`."""
        iam = self._chosen_way().iam
        prepared = prepare(operation, iam, ids={}, query=query, headers=headers, body=body)
        if by is not None:
            prepared = self._authorised(operation, prepared, by)
        try:
            reply = await self._wire.carry(operation, prepared)
        except TransportFault as fault:
            raise error_of(fault, operation) from None
        refusal = None if by is None else by.refusal(reply, prepared, self._wire.clock_difference)
        if refusal is not None:
            raise refusal
        return reply

    async def _lookup(self, operation: Operation, query: Query) -> Any:
        """A read of the identity service while the place is not known yet."""
        reply = await self._ask(operation, query=query, by=self._chosen_way().auth)
        found = decoded(operation, reply)
        self._proved.set()
        return found
