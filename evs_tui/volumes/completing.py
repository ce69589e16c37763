"""Offers the rest of the filter word that is being typed: its name, and its value where the values are few."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable

Values = Callable[[str], Collection[str]]
"""The values that a filter word like `status:` may take; none where they are not known or too many."""

YES_NO = ("yes", "no")
_LAST_WORD = re.compile(r"(?:^|\s)-?(?P<typed>(?P<name>[A-Za-z]+:)?[^\s\"]*)$")


def completed(text: str, words: Iterable[str], values: Values) -> str | None:
    """`text` with its last word completed, or None where there is nothing to offer. Words come first in their order.

    What stands in quotes is plain text and is left alone; a value with a blank would need quotes and is not offered.
    """
    found = _LAST_WORD.search(text)
    if found is None or not found["typed"] or text.count('"') % 2:
        return None
    typed, name = found["typed"], found["name"]
    if name is None:
        candidates: Iterable[str] = words
    else:
        fitting = (value for value in sorted(values(name.casefold())) if " " not in value)
        candidates = (name + value for value in fitting)
    start = typed.casefold()
    rest = next((one for one in candidates if len(one) > len(typed) and one.casefold().startswith(start)), None)
    return None if rest is None else text + rest[len(typed) :]
