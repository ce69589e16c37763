"""Secrets that cannot be shown by accident, and the filter that takes known secrets out of a text."""

from __future__ import annotations

import hmac
import weakref
from typing import NoReturn

MASK = "[secret]"
_SHORTEST_REDACTED = 4

_known: weakref.WeakSet[Secret] = weakref.WeakSet()


class Secret:
    """A password, key, token or passcode.

    It prints, formats and compares without showing its value, and refuses to be copied into a pickle. Only
    `reveal` gives the value, and only the code that builds a request may call it.
    """

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        _known.add(self)

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
        return id(self)

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled or copied")


def redact(text: str) -> str:
    """`text` with every living secret of this process replaced by `[secret]`.

    Values under four characters are left alone: taking them out would garble the text and hide nothing.
    """
    values = {secret.reveal() for secret in list(_known)}
    for value in sorted(values, key=len, reverse=True):
        if len(value) >= _SHORTEST_REDACTED and value in text:
            text = text.replace(value, MASK)
    return text
