"""The life of a step until the cloud's answer stands in the journal, one function a transition, for every kind.

    pending > announced > taken | done | refused | unclear

All of these are the owner's: they are conditional on the run's epoch and raise `Lost` where it moved on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evs_tui.cloud.answers import Answer, NotSent, Refused, RefusedForNow, Taken
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.exports.consequences import conclude, stop_run
from evs_tui.exports.entry import Entry, Hold, Lost, error_facts
from evs_tui.exports.kinds.kind import Ask, Go, NoRoom, Over
from evs_tui.exports.kinds.table import ACTIONS
from evs_tui.exports.model import Outcome, StepKind, StepState
from evs_tui.exports.queries import step_row
from evs_tui.exports.records import StepRow, candidate_document, error_document
from evs_tui.exports.timing import Limits
from evs_tui.failure import ExitCode, Failure, RefusedFailure

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


def announce(entry: Entry, hold: Hold, step: StepRow, limits: Limits, go: Go) -> Announced | NoRoom:
    """Say that the request is about to be sent. Only what is committed here is ever sent."""
    full = ACTIONS[step.kind].room(entry.connection, step, limits, entry.tick)
    if full is not None:
        return full
    attempt = step.attempt + 1
    entry.move_held(
        hold,
        step,
        StepState.PENDING,
        state="announced",
        attempt=attempt,
        before=json.dumps(sorted(go.before)),
        volume_status=go.status,
        announced_at=entry.stamp,
        announced_boot=entry.tick.boot_id,
        announced_elapsed=entry.tick.elapsed,
        looks=0,
    )
    data = {"same_name": len(go.before)} if step.kind is StepKind.EXPORT else step.named
    entry.log(step.run_id, step.id, "announced", attempt=attempt, volume_status=go.status, **data)
    return Announced(attempt)


def record_answer(entry: Entry, hold: Hold, step_id: str, answer: Answer, attempts: int) -> StepState:
    """Record what the answer to the announced request proves; the step's new state."""
    step = step_row(entry.connection, step_id)
    if step is None or step.state is not StepState.ANNOUNCED:
        raise Lost
    action = ACTIONS[step.kind]
    if isinstance(answer, Taken):
        return _taken(entry, hold, step, action.taken(entry, step, answer), answer)
    if isinstance(answer, RefusedForNow):
        return _again(entry, hold, step, "not_now", answer.error, attempts=attempts)
    if isinstance(answer, NotSent):
        return _again(entry, hold, step, "not_sent", answer.error, attempts=attempts)
    if isinstance(answer, Refused) and action.may_pass(answer.error):
        return _again(entry, hold, step, "not_now", answer.error, attempts=attempts)
    if isinstance(answer, Refused):
        facts = error_facts(answer.error)
        settled = entry.settled(StepState.REFUSED, Outcome.FAILED, facts)
        entry.move_held(hold, step, StepState.ANNOUNCED, **settled, answered_at=entry.stamp)
        entry.log(step.run_id, step.id, "refused", error=error_document(facts), **step.named)
        action.refused(entry, step, answer.error)
        conclude(entry, step.run_id)
        return StepState.REFUSED
    return _unclear(entry, hold, step, answer.error)


def not_announced(entry: Entry, hold: Hold, step: StepRow, failure: Failure, attempts: int) -> StepState:
    """The reading before the announcement failed or spoke against it: counts as an attempt, or settles the step."""
    if isinstance(failure, CloudError) and failure.kind in _MAY_PASS:
        return _again(entry, hold, step, "not_read", failure, attempts=attempts)
    facts = error_facts(failure)
    entry.move_held(hold, step, StepState.PENDING, **entry.settled(StepState.REFUSED, Outcome.NOT_SUBMITTED, facts))
    entry.log(step.run_id, step.id, "not_submitted", error=error_document(facts), **step.named)
    needs_servers = step.kind is StepKind.STOP or (step.kind is StepKind.EXPORT and step.needs)
    if isinstance(failure, RefusedFailure) and needs_servers:
        # The facts that were reviewed no longer hold: nothing else is stopped on the strength of them.
        why = f"{step.target_name} changed since the review: {failure.why}"
        stop_run(entry, step.run_id, why, failure.exit_code)
    conclude(entry, step.run_id)
    return StepState.REFUSED


def found_uploading(entry: Entry, hold: Hold, step: StepRow, ask: Ask) -> StepState:
    """Leave it to a person: the disk is uploading already, and images of our name are there.

    They are perhaps ours, if the journal is older than the cloud (a restored backup, a power cut). Nothing was sent.
    """
    facts, candidates = error_facts(ask.failure, ExitCode.UNCLEAR), ask.candidates
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
    entry.log(step.run_id, step.id, "unclear", because="owner_ended", **step.named)


def cancel(entry: Entry, step: StepRow) -> bool:
    """Take back a step that is not announced; False if it no longer is pending. Anybody may."""
    if not entry.move(step, StepState.PENDING, **entry.settled(StepState.SKIPPED, Outcome.CANCELLED, None)):
        return False
    entry.log(step.run_id, step.id, "cancelled")
    conclude(entry, step.run_id)
    return True


def over(entry: Entry, hold: Hold, step: StepRow, found: Over) -> StepState:
    """Nothing need be sent for this step: what it wants is so already."""
    settled = entry.settled(StepState.DONE, Outcome.SUCCEEDED, None)
    entry.move_held(hold, step, StepState.PENDING, **settled, fact=found.fact, volume_status=found.status)
    entry.log(step.run_id, step.id, "over", because=found.fact, **step.named)
    conclude(entry, step.run_id)
    return StepState.DONE


def begin(entry: Entry, hold: Hold, step: StepRow) -> StepState:
    """Begin to wait: a step that sends nothing goes straight to those that are observed."""
    entry.move_held(
        hold,
        step,
        StepState.PENDING,
        state="taken",
        announced_at=entry.stamp,
        announced_boot=entry.tick.boot_id,
        announced_elapsed=entry.tick.elapsed,
    )
    entry.log(step.run_id, step.id, "waiting", **step.named)
    return StepState.TAKEN


def _taken(entry: Entry, hold: Hold, step: StepRow, columns: Mapping[str, Any], answer: Taken) -> StepState:
    entry.move_held(hold, step, StepState.ANNOUNCED, **{**columns, "answered_at": entry.stamp, "error": None})
    data = {"image_id": answer.image_id} if step.kind is StepKind.EXPORT else step.named
    entry.log(step.run_id, step.id, "taken", **data, request_id=answer.request_id)
    conclude(entry, step.run_id)
    return StepState(columns["state"])


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
    entry.log(step.run_id, step.id, "unclear", because="answer_lost", error=facts, **step.named)
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
    entry.log(step.run_id, step.id, kind, attempt=attempt, error=error_document(facts), **step.named)
    if not used_up:
        return StepState.PENDING
    entry.log(step.run_id, step.id, "not_submitted", attempts=attempt, **step.named)
    conclude(entry, step.run_id)
    return StepState.REFUSED


def _exit_code(kind: str, error: CloudError) -> ExitCode:
    if kind == "not_sent":
        return ExitCode.UNREACHABLE
    if kind == "not_now":
        return ExitCode.SIGN_IN if error.exit_code is ExitCode.SIGN_IN else ExitCode.FAILED
    return error.exit_code
