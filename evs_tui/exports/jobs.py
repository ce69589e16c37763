"""Jobs as people see them, derived from the journal's rows: state, what goes on now, what needs a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from evs_tui.exports.attention import Unrecorded, attention_of
from evs_tui.exports.entry import stamp
from evs_tui.exports.estimate import estimates
from evs_tui.exports.job_servers import JobServers
from evs_tui.exports.leftovers import leftovers
from evs_tui.exports.model import Estimate, FoundBy, ImageRef, Job, JobState, Outcome, OwnerRef, StepState, VolumeRef
from evs_tui.exports.owners import OwnerFacts
from evs_tui.exports.phases import phase_of
from evs_tui.exports.queries import events_of, listed, run_row, running_counts, server_steps, step_row, steps_beginning
from evs_tui.exports.records import RunRow, StepRow
from evs_tui.failure import UsageFailure

RECENT = timedelta(hours=24)
"""How long an ended job is listed unasked."""
NO_SERVERS = JobServers()
_FOUND_BY: dict[str, FoundBy] = {"answer": "answer", "name": "name", "person": "person"}
_STATES = {
    StepState.PENDING: JobState.PLANNED,
    StepState.ANNOUNCED: JobState.SUBMITTING,
    StepState.TAKEN: JobState.EXPORTING,
    StepState.UNCLEAR: JobState.UNCLEAR,
}


def list_jobs(
    connection: sqlite3.Connection,
    now: datetime,
    alive: Callable[[OwnerFacts], bool | None],
    *,
    everything: bool = False,
    run_id: str | None = None,
    unrecorded: Mapping[str, Unrecorded] | None = None,
) -> list[Job]:
    """Open jobs and those that ended in the last 24 hours, or all; oldest first; without events."""
    since = None if everything or run_id is not None else stamp(now - RECENT)
    rows = listed(connection, since, run_id)
    steps = server_steps(connection, {run.id for _, run in rows})
    known = _once(alive)
    running = running_counts(connection)
    expected = estimates(connection, [step for step, _ in rows])
    return [
        job_of(
            step,
            run,
            known,
            running=running.get((step.origin, step.project_id), 0),
            unrecorded=(unrecorded or {}).get(step.id),
            estimate=expected.get(step.id),
            servers=JobServers.of(step, steps.get(run.id, ())),
            now=now,
        )
        for step, run in rows
    ]


def one_job(
    connection: sqlite3.Connection,
    prefix: str,
    alive: Callable[[OwnerFacts], bool | None],
    *,
    unrecorded: Mapping[str, Unrecorded] | None = None,
    now: datetime | None = None,
) -> Job:
    """The job whose id begins with `prefix`, with its events and receipt. Without `now` nothing counts as too old.

    Raises:
        UsageFailure: no job's id begins so, or several do.
    """
    step = step_row(connection, full_id(connection, prefix))
    run = None if step is None else run_row(connection, step.run_id)
    if step is None or run is None:
        raise _unknown(prefix)
    return job_of(
        step,
        run,
        alive,
        running=running_counts(connection).get((step.origin, step.project_id), 0),
        unrecorded=(unrecorded or {}).get(step.id),
        estimate=estimates(connection, [step]).get(step.id),
        servers=JobServers.of(step, server_steps(connection, {run.id}).get(run.id, ())),
        now=now,
        connection=connection,
    )


def full_id(connection: sqlite3.Connection, prefix: str) -> str:
    """The id of the only job that begins with `prefix`.

    Raises:
        UsageFailure: none does, or several do.
    """
    found = steps_beginning(connection, prefix) if prefix else []
    if not found:
        raise _unknown(prefix)
    if len(found) > 1 and prefix not in found:
        raise UsageFailure(
            f'"{prefix}" is not one job', f"several ids begin so: {', '.join(found)}", "give more of its characters"
        )
    return prefix if prefix in found else found[0]


def job_of(
    step: StepRow,
    run: RunRow,
    alive: Callable[[OwnerFacts], bool | None],
    *,
    running: int = 0,
    unrecorded: Unrecorded | None = None,
    estimate: Estimate | None = None,
    servers: JobServers = NO_SERVERS,
    now: datetime | None = None,
    connection: sqlite3.Connection | None = None,
) -> Job:
    """One job from its rows; with `connection` its events too. `running` counts the exports of its project."""
    owner = None if run.owner is None else OwnerRef(run.owner.host, run.owner.pid, alive(run.owner))
    outcome = None if step.outcome is None else Outcome(step.outcome)
    state = _state(step, servers)
    image_id, error = step.image_id, step.error
    if unrecorded is not None and outcome is None:
        state = state if unrecorded.answer is None else JobState.UNCLEAR
        image_id, error = unrecorded.image_id or image_id, unrecorded.error
    return Job(
        id=step.id,
        run_id=step.run_id,
        state=state,
        outcome=outcome,
        attention=(
            *attention_of(step, state, owner, unrecorded, servers),
            *(() if now is None else leftovers(step, state, now)),
        ),
        volume=VolumeRef(step.volume_id, step.volume_name, step.volume_size_gib),
        request=step.request,
        image=ImageRef(image_id, step.image_status, _found_by(step, image_id)),
        place=run.place,
        owner=owner if outcome is None or state is JobState.RESTORING else None,
        phase=phase_of(step, state, owner, running, servers),
        planned_at=run.made_at,
        announced_at=step.announced_at,
        accepted_at=step.answered_at if step.image_id or step.state in {StepState.TAKEN, StepState.DONE} else None,
        ended_at=step.settled_at,
        last_error=error,
        request_ids=_request_ids(step),
        events=() if connection is None else events_of(connection, step, servers.ids),
        candidates=step.candidates,
        receipt=step.receipt,
        estimate=estimate if state is JobState.EXPORTING else None,
        stopped=servers.stopped,
        stays_off=servers.stays_off,
    )


def _state(step: StepRow, servers: JobServers) -> JobState:
    """The first thing that is not settled: its servers before, itself, its servers after."""
    if step.outcome is None:
        preparing = step.state is StepState.PENDING and servers.is_preparing
        return JobState.PREPARING if preparing else _STATES[step.state]
    return JobState.RESTORING if servers.is_restoring else JobState(step.outcome)


def _found_by(step: StepRow, image_id: str | None) -> FoundBy | None:
    if image_id is None:
        return None
    return _FOUND_BY.get(step.found_by or "answer")


def _request_ids(step: StepRow) -> tuple[str, ...]:
    found = (step.answer or {}).get("request_id"), None if step.error is None else step.error.request_id
    return tuple(dict.fromkeys(str(item) for item in found if item))


def _once(alive: Callable[[OwnerFacts], bool | None]) -> Callable[[OwnerFacts], bool | None]:
    """Ask about each owner once in a listing: many jobs have the same."""
    known: dict[str, bool | None] = {}

    def ask(owner: OwnerFacts) -> bool | None:
        if owner.id not in known:
            known[owner.id] = alive(owner)
        return known[owner.id]

    return ask


def _unknown(prefix: str) -> UsageFailure:
    return UsageFailure(f'There is no job "{prefix}"', "no job's id begins so", "evs-tui jobs --all lists them")
