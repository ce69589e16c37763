"""The phases of one job over time: how long each took, drawn to scale. What is going on now has no end yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from evs_tui.exports.model import Event, Job
from evs_tui.exports.words import elapsed_words
from evs_tui.tui.content import Line, heading
from evs_tui.tui.theme import Symbols

_LABEL, _BAR = 3, 18
_TIME = 10
_ENDS = frozenset({"succeeded", "failed", "refused", "not_submitted", "cancelled"})
_NAMES = {
    "planned": "waiting",
    "announced": "sending",
    "taken": "taken",
    "adopted": "taken",
    "unclear": "unclear",
    "refused_for_now": "waiting",
    "not_now": "waiting",
    "not_sent": "waiting",
}


def phase_chart(job: Job, now: datetime, symbols: Symbols, width: int) -> Iterator[Line]:
    """A heading and a bar for each phase, all on one time axis; nothing where there is but one moment."""
    phases = list(phases_of(job, now))
    if not phases:
        return
    began, ended = phases[0][1], phases[-1][2]
    room = max(10, width - _BAR - _TIME - 3)
    whole = (ended - began) or timedelta(seconds=1)
    yield heading("Phases over time", (f"{began.astimezone():%H:%M} to {ended.astimezone():%H:%M}", "muted"))
    for name, start, end in phases:
        left = round((start - began) / whole * room)
        cells = max(1, round((end - start) / whole * room))
        left = min(left, room - cells)
        seconds = int((end - start).total_seconds())
        took = f"{seconds} s" if seconds < 60 else elapsed_words(seconds)
        yield Line.placed(
            (_LABEL, name, "muted"),
            (_BAR + left, symbols.busy * cells, "busy"),
            (_BAR + room + 2, took, "text"),
        )


def phases_of(job: Job, now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Name, beginning and end of each phase; the last one of an open job ends now. Empty phases are left out."""
    name: str | None = None
    since = job.planned_at
    for event in job.events:
        new = _name(event)
        if new is None or new == name:
            continue
        if name is not None and event.at > since:
            yield name, since, event.at
        name, since = (None if event.kind in _ENDS else new), event.at
    if name is not None and now > since and job.outcome is None:
        yield name, since, now


def _name(event: Event) -> str | None:
    if event.kind in _ENDS:
        return event.kind
    if event.kind in {"disk", "image"}:
        return f"{event.kind} {event.data.get('status')}"[:14]
    return _NAMES.get(event.kind)
