"""Stopping a server, always soft. It is done when the cloud has acknowledged it; `wait_stopped` sees it through.

Source: ECS API, Stopping ECSs in a Batch; Compute API, Stop Server (os-stop Action).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from evs_tui.cloud.answers import Answer, Taken
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import Server
from evs_tui.exports.consequences import ACKNOWLEDGED, FOUND, needing
from evs_tui.exports.entry import Entry
from evs_tui.exports.kinds.export import running_exports
from evs_tui.exports.kinds.kind import Around, CannotTell, Go, Happened, NoRoom, Reading, Sight, Unaffected
from evs_tui.exports.model import ErrorFacts, Outcome, StepKind, StepState
from evs_tui.exports.ports import Cloud
from evs_tui.exports.power import is_stopping, server_words, state_of
from evs_tui.exports.queries import steps_of_run
from evs_tui.exports.records import StepRow, Tick
from evs_tui.exports.timing import Limits
from evs_tui.failure import ExitCode, Failure, RefusedFailure

_WHAT = "The server was not stopped"


class StopAction:
    """See `kind.Action` and `kind.Looked`."""

    def room(self, connection: sqlite3.Connection, step: StepRow, limits: Limits, tick: Tick) -> NoRoom | None:  # noqa: ARG002 - see Action
        """No server stands still for an export that would only wait for its turn."""
        running = running_exports(connection, step)
        waiting = _waiting(steps_of_run(connection, step.run_id))
        return NoRoom(running, None) if running + waiting >= limits.in_flight else None

    async def read(self, cloud: Cloud, step: StepRow, around: Around) -> Reading:  # noqa: ARG002 - see Action
        """Is the server still what the review took it for?"""
        server = await cloud.read_server(step.target_id)
        if server.status != step.terms.was or server.task_state is not None:
            raise RefusedFailure(
                _WHAT, f"it was running in the review and is now {server_words(server)}", "review the export again"
            )
        if server.locked:
            raise RefusedFailure(_WHAT, "it is now locked", "have it unlocked, then export again")
        return Go(state_of(server))

    async def send(self, cloud: Cloud, step: StepRow, *, deadline: float) -> Answer:
        """Ask it to shut down. Never hard."""
        return await cloud.stop_server(step.target_id, deadline=deadline)

    def taken(self, entry: Entry, step: StepRow, answer: Taken) -> Mapping[str, Any]:  # noqa: ARG002 - see Action
        """Acknowledged: from here on the server is ours to start again."""
        settled = entry.settled(StepState.DONE, Outcome.SUCCEEDED, None)
        return {**settled, "fact": ACKNOWLEDGED, "answer": answer_document(answer)}

    def may_pass(self, error: CloudError) -> bool:  # noqa: ARG002 - see Action
        """A server that will not be stopped is left alone."""
        return False

    def refused(self, entry: Entry, step: StepRow, error: Failure) -> None:
        """The exports that need this server fall away by themselves."""

    async def look(self, cloud: Cloud, step: StepRow, around: Around) -> Sight:
        """Stopping or off: it took effect, whoever asked for it; that it was we is not proved."""
        server = await cloud.read_server(step.target_id)
        if server.is_off or is_stopping(server):
            return Happened({"state": "done", "outcome": str(Outcome.SUCCEEDED), "fact": FOUND})
        return _untouched(server, around)

    def lost(self, step: StepRow) -> ErrorFacts | None:
        """A stop is never sent twice by itself."""
        why = f"the answer was lost, and {step.target_name} goes on running: the request never took effect"
        return ErrorFacts(ExitCode.FAILED, _WHAT, why, "export the disk again")


def answer_document(answer: Taken) -> str:
    """The answer to a call about a server, as it is stored."""
    return json.dumps({"request_id": answer.request_id, "job_id": answer.job_id})


def _untouched(server: Server, around: Around) -> Sight:
    settled = server.task_state is None
    return Unaffected(state_of(server)) if settled and around.counts else CannotTell(state_of(server))


def _waiting(steps: list[StepRow]) -> int:
    """The exports of the run whose servers are all stopped or about to be, and which were not sent yet."""
    begun = {step.target_id for step in steps if step.kind is StepKind.STOP and step.state is not StepState.PENDING}
    ours = {step.target_id for step in steps if step.kind is StepKind.STOP}
    ready = {
        export.id
        for server_id in begun
        for export in needing(server_id, steps)
        if export.state is StepState.PENDING and begun.issuperset(ours.intersection(export.terms.servers))
    }
    return len(ready)
