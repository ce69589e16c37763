"""The one gate for foreign strings: what a cloud, a file or a terminal sent becomes harmless text here."""

from __future__ import annotations

import codecs
import re
import unicodedata

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_REPLACED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_FIRST_PICTURE = 0x2400
_LAST_C0 = 0x1F


def clean(value: str) -> str:
    """`value` without anything a terminal could obey.

    C0 controls become their visible pictures (ESC is shown as U+241B), all other control, format (bidi,
    zero-width), surrogate, private and unassigned characters and the line separators become U+FFFD. Nothing
    is shortened and no printable character changes, so applying it twice gives the same as once.
    """
    if value.isprintable():
        return value
    return "".join(_clean_character(character) for character in value)


def _clean_character(character: str) -> str:
    code = ord(character)
    if code <= _LAST_C0:
        return chr(_FIRST_PICTURE + code)
    return REPLACEMENT if unicodedata.category(character) in _REPLACED else character


def is_id(value: object) -> bool:
    """Whether `value` may stand in a URL as an id: 1 to 64 of letters, digits, `-` and `_`."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def excerpt(value: str, limit: int = 300) -> str:
    """`value` cleaned, white space folded, and cut to `limit` characters with a visible sign."""
    folded = clean(" ".join(value.split()))
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "»"


QUESTION_MARKS = "evs_tui.question_marks"
"""An error handler for encodings: what cannot be encoded becomes as many `?` as it has cells, so that columns stay."""


def _question_marks(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join("?" * _cells(character) for character in error.object[error.start : error.end]), error.end


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


codecs.register_error(QUESTION_MARKS, _question_marks)
