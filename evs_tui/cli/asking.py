"""A secret asked of the person at the terminal: typed without being shown, kept nowhere."""

from __future__ import annotations

import sys

from evs_tui.cli.streams import is_terminal
from evs_tui.secret import Secret


def ask_secret(question: str, *, stripped: bool = False) -> Secret | None:
    """What was typed at the terminal, which shows nothing of it; None where nobody can answer, or nothing was typed."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        return None
    from getpass import getpass

    try:
        typed = getpass(f"{question}: ", stream=sys.stderr)
    except EOFError:
        return None
    typed = typed.strip() if stripped else typed  # a password may begin or end with a blank
    return Secret(typed) if typed else None
