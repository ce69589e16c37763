"""One job in lines: what it needs a person for, its timeline, and the facts of its image."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from evs_tui.exports.model import Job, Sign
from evs_tui.exports.words import elapsed_words, estimate_sentence, event_words
from evs_tui.tui.content import Line, heading, wrap
from evs_tui.tui.job_offers import offers_of
from evs_tui.tui.phase_chart import phase_chart
from evs_tui.tui.theme import Symbols, sign

_TIME, _SIGN = 3, 13
_LABEL, _VALUE = 3, 18


def job_lines(
    job: Job, now: datetime, symbols: Symbols, width: int, keys: Mapping[str, str], *, page: bool = False
) -> list[Line]:
    """Everything about one job. `keys` are those of its deeds, by action; a `page` has room for all it knows."""
    manner = ", ".join(
        [job.request.disk_format, job.request.container_format, *(["force"] if job.request.force else [])]
    )
    name = job.volume.name or job.volume.id
    lines = [heading(f"{name} to {job.request.image_name}", (manner, "muted"))]
    lines += _needs(job, symbols, width)
    lines += _deeds(job, keys)
    lines += _timeline(job, now, symbols, width)
    if page and job.events:
        lines += [Line(), *phase_chart(job, now, symbols, width)]
    lines += [Line(), *_facts(job, now, width)]
    if job.receipt is not None:
        lines += [Line(), *_receipt(job.receipt, symbols, width)]
    return lines


def _deeds(job: Job, keys: Mapping[str, str]) -> Iterator[Line]:
    """What can be done now, each thing beside its key."""
    offers = [offer for offer in offers_of(job) if offer.action in keys]
    for offer in offers:
        yield Line.placed((3, keys[offer.action], "key"), (6, offer.words, "text"))
    if offers:
        yield Line()


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


def _timeline(job: Job, now: datetime, symbols: Symbols, width: int) -> Iterator[Line]:
    today = now.astimezone().date()
    day = today
    for event in job.events:
        if (at := event.at.astimezone().date()) != day:
            day = at
            yield Line.placed((_TIME, f"{day:%Y-%m-%d}", "muted"))
        of, words = event_words(event)
        character, token = sign(of, symbols)
        first, *rest = wrap(words, width - _SIGN - 3) or [""]
        yield Line.placed(
            (_TIME, f"{event.at.astimezone():%H:%M:%S}", "muted"), (_SIGN, character, token), (_SIGN + 2, first, "text")
        )
        for text in rest:
            yield Line.placed((_SIGN + 2, text, "text"))


def _facts(job: Job, now: datetime, width: int) -> Iterator[Line]:
    found = f", found by {job.image.found_by}" if job.image.found_by in {"name", "person"} else ""
    facts = {
        "Job": job.id,
        "Elapsed": elapsed_words(job.elapsed_s(now)),
        "Estimate": estimate_sentence(job, now),
        "Owner": _owner(job),
        "Volume": f"{job.volume.id}, {job.volume.size_gib:,} GiB",
        "Image": f"{job.image.id} ({job.image.status or 'status unknown'}{found})" if job.image.id else None,
        "Place": f"{job.place.project_name or job.place.project_id}, {job.place.region}, {job.place.cloud}",
        "Request ids": ", ".join(job.request_ids) or None,
    }
    for label, value in facts.items():
        if value:
            first, *rest = wrap(value, width - _VALUE - 1)
            yield Line.placed((_LABEL, label, "muted"), (_VALUE, first, "text"))
            yield from (Line.placed((_VALUE, text, "text")) for text in rest)


def _owner(job: Job) -> str | None:
    if job.owner is None:
        return None
    if job.owner.alive and job.owner.pid == os.getpid():
        return "this evs-tui"
    lives = {True: "runs", False: "has ended", None: "cannot be asked from here"}[job.owner.alive]
    return f"process {job.owner.pid} on {job.owner.host}, which {lives}"


def _receipt(receipt: Mapping[str, Any], symbols: Symbols, width: int) -> Iterator[Line]:
    """What was proved by reading the image again, and where it differs from what was asked for."""
    yield heading("Receipt", (f"read from the cloud at {receipt.get('read_at')}", "muted"))
    image = receipt.get("image", {})
    size = image.get("size_bytes")
    facts = (
        image.get("status"),
        None if size is None else f"{size:,} bytes",
        image.get("disk_format"),
        image.get("container_format"),
        image.get("os_type"),
        "encrypted" if image.get("encrypted") else "not encrypted",
    )
    yield Line.placed((_LABEL, "Proved", "muted"), (_VALUE, ", ".join(str(fact) for fact in facts if fact), "text"))
    for warning in receipt.get("warnings", ()):
        first, *rest = wrap(str(warning.get("text")), width - _VALUE - 3)
        yield Line.placed((_LABEL, "Differs", "muted"), (_VALUE, symbols.warn, "warn"), (_VALUE + 2, first, "text"))
        yield from (Line.placed((_VALUE + 2, text, "text")) for text in rest)
