"""One compiled word of a filter: what it looks at, and whether it passes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from evs_tui.cloud.models import Volume
from evs_tui.exports.model import Verdict, VerdictState
from evs_tui.volumes.columns import RowPart, VolumeRow, folded, search_text, server_texts

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A compiled word; `name` is "" for a plain one. `test` says whether a row passes, the negation included.

    It is given the `part` of the row that it looks at, for `servers` their names followed by their ids; None is the
    text of all columns (see `search_text`).
    """

    name: str
    sign: str
    value: str | float | bool
    negated: bool
    part: RowPart | None = field(compare=False, repr=False)
    test: Callable[[Any], bool] = field(compare=False, repr=False)

    def passes(self, row: VolumeRow) -> bool:
        """Whether `row` passes. Long lists hand over its part instead."""
        if self.part is None:
            return self.test(search_text(row))
        return self.test(server_texts(row.volume, row.servers) if self.part == "servers" else getattr(row, self.part))

    def implies(self, other: Term) -> bool:
        """Whether all that this term lets pass is let pass by `other` too, as far as the two words alone tell."""
        if (self.name, self.sign, self.negated) != (other.name, other.sign, other.negated):
            return False
        narrow, wide = (other.value, self.value) if self.negated else (self.value, other.value)
        if isinstance(narrow, str) and isinstance(wide, str):
            return wide in narrow
        if self.sign in _COMPARISONS and not isinstance(narrow, str) and not isinstance(wide, str):
            return narrow >= wide if self.sign.startswith(">") else narrow <= wide
        return narrow == wide


def word_term(needle: str, *, negated: bool) -> Term:
    """A plain word: somewhere in the text of the columns."""
    return Term("", ":", needle, negated, None, lambda text: (needle in text) is not negated)


def text_term(name: str, needle: str, *, negated: bool) -> Term | None:
    """A token that looks for `needle` in one field's text, or None where `name` is no such field."""
    texts = VOLUME_TEXTS.get(name)
    if texts is not None:
        return Term(name, ":", needle, negated, "volume", lambda volume: _occurs(needle, texts(volume)) is not negated)
    if name != "server":
        return None
    return Term(name, ":", needle, negated, "servers", lambda texts: _occurs(needle, texts) is not negated)


def number_term(name: str, sign: str, bound: float, *, negated: bool) -> Term:
    """A token that compares `size` (GiB), `made` or `exported` (seconds since 1970). What is unknown is false."""
    compare, (part, number) = _COMPARISONS[sign], _NUMBERS[name]

    def test(value: Any) -> bool:
        known = number(value)
        return (known is not None and compare(known, bound)) is not negated

    return Term(name, sign, bound, negated, part, test)


def flag_term(name: str, wanted: bool, *, negated: bool) -> Term:
    """A token that asks for yes or no: `ready`, `shared`, `encrypted`, `bootable`, `exported`."""
    part, flag = _FLAGS[name]
    return Term(name, ":", wanted, negated, part, lambda value: (flag(value) is wanted) is not negated)


def _occurs(needle: str, texts: Iterable[str]) -> bool:
    for text in texts:  # a loop, because a long list runs it for every row  # noqa: SIM110
        if needle in folded(text):
            return True
    return False


def _os_texts(volume: Volume) -> Iterable[str]:
    told = (volume.image_metadata.get(key) for key in ("__os_version", "__platform", "image_name", "os_distro"))
    return (volume.os_type or "", *(text for text in told if text))


def _is_ready(verdict: Verdict) -> bool:
    return verdict.state is VerdictState.READY


VOLUME_TEXTS: Mapping[str, Callable[[Volume], Iterable[str]]] = {
    "name": lambda volume: (volume.name,),
    "id": lambda volume: (volume.id,),
    "status": lambda volume: (volume.status,),
    "type": lambda volume: (volume.volume_type or "",),
    "az": lambda volume: (volume.availability_zone or "",),
    "os": _os_texts,
    "tag": lambda volume: (f"{key}={value}" for key, value in volume.tags.items()),
}


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


_NUMBERS: Mapping[str, tuple[RowPart, Callable[[Any], float | None]]] = {
    "size": ("volume", lambda volume: volume.size_gib),
    "made": ("volume", lambda volume: _seconds(volume.created_at)),
    "exported": ("exported", _seconds),
}
_FLAGS: Mapping[str, tuple[RowPart, Callable[[Any], bool]]] = {
    "shared": ("volume", lambda volume: volume.shared),
    "encrypted": ("volume", lambda volume: volume.encrypted),
    "bootable": ("volume", lambda volume: volume.bootable),
    "ready": ("verdict", _is_ready),
    "exported": ("exported", lambda exported: exported is not None),
}

FLAG_WORDS = frozenset(f"{name}:" for name in _FLAGS)
"""The words that ask for yes or no."""

VALUE_WORDS: Mapping[str, Callable[[Volume], str | None]] = {
    "status:": lambda volume: volume.status,
    "type:": lambda volume: volume.volume_type,
    "az:": lambda volume: volume.availability_zone,
}
"""The words whose values are few enough to be offered, with where the values are."""
