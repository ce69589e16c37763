"""Secrets that cannot be shown by accident, and the filter that takes known secrets out of a text."""

from __future__ import annotations

import hmac
import json
import threading
from collections import deque
from typing import NoReturn
from urllib.parse import quote, quote_plus

MASK = "[secret]"
_SHORTEST_REDACTED = 4
_REMEMBERED = 32

# A secret stays known to the filter as long as it lives, and a bounded number of dead ones too: a message is often
# formatted after the object it quotes has gone. The lock is re-entrant: `__del__` may run inside any of its blocks.
_guard = threading.RLock()
_living: dict[int, str] = {}
_gone: deque[str] = deque(maxlen=_REMEMBERED)


class Secret:
    """A password, key, token or passcode.

    It prints, formats and compares without showing its value, and refuses to be copied into a pickle. Only
    `reveal` gives the value, and only the code that builds a request may call it.
    """

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        with _guard:
            _living[id(self)] = value

    def __del__(
        self, guard: threading.RLock = _guard, living: dict[int, str] = _living, gone: deque[str] = _gone
    ) -> None:
        # The defaults outlive the module's globals, which the end of the interpreter may have cleared.
        with guard:
            value = living.pop(id(self), "")
            if value and value not in gone:
                gone.append(value)

    def reveal(self) -> str:
        """The value itself, for the line that puts it into a request."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._value.encode("utf-8", "surrogatepass"), other._value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled or copied")


def redact(text: str) -> str:
    """`text` with every known secret of this process replaced by `[secret]`.

    A value is also found as JSON, a Python literal and a URL write it. Values under four characters are left
    alone: taking them out would garble the text and hide nothing.
    """
    with _guard:
        values = {*_living.values(), *_gone}
    forms = {form for value in values if len(value) >= _SHORTEST_REDACTED for form in _written_forms(value)}
    for form in sorted(forms, key=len, reverse=True):
        if form in text:
            text = text.replace(form, MASK)
    return text


def _written_forms(value: str) -> set[str]:
    whole = value.encode("utf-8", "surrogatepass")
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        repr(whole)[2:-1],
        quote(whole, safe=""),
        quote(whole),
        quote_plus(whole),
    }
