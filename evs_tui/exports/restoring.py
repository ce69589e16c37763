"""Putting back at once what a run did to servers, because a person says so; and waiting on for one that is late."""

from __future__ import annotations

from evs_tui.exports.consequences import ASKED, conclude, needing, skip
from evs_tui.exports.entry import Entry
from evs_tui.exports.kinds.server_job import OVERDUE
from evs_tui.exports.model import Outcome, StepKind, StepState
from evs_tui.exports.queries import steps_of_run
from evs_tui.exports.records import StepRow

GIVEN_UP = "given_up"
"""The fact of what a person put an end to so that servers can be started again."""


def ask_to_restore(entry: Entry, export: StepRow) -> list[str]:
    """Have the servers of this export started again, as soon as no disk of theirs is uploading; their names.

    What was not sent and needs them off is given up. Anybody may ask; whoever owns the run carries it out.
    """
    steps = steps_of_run(entry.connection, export.run_id)
    servers = {
        start.target_id
        for start in steps
        if start.kind is StepKind.START and start.target_id in export.terms.servers and _is_owed(start, steps)
    }
    for server_id in servers:
        for waiting in needing(server_id, steps):
            skip(entry, waiting, (Outcome.CANCELLED, GIVEN_UP, None))
    names = [_restore(entry, step) for step in steps if step.target_id in servers]
    entry.connection.execute("UPDATE run SET ended_at = NULL WHERE id = ?", (export.run_id,))
    conclude(entry, export.run_id)
    return [name for name in names if name is not None]


def wait_on(entry: Entry, steps: list[StepRow]) -> bool:
    """Give servers that are late the whole time again; False if none is."""
    late = [step for step in steps if step.state is StepState.TAKEN and step.fact == OVERDUE]
    for step in late:
        entry.move(
            step,
            StepState.TAKEN,
            fact=None,
            announced_at=entry.stamp,
            announced_boot=entry.tick.boot_id,
            announced_elapsed=entry.tick.elapsed,
        )
        entry.log(step.run_id, step.id, "waits_on", **step.named)
    return bool(late)


def _is_owed(start: StepRow, steps: list[StepRow]) -> bool:
    """Whether our stop of this server was sent, or may have been, and the server is not running again."""
    stop = next((s for s in steps if s.kind is StepKind.STOP and s.target_id == start.target_id), None)
    sent = stop is not None and stop.state not in {StepState.PENDING, StepState.SKIPPED, StepState.REFUSED}
    return sent and start.outcome != Outcome.SUCCEEDED and start.state is not StepState.TAKEN


def _restore(entry: Entry, step: StepRow) -> str | None:
    if step.kind is StepKind.WAIT_STOPPED:
        settled = entry.settled(StepState.SKIPPED, Outcome.CANCELLED, None)
        entry.move(step, StepState.TAKEN, **settled, fact=GIVEN_UP)
        return None
    if step.kind is not StepKind.START or step.state in {StepState.ANNOUNCED, StepState.UNCLEAR}:
        return None
    columns = {"state": "pending", "outcome": None, "settled_at": None, "error": None, "attempt": 0, "fact": ASKED}
    if not entry.move(step, step.state, **columns):
        return None
    entry.log(step.run_id, step.id, "restore_asked", **step.named)
    return step.target_name
