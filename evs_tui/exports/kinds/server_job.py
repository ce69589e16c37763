"""What became of the cloud's own job behind a stop or a start.

Source: ECS API, Querying Task Execution Status: HTTP 200 also for a job that failed.
"""

from __future__ import annotations

from evs_tui.cloud.models import ServerJob
from evs_tui.exports.ports import Cloud
from evs_tui.exports.records import StepRow

OVERDUE = "overdue"
"""The fact of a wait that takes longer than its limit."""


async def server_job(cloud: Cloud, step: StepRow) -> ServerJob | None:
    """The job of an answered stop or start; None where the cloud named none, or does not know it any more."""
    job_id = (step.answer or {}).get("job_id")
    return await cloud.read_server_job(str(job_id)) if job_id else None


def job_words(job: ServerJob) -> str:
    """Why a job failed."""
    return f'the cloud says: "{job.reason}"' if job.reason else "its job failed, without a reason"
