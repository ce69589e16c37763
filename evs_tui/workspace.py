"""What both faces work with: opens settings, identity, journal and session, each when it is first needed.

The methods that are coroutines or async iterators run on the core's loop (`core.ask`, `core.stream`, `core.run`,
`core.iterate`); the others answer at once and touch neither the network nor a secret.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evs_tui.accounts import Accounts, Wanted
from evs_tui.clock import Clock, SystemClock
from evs_tui.connecting import Connection, Connector, Context
from evs_tui.core import Core
from evs_tui.failure import RefusedFailure

if TYPE_CHECKING:
    from evs_tui.checks.check import Check
    from evs_tui.cloud.dialects import Dialect
    from evs_tui.cloud.identity import Identity
    from evs_tui.cloud.models import Image, Page, Project, Server, Volume
    from evs_tui.cloud.ring import Call
    from evs_tui.cloud.session import Timeouts
    from evs_tui.config.paths import Paths
    from evs_tui.config.profiles import Profile, SecretPlace
    from evs_tui.config.settings import Settings
    from evs_tui.credentials.stores.store import StoreState
    from evs_tui.credentials.vault import Vault
    from evs_tui.demo import SimulatedCloud
    from evs_tui.exports.host import Host
    from evs_tui.exports.model import Choices, Job, Place, Plan
    from evs_tui.exports.ports import Points
    from evs_tui.exports.service import Exports
    from evs_tui.exports.timing import Timing
    from evs_tui.secret import Secret

__all__ = ["Context", "Options", "Wiring", "Workspace"]


@dataclass(frozen=True, slots=True)
class Options:
    """What every command takes, before or after its name."""

    profile: str | None = None
    region: str | None = None
    project: str | None = None
    read_only: bool = False
    demo: bool = False
    ascii: bool = False
    debug_log: Path | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The options that make another call of the program act in the same place."""
        chosen = (("--profile", self.profile), ("--region", self.region), ("--project", self.project))
        words = [word for option, value in chosen if value is not None for word in (option, value)]
        return (*words, *(["--demo"] if self.demo else []))


@dataclass(frozen=True, slots=True)
class Wiring:
    """What tests replace: time, chance, named points, deadlines, the demo's cloud, the stores of secrets.

    Production has the defaults.
    """

    clock: Clock = field(default_factory=SystemClock)
    jitter: Callable[[], float] = random.random
    points: Points | None = None
    timing: Timing | None = None
    timeouts: Timeouts | None = None
    demo: SimulatedCloud | None = None
    vault: Vault | None = None
    host: Host | None = None
    """The machine this runs on, which is never stopped; None: find out."""


class Workspace:
    """One run of the program in one place. Close it when the run ends."""

    def __init__(
        self,
        options: Options,
        environ: MutableMapping[str, str],
        paths: Paths,
        settings: Settings,
        wiring: Wiring,
        *,
        identity: Identity | None = None,
    ) -> None:
        self.options = options
        self.settings = settings
        self.paths = paths
        self.core = Core()
        self.clock = wiring.clock
        self._wiring = wiring
        self._environ = environ
        self.accounts = Accounts(environ, paths, settings, demo=options.demo, vault=wiring.vault)
        self._connector = Connector(self.accounts, options, wiring, self.core, given=identity)
        self._exports: Exports | None = None
        self._opening = asyncio.Lock()

    @classmethod
    def open(
        cls,
        options: Options,
        environ: MutableMapping[str, str],
        wiring: Wiring | None = None,
        *,
        identity: Identity | None = None,
        in_flight: int | None = None,
    ) -> Workspace:
        """Read paths and settings; nothing is asked of the network, the keyring or the journal yet.

        `identity` and `in_flight` come from another process that has chosen them already.

        Raises:
            ConfigFailure: the configuration cannot be used.
        """
        from evs_tui.config.paths import Paths
        from evs_tui.config.settings import Settings, load_settings

        paths = Paths.of(environ)
        settings = Settings() if options.demo else load_settings(paths, environ)
        if in_flight is not None:
            settings = replace(settings, in_flight=in_flight)
        return cls(options, environ, paths, settings, wiring or Wiring(), identity=identity)

    def close(self, timeout: float | None = None) -> None:
        """End in order: no new announcements, announced calls are awaited, locks released. See `Core.close`."""
        self.core.close(timeout)

    # Who, and where

    async def connect(self) -> Context:
        """Sign in, once; afterwards the same answer at once.

        Raises:
            SecretNeeded: the secret of the chosen profile is not at hand; `accounts.give` takes it.
            ConfigFailure, CloudError: there is no way in, in words.
        """
        return (await self._connector.connected()).context

    async def sign_in_again(self, wanted: Wanted | None = None) -> Context:
        """Sign in anew: with a secret given meanwhile, or as somebody else, or elsewhere; the new context.

        Exports of the place before are still watched. If this fails, the run stays where it was.

        Raises:
            SecretNeeded, ConfigFailure, CloudError: there is no way in, in words.
        """
        connection = await self._connector.sign_in_again(wanted)
        async with self._opening:
            if self._exports is not None:
                self._exports.attach(connection.place, connection.services)
        return connection.context

    async def sign_in_with(self, profile: Profile, secrets: Mapping[str, Secret]) -> Context:
        """Sign in with a profile that may be new or changed; once that worked, keep it. The first one is the default.

        Without `secrets` what is kept for the profile is used. If this fails, nothing was kept and the run stays where
        it was; what is raised is told by `sign_in_again` and `Accounts.save`.
        """
        from evs_tui.credentials.stores.deadline import aside

        accounts = self.accounts
        with accounts.trying(profile, secrets):
            context = await self.sign_in_again(Wanted(profile.name))
        first = len(accounts.profiles) == 1
        await aside(lambda: accounts.save(profile, default=first))
        return context

    async def store_state(self, place: SecretPlace) -> StoreState:
        """Whether secrets can be kept there now."""
        from evs_tui.credentials.stores.deadline import aside

        return await aside(lambda: self.accounts.store_state(place))

    async def unlock_file(self, passphrase: Secret) -> None:
        """Open the encrypted file, or make a new one with this passphrase.

        Raises:
            StoreFailure: it does not open.
        """
        from evs_tui.credentials.stores.deadline import aside

        if (file := self.accounts.vault.file) is not None:
            await aside(lambda: file.unlock(passphrase))

    async def projects(self) -> Sequence[Project]:
        """The projects that whoever is signed in may work in."""
        return await (await self._connector.connected()).services.projects()

    async def check_connection(self, wanted: Wanted) -> AsyncIterator[Check]:
        """Try to sign in step by step, in a session of its own; each check as soon as it is made.

        Raises:
            SecretNeeded, ConfigFailure: there is nothing to try.
        """
        from evs_tui.checks.signing_in import connection_checks

        identity, session = await self._connector.apart(wanted)
        async for check in connection_checks(identity, session, simulated=self.options.demo):
            yield check

    async def check_profile(self, profile: Profile, secrets: Mapping[str, Secret]) -> AsyncIterator[Check]:
        """The same for a profile that may be new or changed, and is kept as little as its secret.

        Raises:
            SecretNeeded, ConfigFailure: there is nothing to try.
        """
        from evs_tui.checks.signing_in import connection_checks

        with self.accounts.lent(profile, secrets):
            identity, session = await self._connector.apart(Wanted(profile.name))
        async for check in connection_checks(identity, session, simulated=self.options.demo):
            yield check

    async def prepare(self, wanted: Wanted) -> None:
        """Make sure that the identity of `wanted` is complete. Nothing is asked of the network.

        Raises:
            SecretNeeded, ConfigFailure: it is not.
        """
        await self._connector.apart(wanted)

    async def give_passcode(self, passcode: Secret) -> None:
        """A person's answer to `PasscodeNeeded`: the next sign-in sends it, once; it is kept nowhere."""
        self._connector.give_passcode(passcode)

    @property
    def clock_difference(self) -> float | None:
        """The cloud's time minus this machine's in seconds, by the newest answer; None before there was one."""
        session = self._connector.session
        return None if session is None else session.clock_difference

    async def dialect(self) -> Dialect:
        """What the cloud of this run can do."""
        return (await self._connector.connected()).dialect

    async def identity(self) -> Identity:
        """Who is signed in, with what."""
        return (await self._connector.connected()).session.identity

    async def place(self) -> Place:
        """The place of this run."""
        return (await self._connector.connected()).place

    # Volumes and servers

    async def volume_pages(self, after: str | None = None) -> AsyncIterator[Page[Volume]]:
        """Every volume of the project, page by page as they arrive; with `after` those that follow that marker."""
        connection = await self._connector.connected()
        async for page in connection.services.volumes(after):
            yield page

    async def volumes_again(self, volume_ids: Sequence[str]) -> tuple[Mapping[str, Volume], frozenset[str]]:
        """These volumes as they are now, and the ids of those that are gone.

        Raises:
            CloudError: they could not be asked for.
        """
        return await (await self._connector.connected()).services.read_again(volume_ids)

    async def server_pages(self) -> AsyncIterator[Page[Server]]:
        """Every server of the project, page by page. Clouds without a compute service give none."""
        connection = await self._connector.connected()
        async for page in connection.services.servers():
            yield page

    async def image_pages(self) -> AsyncIterator[Page[Image]]:
        """Every private image of the project, page by page; also those that exports make and the list still hides."""
        from evs_tui.lists.reading import private_images

        connection = await self._connector.connected()
        here = connection.place
        async for page in private_images(connection.services, here, await self._known_jobs()):
            yield page

    async def _known_jobs(self) -> Sequence[Job]:
        """The open jobs, as far as the journal can be read: a list of images must not fail for it."""
        try:
            return await (await self.exports()).jobs() if self._exports is not None else await self.recorded_jobs()
        except RefusedFailure:
            return ()

    # What was asked of the cloud

    async def recent_calls(self) -> tuple[Call, ...]:
        """The last calls of this run, oldest first; none before anybody signed in."""
        session = self._connector.session
        return () if session is None else tuple(session.ring)

    async def write_calls(self, calls: Sequence[Call]) -> Path:
        """Write what may leave the program of these calls to a file beside the journal; its path.

        Raises:
            Failure: this is the demo, or the directory cannot be written.
        """
        import json

        from evs_tui.files import write_private
        from evs_tui.lists.calls import call_document

        if self.options.demo:
            raise RefusedFailure("Nothing was written", "the demo leaves no file behind")
        path = self.paths.ready_state_dir() / f"calls-{self.clock.now():%Y%m%d-%H%M%S}.json"
        document = {"schema": 1, "calls": [call_document(call) for call in calls]}
        write_private(path, json.dumps(document, indent=2).encode() + b"\n")
        return path

    # Exports

    async def exports(self) -> Exports:
        """The export engine, attached to this run's place; opens the journal at the first call.

        Raises:
            RefusedFailure: the journal cannot be used, so nothing may be exported.
        """
        connection = await self._connector.connected()
        async with self._opening:
            if self._exports is None:
                self._exports = await self._open_exports(connection)
            return self._exports

    async def _open_exports(self, connection: Connection) -> Exports:
        from evs_tui.exports.service import open_exports
        from evs_tui.exports.timing import Limits

        exports = await open_exports(
            None if self.options.demo else self.paths,
            clock=self._wiring.clock,
            jitter=self._wiring.jitter,
            points=self._wiring.points,
            timing=self.timing,
            limits=Limits(in_flight=self.settings.in_flight),
        )
        if self.settings.finish.hook:
            await self._tell_by_hook(exports)
        else:
            self.core.on_close(exports.close)
        exports.attach(connection.place, connection.services)
        await exports.start()
        return exports

    @property
    def timing(self) -> Timing:
        """The waits of the engine."""
        from evs_tui.exports.timing import Timing

        return self._wiring.timing or Timing(stop_patience=60.0 * self.settings.stop_minutes)

    async def _tell_by_hook(self, exports: Exports) -> None:
        """Have the user's command run for each export that ends."""
        from evs_tui.exports.document import job_document
        from evs_tui.exports.hook import Hook

        hook = Hook(self.settings.finish.hook, self._environ)

        async def close() -> None:
            # What ends while the engine closes is told too.
            await exports.close()
            await asyncio.to_thread(hook.close)

        self.core.on_close(close)
        await exports.tell_ends(lambda job: hook.start(job_document(job, self.clock.now(), full=True)))

    async def recorded_jobs(self) -> Sequence[Job]:
        """The open and the lately ended jobs as the journal has them, without a session; none in the demo.

        Raises:
            RefusedFailure: the journal cannot be read.
        """
        from evs_tui.exports.service import read_jobs

        if self.options.demo:
            return ()
        return await asyncio.to_thread(read_jobs, self.paths.journal, False, owners_dir=self.paths.owners)

    async def volume_with_servers(self, volume_id: str) -> tuple[Volume, Mapping[str, Server | None]]:
        """One volume as it is now, and the servers it is attached to. See `planning.volume_with_servers`."""
        from evs_tui.exports.planning import volume_with_servers

        return await volume_with_servers(volume_id, (await self._connector.connected()).services)

    async def plan(self, volume_ids: Sequence[str], choices: Choices) -> Plan:
        """What exporting these volumes would do, from facts read now. Nothing is changed.

        Raises:
            CloudError: a fact could not be read.
            RefusedFailure: the journal cannot be used.
        """
        from evs_tui.exports.checking import with_checks
        from evs_tui.exports.host import Host
        from evs_tui.exports.planning import gather_and_plan
        from evs_tui.exports.preflight import SessionFacts

        connection = await self._connector.connected()
        exports = await self.exports()
        session = connection.session
        signed_in = await session.sign_in()
        host = self._wiring.host
        if host is None:
            host = await asyncio.to_thread(Host.here)
        plan = await gather_and_plan(
            volume_ids,
            choices,
            dialect=connection.dialect,
            cloud=connection.services,
            history=exports,
            place=connection.place,
            clock=self.clock,
            host=host,
            stop_patience_s=self.timing.stop_patience,
        )
        return await with_checks(
            plan,
            dialect=connection.dialect,
            cloud=connection.services,
            record=exports,
            place=connection.place,
            session=SessionFacts(signed_in.roles, session.renewable, session.token_seconds_left),
            at_once=self.settings.in_flight,
        )

    async def read_only_refusal(self, what: str) -> RefusedFailure | None:
        """Why nothing may be changed from here, by option or by profile; None where it may. `what` did not happen.

        The session refuses by itself, too: this is for saying it before anybody is asked anything.
        """
        if self.options.read_only:
            return RefusedFailure(what, "this run is read-only", "leave out --read-only to do it")
        context = (await self._connector.connected()).context
        if not context.read_only:
            return None
        why = f"the profile {context.profile} is read-only"
        return RefusedFailure(what, why, "set its read_only to false in config.toml, or use another profile")

    async def submit(self, plan: Plan) -> str:
        """Carry out a reviewed plan; returns the run's id once it stands in the journal.

        Raises:
            RefusedFailure: read-only, nothing to do, journal unusable, or a volume is already being exported.
        """
        refusal = await self.read_only_refusal("Nothing was exported")
        if refusal is not None:
            raise refusal
        connection = await self._connector.connected()
        exports = await self.exports()
        return await exports.submit(plan, connection.place)

    async def write_receipt(self, job_id: str) -> Path:
        """Write the receipt of a succeeded job beside the journal, as JSON and Markdown; the path of the latter.

        Raises:
            Failure: there is no such job, it has no receipt yet, or the directory cannot be written.
        """
        from evs_tui.exports.receipt import write_receipt

        if self.options.demo:
            raise RefusedFailure("No receipt was written", "the demo leaves no file behind", "y copies the image's id")
        exports = await self.exports()
        await exports.receipt(job_id)
        return write_receipt(self.paths.receipts, await exports.job(job_id))[1]

    async def write_history(self, jobs: Sequence[Job], form: str) -> Path:
        """Write `jobs` into a new file beside the journal, as `csv` or `json`; its path.

        Raises:
            Failure: the demo writes nothing, or the directory cannot be written.
        """
        from evs_tui.exports.history import write_history

        if self.options.demo:
            raise RefusedFailure("Nothing was written", "the demo leaves no file behind")
        return await asyncio.to_thread(write_history, self.paths.history, jobs, self.clock.now(), form)
