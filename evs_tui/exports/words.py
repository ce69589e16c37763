"""States and events of a job in words, for every face alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from evs_tui.exports.model import Event, Job, JobState, Sign
from evs_tui.exports.step_words import step_words

STATE_WORDS: Mapping[JobState, tuple[Sign, str]] = {
    JobState.PLANNED: (Sign.WAIT, "planned"),
    JobState.PREPARING: (Sign.BUSY, "preparing"),
    JobState.SUBMITTING: (Sign.BUSY, "submitting"),
    JobState.UNCLEAR: (Sign.ASK, "unclear"),
    JobState.EXPORTING: (Sign.BUSY, "exporting"),
    JobState.RESTORING: (Sign.BUSY, "restoring"),
    JobState.SUCCEEDED: (Sign.GOOD, "succeeded"),
    JobState.FAILED: (Sign.BAD, "failed"),
    JobState.NOT_SUBMITTED: (Sign.NONE, "not sent"),
    JobState.CANCELLED: (Sign.NONE, "cancelled"),
}
"""The sign and the word of each state."""

_Data = Mapping[str, Any]


def _because(data: _Data) -> str:
    error = data.get("error")
    if not isinstance(error, Mapping):
        return ""
    code = f" ({error['code']})" if error.get("code") else ""
    return f': "{error.get("why", "")}"{code}'


def _unclear(data: _Data) -> str:
    reasons = {
        "owner_ended": "its process ended before the answer was recorded",
        "answer_lost": "the answer was lost",
        "found_uploading": "the disk is uploading already",
    }
    return f"unclear: {reasons.get(str(data.get('because')), 'nobody knows')}{_because(data)}"


def _looked(data: _Data) -> str:
    counted = f", look {data['counted']} that counts" if data.get("counted") else ""
    return f'looked: no image of its name, the disk is "{data.get("volume_status")}"{counted}'


_EVENTS: Mapping[str, tuple[Sign, Callable[[_Data], str]]] = {
    "planned": (Sign.GOOD, lambda _: "planned and reviewed"),
    "announced": (Sign.GOOD, lambda data: f"request announced, attempt {data.get('attempt', 1)}"),
    "taken": (Sign.GOOD, lambda data: f"taken by the cloud, image {str(data.get('image_id') or 'not named')[:8]}"),
    "adopted": (Sign.GOOD, lambda data: f"image {str(data.get('image_id'))[:8]} found by {data.get('found_by')}"),
    "disk": (Sign.BUSY, lambda data: f'disk is "{data.get("status")}"'),
    "image": (Sign.BUSY, lambda data: f'image is "{data.get("status")}"'),
    "looked": (Sign.ASK, _looked),
    "ambiguous": (Sign.ASK, lambda data: f"{len(data.get('images', ()))} image(s) may be its: a person decides"),
    "unclear": (Sign.ASK, _unclear),
    "refused": (Sign.BAD, lambda data: f"refused by the cloud{_because(data)}"),
    "refused_for_now": (Sign.WAIT, lambda data: f"refused for now{_because(data)}"),
    "not_sent": (Sign.WAIT, lambda data: f"could not be sent{_because(data)}"),
    "skipped": (Sign.NONE, lambda data: f"not sent{_because(data)}"),
    "not_now": (Sign.WAIT, lambda data: f"refused for now{_because(data)}"),
    "not_read": (Sign.WAIT, lambda data: f"could not be read{_because(data)}"),
    "not_submitted": (Sign.NONE, lambda data: f"not sent{_because(data)}"),
    "succeeded": (Sign.GOOD, lambda _: "image active"),
    "failed": (Sign.BAD, lambda data: f"failed{_because(data)}"),
    "cancelled": (Sign.NONE, lambda _: "cancelled before it was sent"),
    "resumed": (Sign.GOOD, lambda data: f"process {data.get('pid')} on {data.get('host')} goes on with it"),
    "left": (Sign.NONE, lambda _: "its process let go of it"),
    "watched": (Sign.GOOD, lambda _: "watched again"),
    "unwatched": (Sign.NONE, lambda _: "no longer watched"),
    "hook": (Sign.GOOD, lambda _: "your command was started with it"),
    "receipt": (Sign.GOOD, lambda _: "image read again and compared: receipt"),
}


def event_words(event: Event) -> tuple[Sign, str]:
    """The sign and the sentence of one line of a timeline; an event of a kind unknown here shows its name."""
    of_step = step_words(event)
    if of_step is not None:
        return of_step
    known = _EVENTS.get(event.kind)
    return (Sign.NONE, event.kind.replace("_", " ")) if known is None else (known[0], known[1](event.data))


def elapsed_words(seconds: int | None) -> str:
    """Elapsed time by the minute, so that nothing ticks: `0 min`, `12 min`, `3 h 05`, `2 d 4 h`; `-` if unknown."""
    if seconds is None:
        return "-"
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes:02}" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def left_words(job: Job, now: datetime) -> str:
    """The estimated range of what is left, for a column: `2-10 min`, `1-3 h`, `-` where there is none."""
    left = _left(job, now)
    if left is None:
        return "-"
    low, high = left[0] // 60, -(-left[1] // 60)
    return f"{low}-{high} min" if high < 180 else f"{low // 60}-{-(-high // 60)} h"


def estimate_sentence(job: Job, now: datetime) -> str | None:
    """The same in a sentence, marked as an estimate; None where nothing is known."""
    if job.estimate is None:
        return None
    of = f"by {job.estimate.samples} own exports of its format and type"
    left = _left(job, now)
    if left is None:
        return f"It takes longer than was to be expected {of}."
    return f"Estimate {of}: {left[0] // 60} to {-(-left[1] // 60)} minutes are left."


def _left(job: Job, now: datetime) -> tuple[int, int] | None:
    return None if job.estimate is None else job.estimate.left(job.elapsed_s(now) or 0)
