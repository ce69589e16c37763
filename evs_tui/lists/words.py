"""The filter above a short list: the grammar of the volumes' filter over the words of another kind of row."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from evs_tui.exports.problem import Problem
from evs_tui.text import clean
from evs_tui.volumes.columns import folded
from evs_tui.volumes.filter_values import age_value, flag_value, size_value
from evs_tui.volumes.filtering import TURNED, WORD, unknown_word

T = TypeVar("T")
Test = Callable[[T], bool]
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class ListFilter(Generic[T]):
    """A filter as typed and compiled. With a `problem` it matches nothing."""

    text: str = ""
    tests: tuple[Test[T], ...] = ()
    problem: Problem | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it lets everything pass."""
        return not self.tests and self.problem is None

    def matches(self, row: T) -> bool:
        """Whether `row` passes."""
        return self.problem is None and all(test(row) for test in self.tests)


@dataclass(frozen=True, slots=True)
class FilterWords(Generic[T]):
    """The words that filter one kind of row.

    `everything` are the texts that a plain word is looked for in. `texts` (`name:`), `flags` (`ours:yes`), `sizes`
    (`size>40`, in GiB) and `moments` (`age<7d`) name the words with what they look at; None is unknown and matches
    no comparison.
    """

    everything: Callable[[T], Iterable[str]]
    texts: Mapping[str, Callable[[T], Iterable[str]]] = field(default_factory=dict)
    flags: Mapping[str, Callable[[T], bool]] = field(default_factory=dict)
    sizes: Mapping[str, Callable[[T], float | None]] = field(default_factory=dict)
    moments: Mapping[str, Callable[[T], datetime | None]] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        """Every word with its sign."""
        compared = [name + sign for name in (*self.sizes, *self.moments) for sign in "><"]
        return (*(name + ":" for name in (*self.texts, *self.flags)), *compared)

    def parse(self, text: str, now: datetime) -> ListFilter[T]:
        """`text` as a filter; ages count back from `now`. What is wrong with it is explained in `problem`.

        A word without a value is still being typed: it neither filters nor errs.
        """
        tests: list[Test[T]] = []
        for word in WORD.finditer(text):
            test = self._test(word, now)
            if isinstance(test, Problem):
                return ListFilter(text, problem=test)
            if test is not None:
                tests.append(_negated(test) if word["minus"] else test)
        return ListFilter(text, tuple(tests))

    def _test(self, word: re.Match[str], now: datetime) -> Test[T] | Problem | None:
        value = folded(word["plain"] if word["quoted"] is None else word["quoted"])
        if word["field"] is None:
            return _occurs(self.everything, value) if value else None
        name, sign, position = folded(word["field"]), word["sign"], word.start("field") + 1
        if name + sign not in self.known:
            return unknown_word(name + sign, position, self.known)
        if sign != ":" and value.startswith("="):
            sign, value = sign + "=", value[1:]
        if not value:
            return None
        if name in self.texts:
            return _occurs(self.texts[name], value)
        return self._valued(name, sign, value, now, position)

    def _valued(self, name: str, sign: str, value: str, now: datetime, position: int) -> Test[T] | Problem:
        shown = clean(value)
        if name in self.flags:
            flag, wanted = self.flags[name], flag_value(value)
            if wanted is None:
                return Problem(f'"{shown}" is neither yes nor no: write {name}:yes', position)
            return lambda row: flag(row) is wanted
        if name in self.sizes:
            bound = size_value(value)
            if bound is None:
                return Problem(f'"{shown}" is no size: write {name}>100 for GiB, {name}>2t for TiB', position)
            return _compared(self.sizes[name], sign, bound)
        moment, made = age_value(value, now), self.moments[name]
        if moment is None:
            return Problem(f'"{shown}" is no age: write {name}>7d, with m, h, d, w or y', position)
        return _compared(lambda row: _seconds(made(row)), sign.translate(TURNED), moment.timestamp())


def _negated(test: Test[T]) -> Test[T]:
    return lambda row: not test(row)


def _occurs(texts: Callable[[T], Iterable[str]], needle: str) -> Test[T]:
    return lambda row: any(needle in folded(text) for text in texts(row))


def _compared(number: Callable[[T], float | None], sign: str, bound: float) -> Test[T]:
    compare = _COMPARISONS[sign]

    def test(row: T) -> bool:
        value = number(row)
        return value is not None and compare(value, bound)

    return test


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
