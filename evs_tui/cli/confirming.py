"""The question before the deed: only a person at a terminal can answer it, and only `yes` is yes."""

from __future__ import annotations

import sys

from evs_tui.cli.streams import is_terminal
from evs_tui.failure import UsageFailure
from evs_tui.text import clean

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


def confirm_take_over(job_id: str, host: str) -> str:
    """Let a person type the last four characters of a job's id, which no option answers; what was typed.

    Raises:
        UsageFailure: there is no terminal, or something else was typed.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise UsageFailure(
            "Nothing was sent",
            f"job {job_id} belongs to a process on {host}, and only a person at a terminal may say that it has ended",
            "repeat the command at a terminal, without a pipe",
        )
    sys.stderr.write(f"If the process on {host} has ended, type the last four characters of {job_id}: ")
    sys.stderr.flush()
    typed = sys.stdin.readline().strip()
    if typed != job_id[-4:]:
        raise UsageFailure("Nothing was sent", f'"{clean(typed)}" are not its last four characters')
    return typed
