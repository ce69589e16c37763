"""Tells by the terminal that an export ended: bell, title, notification. All three pass SSH."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evs_tui.config.finish import Finish, notification
from evs_tui.exports.model import Job
from evs_tui.exports.words import STATE_WORDS

PUSH_TITLE, POP_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""The terminal remembers its title, and takes it back."""
_WITHOUT_TITLE = frozenset({"dumb", "linux", ""})


class FinishSignal:
    """Compares the jobs with those of the last time. `write` sends a sequence to the terminal."""

    def __init__(self, finish: Finish, terminal: str, write: Callable[[str], None]) -> None:
        self._finish = finish
        self._write = write
        self._ended: frozenset[str] | None = None
        self._title: str | None = None
        self._has_title = finish.title and terminal not in _WITHOUT_TITLE

    @property
    def took_title(self) -> bool:
        """Whether the terminal's title was taken, and must be given back at the end."""
        return self._title is not None

    def jobs_changed(self, jobs: Sequence[Job], *, running: int, need_you: int) -> None:
        """Ring and notify for what ended since the last call; keep the title up to date. The first call is silent."""
        ended = {job.id: job for job in jobs if job.outcome is not None}
        news = [] if self._ended is None else [job for job_id, job in ended.items() if job_id not in self._ended]
        self._ended = frozenset(ended)
        if news:
            sequence = notification(self._finish.notify, _words(news))
            self._write(("\a" if self._finish.bell else "") + sequence)
        if self._has_title:
            self._show_title(running, need_you)

    def _show_title(self, running: int, need_you: int) -> None:
        counts = [f"{running} running"] * bool(running) + [f"{need_you} need you"] * bool(need_you)
        title = f"evs-tui: {', '.join(counts)}" if counts else "evs-tui"
        if title != self._title:
            self._write(("" if self._title is not None else PUSH_TITLE) + f"\x1b]2;{title}\x07")
            self._title = title


def _words(jobs: Sequence[Job]) -> str:
    """Counts and states alone: a notification may be shown on a locked screen."""
    states = [STATE_WORDS[job.state][1] for job in jobs]
    if len(states) == 1:
        return f"An export ended: {states[0]}"
    counted = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return f"Exports ended: {counted}"
