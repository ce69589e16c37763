"""Names for many images at once: a template with a few words in braces, replaced once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.names import name_of, name_problem
from evs_tui.exports.problem import Problem

TEMPLATE_WORDS = ("name", "id8", "date", "time", "index")
_WORD = re.compile(r"\{(" + "|".join(TEMPLATE_WORDS) + r")\}")


def is_template(text: str) -> bool:
    """Whether `text` holds at least one word that is replaced."""
    return _WORD.search(text) is not None


def name_or_template_problem(text: str, dialect: Dialect) -> Problem | None:
    """Why `text` can serve neither as a name nor as a template; places are counted in `text` as typed.

    What only a particular disk makes wrong (a result that is too long or comes twice) is found when planning.
    """
    if not is_template(text):
        return name_problem(text, dialect)
    # Any word yields characters that every rule takes, so letters of the same number keep the places right.
    problem = name_problem(_WORD.sub(lambda word: "x" * len(word[0]), text), dialect)
    # Only the length blames no character, and a template may be longer than what it yields.
    return None if problem is not None and problem.character is None else problem


def expanded(template: str, volume: Volume, dialect: Dialect, now: datetime, *, index: int = 1, count: int = 1) -> str:
    """The name that `template` gives to the image of `volume`; it may still break the rule.

    `{name}` is the volume's name fitted to the rule and to the room that the rest leaves, `{id8}` the first
    eight characters of its id, `{date}` and `{time}` are UTC (YYYYMMDD, HHMMSS), and `{index}` is the place in
    the given list, padded to the digits of `count`. Other braces stay, and nothing is replaced twice.
    """
    moment = now.astimezone(UTC)
    words = {
        "name": "",
        "id8": volume.id[:8],
        "date": moment.strftime("%Y%m%d"),
        "time": moment.strftime("%H%M%S"),
        "index": str(index).zfill(len(str(count))),
    }
    names = sum(1 for word in _WORD.finditer(template) if word[1] == "name")
    if names:
        room = dialect.name_limit - len(_WORD.sub(lambda word: words[word[1]], template))
        words["name"] = name_of(volume, dialect, room // names)
    return _WORD.sub(lambda word: words[word[1]], template)
