"""One job on a page of its own: what it needs, its timeline, its image."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from evs_tui.exports.model import Sign
from evs_tui.failure import Failure
from evs_tui.tui.desk import Desk
from evs_tui.tui.job_lines import job_lines
from evs_tui.tui.keys import PAGE_KEYS
from evs_tui.tui.program import program_of
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.sheet import Sheet, TitleLine


class JobPage(Page[None]):
    """Everything about one job, as it was when the page was opened."""

    BINDINGS: ClassVar[list[BindingType]] = list(PAGE_KEYS)
    DEFAULT_CSS: ClassVar[str] = """
    JobPage VerticalScroll { height: 1fr; scrollbar-size: 0 0; }
    JobPage Sheet.-auto { height: auto; }
    """

    def __init__(self, desk: Desk, job_id: str) -> None:
        super().__init__()
        self.desk = desk
        self._job_id = job_id

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
        self.query_one(TitleLine).show_title(f"Job {self._job_id}")
        self.run_worker(self._show(), group="job")

    async def _show(self) -> None:
        symbols = program_of(self).symbols
        try:
            job = await self.desk.job(self._job_id)
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.query_one("#job", Sheet).show(job_lines(job, symbols, self.size.width))

    def action_back(self) -> None:
        """Back to the list."""
        self.app.pop_screen()
