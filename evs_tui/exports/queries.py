"""What is asked of the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import datetime

from evs_tui.clock import parse_time
from evs_tui.exports.model import Event, Place
from evs_tui.exports.owners import OwnerFacts
from evs_tui.exports.records import (
    OPEN,
    RunRow,
    StepRow,
    moment,
    owner_from,
    request_from,
    run_from,
    step_from,
    stored_object,
)
from evs_tui.text import clean

_WATCHED = """
    FROM step JOIN run ON run.id = step.run
    WHERE run.place = ? AND kind = 'export' AND state = 'taken' AND watched = 1 AND image_id IS NOT NULL
"""
_RUNS = """
    SELECT run.id, run.owner, run.epoch, run.made_at, run.ended_at, place.id AS place_id, place.cloud,
        place.auth_origin, place.region, place.project_id, place.user_id, place.project_name, place.user_name,
        place.origins, owner.host, owner.boot_id, owner.pid, owner.lock_file, owner.version
    FROM run JOIN place ON place.id = run.place LEFT JOIN owner ON owner.id = run.owner
"""


def run_row(connection: sqlite3.Connection, run_id: str) -> RunRow | None:
    """The run, or None."""
    rows = _runs(connection, "WHERE run.id = ?", (run_id,))
    return rows[0] if rows else None


def owner_row(connection: sqlite3.Connection, owner_id: str) -> OwnerFacts | None:
    """The process, or None."""
    row = connection.execute("SELECT *, id AS owner FROM owner WHERE id = ?", (owner_id,)).fetchone()
    return None if row is None else owner_from(row)


def step_row(connection: sqlite3.Connection, step_id: str) -> StepRow | None:
    """The step, or None."""
    row = connection.execute("SELECT * FROM step WHERE id = ?", (step_id,)).fetchone()
    return None if row is None else step_from(row)


def steps_of_run(connection: sqlite3.Connection, run_id: str) -> list[StepRow]:
    """The steps of a run in their order."""
    return [step_from(row) for row in connection.execute("SELECT * FROM step WHERE run = ? ORDER BY no", (run_id,))]


def steps_to_carry_out(connection: sqlite3.Connection, run_id: str) -> list[StepRow]:
    """The open steps of a run that somebody must carry out or wait for; of exports that need nothing the first."""
    rows = connection.execute(
        "SELECT * FROM step WHERE run = ?1 AND (state IN ('pending', 'announced') OR"
        " (kind <> 'export' AND state IN ('taken', 'unclear'))) AND NOT (kind = 'export' AND state = 'pending' AND"
        " needs = '[]' AND no > (SELECT min(no) FROM step WHERE run = ?1 AND kind = 'export' AND state = 'pending'"
        " AND needs = '[]')) ORDER BY no",
        (run_id,),
    )
    return [step_from(row) for row in rows]


def open_needs(connection: sqlite3.Connection, step: StepRow) -> list[StepRow]:
    """Those of the steps that `step` needs which are not settled."""
    rows = connection.execute(
        f"SELECT * FROM step WHERE run = ? AND outcome IS NULL AND no IN ({marks(step.needs)})",  # noqa: S608
        (step.run_id, *step.needs),
    )
    return [step_from(row) for row in rows]


def steps_to_watch(connection: sqlite3.Connection, place_id: str) -> list[StepRow]:
    """The taken exports of a place whose image is known, oldest first."""
    return [
        step_from(row) for row in connection.execute(f"SELECT step.* {_WATCHED} ORDER BY run.made_at, no", (place_id,))
    ]


def newest_to_watch(connection: sqlite3.Connection, place_id: str) -> datetime | None:
    """When the youngest of them was taken; None if there is none. Cheap: asked at every change."""
    return parse_time(connection.execute(f"SELECT max(answered_at) {_WATCHED}", (place_id,)).fetchone()[0])


def steps_to_look_for(connection: sqlite3.Connection, place_id: str) -> list[StepRow]:
    """The steps of a place whose fate nobody knows, and which no person has been asked about; oldest first."""
    rows = connection.execute(
        "SELECT step.* FROM step JOIN run ON run.id = step.run WHERE run.place = ?"
        " AND image_id IS NULL AND candidates = '[]'"
        " AND (state = 'unclear' OR (kind = 'export' AND state = 'taken' AND watched = 1)) ORDER BY run.made_at, no",
        (place_id,),
    )
    return [step_from(row) for row in rows]


def listed(connection: sqlite3.Connection, since: str | None, run_id: str | None) -> list[tuple[StepRow, RunRow]]:
    """Exports with their runs, oldest first: open ones and those settled after `since`, or all (None); of one run."""
    clauses, values = ["step.kind = 'export'"], list[str]()
    if since is not None:
        # What a run stopped and did not start again is listed until somebody sees to it.
        left = "kind = 'start' AND (outcome IS NULL OR state = 'refused' OR (state = 'skipped' AND fact = 'offered'))"
        stopped = f"step.run IN (SELECT run FROM step WHERE {left})"  # noqa: S608
        clauses.append(f"(step.state IN ({marks(OPEN)}) OR step.settled_at >= ? OR {stopped})")
        values += [*OPEN, since]
    if run_id is not None:
        clauses.append("step.run = ?")
        values.append(run_id)
    where = " AND ".join(clauses)
    rows = connection.execute(
        f"SELECT step.* FROM step JOIN run ON run.id = step.run WHERE {where} ORDER BY run.made_at, run.id, step.no",  # noqa: S608
        values,
    ).fetchall()
    runs = {run.id: run for run in _runs(connection, f"WHERE run.id IN (SELECT run FROM step WHERE {where})", values)}  # noqa: S608
    return [(step_from(row), runs[clean(row["run"])]) for row in rows]


def steps_beginning(connection: sqlite3.Connection, prefix: str) -> list[str]:
    """The ids of exports that begin with `prefix`, at most a few."""
    rows = connection.execute(
        "SELECT id FROM step WHERE kind = 'export' AND substr(id, 1, ?) = ? ORDER BY id LIMIT 6", (len(prefix), prefix)
    )
    return [clean(row["id"]) for row in rows]


def events_of(connection: sqlite3.Connection, step: StepRow, others: Collection[str] = ()) -> tuple[Event, ...]:
    """The events of a step, of its run as a whole, and of `others`: the ids of steps that belong to it; in order."""
    rows = connection.execute(
        f"SELECT at, kind, data FROM event WHERE run = ? AND (step IN ({marks([step, *others])}) OR step IS NULL)"  # noqa: S608
        " ORDER BY seq",
        (step.run_id, step.id, *others),
    )
    return tuple(Event(moment(row["at"]), clean(row["kind"]), stored_object(row["data"])) for row in rows)


def first_events(connection: sqlite3.Connection, kind: str, step_ids: Sequence[str]) -> dict[str, datetime]:
    """When each of these steps first had an event of this kind."""
    rows = connection.execute(
        f"SELECT step, min(at) AS at FROM event WHERE kind = ? AND step IN ({marks(step_ids)}) GROUP BY step",  # noqa: S608
        (kind, *step_ids),
    )
    return {clean(row["step"]): moment(row["at"]) for row in rows}


def last_event(connection: sqlite3.Connection) -> int:
    """The number of the newest event; 0 before the first."""
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0])


def steps_since(connection: sqlite3.Connection, seq: int) -> tuple[frozenset[str], int]:
    """The exports that have events newer than `seq`, and the number of the newest.

    An event of a whole run, or of a step that is no export, concerns all exports of its run.
    """
    rows = connection.execute(
        "SELECT DISTINCT job.id FROM event LEFT JOIN step ON step.id = event.step JOIN step AS job"
        " ON job.kind = 'export' AND (job.id = event.step OR (job.run = event.run AND coalesce(step.kind, '')"
        " <> 'export')) WHERE event.seq > ?",
        (seq,),
    )
    return frozenset(clean(row[0]) for row in rows), max(seq, last_event(connection))


def claimed_images(connection: sqlite3.Connection, step_id: str) -> frozenset[str]:
    """The images that other jobs call theirs."""
    rows = connection.execute("SELECT image_id FROM step WHERE image_id IS NOT NULL AND id <> ?", (step_id,))
    return frozenset(clean(row[0]) for row in rows)


def rivals(connection: sqlite3.Connection, step: StepRow) -> int:
    """How many other exports of the project ask for the same image name and do not know their image yet."""
    rows = connection.execute(
        "SELECT request FROM step WHERE kind = 'export' AND origin = ? AND project = ? AND id <> ?"
        " AND image_id IS NULL AND state IN ('announced', 'taken', 'unclear')",
        (step.origin, step.project_id, step.id),
    )
    return sum(1 for row in rows if request_from(row["request"]).image_name == step.request.image_name)


def exports_needing(connection: sqlite3.Connection, start: StepRow) -> list[StepRow]:
    """The open exports of other runs for which the server of `start` must be off.

    One that was never sent and which nobody carries out does not count: when it goes on, it reads the server again.
    """
    rows = connection.execute(
        "SELECT step.* FROM step JOIN run ON run.id = step.run WHERE kind = 'export' AND origin = ? AND project = ?"  # noqa: S608
        f" AND step.run <> ? AND state IN ({marks(OPEN)}) AND (state <> 'pending' OR run.owner IS NOT NULL)"
        " AND terms <> '{}'",
        (start.origin, start.project_id, start.run_id, *OPEN),
    )
    return [step for step in map(step_from, rows) if start.target_id in step.terms.servers]


def server_steps(connection: sqlite3.Connection, run_ids: Collection[str]) -> dict[str, tuple[StepRow, ...]]:
    """The steps of these runs that are no exports, in their order; a run without such steps is left out."""
    having = {row[0] for row in connection.execute("SELECT DISTINCT run FROM step WHERE kind <> 'export'")}
    found: dict[str, tuple[StepRow, ...]] = {}
    for run_id in having.intersection(run_ids):
        rows = connection.execute("SELECT * FROM step WHERE run = ? AND kind <> 'export' ORDER BY no", (run_id,))
        found[run_id] = tuple(step_from(row) for row in rows)
    return found


def steps_to_observe(connection: sqlite3.Connection, place_id: str) -> list[StepRow]:
    """The steps of a place that wait for a server or a disk, oldest first."""
    rows = connection.execute(
        "SELECT step.* FROM step JOIN run ON run.id = step.run WHERE run.place = ? AND kind <> 'export'"
        " AND state = 'taken' ORDER BY run.made_at, no",
        (place_id,),
    )
    return [step_from(row) for row in rows]


def running_counts(connection: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """How many exports are under way, by origin and project."""
    rows = connection.execute(
        "SELECT origin, project, count(*) AS n FROM step WHERE kind = 'export' AND state IN ('announced', 'taken')"
        " GROUP BY origin, project"
    )
    return {(clean(row["origin"]), clean(row["project"])): row["n"] for row in rows}


def open_counts(connection: sqlite3.Connection, place: Place) -> tuple[int, int]:
    """How many exports of the project are under way, and how many wait to be sent."""
    rows = connection.execute(
        "SELECT state, count(*) AS n FROM step WHERE kind = 'export' AND origin = ? AND project = ? GROUP BY state",
        (place.auth_origin, place.project_id),
    )
    counts = {row["state"]: int(row["n"]) for row in rows}
    waiting = counts.pop("pending", 0)
    return sum(counts.get(str(state), 0) for state in OPEN), waiting


def past_exports(connection: sqlite3.Connection, place: Place, disk_format: str) -> tuple[tuple[int, int], ...]:
    """The last 20 succeeded exports of the project in this format: seconds from announcement to end, and GiB."""
    rows = connection.execute(
        "SELECT request, announced_at, settled_at, target_size_gib FROM step WHERE kind = 'export' AND origin = ?"
        " AND project = ? AND outcome = 'succeeded' AND announced_at IS NOT NULL AND settled_at IS NOT NULL"
        " ORDER BY settled_at DESC LIMIT 200",
        (place.auth_origin, place.project_id),
    )
    alike = [row for row in rows if request_from(row["request"]).disk_format == disk_format]
    return tuple(
        (int((moment(row["settled_at"]) - moment(row["announced_at"])).total_seconds()), row["target_size_gib"])
        for row in alike[:20]
    )


def open_volume_ids(connection: sqlite3.Connection, place: Place) -> frozenset[str]:
    """The volumes of the project that have an open export."""
    rows = connection.execute(
        f"SELECT target FROM step WHERE kind = 'export' AND origin = ? AND project = ? AND state IN ({marks(OPEN)})",  # noqa: S608
        (place.auth_origin, place.project_id, *OPEN),
    )
    return frozenset(clean(row[0]) for row in rows)


def succeeded_images(connection: sqlite3.Connection, place: Place, volume_id: str) -> tuple[str, ...]:
    """The images that succeeded exports of this volume made, newest first."""
    rows = connection.execute(
        "SELECT image_id FROM step WHERE kind = 'export' AND origin = ? AND project = ? AND target = ?"
        " AND outcome = 'succeeded' AND image_id IS NOT NULL ORDER BY settled_at DESC",
        (place.auth_origin, place.project_id, volume_id),
    )
    return tuple(clean(row[0]) for row in rows)


def marks(values: Sequence[object]) -> str:
    """As many placeholders as there are values, for `IN (...)`."""
    return ", ".join("?" * len(values))


def _runs(connection: sqlite3.Connection, where: str, values: Sequence[str]) -> list[RunRow]:
    rows = connection.execute(f"{_RUNS} {where}", values)
    return [run_from(row) for row in rows]
