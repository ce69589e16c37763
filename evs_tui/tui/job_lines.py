"""One job in lines: what it needs a person for, its timeline, and the facts of its image."""

from __future__ import annotations

from collections.abc import Iterator

from evs_tui.exports.model import Job, Sign
from evs_tui.exports.words import event_words
from evs_tui.tui.content import Line, heading, wrap
from evs_tui.tui.theme import Symbols, sign

_TIME, _SIGN = 3, 13
_LABEL, _VALUE = 3, 18


def job_lines(job: Job, symbols: Symbols, width: int) -> list[Line]:
    """Everything about one job."""
    manner = ", ".join(
        [job.request.disk_format, job.request.container_format, *(["force"] if job.request.force else [])]
    )
    name = job.volume.name or job.volume.id
    lines = [heading(f"{name} to {job.request.image_name}", (manner, "muted"))]
    lines += _needs(job, symbols, width)
    lines += _timeline(job, symbols, width)
    lines += [Line(), *_facts(job)]
    return lines


def _needs(job: Job, symbols: Symbols, width: int) -> Iterator[Line]:
    for point in job.attention:
        first, *rest = wrap(point.text, width - 4) or [""]
        yield Line(((" ", "text"), sign(Sign.WARN, symbols), (" " + first, "strong")))
        for text in [*rest, *wrap(point.action, width - 4)]:
            yield Line.placed((3, text, "muted"))
    if job.last_error is not None and job.outcome is not None:
        error = job.last_error
        for text in wrap(f"{error.what}: {error.why}", width - 4):
            yield Line.placed((3, text, "text"))
        for text in wrap(error.advice or "", width - 4):
            yield Line.placed((3, text, "muted"))
    for at, candidate in enumerate(job.candidates, start=1):
        facts = "  ".join(part for part in (candidate.id, candidate.status, candidate.disk_format) if part)
        yield Line.placed((3, f"{at}", "key"), (6, facts, "text"))


def _timeline(job: Job, symbols: Symbols, width: int) -> Iterator[Line]:
    for event in job.events:
        of, words = event_words(event)
        character, token = sign(of, symbols)
        first, *rest = wrap(words, width - _SIGN - 3) or [""]
        yield Line.placed(
            (_TIME, f"{event.at.astimezone():%H:%M:%S}", "muted"), (_SIGN, character, token), (_SIGN + 2, first, "text")
        )
        for text in rest:
            yield Line.placed((_SIGN + 2, text, "text"))


def _facts(job: Job) -> Iterator[Line]:
    found = f", found by {job.image.found_by}" if job.image.found_by in {"name", "person"} else ""
    facts = {
        "Job": job.id,
        "Volume": f"{job.volume.id}, {job.volume.size_gib:,} GiB",
        "Image": f"{job.image.id} ({job.image.status or 'status unknown'}{found})" if job.image.id else None,
        "Place": f"{job.place.project_name or job.place.project_id}, {job.place.region}, {job.place.cloud}",
        "Request ids": ", ".join(job.request_ids) or None,
    }
    for label, value in facts.items():
        if value:
            yield Line.placed((_LABEL, label, "muted"), (_VALUE, value, "text"))
