"""Jobs as the stable JSON shape of the command line. Keys are always there; unknown is null."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from evs_tui.clock import iso, iso_or_none
from evs_tui.exports.model import Job
from evs_tui.exports.records import error_document, request_document


def job_document(job: Job, now: datetime, *, full: bool = False) -> dict[str, Any]:
    """The JOB object. `full` adds events and receipt, which are null otherwise."""
    events = [{"at": iso(event.at), "kind": event.kind, "data": dict(event.data)} for event in job.events]
    owner = job.owner
    return {
        "id": job.id,
        "run_id": job.run_id,
        "state": str(job.state),
        "outcome": None if job.outcome is None else str(job.outcome),
        "attention": [{"code": item.code, "text": item.text, "action": item.action} for item in job.attention],
        "volume": {"id": job.volume.id, "name": job.volume.name, "size_gib": job.volume.size_gib},
        "request": request_document(job.request),
        "image": {"id": job.image.id, "status": job.image.status, "found_by": job.image.found_by},
        "place": {"cloud": job.place.cloud, "region": job.place.region, "project_id": job.place.project_id},
        "owner": None if owner is None else {"host": owner.host, "pid": owner.pid, "alive": owner.alive},
        "phase": job.phase,
        "planned_at": iso(job.planned_at),
        "announced_at": iso_or_none(job.announced_at),
        "accepted_at": iso_or_none(job.accepted_at),
        "ended_at": iso_or_none(job.ended_at),
        "elapsed_s": job.elapsed_s(now),
        "estimate": _estimate(job, now),
        "last_error": None if job.last_error is None else error_document(job.last_error),
        "request_ids": list(job.request_ids),
        "events": events if full else None,
        "receipt": None if not full or job.receipt is None else dict(job.receipt),
    }


def _estimate(job: Job, now: datetime) -> dict[str, int] | None:
    """The range of what is left, and how many past exports it comes from."""
    left = None if job.estimate is None else job.estimate.left(job.elapsed_s(now) or 0)
    if job.estimate is None or left is None:
        return None
    return {"low_s": left[0], "high_s": left[1], "from": job.estimate.samples}
