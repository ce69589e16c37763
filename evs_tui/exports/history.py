"""The jobs as a table for other programs: CSV as RFC 4180 has it, one line a job, UTF-8."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from evs_tui.clock import iso, iso_or_none
from evs_tui.exports.document import job_document
from evs_tui.exports.model import Job
from evs_tui.files import write_private

HEADS = (
    "job_id", "run_id", "state", "outcome", "volume_id", "volume_name", "size_gib", "image_name", "image_id",
    "image_status", "disk_format", "container_format", "force", "os_type", "cloud", "region", "project_id",
    "project_name", "user_name", "planned_at", "announced_at", "accepted_at", "ended_at", "elapsed_s", "request_ids",
    "error", "attention",
)  # fmt: skip
"""The columns. Times are ISO 8601 UTC, an unknown value is an empty field."""

_OBEYED = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(jobs: Sequence[Job], now: datetime) -> Iterator[str]:
    """The heads and one line a job, without line ends.

    A text that a spreadsheet would take for a formula gets an apostrophe before it: names come from other people.
    """
    yield _line(HEADS)
    for job in jobs:
        yield _line([_harmless(value) for value in _values(job, now)])


def write_history(directory: Path, jobs: Sequence[Job], now: datetime, form: str) -> Path:
    """Write `jobs` into a new file of `directory` (0600) as `csv` or `json`; where.

    Raises:
        ConfigFailure: the directory cannot be written.
    """
    path = directory / f"history-{now:%Y%m%d-%H%M%S}.{form}"
    if form == "csv":
        text = "".join(f"{line}\r\n" for line in csv_lines(jobs, now))
    else:
        documents = [job_document(job, now) for job in jobs]
        text = json.dumps({"schema": 1, "written_at": iso(now), "jobs": documents}, indent=2) + "\n"
    write_private(path, text.encode())
    return path


def _values(job: Job, now: datetime) -> Sequence[object]:
    request, place = job.request, job.place
    error = None if job.last_error is None else f"{job.last_error.what}: {job.last_error.why}"
    return (
        job.id,
        job.run_id,
        job.state.value,
        None if job.outcome is None else job.outcome.value,
        job.volume.id,
        job.volume.name,
        job.volume.size_gib,
        request.image_name,
        job.image.id,
        job.image.status,
        request.disk_format,
        request.container_format,
        "yes" if request.force else "no",
        request.os_type,
        place.cloud,
        place.region,
        place.project_id,
        place.project_name,
        place.user_name,
        iso(job.planned_at),
        iso_or_none(job.announced_at),
        iso_or_none(job.accepted_at),
        iso_or_none(job.ended_at),
        job.elapsed_s(now),
        " ".join(job.request_ids),
        error,
        " ".join(item.code for item in job.attention),
    )


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_OBEYED) else value


def _line(values: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()
