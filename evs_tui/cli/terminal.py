"""`evs-tui` without a command: checks that a screen can be drawn, and opens the terminal UI."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from evs_tui.cli.commands import TerminalCommand
from evs_tui.cli.streams import is_terminal
from evs_tui.failure import UsageFailure
from evs_tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evs_tui.cli.run import Run

_WHAT = "The terminal UI cannot be opened"
_INSTEAD = "evs-tui volumes, export and jobs work without it"


def open_terminal(command: TerminalCommand, run: Run) -> int:
    """Run the terminal UI until it is left.

    Raises:
        UsageFailure: no screen can be drawn here.
        ConfigFailure: the configuration cannot be used.
    """
    check_terminal(os.environ)
    with run.workspace() as workspace:
        from evs_tui.tui.app import run as run_app

        return run_app(workspace, volume=command.volume, filter=command.filter)


def check_terminal(environ: Mapping[str, str]) -> None:
    """Make sure that keys can be read and a screen drawn; the screen is drawn on standard error.

    Raises:
        UsageFailure: they cannot, and what to do instead.
    """
    if not is_terminal(sys.stdin):
        raise UsageFailure(_WHAT, "standard input is not a terminal, so no key can be read", _INSTEAD)
    if not is_terminal(sys.stderr):
        raise UsageFailure(_WHAT, "standard error is not a terminal, and the screen is drawn there", _INSTEAD)
    kind = environ.get("TERM", "")
    if kind in {"", "dumb", "unknown"}:
        named = f"TERM is {clean(kind)}" if kind else "TERM is not set"
        raise UsageFailure(_WHAT, f"{named}: this terminal cannot place text", f"set TERM to what it is; {_INSTEAD}")
