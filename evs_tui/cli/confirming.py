"""The question before the deed: only a person at a terminal can answer it, and only `yes` is yes."""

from __future__ import annotations

import sys

from evs_tui.cli.streams import is_terminal
from evs_tui.failure import UsageFailure

_YES = "yes"


def check_somebody_can_answer(deed: str) -> None:
    """Make sure that a question would reach a person, before anything else is done. `deed` as in "exported".

    Raises:
        UsageFailure: there is no terminal.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageFailure(
            f"Nothing was {deed}",
            "the review cannot be answered: standard input and error are not a terminal",
            "repeat the command with --yes when you know what it will do",
        )


def confirm(question: str, deed: str) -> None:
    """Ask; anything but `yes` is no.

    Raises:
        UsageFailure: the answer is no.
    """
    sys.stderr.write(f"{question} Type yes: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    if answer.strip().lower() != _YES:
        raise UsageFailure(f"Nothing was {deed}", "the review was not answered with yes", "nothing has been sent")
