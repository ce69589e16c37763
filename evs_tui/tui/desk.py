"""What the screens share: who is signed in, the volumes as they come, the servers, the jobs. It knows no widget."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from evs_tui.core import CoreClosed
from evs_tui.exports.as_command import Destination
from evs_tui.failure import Failure
from evs_tui.tui.image_shelf import ImageShelf
from evs_tui.tui.marks import MarkedIds
from evs_tui.tui.volume_shelf import Reading, VolumeShelf

if TYPE_CHECKING:
    from pathlib import Path

    from evs_tui.background.offer import Offer
    from evs_tui.checks.check import Check
    from evs_tui.cloud.dialects import Dialect
    from evs_tui.cloud.models import Project, Server
    from evs_tui.config.profiles import Profile, SecretPlace
    from evs_tui.credentials.stores.store import StoreState
    from evs_tui.exports.model import Choices, Job, Place, Plan
    from evs_tui.secret import Secret
    from evs_tui.volumes.listing import VolumeListing
    from evs_tui.workspace import Context, Workspace

Topic = Literal["place", "connection", "volumes", "rows", "jobs", "images"]
"""What changed: who is signed in; which volumes there are; how some of them look; the jobs; the images."""


@runtime_checkable
class Follower(Protocol):
    """A screen that is told of changes."""

    def desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:
        """Show what changed."""


class Desk:
    """The state that every screen looks at, and the questions that they ask of the core.

    `changed` is called with what changed; it runs on the screens' loop, as does everything here.
    """

    def __init__(self, workspace: Workspace, changed: Callable[[Topic, frozenset[str]], None]) -> None:
        self.workspace = workspace
        self.context: Context | None = None
        self.dialect: Dialect | None = None
        self.place: Place | None = None
        self.failure: Failure | None = None
        self.jobs: Sequence[Job] = ()
        self.exports_failure: Failure | None = None
        self.images = ImageShelf(workspace, self._images_changed)
        self.marks = MarkedIds()
        self.volumes = VolumeShelf(workspace, self.marks, changed)
        self._changed = changed

    @property
    def servers(self) -> Mapping[str, Server | None]:
        """See `VolumeShelf.servers`."""
        return self.volumes.servers

    @property
    def listing(self) -> VolumeListing | None:
        """The volumes; None before the place is known."""
        return self.volumes.listing

    @property
    def reading(self) -> Reading:
        """How far the reading of the volumes is."""
        return self.volumes.reading

    @property
    def open_exports(self) -> frozenset[str]:
        """The volumes of this project that a job of ours is exporting."""
        here = None if self.place is None else self.place.project_id
        return frozenset(job.volume.id for job in self.jobs if job.outcome is None and job.place.project_id == here)

    @property
    def now(self) -> datetime:
        """The present moment, UTC."""
        return self.workspace.clock.now()

    async def connect(self) -> bool:
        """Sign in; whether it worked. `failure` says why not."""
        self.failure = None
        self._changed("connection", frozenset())
        core, workspace = self.workspace.core, self.workspace
        try:
            self.context = await core.ask(workspace.connect)
            self.dialect = await core.ask(workspace.dialect)
            self.place = await core.ask(workspace.place)
        except CoreClosed:
            return False
        except Failure as failure:
            self.failure = failure
            await self._read_recorded_jobs()
        else:
            self.volumes.open(self.dialect)
        self._changed("connection", frozenset())
        return self.failure is None

    async def sign_in_as(self, profile: Profile, secrets: Mapping[str, Secret]) -> None:
        """Sign in with a profile, keep it once that worked, and forget everything that belonged to the place before.

        Raises:
            Failure: there is no way in, and everything stays as it was; or it could not be kept, in words.
        """
        core, workspace = self.workspace.core, self.workspace
        self.context = await core.ask(workspace.sign_in_with, profile, secrets)
        self.dialect = await core.ask(workspace.dialect)
        self.place = await core.ask(workspace.place)
        self.failure, self.exports_failure = None, None
        self.marks.drop(self.marks.ids)
        self.jobs = ()
        self.images = ImageShelf(workspace, self._images_changed)
        self.volumes = VolumeShelf(workspace, self.marks, self._changed)
        self.volumes.open(self.dialect)
        self._changed("place", frozenset())

    def checks(self, profile: Profile, secrets: Mapping[str, Secret]) -> AsyncIterator[Check]:
        """Try a profile step by step; see `Workspace.check_profile`."""
        return self.workspace.core.stream(self.workspace.check_profile, profile, secrets)

    async def store_state(self, place: SecretPlace) -> StoreState:
        """Whether secrets can be kept there now."""
        return await self.workspace.core.ask(self.workspace.store_state, place)

    async def unlock_file(self, passphrase: Secret) -> None:
        """Open the encrypted file. Raises a `Failure` where it does not open."""
        await self.workspace.core.ask(self.workspace.unlock_file, passphrase)

    async def projects(self) -> Sequence[Project]:
        """The projects of whoever is signed in."""
        return await self.workspace.core.ask(self.workspace.projects)

    async def give_passcode(self, passcode: Secret) -> None:
        """See `Workspace.give_passcode`."""
        await self.workspace.core.ask(self.workspace.give_passcode, passcode)

    async def _read_recorded_jobs(self) -> None:
        """What the journal alone tells, for when nobody is signed in."""
        try:
            self.jobs = await self.workspace.core.ask(self.workspace.recorded_jobs)
        except CoreClosed:
            return
        except Failure as failure:
            self.exports_failure = failure
        self._changed("jobs", frozenset())

    async def read_volumes(self) -> None:
        """See `VolumeShelf.read`."""
        await self.volumes.read()

    async def read_beside_volumes(self) -> None:
        """Read what is joined with the volumes: their servers, and when they were last exported."""
        await self.volumes.read_servers()
        await self.images.read(self.jobs)

    def _images_changed(self) -> None:
        if not self.images.is_reading:
            self.volumes.take_exported(self.images.last_exports, self.images.failure)
        self._changed("images", frozenset())

    async def follow_jobs(self) -> None:
        """Read the jobs now and at every change, until the core ends."""
        core, workspace = self.workspace.core, self.workspace
        try:
            exports = await core.ask(workspace.exports)
            await self._read_jobs()
            async for _ in core.stream(exports.changes):
                await self._read_jobs()
        except CoreClosed:
            return
        except Failure as failure:
            self.exports_failure = failure
            self._changed("jobs", frozenset())

    async def _read_jobs(self) -> None:
        exports = await self.workspace.core.ask(self.workspace.exports)
        self.exports_failure = exports.problem
        self.jobs = await self.workspace.core.ask(exports.jobs)
        self._changed("jobs", frozenset())
        if self.place is not None:
            before = self.volumes.exporting
            self.volumes.jobs_changed(self.jobs, self.place, self.open_exports)
            # Our watcher follows a disk only to the end of its export; how it is afterwards is asked here.
            await self.volumes.read_again(sorted(before - self.open_exports))

    def hidden(self, volume_ids: Collection[str]) -> int:
        """How many of these volumes the filter hides."""
        listing = self.listing
        if listing is None or listing.filter.is_empty:
            return 0
        return len(set(volume_ids) - {listing.id_of(number) for number in listing.view})

    @property
    def destination(self) -> Destination:
        """Where exports are sent, and the options of a command line that goes there too."""
        context = self.context
        return Destination("" if context is None else context.export_url, self.workspace.options.words)

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be changed from here."""
        return self.workspace.options.read_only or (self.context is not None and self.context.read_only)

    async def plan(self, volume_ids: Sequence[str], choices: Choices) -> Plan:
        """See `Workspace.plan`."""
        return await self.workspace.core.ask(self.workspace.plan, volume_ids, choices)

    async def background_offer(self) -> Offer:
        """See `background.offer`."""
        from evs_tui.background.offer import offer

        return await self.workspace.core.ask(offer, self.workspace, dict(os.environ))

    async def submit_in_background(self, plan: Plan) -> str:
        """See `background.handing.submit_in_background`; the run's id."""
        from evs_tui.background.handing import submit_in_background

        return (await self.workspace.core.ask(submit_in_background, self.workspace, plan)).run_id

    async def submit(self, plan: Plan) -> str:
        """See `Workspace.submit`."""
        return await self.workspace.core.ask(self.workspace.submit, plan)

    async def job(self, job_id: str) -> Job:
        """One job with its timeline."""
        exports = await self.workspace.core.ask(self.workspace.exports)
        return await self.workspace.core.ask(exports.job, job_id)

    async def write_receipt(self, job_id: str) -> Path:
        """Write the receipt of a job to a file of its own; where."""
        return await self.workspace.core.ask(self.workspace.write_receipt, job_id)

    async def history(self) -> Sequence[Job]:
        """Every job ever, oldest first."""
        exports = await self.workspace.core.ask(self.workspace.exports)
        return await self.workspace.core.ask(exports.jobs, everything=True)

    async def write_history(self, jobs: Sequence[Job], form: str) -> Path:
        """Write jobs to a file as `csv` or `json`; where."""
        return await self.workspace.core.ask(self.workspace.write_history, jobs, form)

    @property
    def running(self) -> int:
        """How many jobs go on."""
        return sum(1 for job in self.jobs if job.is_open)

    @property
    def need_you(self) -> int:
        """How many jobs wait for a person."""
        return sum(1 for job in self.jobs if job.attention)
