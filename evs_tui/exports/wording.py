"""Text measured in terminal cells, and names put into sentences that must fit a line."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

CUT = "»"
NOTE_CELLS = 56
LABEL_CELLS = 16


def cells(text: str) -> int:
    """How many terminal cells `text` takes: 2 for a wide character, 0 for a combining mark, else 1."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in {"Mn", "Me"} else 1


def shortened(text: str, limit: int) -> str:
    """`text` in at most `limit` cells; what is cut off is shown by `»`."""
    if cells(text) <= limit:
        return text
    room, kept = limit - 1, []
    for character in text:
        room -= _cells_of(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + CUT


def sentence(pattern: str, *names: str, limit: int = NOTE_CELLS) -> str:
    """`pattern` with each `{}` replaced by a name, long names shortened alike so that the whole fits `limit`.

    Foreign text comes in as a name, never as part of `pattern`. A name keeps at least 8 cells, so a long pattern
    with several names may still be longer.
    """
    whole = pattern.format(*names)
    if cells(whole) <= limit:
        return whole
    room, fitted = limit - cells(pattern.format(*([""] * len(names)))), list(names)
    # What a short name leaves over goes to the longer ones, so the shortest is fitted first.
    by_width = sorted(range(len(names)), key=lambda place: cells(names[place]))
    for done, place in enumerate(by_width):
        fitted[place] = shortened(names[place], max(8, room // (len(names) - done)))
        room -= cells(fitted[place])
    return pattern.format(*fitted)


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names as a sentence has them: `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return shown[0] if len(shown) == 1 else " and ".join([", ".join(shown[:-1]), *shown[-1:]]) if shown else ""
