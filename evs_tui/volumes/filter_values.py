"""The values that filter words take: sizes, ages, yes and no. Half a value is read as far as it goes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

Unit = TypeVar("Unit", int, timedelta)

_SIZE = re.compile(r"([0-9][0-9,]{0,11}(?:\.[0-9]{0,3})?)([a-z]*)")
_SIZE_UNITS = {"gib": 1, "gb": 1, "tib": 1024, "tb": 1024}
_AGE = re.compile(r"([0-9]{1,6})([a-z]*)")
_AGE_UNITS = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "years": timedelta(days=365),
}
_YES = ("yes", "true", "1")
_NO = ("no", "false", "0")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def size_value(text: str) -> float | None:
    """A size in GiB: `100`, `100g`, `1.5t`, `2,048 GiB` without its blank; None where it is none."""
    match = _SIZE.fullmatch(text)
    factor = None if match is None else _unit(match[2], _SIZE_UNITS, 1)
    return None if match is None or factor is None else float(match[1].replace(",", "")) * factor


def age_value(text: str, now: datetime) -> datetime | None:
    """The moment that is `text` ago: `30m`, `12h`, `7d` (also plain `7`), `3w`, `1y`; None where it is no age."""
    match = _AGE.fullmatch(text)
    unit = None if match is None else _unit(match[2], _AGE_UNITS, _AGE_UNITS["days"])
    if match is None or unit is None:
        return None
    try:
        return now - int(match[1]) * unit
    except OverflowError:
        return _LONG_AGO


def flag_value(text: str) -> bool | None:
    """Whether `text` begins to say yes or no; None where it says neither."""
    if any(word.startswith(text) for word in _YES):
        return True
    return False if any(word.startswith(text) for word in _NO) else None


def _unit(text: str, units: Mapping[str, Unit], default: Unit) -> Unit | None:
    if not text:
        return default
    return next((value for unit, value in units.items() if unit.startswith(text)), None)
