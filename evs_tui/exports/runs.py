"""Runs in the journal: recorded, owned, left, gone on with."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from evs_tui.exports.entry import OPEN_STATES, Entry, Hold
from evs_tui.exports.model import Place, Plan, PlannedExport, PlannedStep, StepKind
from evs_tui.exports.owners import OwnerFacts
from evs_tui.exports.queries import step_row
from evs_tui.exports.records import request_document, terms_document
from evs_tui.failure import RefusedFailure


def record_owner(entry: Entry, owner: OwnerFacts) -> None:
    """Make this process known."""
    entry.connection.execute(
        "INSERT INTO owner (id, host, boot_id, pid, lock_file, version, began_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (owner.id, owner.host, owner.boot_id, owner.pid, owner.lock_file, owner.version, entry.stamp),
    )


def record_run(entry: Entry, plan: Plan, place: Place, owner: OwnerFacts, *, background: bool = False) -> Hold:
    """Record a reviewed plan as a run of `owner`, each step pending. `background` says that nobody looks at it there.

    Raises:
        RefusedFailure: a volume of the plan has an open export already, or a server of it is about to be stopped by
            another run; nothing is recorded then.
    """
    by_volume = {item.volume.id: item for item in plan.to_do}
    run_id = secrets.token_hex(8)
    policy = {"background": True} if background else {}
    _record_place(entry, place)
    entry.connection.execute(
        "INSERT INTO run (id, place, plan, owner, epoch, made_at, policy) VALUES (?, ?, ?, ?, 1, ?, ?)",
        (run_id, place.id, json.dumps(_plan_document(plan)), owner.id, entry.stamp, json.dumps(policy)),
    )
    for step in plan.steps:
        item = by_volume[step.target_id] if step.kind is StepKind.EXPORT else None
        _refuse_second(entry.connection, place, step)
        _record_step(entry, run_id, place, step, item)
    return Hold(run_id, owner.id, 1)


def claim(entry: Entry, run_id: str, epoch: int, owner: OwnerFacts) -> Hold | None:
    """Make `owner` carry out a run; None if its epoch moved on meanwhile, or it is through."""
    changed = entry.connection.execute(
        "UPDATE run SET owner = ?, epoch = epoch + 1 WHERE id = ? AND epoch = ? AND ended_at IS NULL",
        (owner.id, run_id, epoch),
    )
    if changed.rowcount != 1:
        return None
    entry.log(run_id, None, "resumed", pid=owner.pid, host=owner.host)
    return Hold(run_id, owner.id, epoch + 1)


def leave(entry: Entry, run_id: str, epoch: int) -> bool:
    """Take a run from an owner that ended: nobody owns it, its epoch is raised, what was announced is unclear."""
    changed = entry.connection.execute(
        "UPDATE run SET owner = NULL, epoch = epoch + 1 WHERE id = ? AND epoch = ? AND ended_at IS NULL",
        (run_id, epoch),
    )
    if changed.rowcount != 1:
        return False
    announced = entry.connection.execute("SELECT id FROM step WHERE run = ? AND state = 'announced'", (run_id,))
    for row in announced.fetchall():
        entry.connection.execute(
            "UPDATE step SET state = 'unclear', fact = 'owner_ended', looks = 0 WHERE id = ?", (row["id"],)
        )
        step = step_row(entry.connection, row["id"])
        entry.log(run_id, row["id"], "unclear", because="owner_ended", **({} if step is None else step.named))
    entry.log(run_id, None, "left")
    return True


def background_runs(connection: sqlite3.Connection) -> list[str]:
    """The ids of runs that a process in the background carries out, oldest first."""
    rows = connection.execute(
        "SELECT id FROM run WHERE ended_at IS NULL AND owner IS NOT NULL AND policy <> '{}' ORDER BY made_at"
    )
    return [row["id"] for row in rows]


def owned_runs(
    connection: sqlite3.Connection, *, place_id: str | None = None, owner_id: str | None = None
) -> list[str]:
    """The ids of runs that somebody carries out, of one place or by one owner."""
    rows = connection.execute(
        "SELECT id FROM run WHERE ended_at IS NULL AND owner IS NOT NULL"
        " AND (?1 IS NULL OR place = ?1) AND (?2 IS NULL OR owner = ?2) ORDER BY made_at",
        (place_id, owner_id),
    )
    return [row["id"] for row in rows]


def lock_files_in_use(connection: sqlite3.Connection) -> frozenset[str]:
    """The lock files of owners that have runs which are not through."""
    rows = connection.execute("SELECT lock_file FROM owner WHERE id IN (SELECT owner FROM run WHERE ended_at IS NULL)")
    return frozenset(row["lock_file"] for row in rows)


def _record_place(entry: Entry, place: Place) -> None:
    entry.connection.execute(
        "INSERT INTO place (id, cloud, auth_origin, region, project_id, user_id, project_name, user_name, origins)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET project_name = excluded.project_name,"
        " user_name = excluded.user_name, origins = excluded.origins",
        (
            place.id,
            place.cloud,
            place.auth_origin,
            place.region,
            place.project_id,
            place.user_id,
            place.project_name,
            place.user_name,
            json.dumps(place.origins),
        ),
    )


def _refuse_second(connection: sqlite3.Connection, place: Place, step: PlannedStep) -> None:
    """One open export of a disk, and one run that is about to stop a server."""
    if step.kind not in {StepKind.EXPORT, StepKind.STOP}:
        return
    row = connection.execute(
        "SELECT id FROM step WHERE kind = ? AND origin = ? AND project = ? AND target = ?"  # noqa: S608
        f" AND state IN ({OPEN_STATES})",
        (str(step.kind), place.auth_origin, place.project_id, step.target_id),
    ).fetchone()
    other = None if row is None else step_row(connection, row["id"])
    if other is None:
        return
    if step.kind is StepKind.STOP:
        raise RefusedFailure(
            "Nothing was exported", f"another run is about to stop {step.target_name}", "evs-tui jobs lists the runs"
        )
    raise RefusedFailure(
        "Nothing was exported",
        f'"{other.volume_name or other.volume_id}" is being exported already, to "{other.request.image_name}"',
        f"see what became of it: evs-tui jobs show {other.id}",
    )


def _record_step(entry: Entry, run_id: str, place: Place, step: PlannedStep, item: PlannedExport | None) -> None:
    step_id = secrets.token_hex(8)
    request = {} if item is None or item.request is None else request_document(item.request)
    entry.connection.execute(
        "INSERT INTO step (id, run, no, kind, origin, project, target, target_name, target_size_gib,"
        " target_encrypted, needs, request, terms, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')",
        (
            step_id,
            run_id,
            step.no,
            str(step.kind),
            place.auth_origin,
            place.project_id,
            step.target_id,
            step.target_name if item is None else item.volume.name,
            0 if item is None else item.volume.size_gib,
            0 if item is None else int(item.volume.encrypted),
            json.dumps(step.needs),
            json.dumps(request),
            json.dumps(terms_document(step.terms)),
        ),
    )
    if item is not None:
        volume = item.volume
        entry.log(
            run_id,
            step_id,
            "planned",
            request=request,
            volume_status=volume.status,
            volume_type=volume.volume_type,
        )


def _plan_document(plan: Plan) -> dict[str, Sequence[Any]]:
    return {
        "steps": [asdict(step) | {"request": None} for step in plan.steps],
        "notices": [asdict(notice) for notice in plan.notices],
        "left_out": [
            {"id": item.volume.id, "name": item.volume.name, "why": item.blocked or item.skipped}
            for item in plan.exports
            if item.request is None
        ],
    }
