"""Questions asked line by line: any terminal will do, and a screen reader reads them in their order.

A prompt is one plain line; nothing is ever drawn over, coloured or cleared.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evs_tui.cli.output import Output
from evs_tui.cli.streams import is_terminal
from evs_tui.exports.draft import Said
from evs_tui.exports.model import Sign
from evs_tui.failure import UsageFailure

_HELP = "?"
_WHAT = "Nothing was exported"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a few, and what it means."""

    value: str
    words: str


def check_somebody_answers() -> None:
    """Make sure that a person sits at both ends.

    Raises:
        UsageFailure: there is no terminal.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageFailure(
            _WHAT,
            "the questions cannot be answered: standard input and error are not a terminal",
            "evs-tui export does the same without questions",
        )


class Questions:
    """Asks on standard error, reads lines of standard input. The end of input ends everything, and nothing is sent."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def text(self, question: str, default: str, check: Callable[[str], Said], *, help_: str) -> str:
        """A line that `check` finds nothing wrong with; an empty one is the default. Warnings are told, and taken."""
        while True:
            answer = self._line(f"{question} [{default}]: ", help_) or default
            said = check(answer)
            if said.of is not None:
                self._output.say(f"  {self._output.symbols.of(said.of)} {said.text}")
            if said.of is not Sign.BAD:
                return answer

    def choice(self, question: str, options: Sequence[Option], default: str, *, help_: str) -> str:
        """One of the options, by its number or its value; an empty line is the default."""
        self._output.say(question)
        for number, option in enumerate(options, start=1):
            self._output.say(f"  {number}  {option.value}: {option.words}")
        while True:
            answer = self._line(f"Number or word [{default}]: ", help_) or default
            found = _chosen(answer, options)
            if found is not None:
                return found.value
            bad = self._output.symbols.of(Sign.BAD)
            self._output.say(f"  {bad} not one of them: give 1 to {len(options)}, or the word")

    def words(self, question: str, *, help_: str) -> str:
        """A line that is not empty."""
        while not (answer := self._line(f"{question}: ", help_)):
            pass
        return answer

    def yes_or_no(self, question: str, *, default: bool, help_: str) -> bool:
        """Yes or no."""
        usual = "yes" if default else "no"
        while True:
            answer = (self._line(f"{question} yes or no [{usual}]: ", help_) or usual).lower()
            if answer in {"y", "yes"}:
                return True
            if answer in {"n", "no"}:
                return False

    def exactly(self, question: str, wanted: str) -> bool:
        """Whether exactly this was typed; there is no second try."""
        return self._line(f"{question}: ", "Anything else ends here, and nothing is sent.").strip() == wanted

    def _line(self, prompt: str, help_: str) -> str:
        """One line as typed, without its end and blanks at the end."""
        while True:
            sys.stderr.write(prompt)
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line.endswith("\n"):
                sys.stderr.write("\n")
                raise UsageFailure(_WHAT, "the input ended before the last question", "nothing has been sent")
            # Blanks at the start are part of a name, and a mistake that the rule tells of.
            line = line.rstrip("\r\n")
            if line.strip() != _HELP:
                return line if line.strip() else ""
            self._output.say(f"  {help_}")


def _chosen(answer: str, options: Sequence[Option]) -> Option | None:
    word = answer.strip()
    if word.isascii() and word.isdigit() and 1 <= int(word) <= len(options):
        return options[int(word) - 1]
    return next((option for option in options if option.value.lower() == word.lower()), None)
