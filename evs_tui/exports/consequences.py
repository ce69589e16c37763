"""What the end of one step means for the others of its run: who need no longer begin, and when the run is through.

Called in the transaction that settles a step, so that no process ever sees a run between the two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from evs_tui.exports.entry import OPEN_STATES, Entry
from evs_tui.exports.model import ErrorFacts, Outcome, StepKind, StepState
from evs_tui.exports.queries import steps_of_run
from evs_tui.exports.records import StepRow, error_document
from evs_tui.failure import ExitCode

ACKNOWLEDGED = "acknowledged"
"""The fact of a stop whose answer reached us: only what was stopped so is started by itself."""
FOUND = "found"
"""The fact of a call whose answer was lost and which took effect as far as can be seen."""
OFFERED = "offered"
"""The fact of a start that is left to a person, because our stop was never acknowledged."""
ASKED = "asked"
"""The fact of a start that is decided: a person asked for it, or it was sent before."""
KEPT_OFF = "kept_off"
NOT_NEEDED = "not_needed"
NOT_STOPPED = "not_stopped"
RUN_STOPPED = "run_stopped"
SERVER_RUNS_ON = "server_did_not_stop"

Skip = tuple[Outcome, str, ErrorFacts | None]


def conclude(entry: Entry, run_id: str) -> None:
    """Settle what has become pointless in a run, and close the run if nothing of it is open any more."""
    if _has_server_steps(entry.connection, run_id):
        while _skip_one(entry, steps_of_run(entry.connection, run_id)):
            pass
    entry.connection.execute(
        "UPDATE run SET ended_at = ? WHERE id = ? AND ended_at IS NULL AND NOT EXISTS"  # noqa: S608
        f" (SELECT 1 FROM step WHERE run = run.id AND state IN ({OPEN_STATES}))",
        (entry.stamp, run_id),
    )


def stop_run(entry: Entry, run_id: str, why: str, exit_code: ExitCode) -> None:
    """Send nothing more in a run for which servers are stopped; what was changed is put back. `conclude` comes after.

    Exports that need no server to stop are not concerned.
    """
    facts = ErrorFacts(exit_code, "Nothing was sent", why, "look at the servers, then export the disk again")
    for step in steps_of_run(entry.connection, run_id):
        if step.kind is StepKind.EXPORT and step.needs and step.state is StepState.PENDING:
            skip(entry, step, (Outcome.NOT_SUBMITTED, RUN_STOPPED, facts))


def skip(entry: Entry, step: StepRow, how: Skip) -> None:
    """Settle a pending step without carrying it out."""
    outcome, fact, error = how
    if not entry.move(step, StepState.PENDING, **entry.settled(StepState.SKIPPED, outcome, error), fact=fact):
        return
    data = {} if error is None else {"error": error_document(error)}
    entry.log(step.run_id, step.id, "skipped", because=fact, **step.named, **data)


def consequence(step: StepRow, steps: Sequence[StepRow]) -> Skip | None:
    """Why a pending step is not carried out any more, or None."""
    by_no = {other.no: other for other in steps}
    match step.kind:
        case StepKind.EXPORT:
            return _of_export(step, by_no)
        case StepKind.STOP:
            needless = all(other.is_settled for other in needing(step.target_id, steps))
            return (Outcome.CANCELLED, NOT_NEEDED, None) if needless else None
        case StepKind.WAIT_STOPPED:
            # Once the stop was sent it is seen through, even if nobody needs it any more: what stops must be started.
            failed = any(by_no[no].is_settled and by_no[no].outcome != Outcome.SUCCEEDED for no in step.needs)
            return (Outcome.CANCELLED, NOT_NEEDED, None) if failed else None
        case StepKind.WAIT_VOLUME:
            unsent = all(by_no[no].is_settled and by_no[no].announced_at is None for no in step.needs)
            return (Outcome.CANCELLED, NOT_NEEDED, None) if unsent else None
        case StepKind.START:
            return _of_start(step, steps, by_no)
        case _:
            return None


def needing(server_id: str, steps: Sequence[StepRow]) -> list[StepRow]:
    """The exports among `steps` for which this server must be off."""
    return [step for step in steps if step.kind is StepKind.EXPORT and server_id in step.terms.servers]


def _of_export(step: StepRow, by_no: Mapping[int, StepRow]) -> Skip | None:
    for need in (by_no[no] for no in step.needs):
        if need.is_settled and need.outcome != Outcome.SUCCEEDED:
            found = need.error or next((by_no[no].error for no in need.needs if by_no[no].error is not None), None)
            why = f"{need.target_name} did not stop" + (f": {found.why}" if found is not None else "")
            facts = ErrorFacts(ExitCode.FAILED, "Nothing was sent", why, None if found is None else found.advice)
            return Outcome.NOT_SUBMITTED, SERVER_RUNS_ON, facts
    return None


def waits_for_outcomes(start: StepRow, steps: Sequence[StepRow]) -> bool:
    """Whether a start depends on how the exports end, and that is not known yet.

    So it is where the server shall stay off, and where our stop was never acknowledged.
    """
    if start.fact == ASKED:
        return False
    stop = _stop_of(start, steps)
    conditional = start.terms.kept_off or stop is None or stop.fact != ACKNOWLEDGED
    return conditional and not all(one.is_settled for one in needing(start.target_id, steps))


def _of_start(start: StepRow, steps: Sequence[StepRow], by_no: Mapping[int, StepRow]) -> Skip | None:
    stop = _stop_of(start, steps)
    if start.fact == ASKED or stop is None or not stop.is_settled:
        return None
    if stop.outcome != Outcome.SUCCEEDED:
        return Outcome.CANCELLED, NOT_STOPPED, None
    if waits_for_outcomes(start, steps) or not all(by_no[no].is_settled for no in start.needs):
        return None
    exported = any(one.outcome == Outcome.SUCCEEDED for one in needing(start.target_id, steps))
    if start.terms.kept_off and exported:
        return Outcome.CANCELLED, KEPT_OFF, None
    return (Outcome.NOT_SUBMITTED, OFFERED, None) if stop.fact != ACKNOWLEDGED else None


def _stop_of(start: StepRow, steps: Sequence[StepRow]) -> StepRow | None:
    return next((s for s in steps if s.kind is StepKind.STOP and s.target_id == start.target_id), None)


def _skip_one(entry: Entry, steps: Sequence[StepRow]) -> bool:
    for step in steps:
        how = consequence(step, steps) if step.state is StepState.PENDING else None
        if how is not None:
            skip(entry, step, how)
            return True
    return False


def _has_server_steps(connection: sqlite3.Connection, run_id: str) -> bool:
    found = connection.execute("SELECT 1 FROM step WHERE run = ? AND kind <> 'export' LIMIT 1", (run_id,))
    return found.fetchone() is not None
