"""Waiting until a server that was asked to stop is off and settled. Sends nothing.

While it stops a server is still ACTIVE with a task. Source: ECS API, ECS Statuses; Querying Task Execution Status.
"""

from __future__ import annotations

from evs_tui.exports.kinds.kind import Around, Ended, Observation, Still, sibling
from evs_tui.exports.kinds.server_job import OVERDUE, job_words, server_job
from evs_tui.exports.model import ErrorFacts, Outcome, StepKind
from evs_tui.exports.ports import Cloud
from evs_tui.exports.power import server_words, state_of
from evs_tui.exports.records import StepRow
from evs_tui.exports.timing import Timing
from evs_tui.failure import ExitCode


class WaitStopped:
    """See `kind.Observed`."""

    async def observe(self, cloud: Cloud, step: StepRow, around: Around, timing: Timing) -> Observation:
        """Off, on its way, or running on: then the cloud's job may say why."""
        server = await cloud.read_server(step.target_id)
        status = state_of(server)
        if server.is_off:
            return Ended(Outcome.SUCCEEDED, status)
        if server.task_state is None:
            stop = sibling(around, StepKind.STOP, step.target_id)
            job = None if stop is None else await server_job(cloud, stop)
            if job is not None and job.has_failed:
                return Ended(Outcome.FAILED, status, error=_failed(job_words(job)))
            under_way = around.age_s < timing.settled_after or (job is not None and job.is_running)
            if not under_way:
                return Ended(Outcome.FAILED, status, error=_failed(f"it is {server_words(server)}"))
        return Still(status, OVERDUE if around.age_s >= timing.stop_patience else None)


def _failed(why: str) -> ErrorFacts:
    return ErrorFacts(ExitCode.FAILED, "The server did not stop", why, "look at the server, then export the disk again")
