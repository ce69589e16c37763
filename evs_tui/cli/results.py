"""What to say at the end about jobs: a table, how each ended, and the command that goes on from there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from evs_tui.cli.review import counted
from evs_tui.cli.symbols import Symbols
from evs_tui.cli.tables import Column, table
from evs_tui.exports.model import Job, JobState, Sign

if TYPE_CHECKING:
    from evs_tui.workspace import Options

_COLUMNS = (
    Column("Job"),
    Column("State"),
    Column("Volume", narrowest=10),
    Column("Now", leaves=1, narrowest=12),
    Column("Elapsed", right=True),
    Column("Image", leaves=3, narrowest=10),
    Column("Image id", leaves=2),
)
_MINUTE = 60
_GOES_ON = {JobState.EXPORTING, JobState.RESTORING}
_NOT_SENT = {JobState.PLANNED, JobState.PREPARING}


def job_table(jobs: Sequence[Job], now: datetime, symbols: Symbols, width: int | None) -> list[str]:
    """The jobs as a table, in the order given."""
    rows = [
        [
            job.id,
            symbols.state(job),
            _name(job),
            job.phase or "-",
            elapsed_text(job.elapsed_s(now)),
            job.request.image_name,
            job.image.id or "-",
        ]
        for job in jobs
    ]
    return table(_COLUMNS, rows, width=width, cut=symbols.cut)


def elapsed_text(seconds: int | None) -> str:
    """`0 min`, `14 min`, `1 h 05 min`; `-` where it is unknown."""
    if seconds is None:
        return "-"
    hours, minutes = divmod(seconds // _MINUTE, _MINUTE)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def ending_lines(jobs: Sequence[Job], symbols: Symbols, options: Options) -> Iterator[str]:
    """How the jobs stand in words: errors with their advice, what needs a person, and what can be done next."""
    for job in jobs:
        yield from trouble_lines(job, symbols)
    # What needs a person has said what to do already.
    yield from next_lines([job for job in jobs if not job.attention], options)


def next_lines(jobs: Sequence[Job], options: Options) -> Iterator[str]:
    """What goes on, what waits, and the commands for it."""
    if options.demo:
        if any(job.is_open for job in jobs):
            yield "These are exports of the demo: they end with it."
        return
    going = [job for job in jobs if job.state in _GOES_ON]
    if going:
        verb = "goes" if len(going) == 1 else "go"
        watch = f"{command('show', going, options)} --watch"
        yield f"{counted(len(going), 'export')} {verb} on in the cloud. To watch: {watch}"
    unclear = [job for job in jobs if job.state in {JobState.UNCLEAR, JobState.SUBMITTING}]
    if unclear:
        verb = "is" if len(unclear) == 1 else "are"
        yield (
            f"{counted(len(unclear), 'export')} {verb} unclear: do not export again. "
            f"To look for the image: {command('show', unclear, options)} --watch"
        )
    waiting = [job for job in jobs if job.state in _NOT_SENT]
    if waiting:
        verb = "was" if len(waiting) == 1 else "were"
        yield (
            f"{counted(len(waiting), 'export')} {verb} not sent. To send: {command('resume', waiting, options)}"
            f"   To drop: {command('cancel', waiting, options)}"
        )


def command(action: str, jobs: Sequence[Job], options: Options) -> str:
    """The command that does `action` to `jobs` in the place of this run."""
    return shlex.join(["evs-tui", "jobs", action, *(job.id for job in jobs), *options.words])


def trouble_lines(job: Job, symbols: Symbols) -> Iterator[str]:
    """What went wrong with a job, and what it needs a person for."""
    if job.last_error is not None and job.state is not JobState.SUCCEEDED:
        error = job.last_error
        yield f"{symbols.state(job)}  {_name(job)}: {error.what}: {error.why}"
        if error.advice:
            yield f"   What to do: {error.advice}"
        facts = (("code", error.code), ("HTTP status", error.http_status), ("request id", error.request_id))
        known = [f"{word} {value}" for word, value in facts if value is not None]
        if known:
            yield f"   From the cloud: {', '.join(known)}"
    yield from attention_lines(job, symbols)


def attention_lines(job: Job, symbols: Symbols) -> Iterator[str]:
    """What a job needs a person for, and what to do about it."""
    for point in job.attention:
        yield f"{symbols.of(Sign.WARN)} {_name(job)}: {point.text}"
        yield f"   What to do: {point.action}"


def _name(job: Job) -> str:
    return job.volume.name or job.volume.id
