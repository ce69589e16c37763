"""One compiled word of a filter: what it looks at, and whether it passes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from evs_tui.cloud.models import Volume
from evs_tui.exports.model import Verdict, VerdictState
from evs_tui.volumes.columns import folded

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A compiled word; `name` is "" for a plain one. Exactly one of the four tests is there, its negation included.

    `of_text` takes the text of all columns (see `search_text`), `of_volume` the volume, `of_verdict` its verdict,
    `of_servers` the names of its servers followed by their ids. A long list tests each kind in the cheapest way.
    """

    name: str
    sign: str
    value: str | float | bool
    negated: bool
    of_text: Callable[[str], bool] | None = field(default=None, compare=False, repr=False)
    of_volume: Callable[[Volume], bool] | None = field(default=None, compare=False, repr=False)
    of_verdict: Callable[[Verdict], bool] | None = field(default=None, compare=False, repr=False)
    of_servers: Callable[[Iterable[str]], bool] | None = field(default=None, compare=False, repr=False)

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
    return Term("", ":", needle, negated, of_text=lambda text: (needle in text) is not negated)


def text_term(name: str, needle: str, *, negated: bool) -> Term | None:
    """A token that looks for `needle` in one field's text, or None where `name` is no such field."""
    texts = VOLUME_TEXTS.get(name)
    if texts is not None:
        return Term(name, ":", needle, negated, of_volume=lambda volume: _occurs(needle, texts(volume)) is not negated)
    if name != "server":
        return None
    return Term(name, ":", needle, negated, of_servers=lambda texts: _occurs(needle, texts) is not negated)


def number_term(name: str, sign: str, bound: float, *, negated: bool) -> Term:
    """A token that compares `size` (GiB) or `made` (seconds since 1970). What is unknown compares as false."""
    compare, number = _COMPARISONS[sign], _NUMBERS[name]

    def test(volume: Volume) -> bool:
        value = number(volume)
        return (value is not None and compare(value, bound)) is not negated

    return Term(name, sign, bound, negated, of_volume=test)


def flag_term(name: str, wanted: bool, *, negated: bool) -> Term:
    """A token that asks for yes or no: `ready`, `shared`, `encrypted`, `bootable`."""
    flag = _FLAGS.get(name)
    if flag is not None:
        return Term(name, ":", wanted, negated, of_volume=lambda volume: (flag(volume) is wanted) is not negated)
    return Term(name, ":", wanted, negated, of_verdict=lambda verdict: (_is_ready(verdict) is wanted) is not negated)


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
_NUMBERS: Mapping[str, Callable[[Volume], float | None]] = {
    "size": lambda volume: volume.size_gib,
    "made": lambda volume: None if volume.created_at is None else volume.created_at.timestamp(),
}
_FLAGS: Mapping[str, Callable[[Volume], bool]] = {
    "shared": lambda volume: volume.shared,
    "encrypted": lambda volume: volume.encrypted,
    "bootable": lambda volume: volume.bootable,
}
