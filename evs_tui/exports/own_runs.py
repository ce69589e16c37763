"""The runs that this process carries out: its lock, its sender, its runner. Made when they are first needed."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from evs_tui.clock import Clock
from evs_tui.exports.attention import Unrecorded
from evs_tui.exports.book import Book
from evs_tui.exports.entry import Entry, Hold
from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.model import Place, Plan
from evs_tui.exports.owners import Machine, Owner, OwnerFacts, sweep
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import run_row
from evs_tui.exports.records import RunRow
from evs_tui.exports.runner import Runner
from evs_tui.exports.runs import leave, lock_files_in_use, owned_runs, record_owner, record_run
from evs_tui.exports.sending import Sending
from evs_tui.exports.timing import Limits, Timing


class OwnRuns:
    """This process as an owner."""

    def __init__(
        self,
        book: Book,
        owners_dir: Path | None,
        machine: Machine,
        clouds: Mapping[str, Cloud],
        *,
        clock: Clock,
        jitter: Callable[[], float],
        points: Points,
        timing: Timing,
        limits: Limits,
    ) -> None:
        self._book = book
        self._owners_dir = owners_dir
        self._machine = machine
        self._clouds = clouds
        self._clock = clock
        self._jitter = jitter
        self._points = points
        self._timing = timing
        self._limits = limits
        self._opening = asyncio.Lock()
        self._closed = False
        self._owner: Owner | None = None
        self._sending: Sending | None = None
        self._runner: Runner | None = None
        self._handed: set[str] = set()

    @property
    def owner_id(self) -> str | None:
        """This process's id as an owner; None while it owned nothing yet."""
        return None if self._owner is None else self._owner.facts.id

    @property
    def unrecorded(self) -> dict[str, Unrecorded]:
        """What is known here of jobs and the journal could not take."""
        return {} if self._sending is None else self._sending.unrecorded

    def claimed_images(self) -> frozenset[str]:
        """Images of answers that are not recorded yet."""
        return frozenset(item.image_id for item in self.unrecorded.values() if item.image_id is not None)

    def is_carrying_out(self, run_id: str) -> bool:
        """Whether this process is at work on the run."""
        return self._runner is not None and self._runner.is_carrying_out(run_id)

    async def submit(self, plan: Plan, place: Place) -> str:
        """Record a plan as a run of ours and begin with it; the run's id.

        Raises:
            RefusedFailure: a volume has an open export, or the journal or the locks cannot be used.
        """
        facts, runner = await self._ready()
        hold = await self._book.enter(lambda entry: record_run(entry, plan, place, facts))
        self._points.reach("run-inserted")
        runner.carry_out(hold, place.id)
        return hold.run_id

    async def enrol(self) -> OwnerFacts:
        """Hold the lock and be known, before there is a run to carry out.

        Raises:
            RefusedFailure: the journal or the locks cannot be used.
        """
        return (await self._ready())[0]

    async def begin_handed(self) -> list[str]:
        """Begin with the runs that another process recorded as ours; the ids of all runs of ours."""
        if self._runner is None:
            return []
        runs = await self._book.read(self._own_rows)
        for run in runs:
            if not self._runner.is_carrying_out(run.id) and run.id not in self._handed:
                self._handed.add(run.id)
                self._runner.carry_out(Hold(run.id, str(self.owner_id), run.epoch), run.place.id)
        return [run.id for run in runs]

    async def take(self, claim: Callable[[Entry, OwnerFacts], Hold | None], place_id: str) -> None:
        """Go on with a run that `claim` makes ours, if it does.

        Raises:
            RefusedFailure: `claim` says no, or the journal or the locks cannot be used.
        """
        facts, runner = await self._ready()
        hold = await self._book.enter(lambda entry: claim(entry, facts))
        if hold is not None:
            runner.carry_out(hold, place_id)

    async def close(self) -> None:
        """Announce nothing more, wait for what was announced, leave our runs, release the lock."""
        self._closed = True
        async with self._opening:
            if self._runner is not None:
                await self._runner.close()
            if self._owner is not None:
                # If the journal cannot take it, the free lock says the same to the next start.
                with contextlib.suppress(JournalFailure):
                    if await self._book.read(self._own):
                        await self._book.enter(self._leave)
                self._owner.release()

    async def _ready(self) -> tuple[OwnerFacts, Runner]:
        async with self._opening:
            if self._closed:
                raise JournalFailure("Nothing was exported", "evs-tui is ending")
            if self._runner is None or self._owner is None:
                self._owner, self._sending, self._runner = await self._open()
            return self._owner.facts, self._runner

    async def _open(self) -> tuple[Owner, Sending, Runner]:
        # On the journal's thread, where a slow file system keeps nobody waiting.
        owner = await self._book.read(lambda _: Owner.claim(self._owners_dir, self._machine))
        try:
            await self._book.enter(lambda entry: self._enrol(entry, owner))
        except BaseException:
            owner.release()
            raise
        sending = Sending(
            self._book, owner, clock=self._clock, points=self._points, timing=self._timing, limits=self._limits
        )
        runner = Runner(
            self._book,
            sending,
            self._clouds,
            clock=self._clock,
            jitter=self._jitter,
            timing=self._timing,
            limits=self._limits,
        )
        return owner, sending, runner

    def _enrol(self, entry: Entry, owner: Owner) -> None:
        record_owner(entry, owner.facts)
        if self._owners_dir is not None:
            in_use = lock_files_in_use(entry.connection) | {owner.facts.lock_file}
            sweep(self._owners_dir, lambda name: name in in_use)

    def _own(self, connection: sqlite3.Connection) -> list[str]:
        return owned_runs(connection, owner_id=self.owner_id)

    def _own_rows(self, connection: sqlite3.Connection) -> list[RunRow]:
        runs = (run_row(connection, run_id) for run_id in self._own(connection))
        return [run for run in runs if run is not None]

    def _leave(self, entry: Entry) -> None:
        for run_id in self._own(entry.connection):
            run = run_row(entry.connection, run_id)
            if run is not None:
                leave(entry, run_id, run.epoch)
