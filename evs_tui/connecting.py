"""Signing in at one place after another: what both faces' workspace does before it can ask a cloud anything."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from evs_tui.accounts import Accounts, Wanted
from evs_tui.failure import ExitCode

if TYPE_CHECKING:
    from evs_tui.cloud.dialects import Dialect
    from evs_tui.cloud.identity import Identity
    from evs_tui.cloud.services import CloudServices
    from evs_tui.cloud.session import Session, SignedIn
    from evs_tui.core import Core
    from evs_tui.demo import SimulatedCloud
    from evs_tui.exports.model import Place
    from evs_tui.secret import Secret
    from evs_tui.workspace import Options, Wiring


@dataclass(frozen=True, slots=True)
class Context:
    """Where this run works and as whom; for the header line and the `context` of every envelope.

    `token_ends_at` is the end of a token that is not renewed by itself, by this machine's clock, however wrong.
    `production` says that the profile is marked so: a mistake may be expensive. `ignored` names the sources of identity
    that were there and played no part. `export_url` is where an export is sent; `{volume_id}` stands for the disk.
    """

    source: str
    secret_place: str
    cloud: str
    cloud_title: str
    region: str
    project_id: str
    project_name: str | None
    user: str | None
    profile: str | None
    demo: bool
    read_only: bool
    warnings: tuple[str, ...] = ()
    token_ends_at: datetime | None = None
    production: bool = False
    ignored: tuple[str, ...] = ()
    export_url: str = ""

    @property
    def source_words(self) -> str:
        """The source of identity for people: `profile prod; OS_* ignored`."""
        return f"{self.source}; {', '.join(self.ignored)} ignored" if self.ignored else self.source


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything that signing in yields."""

    session: Session
    services: CloudServices
    dialect: Dialect
    place: Place
    context: Context


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A session that waits for a passcode, and what was asked for with it."""

    wanted: Wanted
    identity: Identity
    session: Session


class Connector:
    """Who signs in where, now. All coroutines belong to the core's loop.

    A session belongs to one identity for good: another profile or project gets a new one, so that no secret, token or
    set of origins of one ever serves another. `given` is an identity that another process of ours has chosen.
    """

    def __init__(
        self, accounts: Accounts, options: Options, wiring: Wiring, core: Core, *, given: Identity | None = None
    ) -> None:
        self._accounts = accounts
        self._given = given
        self._options = options
        self._wiring = wiring
        self._core = core
        self._wanted = Wanted(options.profile, options.region, options.project)
        self._session: Session | None = None
        self._connection: Connection | None = None
        self._waiting: _Waiting | None = None
        self._demo: SimulatedCloud | None = wiring.demo
        self._opening = asyncio.Lock()

    @property
    def session(self) -> Session | None:
        """The session that was used last, whether or not it could sign in."""
        return self._session

    async def connected(self) -> Connection:
        """The connection of this run; the first call signs in.

        Raises:
            SecretNeeded: the secret of the chosen profile is not at hand; `Accounts.give` takes it.
            ConfigFailure, CloudError: there is no way in, in words.
        """
        async with self._opening:
            if self._connection is None:
                self._connection = await self._open(self._wanted)
            return self._connection

    async def sign_in_again(self, wanted: Wanted | None = None) -> Connection:
        """Sign in anew: with a secret given meanwhile, or as somebody else, or elsewhere.

        The session before is left as it is: what it watches it goes on watching. If this fails, the run stays where it
        was.

        Raises:
            SecretNeeded, ConfigFailure, CloudError: there is no way in, in words.
        """
        async with self._opening:
            wanted = wanted or self._wanted
            try:
                self._connection = await self._open(wanted)
            finally:
                if self._connection is not None:
                    self._session = self._connection.session
            self._wanted = wanted
            return self._connection

    async def apart(self, wanted: Wanted) -> tuple[Identity, Session]:
        """An identity, and a session of its own that is not signed in and serves nothing else: to try it out.

        Raises:
            SecretNeeded, ConfigFailure: see `connected`.
        """
        from evs_tui.credentials.stores.deadline import aside

        identity = await aside(lambda: self._accounts.identity(wanted))
        return identity, self._new_session(identity)

    def give_passcode(self, passcode: Secret) -> None:
        """A person's answer to `PasscodeNeeded`: the next sign-in sends it, once; it is kept nowhere."""
        session = self._session if self._waiting is None else self._waiting.session
        if session is not None:
            session.give_passcode(passcode)

    async def _open(self, wanted: Wanted) -> Connection:
        from evs_tui.cloud.auth.passcode import PasscodeNeeded
        from evs_tui.cloud.errors import CloudError
        from evs_tui.cloud.services import CloudServices

        identity, session = await self._ready(wanted)
        self._session = session
        try:
            signed_in = await session.sign_in()
        except PasscodeNeeded:
            self._waiting = _Waiting(wanted, identity, session)
            raise
        except CloudError as error:
            if error.exit_code is ExitCode.SIGN_IN:
                self._accounts.refused(identity.profile)
            raise
        place_words, warnings = await self._kept(identity)
        context = self._context(identity, signed_in, session)
        return Connection(
            session=session,
            services=CloudServices(session),
            dialect=signed_in.dialect,
            place=place_of(signed_in),
            context=replace(context, secret_place=place_words, warnings=(*context.warnings, *warnings)),
        )

    async def _ready(self, wanted: Wanted) -> tuple[Identity, Session]:
        from evs_tui.credentials.stores.deadline import aside

        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting.wanted == wanted:
            return waiting.identity, waiting.session
        identity = self._given
        if identity is None:
            identity = await aside(lambda: self._accounts.identity(wanted))
        return identity, self._new_session(identity)

    async def _kept(self, identity: Identity) -> tuple[str, tuple[str, ...]]:
        """Keep a secret that was typed, and has now proved itself, where its profile says; where it is then."""
        from evs_tui.credentials.stores.deadline import aside
        from evs_tui.failure import Failure

        try:
            kept = await aside(lambda: self._accounts.keep_typed(identity.profile))
        except Failure as failure:
            return identity.secret_place, (f"{failure}; it is asked for again at the next start",)
        return kept or identity.secret_place, ()

    def _new_session(self, identity: Identity) -> Session:
        from evs_tui.cloud.session import Session, Timeouts

        session = Session(
            identity,
            clock=self._wiring.clock,
            read_only=self._is_read_only(identity),
            asgi=self._demo_cloud() if self._options.demo else None,
            jitter=self._wiring.jitter,
            timeouts=self._wiring.timeouts or Timeouts(),
        )
        self._core.on_close(session.aclose)
        return session

    def _demo_cloud(self) -> SimulatedCloud:
        if self._demo is None:
            from evs_tui.demo import SimulatedCloud

            self._demo = SimulatedCloud()
        return self._demo

    def _is_read_only(self, identity: Identity) -> bool:
        profile = self._accounts.profiles.get(identity.profile or "")
        return self._options.read_only or (profile is not None and profile.read_only)

    def _context(self, identity: Identity, signed_in: SignedIn, session: Session) -> Context:
        from evs_tui.cloud.operations import EXPORT

        path = EXPORT.path.replace("{project_id}", signed_in.project_id)
        profile = self._accounts.profiles.get(identity.profile or "")
        left = None if session.renewable else session.token_seconds_left
        return Context(
            source=identity.source,
            secret_place=identity.secret_place,
            cloud=signed_in.dialect.name,
            cloud_title=signed_in.dialect.title,
            region=signed_in.region,
            project_id=signed_in.project_id,
            project_name=signed_in.project_name,
            user=signed_in.user_name,
            profile=identity.profile,
            demo=self._options.demo,
            read_only=session.read_only,
            warnings=signed_in.warnings,
            token_ends_at=None if left is None else self._wiring.clock.now() + timedelta(seconds=left),
            production=profile is not None and profile.production,
            ignored=identity.ignored,
            export_url=signed_in.endpoints["evs"].rstrip("/") + path if "evs" in signed_in.endpoints else path,
        )


def place_of(signed_in: SignedIn) -> Place:
    """The place that a session works in. Its id is the same wherever and whenever it is computed."""
    from evs_tui.exports.model import Place

    parts = (
        signed_in.dialect.name,
        signed_in.auth_origin,
        signed_in.region,
        signed_in.project_id,
        signed_in.user_id or "",
    )
    return Place(
        id=hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16],
        cloud=signed_in.dialect.name,
        auth_origin=signed_in.auth_origin,
        region=signed_in.region,
        project_id=signed_in.project_id,
        user_id=signed_in.user_id or "",
        project_name=signed_in.project_name,
        user_name=signed_in.user_name,
        origins=signed_in.origins,
    )
