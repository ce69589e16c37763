"""The filter above a list of volumes: words and tokens as typed, made into a predicate that never raises.

web 生产              every plain word must occur in some column
"my disk"            quotes keep blanks, and make a colon or a leading - plain text
status:in-use        a token looks at one field alone
-type:ssd            a leading - turns a word or token round
size>100  age<7d     in GiB (or 2t); in days (or 30m, 12h, 3w, 1y)
-exported<30d        not exported within 30 days, also those never exported as far as is known
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from evs_tui.exports.problem import Problem
from evs_tui.text import clean
from evs_tui.volumes.columns import VolumeRow, folded
from evs_tui.volumes.filter_terms import Term, flag_term, number_term, text_term, word_term
from evs_tui.volumes.filter_values import age_value, flag_value, size_value

FILTER_WORDS: Mapping[str, str] = {
    "name:": "part of the name",
    "id:": "part of the id",
    "status:": "part of the status, e.g. status:error",
    "type:": "part of the volume type",
    "az:": "part of the availability zone",
    "server:": "part of the name or id of a server it is attached to",
    "os:": "part of the system that its image metadata tells",
    "tag:": "part of a tag, written key=value",
    "size>": "larger than so many GiB; size>2t for TiB",
    "size<": "smaller than so many GiB",
    "age>": "made longer ago than so many days; m, h, w, y for others",
    "age<": "made within so many days",
    "exported>": "last exported longer ago than so many days",
    "exported<": "exported within so many days",
    "exported:": "yes: an export of it is known",
    "ready:": "yes: can be exported as it is",
    "shared:": "yes: may be attached to several servers",
    "encrypted:": "yes: is encrypted",
    "bootable:": "yes: a system disk",
}
"""Every filter word with its meaning, for help and completion."""

WORD = re.compile(
    r"(?=\S)(?P<minus>-?)(?:(?P<field>[A-Za-z]+)(?P<sign>[:<>]))?(?:\"(?P<quoted>[^\"]*)\"?|(?P<plain>\S*))"
)
"""One word of any filter: an optional minus, a field with its sign, and a value, quoted or plain."""

TURNED = str.maketrans("<>", "><")
"""For ages: the older something is, the smaller the moment at which it was made."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed and compiled. With a `problem` it matches nothing."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    problem: Problem | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything pass."""
        return not self.terms and self.problem is None

    @property
    def asks_for_exports(self) -> bool:
        """Whether a word looks at when a volume was last exported."""
        return any(term.part == "exported" for term in self.terms)

    def matches(self, row: VolumeRow) -> bool:
        """Whether `row` passes."""
        return self.problem is None and all(term.passes(row) for term in self.terms)

    def narrows(self, other: Filter) -> bool:
        """Whether all that this filter matches is matched by `other` too, as far as the words alone tell."""
        if self.problem is not None or other.problem is not None:
            return False
        return all(any(term.implies(old) for term in self.terms) for old in other.terms)


def parse_filter(text: str, now: datetime) -> Filter:
    """`text` as a filter; ages count back from `now`. What is wrong with it is explained in `problem`.

    A word that has no value yet (`status:`, `-`, an open quote) is still being typed: it neither filters nor errs.
    """
    terms: list[Term] = []
    for word in WORD.finditer(text):
        term = _term(word, now)
        if isinstance(term, Problem):
            return Filter(text, problem=term)
        if term is not None:
            terms.append(term)
    return Filter(text, tuple(terms))


def _term(word: re.Match[str], now: datetime) -> Term | Problem | None:
    negated = bool(word["minus"])
    value = folded(word["plain"] if word["quoted"] is None else word["quoted"])
    if word["field"] is None:
        return word_term(value, negated=negated) if value else None
    name, sign, position = folded(word["field"]), word["sign"], word.start("field") + 1
    if name + sign not in FILTER_WORDS:
        return unknown_word(name + sign, position, FILTER_WORDS)
    if sign != ":" and value.startswith("="):
        sign, value = sign + "=", value[1:]
    if not value:
        return None
    return text_term(name, value, negated=negated) or _valued_term(name, sign, value, now, position, negated=negated)


def _valued_term(name: str, sign: str, value: str, now: datetime, position: int, *, negated: bool) -> Term | Problem:
    shown = clean(value)
    if name == "size":
        size = size_value(value)
        if size is None:
            return Problem(f'"{shown}" is no size: write size>100 for GiB, size>2t for TiB', position)
        return number_term("size", sign, size, negated=negated)
    if name == "age" or (name == "exported" and sign != ":"):
        moment = age_value(value, now)
        if moment is None:
            return Problem(f'"{shown}" is no age: write {name}>7d, with m, h, d, w or y', position)
        # The older a disk, the smaller the moment it was made at: the comparison turns round.
        return number_term(
            "made" if name == "age" else name, sign.translate(TURNED), moment.timestamp(), negated=negated
        )
    flag = flag_value(value)
    if flag is None:
        return Problem(f'"{shown}" is neither yes nor no: write {name}:yes', position)
    return flag_term(name, flag, negated=negated)


def unknown_word(token: str, position: int, known: Collection[str]) -> Problem:
    """That `token` is none of the `known` filter words, and which of them was perhaps meant."""
    name = token[:-1]
    same_field = [word for word in known if word[:-1] == name]
    # The signs take no part in the comparison, they would drown short words.
    close = get_close_matches(name, [word[:-1] for word in known], n=1)
    meant = same_field or [word for word in known if word[:-1] in close]
    if meant:
        return Problem(f'"{token}" is not a filter word; did you mean {meant[0]} ?', position)
    return Problem(f'"{token}" is not a filter word; in quotes it is plain text', position)
