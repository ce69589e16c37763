"""The life of an export step until the cloud's answer stands in the journal, one function a transition.

    pending > announced > taken | refused | unclear

All of these are the owner's: they are conditional on the run's epoch and raise `Lost` where it moved on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow, Taken
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.exports.entry import Entry, Hold, Lost, error_facts
from evs_tui.exports.model import Candidate, Outcome, StepState
from evs_tui.exports.queries import step_row
from evs_tui.exports.records import StepRow, Tick, candidate_document, error_document
from evs_tui.exports.timing import Limits
from evs_tui.failure import ExitCode, Failure

_MAY_PASS = frozenset(
    {
        ErrorKind.EXPIRED,
        ErrorKind.THROTTLED,
        ErrorKind.SERVER,
        ErrorKind.UNREACHABLE,
        ErrorKind.INTERRUPTED,
        ErrorKind.NONSENSE,
    }
)


@dataclass(frozen=True, slots=True)
class Announced:
    """The announcement stands in the journal. It is the `attempt`th of this step."""

    attempt: int


@dataclass(frozen=True, slots=True)
class NoRoom:
    """Not now: so many exports of the project are under way, or the last request was a moment ago."""

    running: int
    wait: float | None
    """Seconds until it may work; None: until one of them ends."""


def room(connection: sqlite3.Connection, step: StepRow, limits: Limits, tick: Tick) -> NoRoom | None:
    """Why no export of this project may be announced now, or None. Counted over all processes."""
    running = int(
        connection.execute(
            "SELECT count(*) FROM step WHERE kind = 'export' AND origin = ? AND project = ? AND watched = 1"
            # One that waits for a person's decision must not keep the others waiting.
            " AND (state IN ('announced', 'taken') OR (state = 'unclear' AND candidates = '[]'))",
            (step.origin, step.project_id),
        ).fetchone()[0]
    )
    if running >= limits.in_flight:
        return NoRoom(running, None)
    last = connection.execute(
        "SELECT max(announced_elapsed) FROM step WHERE origin = ? AND project = ? AND announced_boot = ?",
        (step.origin, step.project_id, tick.boot_id),
    ).fetchone()[0]
    if last is not None and tick.elapsed - last < limits.spacing:
        return NoRoom(running, min(limits.spacing, last + limits.spacing - tick.elapsed))
    return None


def announce(
    entry: Entry, hold: Hold, step: StepRow, limits: Limits, *, before: Sequence[str], volume_status: str
) -> Announced | NoRoom:
    """Say that the request is about to be sent. Only what is committed here is ever sent.

    `before` are the ids of the images that bear the name already: none of them can be ours.
    """
    full = room(entry.connection, step, limits, entry.tick)
    if full is not None:
        return full
    attempt = step.attempt + 1
    entry.move_held(
        hold,
        step,
        StepState.PENDING,
        state="announced",
        attempt=attempt,
        before=json.dumps(sorted(before)),
        volume_status=volume_status,
        announced_at=entry.stamp,
        announced_boot=entry.tick.boot_id,
        announced_elapsed=entry.tick.elapsed,
        looks=0,
    )
    entry.log(step.run_id, step.id, "announced", attempt=attempt, volume_status=volume_status, same_name=len(before))
    return Announced(attempt)


def record_answer(entry: Entry, hold: Hold, step_id: str, answer: Answer, attempts: int) -> StepState:
    """Record what the answer to the announced request proves; the step's new state."""
    step = step_row(entry.connection, step_id)
    if step is None or step.state is not StepState.ANNOUNCED:
        raise Lost
    if isinstance(answer, Taken):
        return _taken(entry, hold, step, answer)
    if isinstance(answer, RefusedForNow):
        return _again(entry, hold, step, "not_now", answer.error, attempts=attempts)
    if isinstance(answer, NotSent):
        return _again(entry, hold, step, "not_sent", answer.error, attempts=attempts)
    if isinstance(answer, Refused):
        facts = error_facts(answer.error)
        settled = entry.settled(StepState.REFUSED, Outcome.FAILED, facts)
        entry.move_held(hold, step, StepState.ANNOUNCED, **settled, answered_at=entry.stamp)
        entry.log(step.run_id, step.id, "refused", error=error_document(facts))
        entry.end_run_if_through(step.run_id)
        return StepState.REFUSED
    return _unclear(entry, hold, step, answer.error)


def not_announced(entry: Entry, hold: Hold, step: StepRow, failure: Failure, attempts: int) -> StepState:
    """The reading before the announcement failed or spoke against it: counts as an attempt, or settles the step."""
    if isinstance(failure, CloudError) and failure.kind in _MAY_PASS:
        return _again(entry, hold, step, "not_read", failure, attempts=attempts)
    facts = error_facts(failure)
    entry.move_held(hold, step, StepState.PENDING, **entry.settled(StepState.REFUSED, Outcome.NOT_SUBMITTED, facts))
    entry.log(step.run_id, step.id, "not_submitted", error=error_document(facts))
    entry.end_run_if_through(step.run_id)
    return StepState.REFUSED


def found_uploading(
    entry: Entry, hold: Hold, step: StepRow, candidates: Sequence[Candidate], failure: Failure
) -> StepState:
    """Leave it to a person: the disk is uploading already, and images of our name are there.

    They are perhaps ours, if the journal is older than the cloud (a restored backup, a power cut). Nothing was sent.
    """
    facts = error_facts(failure, ExitCode.UNCLEAR)
    entry.move_held(
        hold,
        step,
        StepState.PENDING,
        state="unclear",
        fact="found_uploading",
        volume_status="uploading",
        candidates=json.dumps([candidate_document(candidate) for candidate in candidates]),
        before=json.dumps(sorted(candidate.id for candidate in candidates)),
        announced_boot=entry.tick.boot_id,
        announced_elapsed=entry.tick.elapsed,
        error=json.dumps(error_document(facts)),
    )
    images = [candidate.id for candidate in candidates]
    entry.log(step.run_id, step.id, "unclear", because="found_uploading", images=images)
    return StepState.UNCLEAR


def forget_announcement(entry: Entry, hold: Hold, step: StepRow) -> None:
    """An announcement of ours that nobody carries out any more: from here on only looking tells."""
    entry.move_held(hold, step, StepState.ANNOUNCED, state="unclear", fact="owner_ended", looks=0)
    entry.log(step.run_id, step.id, "unclear", because="owner_ended")


def cancel(entry: Entry, step: StepRow) -> bool:
    """Take back a step that is not announced; False if it no longer is pending. Anybody may."""
    if not entry.move(step, StepState.PENDING, **entry.settled(StepState.SKIPPED, Outcome.CANCELLED, None)):
        return False
    entry.log(step.run_id, step.id, "cancelled")
    entry.end_run_if_through(step.run_id)
    return True


def _taken(entry: Entry, hold: Hold, step: StepRow, answer: Taken) -> StepState:
    entry.move_held(
        hold,
        step,
        StepState.ANNOUNCED,
        state="taken",
        fact=None if answer.image_id else "accepted",
        image_id=answer.image_id,
        found_by="answer" if answer.image_id else None,
        answer=json.dumps({"request_id": answer.request_id, "image_id": answer.image_id}),
        answered_at=entry.stamp,
        # What the disk was before says nothing any more.
        volume_status=None,
        error=None,
    )
    entry.log(step.run_id, step.id, "taken", image_id=answer.image_id, request_id=answer.request_id)
    return StepState.TAKEN


def _unclear(entry: Entry, hold: Hold, step: StepRow, error: CloudError) -> StepState:
    facts = error_document(error_facts(error, ExitCode.UNCLEAR))
    entry.move_held(
        hold,
        step,
        StepState.ANNOUNCED,
        state="unclear",
        fact="answer_lost",
        error=json.dumps(facts),
        answered_at=entry.stamp,
    )
    entry.log(step.run_id, step.id, "unclear", because="answer_lost", error=facts)
    return StepState.UNCLEAR


def _again(entry: Entry, hold: Hold, step: StepRow, kind: str, error: CloudError, *, attempts: int) -> StepState:
    """Back to pending for another attempt, or settled when they are used up."""
    attempt = step.attempt if step.state is StepState.ANNOUNCED else step.attempt + 1
    facts = error_facts(error, _exit_code(kind, error))
    columns: dict[str, Any] = {"state": "pending", "error": json.dumps(error_document(facts))}
    used_up = attempt >= attempts
    if used_up:
        columns = entry.settled(StepState.REFUSED, Outcome.NOT_SUBMITTED, facts)
    entry.move_held(hold, step, step.state, **columns, attempt=attempt)
    entry.log(step.run_id, step.id, kind, attempt=attempt, error=error_document(facts))
    if not used_up:
        return StepState.PENDING
    entry.log(step.run_id, step.id, "not_submitted", attempts=attempt)
    entry.end_run_if_through(step.run_id)
    return StepState.REFUSED


def _exit_code(kind: str, error: CloudError) -> ExitCode:
    if kind == "not_sent":
        return ExitCode.UNREACHABLE
    if kind == "not_now":
        return ExitCode.SIGN_IN if error.exit_code is ExitCode.SIGN_IN else ExitCode.FAILED
    return error.exit_code
