"""A sign-in tried step by step, each line as it is known: what was found, and what to do where it failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

from textual import events

from evs_tui.checks.check import Check, State
from evs_tui.core import CoreClosed
from evs_tui.exports.model import Sign
from evs_tui.failure import Failure
from evs_tui.tui.content import Line, wrap
from evs_tui.tui.program import program_of
from evs_tui.tui.theme import Symbols, sign
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.sheet import OneLine, Sheet

_SIGN, _TITLE, _FOUND = 1, 3, 26
_SIGNS: Mapping[State, Sign] = {
    State.OK: Sign.GOOD,
    State.WARN: Sign.WARN,
    State.FAIL: Sign.BAD,
    State.SKIPPED: Sign.NONE,
    State.UNKNOWN: Sign.ASK,
}


class ConnectionTest(Drawer):
    """The drawer. Closing it ends the test; nothing is kept of it."""

    def __init__(self, profile: str, checks: AsyncIterator[Check]) -> None:
        super().__init__(f"Test of profile {profile}", ())
        self._checks = checks
        self._made: list[Check] = []
        self._failure: Failure | None = None
        self._ended = False

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._make(), group="test")

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - Textual's
        """Lay the lines out for the width there is."""
        self._show()

    async def _make(self) -> None:
        try:
            async for check in self._checks:
                self._made.append(check)
                self._show()
        except CoreClosed:
            return
        except Failure as failure:
            self._failure = failure
        self._ended = True
        self._show()

    def _show(self) -> None:
        symbols, width = program_of(self).symbols, max(40, self.size.width)
        lines = [line for check in self._made for line in check_lines(check, symbols, width)]
        if self._failure is not None:
            lines += _failure_lines(self._failure, symbols, width)
        self.query_one("#lines", Sheet).show(lines)
        self.query_one("#below", OneLine).show_line(self._summary(symbols))

    def _summary(self, symbols: Symbols) -> Line:
        if not self._ended:
            return _said(Sign.BUSY, "Testing.", symbols)
        failed = [check.title for check in self._made if check.found.state is State.FAIL]
        if failed or self._failure is not None:
            return _said(Sign.BAD, f"Failed: {', '.join(failed) or 'nothing could be tried'}.", symbols)
        warned = [check.title for check in self._made if check.found.state is State.WARN]
        if warned:
            return _said(Sign.WARN, f"It works, without: {', '.join(warned)}.", symbols)
        return _said(Sign.GOOD, "Everything that was tried works.", symbols)


def check_lines(check: Check, symbols: Symbols, width: int) -> Iterator[Line]:
    """One check: its sign, title and what was found; below it what to do."""
    room = width - _FOUND - 1
    first, *rest = wrap(check.found.words, room) or [""]
    yield Line.placed((_SIGN, *sign(_SIGNS[check.found.state], symbols)), (_TITLE, check.title, "muted"),
                      (_FOUND, first, "text"))  # fmt: skip
    for text in rest:
        yield Line.placed((_FOUND, text, "text"))
    if check.found.remedy is not None:
        for text in wrap(f"What to do: {check.found.remedy}.", room):
            yield Line.placed((_FOUND, text, "strong"))


def _failure_lines(failure: Failure, symbols: Symbols, width: int) -> Iterator[Line]:
    said = [f"{failure.what}: {failure.why}.", *([f"What to do: {failure.advice}."] if failure.advice else [])]
    for number, text in enumerate(line for sentence in said for line in wrap(sentence, width - _TITLE - 1)):
        mark = [(_SIGN, *sign(Sign.BAD, symbols))] if number == 0 else []
        yield Line.placed(*mark, (_TITLE, text, "text"))


def _said(of: Sign, words: str, symbols: Symbols) -> Line:
    return Line.placed((_SIGN, *sign(of, symbols)), (_TITLE, words, "text"))
