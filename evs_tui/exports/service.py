"""What both faces call. Every async method runs on the core's loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evs_tui.clock import Clock, SystemClock
from evs_tui.exports.attachment import Attachment
from evs_tui.exports.book import Book
from evs_tui.exports.changes import Changes
from evs_tui.exports.custody import Custody
from evs_tui.exports.deeds import Deeds
from evs_tui.exports.endings import Endings
from evs_tui.exports.entry import Entry
from evs_tui.exports.jobs import list_jobs, one_job
from evs_tui.exports.journal import Journal
from evs_tui.exports.model import Choices, Job, Place, Plan
from evs_tui.exports.own_runs import OwnRuns
from evs_tui.exports.owners import Liveness, Machine
from evs_tui.exports.ports import Cloud, JournalPaths, NoPoints, Points
from evs_tui.exports.queries import open_counts, open_volume_ids, owner_row, past_exports, succeeded_images
from evs_tui.exports.runs import record_run
from evs_tui.exports.timing import Limits, Timing
from evs_tui.exports.waiting import Standing
from evs_tui.failure import Failure, RefusedFailure

_OWNERS_CHECK_S = 30.0


class Exports:
    """The export engine: takes reviewed plans, carries them out, watches, and tells what it knows."""

    def __init__(
        self,
        journal: Journal,
        owners_dir: Path | None,
        *,
        clock: Clock,
        jitter: Callable[[], float],
        points: Points | None = None,
        timing: Timing | None = None,
        limits: Limits | None = None,
        machine: Machine | None = None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._jitter = jitter
        self._points = points or NoPoints()
        self._timing = timing or Timing()
        machine = machine or Machine.here()
        self._liveness = Liveness(owners_dir, machine)
        self._changes = Changes(journal, clock, self._timing.feed_gap)
        self._book = Book(journal, clock, machine.boot_id, self._changes)
        self._clouds: dict[str, Cloud] = {}
        self._attachments: dict[str, Attachment] = {}
        self._own_runs = OwnRuns(
            self._book,
            owners_dir,
            machine,
            self._clouds,
            clock=clock,
            jitter=jitter,
            points=self._points,
            timing=self._timing,
            limits=limits or Limits(),
        )
        self._deeds = Deeds(self._book, self._own_runs, self._liveness, clock, self._attachments.get)
        self._standing = Standing(self._book, self._own_runs, self._liveness, self._attachments, self._timing)
        self._endings: Endings | None = None
        self._started = False
        self._background: set[asyncio.Task[None]] = set()

    @property
    def problem(self) -> Failure | None:
        """Why no export can be started here (the journal cannot be used), or None."""
        return self._journal.problem

    def attach(self, place: Place, cloud: Cloud) -> None:
        """Use `cloud`, signed in at `place`, for that place's jobs: recover, look, watch. Call on the core's loop."""
        self.detach(place.id)
        self._clouds[place.id] = cloud
        self._attachments[place.id] = Attachment(
            place,
            cloud,
            self._book,
            clock=self._clock,
            jitter=self._jitter,
            points=self._points,
            timing=self._timing,
            custody=Custody(self._liveness, lambda: self._own_runs.owner_id),
            liveness=self._liveness,
            claimed_here=self._own_runs.claimed_images,
        )
        if self._started:
            self._attachments[place.id].begin()
            self._changes.touch()

    def detach(self, place_id: str) -> None:
        """No longer use the session of this place: its jobs are not watched until the next `attach`."""
        self._clouds.pop(place_id, None)
        attachment = self._attachments.pop(place_id, None)
        if attachment is not None and self._started:
            self._begin(attachment.end())

    async def start(self) -> None:
        """Begin to recover, look and watch in the attached places. Nothing is sent by this."""
        if not self._started:
            self._started = True
            self._begin(self._changes.watch_others())
            for attachment in self._attachments.values():
                attachment.begin()

    async def tell_ends(self, tell: Callable[[Job], None]) -> None:
        """Call `tell` with each export that ends from now on, whichever process sees it, once over all of them."""
        self._endings = Endings(self._book, self._liveness, tell)
        await self._endings.catch_up()
        self._begin(self._endings.run())

    async def close(self) -> None:
        """No new announcements, wait for announced calls up to their deadline, stop watching, release the lock."""
        self._started = False
        await self._own_runs.close()
        for attachment in self._attachments.values():
            await attachment.end()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        if self._endings is not None:
            await self._endings.catch_up()
        await asyncio.to_thread(self._journal.close)

    async def submit(self, plan: Plan, place: Place) -> str:
        """Record the plan as a run and begin to carry it out; the run's id.

        Raises:
            RefusedFailure: nothing was recorded and nothing is sent: the journal cannot be used, the place is
                not attached, the plan has nothing to do or a red check, or a disk has an open export.
        """
        if place.id not in self._clouds:
            raise RefusedFailure("Nothing was exported", "there is no session of that place")
        if not plan.to_do:
            raise RefusedFailure("Nothing was exported", "the plan has no disk that can be exported")
        if plan.refusal is not None:
            raise RefusedFailure("Nothing was exported", plan.refusal.text, plan.refusal.remedy)
        return await self._own_runs.submit(plan, place)

    async def enrol(self) -> str:
        """Hold this process's lock and make it known, so that a run can be handed to it; its id as an owner.

        Raises:
            RefusedFailure: the journal or the locks cannot be used.
        """
        return (await self._own_runs.enrol()).id

    async def hand_over(self, plan: Plan, place: Place, owner_id: str) -> str:
        """Record the plan as a run of another, living process, in one transaction; the run's id.

        Raises:
            RefusedFailure: nothing was recorded: see `submit`; or that process does not hold its lock.
        """
        if not plan.to_do:
            raise RefusedFailure("Nothing was exported", "the plan has no disk that can be exported")
        return await self._book.enter(lambda entry: self._record_for(entry, plan, place, owner_id))

    def _record_for(self, entry: Entry, plan: Plan, place: Place, owner_id: str) -> str:
        owner = owner_row(entry.connection, owner_id)
        if owner is None or self._liveness(owner) is not True:
            raise RefusedFailure("Nothing was exported", "the process in the background ended before it began")
        return record_run(entry, plan, place, owner, background=True).run_id

    async def begin_handed(self) -> list[str]:
        """Begin with runs that another process handed to this one; the ids of all its runs that are not through."""
        return await self._own_runs.begin_handed()

    async def jobs(self, *, everything: bool = False, run_id: str | None = None) -> list[Job]:
        """Open jobs and those that ended in the last 24 hours, or all, or those of one run; oldest first.

        Raises:
            JournalFailure: the journal cannot be read.
        """
        now, unrecorded = self._clock.now(), dict(self._own_runs.unrecorded)
        return await self._book.read(
            lambda connection: list_jobs(
                connection, now, self._liveness, everything=everything, run_id=run_id, unrecorded=unrecorded
            )
        )

    async def job(self, prefix: str) -> Job:
        """One job with events and receipt.

        Raises:
            UsageFailure: the ids of none or of several jobs begin with `prefix`.
            JournalFailure: the journal cannot be read.
        """
        now, unrecorded = self._clock.now(), dict(self._own_runs.unrecorded)
        return await self._book.read(
            lambda connection: one_job(connection, prefix, self._liveness, unrecorded=unrecorded, now=now)
        )

    async def cancel(self, job_id: str) -> Job:
        """Take back an export that was not announced yet. `RefusedFailure` if it was."""
        await self._deeds.cancel(job_id)
        return await self.job(job_id)

    async def stop_watching(self, job_id: str) -> Job:
        """Leave an export that the cloud has taken to itself; `resume` watches it again."""
        await self._deeds.stop_watching(job_id)
        return await self.job(job_id)

    async def resolve(self, job_id: str, image_id: str | None) -> Job:
        """Decide what became of an unclear export: this image is its, or (None) it was not taken."""
        await self._deeds.resolve(job_id, image_id)
        return await self.job(job_id)

    async def resume(self, job_id: str, typed: str | None = None) -> Job:
        """Go on with a job whose process ended: send what waits in its run, look at what is unclear, watch again.

        `typed`, the last four characters of its id as a person typed them, is needed where its owner is on another
        host and cannot be asked whether it lives.
        """
        await self._deeds.resume(job_id, typed)
        return await self.job(job_id)

    async def restore(self, job_id: str, typed: str | None = None) -> Job:
        """Have the servers that were stopped for a job started again, as soon as no disk of theirs is uploading.

        What was not sent and needs them off is given up. `RefusedFailure` if no server is stopped by its run. `typed`
        as for `resume`.
        """
        await self._deeds.restore(job_id, typed)
        return await self.job(job_id)

    async def look_now(self, job_id: str) -> Job:
        """Look at an unclear job at once. `CloudError` if the look could not be made."""
        await self._deeds.look_now(job_id)
        return await self.job(job_id)

    async def forget(self, job_id: str) -> None:
        """Remove an ended job from the journal. The cloud is not asked and nothing in it changes."""
        await self._deeds.forget(job_id)

    async def receipt(self, job_id: str) -> Mapping[str, Any]:
        """The receipt of a succeeded job; made from a fresh reading of the image where none was stored."""
        return await self._deeds.receipt(job_id)

    def retry_request(self, job: Job) -> tuple[str, Choices]:
        """The volume id and the choices for a new plan with the same request."""
        asked, stop = job.request, bool(job.stopped)
        return job.volume.id, Choices(
            asked.image_name,
            asked.disk_format,
            asked.container_format,
            os_type=asked.os_type,
            force=asked.force and not stop,
            stop_servers=stop,
            restart_servers=stop and not job.stays_off,
        )

    async def wait_settled(
        self, job_ids: Sequence[str], *, timeout: float | None, submitted_only: bool = False
    ) -> list[Job]:
        """The jobs, when none of them can change by itself any more or `timeout` seconds ran out.

        With `submitted_only`: when each was answered by the cloud, or will not be sent.
        """
        end = None if timeout is None else self._clock.elapsed() + timeout
        while True:
            seen = self._changes.count
            found = await self._book.read(
                lambda connection: self._standing.of(connection, job_ids, submitted_only=submitted_only)
            )
            left = _OWNERS_CHECK_S if end is None else min(_OWNERS_CHECK_S, end - self._clock.elapsed())
            if left <= 0 or not any(open_ for _, open_ in found):
                return [job for job, _ in found]
            await self._changes.wait(seen, left)

    def changes(self) -> AsyncIterator[frozenset[str]]:
        """Ids of jobs that changed, here or in another process, coalesced. The first item, empty, comes at once."""
        return self._changes.feed()

    async def open_volume_ids(self, place: Place) -> frozenset[str]:
        """The volumes of this project that an open job exports."""
        return await self._book.read(lambda connection: open_volume_ids(connection, place))

    async def open_counts(self, place: Place) -> tuple[int, int]:
        """How many exports of this project are under way, and how many wait to be sent."""
        return await self._book.read(lambda connection: open_counts(connection, place))

    async def past_exports(self, place: Place, disk_format: str) -> tuple[tuple[int, int], ...]:
        """The last succeeded exports of this project in this format: seconds they took, and GiB."""
        return await self._book.read(lambda connection: past_exports(connection, place, disk_format))

    async def succeeded_images(self, place: Place, volume_id: str) -> tuple[str, ...]:
        """The ids of the images that succeeded jobs made of this volume, newest first."""
        return await self._book.read(lambda connection: succeeded_images(connection, place, volume_id))

    def _begin(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def open_exports(
    paths: JournalPaths | None,
    *,
    clock: Clock,
    jitter: Callable[[], float],
    points: Points | None = None,
    timing: Timing | None = None,
    limits: Limits | None = None,
) -> Exports:
    """The engine on the journal of `paths`, or (None) on one that leaves nothing behind. Closing it closes the journal.

    Never raises for the state of the journal: see `Exports.problem`.
    """
    machine = Machine.here()
    if paths is None:
        journal = Journal.in_memory()
    else:
        others = Liveness(paths.owners, machine)
        journal = await asyncio.to_thread(Journal.open, paths.journal, others_live=others.any_lock_held)
    return Exports(
        journal,
        None if paths is None else paths.owners,
        clock=clock,
        jitter=jitter,
        points=points,
        timing=timing,
        limits=limits,
        machine=machine,
    )


def read_jobs(journal_path: Path, everything: bool, *, owners_dir: Path | None = None) -> list[Job]:
    """What `Exports.jobs` tells, without a loop, a session or a write. No journal: no jobs.

    Raises:
        JournalFailure: the journal is there and cannot be read.
    """
    journal = Journal.open_to_read(journal_path)
    if journal is None:
        return []
    alive, now = _liveness(journal_path, owners_dir), SystemClock().now()
    try:
        return journal.read_now(lambda connection: list_jobs(connection, now, alive, everything=everything))
    finally:
        journal.close()


def read_job(journal_path: Path, prefix: str, *, owners_dir: Path | None = None) -> Job:
    """What `Exports.job` tells, without a loop, a session or a write.

    Raises:
        UsageFailure: the ids of none or of several jobs begin with `prefix`.
        JournalFailure: the journal is there and cannot be read.
    """
    journal = Journal.open_to_read(journal_path) or Journal.in_memory()
    alive = _liveness(journal_path, owners_dir)
    try:
        return journal.read_now(lambda connection: one_job(connection, prefix, alive, now=SystemClock().now()))
    finally:
        journal.close()


def _liveness(journal_path: Path, owners_dir: Path | None) -> Liveness:
    return Liveness(owners_dir or journal_path.with_name("owners"), Machine.here())
