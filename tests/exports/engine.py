"""An engine under a fake clock, on a journal that answers at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evs_tui.cloud.answers import Answer
from evs_tui.exports.journal import Journal
from evs_tui.exports.model import Job, Place
from evs_tui.exports.owners import Machine
from evs_tui.exports.service import Exports
from evs_tui.exports.timing import Limits, Timing
from tests.exports.quiet_clock import QuietClock
from tests.exports.scripted import PLACE, Inline, PointsAt, ScriptedCloud, plan_of, volume

HERE = Machine("here", "boot-1")


@dataclass
class Engine:
    """One process's engine. Several may share a journal file, a clock and a cloud."""

    cloud: ScriptedCloud = field(default_factory=lambda: ScriptedCloud().add(volume()))
    clock: QuietClock = field(default_factory=QuietClock)
    points: PointsAt = field(default_factory=PointsAt)
    timing: Timing = field(default_factory=lambda: Timing(feed_gap=600.0, poll_unseen=1.0))
    limits: Limits = field(default_factory=Limits)
    directory: Path | None = None
    machine: Machine = HERE
    place: Place = PLACE

    def __post_init__(self) -> None:
        if self.directory is None:
            self.journal = Journal.in_memory(executor=Inline())
        else:
            self.journal = Journal.open(self.directory / "journal.sqlite3", executor=Inline())
        self.exports = Exports(
            self.journal,
            None if self.directory is None else self.directory / "owners",
            clock=self.clock,
            jitter=lambda: 0.5,
            points=self.points,
            timing=self.timing,
            limits=self.limits,
            machine=self.machine,
        )

    async def begin(self) -> Engine:
        self.exports.attach(self.place, self.cloud)
        await self.exports.start()
        return self

    async def submit(self, *volume_ids: str, names: dict[str, str] | None = None, force: bool = False) -> str:
        """Submit a plan for these volumes as they stand; the first job's id, after the first request went out."""
        plan = plan_of(*(self.cloud.volumes[item] for item in volume_ids or ("v1",)), names=names, force=force)
        run_id = await self.exports.submit(plan, self.place)
        await self.clock.advance(0)
        return (await self.exports.jobs(run_id=run_id))[0].id

    async def job(self, job_id: str) -> Job:
        return await self.exports.job(job_id)

    async def only(self) -> Job:
        (job,) = await self.exports.jobs(everything=True)
        return await self.exports.job(job.id)

    def answer(self, answer: Answer | Callable[[ScriptedCloud, str, str], Answer]) -> None:
        """What the cloud answers to every export from now on."""
        self.cloud.upload = answer if callable(answer) else lambda *_: answer

    async def kill(self) -> None:
        """End as a killed process does: nothing more is done or written, the kernel frees the lock."""
        exports = self.exports
        tasks: list[asyncio.Task[Any]] = [*exports._background]
        for attachment in exports._attachments.values():
            tasks += attachment._tasks
        own = exports._own_runs
        if own._runner is not None and own._sending is not None:
            tasks += [*own._runner._tasks.values(), *own._sending._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if own._owner is not None and own._owner._descriptor is not None:
            os.close(own._owner._descriptor)
            own._owner._descriptor = None
        own._runner = own._owner = own._sending = None
        exports._attachments.clear()
