"""The rows of the jobs screen: what needs a person first, then what runs, then what ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from evs_tui.exports.model import Job, JobState, Outcome
from evs_tui.exports.words import STATE_WORDS, elapsed_words, left_words
from evs_tui.tui.content import Cell, Part
from evs_tui.tui.theme import Symbols, sign
from evs_tui.tui.widgets.columns import Column

COLUMNS = (
    Column("state", "State", 12),
    Column("volume", "Volume", 18, flex=True),
    Column("now", "Now", 21, leaves=1, flex=True),
    Column("elapsed", "Elapsed", 7, align="right"),
    Column("left", "Est. left", 10, align="right", leaves=2),
    Column("image", "Image", 20, leaves=5, flex=True),
)

NEEDS_YOU, RUNNING, FINISHED = "Needs you", "Running", "Finished"


def needs_a_person(job: Job) -> bool:
    """Whether the job waits for a person: nothing about it will change by itself, or a choice is due."""
    return bool(job.attention)


def group_of(job: Job) -> str:
    """The group that a job belongs to."""
    if needs_a_person(job):
        return NEEDS_YOU
    return RUNNING if job.is_open else FINISHED


class JobRows:
    """A `TableModel` of jobs in groups.

    A job that changes its group while the cursor is on it stays where it is until the cursor has moved on.
    """

    def __init__(
        self, jobs: Sequence[Job], now: datetime, symbols: Symbols, held: tuple[str, str] | None = None
    ) -> None:
        self._now = now
        self._symbols = symbols
        self._jobs = {job.id: job for job in jobs}
        self._rows: list[tuple[str | None, str]] = []
        groups = {job.id: held[1] if held and held[0] == job.id else group_of(job) for job in jobs}
        for title in (NEEDS_YOU, RUNNING, FINISHED):
            members = [job for job in jobs if groups[job.id] == title]
            if not members:
                continue
            self._rows.append((None, title))
            self._rows += [(job.id, title) for job in reversed(members)]
        self._positions = {row_id: at for at, (row_id, _) in enumerate(self._rows) if row_id is not None}

    def __len__(self) -> int:
        return len(self._rows)

    def id_at(self, position: int) -> str | None:
        """See `TableModel.id_at`."""
        return self._rows[position][0]

    def position_of(self, row_id: str) -> int | None:
        """See `TableModel.position_of`."""
        return self._positions.get(row_id)

    def group_at(self, row_id: str) -> str | None:
        """The group under which a job is shown now."""
        position = self._positions.get(row_id)
        return None if position is None else self._rows[position][1]

    def job(self, row_id: str | None) -> Job | None:
        """The job of a row."""
        return None if row_id is None else self._jobs.get(row_id)

    def heading(self, position: int) -> Part:
        """See `TableModel.heading`."""
        title = self._rows[position][1]
        return title, "warn" if title == NEEDS_YOU else "muted"

    def cells(self, position: int, columns: Sequence[str]) -> Sequence[Cell]:
        """See `TableModel.cells`."""
        row_id = self._rows[position][0]
        job = self._jobs[row_id] if row_id is not None else None
        return [] if job is None else [self._cell(job, column) for column in columns]

    def _cell(self, job: Job, column: str) -> Cell:
        over = job.outcome in {Outcome.NOT_SUBMITTED, Outcome.CANCELLED}
        if column == "state":
            of, word = STATE_WORDS[job.state]
            return (sign(of, self._symbols), (" " + word, "bad" if job.state is JobState.FAILED else "text"))
        if column == "volume":
            return ((job.volume.name, "text"),) if job.volume.name else (("(no name)", "muted"),)
        if column == "now":
            return ((job.phase or "-", "text" if job.is_open else "muted"),)
        if column == "elapsed":
            return ((elapsed_words(job.elapsed_s(self._now)), "muted" if over else "text"),)
        if column == "left":
            return ((left_words(job, self._now) if job.estimate is not None else "", "text"),)
        return ((job.request.image_name, "text"),)
