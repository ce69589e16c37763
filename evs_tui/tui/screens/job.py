"""One job on a page of its own: what it needs and the keys for it, its timeline, its image, its receipt."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from evs_tui.exports.model import Job, Sign
from evs_tui.failure import Failure
from evs_tui.tui.desk import Desk, Topic
from evs_tui.tui.job_deeds import JobDeeds
from evs_tui.tui.job_lines import job_lines
from evs_tui.tui.keys import PAGE_KEYS
from evs_tui.tui.program import program_of
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.sheet import Sheet, TitleLine


class JobPage(JobDeeds):
    """Everything about one job; it follows the job."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = list(PAGE_KEYS)
    DEFAULT_CSS: ClassVar[str] = """
    JobPage VerticalScroll { height: 1fr; scrollbar-size: 0 0; }
    JobPage Sheet.-auto { height: auto; }
    """

    def __init__(self, desk: Desk, job: Job) -> None:
        super().__init__()
        self.desk = desk
        self._job = job

    @property
    def job(self) -> Job | None:
        """The job of this page."""
        return self._job

    def compose(self) -> ComposeResult:
        """Header, the job, note, hints."""
        yield IdentityLine(identity_of(self.desk))
        yield TitleLine()
        with VerticalScroll():
            yield Sheet(id="job", classes="-auto")
        yield Note()
        yield Hints()

    def on_mount(self) -> None:
        """Read the job with its timeline."""
        self.query_one(TitleLine).show_title(f"Job {self._job.id}")
        self.desk_changed("jobs", frozenset())

    def on_screen_resume(self) -> None:
        """Back from a question: show what changed meanwhile."""
        if self.is_mounted:
            self.desk_changed("jobs", frozenset())

    def desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:  # noqa: ARG002 - as on the main screens
        """The jobs changed: perhaps this one."""
        if topic == "jobs" and self.is_mounted:
            self.run_worker(self._show(), group="job", exclusive=True)

    async def _show(self) -> None:
        symbols = program_of(self).symbols
        try:
            self._job = await self.desk.job(self._job.id)
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
            return
        self.refresh_bindings()
        width, keys = self.size.width, self.keys_of_actions()
        self.query_one("#job", Sheet).show(job_lines(self._job, self.desk.now, symbols, width, keys, page=True))

    def action_back(self) -> None:
        """Back to the list."""
        self.app.pop_screen()
