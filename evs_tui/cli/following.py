"""Waits for jobs, and narrates what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evs_tui.exports.model import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from evs_tui.cli.output import Output
    from evs_tui.exports.service import Exports
    from evs_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait: for the ends of exports or only for the cloud's answers, and at most `timeout` seconds."""

    for_end: bool
    timeout: float | None = None


@dataclass(slots=True)
class Followed:
    """What is known of the followed jobs, also when the waiting was cut short."""

    jobs: dict[str, Job] = field(default_factory=dict)
    timed_out: bool = False


def follow(
    workspace: Workspace,
    jobs: Sequence[Job],
    waiting: Waiting,
    output: Output,
    known: Followed,
    *,
    on_change: Callable[[Job], None] | None = None,
) -> None:
    """Wait for `jobs` as `waiting` says and keep `known` up to date; each change is narrated, and told to `on_change`.

    Raises:
        Failure: the jobs can no longer be followed.
    """
    known.jobs.update((job.id, job) for job in jobs)
    exports = workspace.core.run(workspace.exports)
    began = workspace.clock.elapsed()
    said: dict[str, str] = {}
    for job in workspace.core.iterate(_news, exports, tuple(known.jobs), waiting):
        news = _words(job, output)
        known.jobs[job.id] = job
        if said.get(job.id) != news:
            said[job.id] = news
            output.say(f"{workspace.clock.now().astimezone():%H:%M:%S}  {news}")
            if on_change is not None:
                on_change(job)
    if waiting.timeout is not None:
        known.timed_out = workspace.clock.elapsed() - began >= waiting.timeout


def _words(job: Job, output: Output) -> str:
    phase = f"  {job.phase}" if job.phase else ""
    return f"{job.volume.name or job.volume.id}  {output.symbols.state(job)}{phase}"


async def _news(exports: Exports, job_ids: Sequence[str], waiting: Waiting) -> AsyncIterator[Job]:
    """Each job whenever it changes, and all of them once more at the end. Runs on the core's loop."""
    wanted = frozenset(job_ids)
    changes = exports.changes()
    settled = asyncio.ensure_future(
        exports.wait_settled(job_ids, timeout=waiting.timeout, submitted_only=not waiting.for_end)
    )
    changed = asyncio.ensure_future(_next(changes))
    try:
        for job_id in job_ids:
            yield await exports.job(job_id)
        while not settled.done():
            await asyncio.wait({settled, changed}, return_when=asyncio.FIRST_COMPLETED)
            if changed.done():
                ids = changed.result()
                changed = asyncio.ensure_future(_next(changes))
                for job_id in sorted(ids & wanted):
                    yield await exports.job(job_id)
        for job in settled.result():
            yield job
    finally:
        settled.cancel()
        changed.cancel()
        with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
            await changed


async def _next(changes: AsyncIterator[frozenset[str]]) -> frozenset[str]:
    return await anext(changes)
