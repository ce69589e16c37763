"""`evs-tui jobs`: what the journal tells of exports. What acts on them is in `job_actions`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evs_tui.cli.commands import JobsCommand
from evs_tui.cli.output import journal_context
from evs_tui.cli.results import attention_lines, elapsed_text, job_table, trouble_lines
from evs_tui.cli.symbols import Symbols
from evs_tui.clock import iso
from evs_tui.exports.document import job_document
from evs_tui.exports.model import Candidate, Event, Job, JobState
from evs_tui.exports.service import read_job, read_jobs
from evs_tui.exports.words import estimate_sentence
from evs_tui.failure import ExitCode, RefusedFailure, UsageFailure

if TYPE_CHECKING:
    from datetime import datetime

    from evs_tui.cli.run import Run
    from evs_tui.workspace import Workspace

_LABEL = 13


def show_jobs(command: JobsCommand, run: Run) -> int:
    """List, show, or act. Only what acts or watches signs in.

    Raises:
        UsageFailure: a job is unknown or not named clearly.
        Failure: the journal cannot be read, or the deed cannot be done.
    """
    if command.action == "forget":
        return _forget(command, run)
    if command.watch or command.action not in {None, "show", "receipt"}:
        return _act(command, run)
    with run.workspace() as workspace:
        jobs = _jobs(command, workspace)
        now = workspace.clock.now()
    if command.action == "receipt":
        _check_receipts(jobs)
        if any(job.receipt is None for job in jobs):
            return _act(command, run)
    write_jobs(command, jobs, now, run, journal_context(demo=run.options.demo, read_only=run.options.read_only))
    return ExitCode.DONE


def _act(command: JobsCommand, run: Run) -> int:
    from evs_tui.cli.job_actions import act

    return act(command, run)


def _forget(command: JobsCommand, run: Run) -> int:
    from evs_tui.cli.forgetting import forget_jobs

    return forget_jobs(command, run)


def _jobs(command: JobsCommand, workspace: Workspace) -> list[Job]:
    paths = workspace.paths
    if workspace.options.demo:  # the demo's journal lives and ends with its process
        if command.job_ids:
            raise UsageFailure(f"There is no job {command.job_ids[0]}", "a demo begins without jobs")
        return []
    if command.job_ids:
        return [read_job(paths.journal, job_id, owners_dir=paths.owners) for job_id in command.job_ids]
    return read_jobs(paths.journal, command.everything, owners_dir=paths.owners)


def _check_receipts(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.receipt is None and job.state is not JobState.SUCCEEDED:
            raise RefusedFailure(
                f"Job {job.id} has no receipt",
                f"its state is {job.state.value}; a receipt is written when the image is active",
                f"evs-tui jobs show {job.id} tells how it stands",
            )


def write_jobs(command: JobsCommand, jobs: Sequence[Job], now: datetime, run: Run, context: Mapping[str, Any]) -> None:
    """The jobs as they stand, in the form asked for."""
    output = run.output
    documents = [job_document(job, now, full=command.action is not None) for job in jobs]
    if command.output == "json":
        output.envelope(context, {"jobs": documents})
    elif command.output == "jsonl":
        output.rows(documents)
        output.end_of_rows(count=len(documents))
    elif command.output == "csv":
        from evs_tui.exports.history import csv_lines

        output.lines(csv_lines(jobs, now))
    elif command.action == "receipt":
        for job in jobs:
            output.lines(_receipt_lines(job))
    elif command.action == "show":
        for job in jobs:
            output.lines(_detail_lines(job, now, output.symbols))
            output.lines(trouble_lines(job, output.symbols))
    else:
        _write_list(command, jobs, now, run)


def _write_list(command: JobsCommand, jobs: Sequence[Job], now: datetime, run: Run) -> None:
    output = run.output
    if jobs:
        output.lines(job_table(jobs, now, output.symbols, output.width))
    else:
        output.say("No exports yet." if command.everything else "No export is open or ended in the last 24 hours.")
    for job in jobs:
        for line in attention_lines(job, output.symbols):
            output.say(line)


def _detail_lines(job: Job, now: datetime, symbols: Symbols) -> Iterator[str]:
    """Everything about one job: facts, then its timeline."""
    request = job.request
    manner = [request.disk_format, request.container_format]
    manner += [f"os type {request.os_type}"] if request.os_type else []
    manner += ["force"] if request.force else []
    facts: Mapping[str, str | None] = {
        "Job": job.id,
        "State": symbols.state(job),
        "Now": job.phase,
        "Estimate": estimate_sentence(job, now),
        "Volume": f"{job.volume.name} ({job.volume.id}), {job.volume.size_gib:,} GiB",
        "Image": f"{request.image_name} ({', '.join(manner)})",
        "Image id": _image(job),
        "Place": f"project {job.place.project_name or job.place.project_id}, {job.place.region}, {job.place.cloud}",
        "Elapsed": elapsed_text(job.elapsed_s(now)),
        "Request ids": ", ".join(job.request_ids) or None,
    }
    for label, text in facts.items():
        if text is not None:
            yield f"{label:<{_LABEL}}{text}"
    for event in job.events:
        yield f"{iso(event.at)}  {_event(event)}"
    for candidate in job.candidates:
        yield f"May be its image: {candidate.id} ({', '.join(_candidate(candidate))})"


def _candidate(candidate: Candidate) -> Iterator[str]:
    yield candidate.status
    yield candidate.disk_format or "format unknown"
    if candidate.created_at is not None:
        yield f"made {iso(candidate.created_at)}"


def _image(job: Job) -> str | None:
    if job.image.id is None:
        return None
    found = f", found by {job.image.found_by}" if job.image.found_by in {"name", "person"} else ""
    return f"{job.image.id} ({job.image.status or 'status unknown'}{found})"


def _event(event: Event) -> str:
    """One line of the timeline. What is nested there stands above it already, but for an error's words."""
    words = [event.kind]
    for key, value in event.data.items():
        if isinstance(value, Mapping):
            words += [f"{value['what']}: {value['why']}"] if "what" in value and "why" in value else []
        elif value is not None:
            words.append(f"{key}={value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    return "  ".join(words)


def _receipt_lines(job: Job) -> list[str]:
    from evs_tui.exports.receipt import full_receipt, markdown

    return markdown(full_receipt(job)).rstrip("\n").split("\n")
