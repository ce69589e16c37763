"""What the screens may ask of the app."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol, cast

from textual.widget import Widget

from evs_tui.exports.model import Choices
from evs_tui.tui.theme import Symbols


class Program(Protocol):
    """The app as its screens know it."""

    symbols: Symbols

    def ask_the_cloud(self) -> None:
        """Sign in and read everything, or read again what failed."""

    def read_volumes(self) -> None:
        """Read the list again."""

    def open_form(self, volume_ids: Collection[str], choices: Choices | None = None) -> bool:
        """Open the export form on these volumes; False where none of them is listed."""

    def show_run(self, run_id: str) -> None:
        """Go to the jobs, with the cursor on the first of this run."""

    def show_job(self, job_id: str) -> None:
        """Go to the jobs, with the cursor on this one."""

    def copy(self, text: str) -> bool:
        """Send `text` to the terminal's clipboard; False where that is off."""


def program_of(widget: Widget) -> Program:
    """The app that a screen belongs to."""
    return cast(Program, widget.app)
