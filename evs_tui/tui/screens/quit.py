"""Quitting while exports are open: what goes on in the cloud, what waits, and the command that watches it."""

from __future__ import annotations

from collections.abc import Iterator

from evs_tui.exports.model import JobState
from evs_tui.tui.content import Line
from evs_tui.tui.desk import Desk
from evs_tui.tui.widgets.drawer import Drawer

_IN_THE_CLOUD = {JobState.EXPORTING, JobState.RESTORING}
_WAITING = {JobState.PLANNED, JobState.PREPARING}


class QuitDrawer(Drawer):
    """The question; it ends with `quit` or not."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(
            "Quit while exports are open?",
            _lines(desk),
            (("stay", "Stay"), ("quit", "Quit evs-tui")),
            safe_words="stay",
        )


def _lines(desk: Desk) -> Iterator[Line]:
    states = [job.state for job in desk.jobs if job.is_open]
    demo = desk.context is not None and desk.context.demo
    in_cloud = sum(state in _IN_THE_CLOUD for state in states)
    waiting = sum(state in _WAITING for state in states)
    open_questions = len(states) - in_cloud - waiting
    if demo:
        yield Line.placed((3, "These are exports of the demo: they end with it.", "text"))
        return
    if in_cloud:
        yield Line.placed((3, f"{in_cloud} go on in the cloud, whether anybody watches or not.", "text"))
    if waiting:
        yield Line.placed((3, f"{waiting} wait and are not sent; the next start shows them first.", "strong"))
    if open_questions:
        yield Line.placed((3, f"{open_questions} being sent or unclear: an answer under way is waited for.", "strong"))
    yield Line.placed((3, "To watch them:", "muted"), (18, "evs-tui jobs --watch", "text"))
