"""Starting a server that this run stopped, when no export needs it any more. Sent again where that does no harm.

Source: ECS API, Starting ECSs in a Batch; Compute API, Start Server (os-start Action).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from evs_tui.cloud.answers import Answer, Taken
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import Server
from evs_tui.exports.consequences import ASKED
from evs_tui.exports.entry import Entry
from evs_tui.exports.kinds.kind import (
    Around,
    CannotTell,
    Ended,
    Go,
    Happened,
    NoRoom,
    NotYet,
    Observation,
    Over,
    Reading,
    Sight,
    Still,
    Unaffected,
    sibling,
)
from evs_tui.exports.kinds.server_job import OVERDUE, job_words, server_job
from evs_tui.exports.kinds.stop import answer_document
from evs_tui.exports.model import ErrorFacts, Outcome, StepKind
from evs_tui.exports.ports import Cloud
from evs_tui.exports.power import is_starting, server_words, state_of
from evs_tui.exports.queries import exports_needing
from evs_tui.exports.records import StepRow, Tick
from evs_tui.exports.statuses import UPLOADING
from evs_tui.exports.timing import Limits, Timing
from evs_tui.failure import ExitCode, Failure, RefusedFailure

_WHAT = "The server was not started"
_ADVICE = "start it in the console, or evs-tui jobs restore tries again"


class StartAction:
    """See `kind.Action`, `kind.Looked` and `kind.Observed`."""

    def room(self, connection: sqlite3.Connection, step: StepRow, limits: Limits, tick: Tick) -> NoRoom | None:  # noqa: ARG002 - see Action
        """Not while an export of another run needs the server off."""
        needed = len(exports_needing(connection, step))
        return NoRoom(needed, None) if needed else None

    async def read(self, cloud: Cloud, step: StepRow, around: Around) -> Reading:
        """Is it off, and has every disk of it left `uploading`, whoever exports it?"""
        server = await cloud.read_server(step.target_id)
        if server.is_off:
            return await _disks_free(cloud, server) or Go(state_of(server))
        if server.task_state is not None:
            return NotYet(state_of(server))
        if server.status != "ACTIVE":
            raise RefusedFailure(_WHAT, f"{step.target_name} is {server_words(server)}", _ADVICE)
        # The cloud may have accepted our stop and not begun with it.
        stop = sibling(around, StepKind.STOP, step.target_id)
        job = None if stop is None else await server_job(cloud, stop)
        under_way = job is not None and job.is_running
        return NotYet(state_of(server)) if under_way else Over("already_on", state_of(server))

    async def send(self, cloud: Cloud, step: StepRow, *, deadline: float) -> Answer:
        """Start it."""
        return await cloud.start_server(step.target_id, deadline=deadline)

    def taken(self, entry: Entry, step: StepRow, answer: Taken) -> Mapping[str, Any]:  # noqa: ARG002 - see Action
        """It starts; it is observed until it runs."""
        return {"state": "taken", "fact": ASKED, "answer": answer_document(answer)}

    def may_pass(self, error: CloudError) -> bool:
        """A wrong state may pass: the server is read again before the next attempt."""
        return error.kind is ErrorKind.STATE

    def refused(self, entry: Entry, step: StepRow, error: Failure) -> None:
        """Nothing else depends on it; the job says that the server is still stopped."""

    async def look(self, cloud: Cloud, step: StepRow, around: Around) -> Sight:
        """Running or starting: it took effect."""
        server = await cloud.read_server(step.target_id)
        if server.status == "ACTIVE" or is_starting(server):
            return Happened({"state": "taken", "fact": ASKED})
        return Unaffected(state_of(server)) if server.is_off and around.counts else CannotTell(state_of(server))

    def lost(self, step: StepRow) -> ErrorFacts | None:  # noqa: ARG002 - see Looked
        """A second start of a server that is off does no harm."""
        return None

    async def observe(self, cloud: Cloud, step: StepRow, around: Around, timing: Timing) -> Observation:
        """Until it runs. A job may end in FAIL although its call was answered with success."""
        server = await cloud.read_server(step.target_id)
        status = state_of(server)
        if server.status == "ACTIVE" and server.task_state is None:
            return Ended(Outcome.SUCCEEDED, status)
        if server.task_state is None:
            job = await server_job(cloud, step)
            over = around.age_s >= timing.settled_after and (job is None or not job.is_running)
            if over or (job is not None and job.has_failed):
                why = f"the cloud took the request, and it is {server_words(server)}"
                if job is not None and job.has_failed:
                    why = job_words(job)
                facts = ErrorFacts(ExitCode.FAILED, _WHAT, f"{step.target_name}: {why}", _ADVICE)
                return Ended(Outcome.FAILED, status, error=facts, again=True)
        return Still(status, OVERDUE if around.age_s >= timing.start_patience else ASKED)


async def _disks_free(cloud: Cloud, server: Server) -> NotYet | None:
    for volume_id in server.volume_ids:
        try:
            volume = await cloud.read_volume(volume_id)
        except CloudError as error:
            if error.kind is not ErrorKind.MISSING:
                raise
        else:
            if volume.status == UPLOADING:
                return NotYet(f"disk {volume_id[:8]} is uploading")
    return None
