"""The processes that work in the background, as the journal and their locks tell of them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from evs_tui.clock import SystemClock
from evs_tui.exports.jobs import list_jobs
from evs_tui.exports.journal import Journal
from evs_tui.exports.model import Job
from evs_tui.exports.owners import Liveness, Machine, OwnerFacts
from evs_tui.exports.queries import run_row
from evs_tui.exports.runs import background_runs


@dataclass(frozen=True, slots=True)
class Agent:
    """One process in the background, with the jobs of its runs. `alive` is None where this host cannot know."""

    id: str
    host: str
    pid: int
    alive: bool | None
    jobs: tuple[Job, ...]


def read_agents(journal_path: Path, owners_dir: Path) -> list[Agent]:
    """The processes that own runs in the background, oldest run first. No journal: none.

    Raises:
        JournalFailure: the journal is there and cannot be read.
    """
    journal = Journal.open_to_read(journal_path)
    if journal is None:
        return []
    try:
        return journal.read_now(lambda connection: _agents(connection, Liveness(owners_dir, Machine.here())))
    finally:
        journal.close()


def _agents(connection: sqlite3.Connection, liveness: Liveness) -> list[Agent]:
    now = SystemClock().now()
    owners: dict[str, OwnerFacts] = {}
    jobs: dict[str, list[Job]] = {}
    for run_id in background_runs(connection):
        run = run_row(connection, run_id)
        if run is None or run.owner is None:
            continue
        owners[run.owner.id] = run.owner
        jobs.setdefault(run.owner.id, []).extend(list_jobs(connection, now, liveness, run_id=run_id))
    return [Agent(owner.id, owner.host, owner.pid, liveness(owner), tuple(jobs[owner.id])) for owner in owners.values()]
