"""How far this machine's clock is from the cloud's, by the Date header that every answer carries."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from evs_tui.cloud.reply import Reply


def date_of(reply: Reply) -> datetime | None:
    """The moment that an answer was made, by the cloud's clock; None without a readable Date header."""
    try:
        moment = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def difference(reply: Reply, now: datetime) -> float | None:
    """The cloud's time minus ours in seconds, as of `reply`, which came at `now`. Exact to a second or two."""
    moment = date_of(reply)
    return None if moment is None else (moment - now).total_seconds()


def shown_difference(seconds: float) -> str:
    """The difference in words: "this machine's clock is 17 minutes behind the cloud's"."""
    side = "behind" if seconds > 0 else "ahead of"
    return f"this machine's clock is {_span(abs(seconds))} {side} the cloud's"


def _span(seconds: float) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (size == 60 and seconds >= 60):
            count = round(seconds / size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    count = round(seconds)
    return f"{count} second{'' if count == 1 else 's'}"
