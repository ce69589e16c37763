"""The jobs: what needs a person first, then what runs, then what ended; below, the timeline of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import ContentSwitcher

from evs_tui.exports.model import Job, JobState, Sign
from evs_tui.failure import Failure
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.desk import Desk, Topic
from evs_tui.tui.job_lines import job_lines
from evs_tui.tui.job_rows import COLUMNS, JobRows
from evs_tui.tui.keys import JOBS_KEYS
from evs_tui.tui.pages import error_page, no_jobs_page
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.job import JobPage
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.volume_rows import NoRows
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.sheet import Sheet
from evs_tui.tui.widgets.table import VirtualTable

_RESUMABLE = {"pending_after_restart", "left_behind", "unwatched"}
_OPEN_TO_DECISION = {JobState.UNCLEAR, JobState.EXPORTING}


class JobsScreen(MainScreen):
    """Every export that is open or ended in the last day."""

    ROOM = "2"
    BINDINGS: ClassVar[list[BindingType]] = list(JOBS_KEYS)
    AUTO_FOCUS = "VirtualTable"
    DEFAULT_CSS: ClassVar[str] = """
    JobsScreen > #body { height: 1fr; }
    JobsScreen #list { height: 1fr; }
    JobsScreen #timeline { display: none; height: 1fr; scrollbar-size: 0 0; }
    JobsScreen.-wide #timeline { display: block; }
    JobsScreen #timeline Sheet { height: auto; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: JobRows | None = None
        self._wanted_run: str | None = None

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose_body(self) -> ComposeResult:
        """The table with the timeline below, or a page in their place."""
        with ContentSwitcher(initial="page", id="body"):
            yield Sheet(id="page")
            with Vertical(id="list"):
                yield VirtualTable(NoRows(), COLUMNS, id="jobs")
                with VerticalScroll(id="timeline", can_focus=False):
                    yield Sheet(id="events", classes="-auto")

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one(VirtualTable)

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        return None if self._rows is None else self._rows.job(self.table.row_id)

    def desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:
        """See `MainScreen.desk_changed`."""
        super().desk_changed(topic, ids)
        if self.is_mounted and topic in {"jobs", "connection"}:
            self._show_jobs()

    def _show_jobs(self) -> None:
        body, page = self.query_one("#body", ContentSwitcher), self.query_one("#page", Sheet)
        if not self.desk.jobs:
            failure = self.desk.exports_failure or self.desk.failure
            symbols = self.program.symbols
            page.show(no_jobs_page() if failure is None else error_page(failure, symbols, (("q", "quit"),)))
            body.current = "page"
            self._show_note()
            return
        here = self.table.row_id
        group = None if here is None or self._rows is None else self._rows.group_at(here)
        held = (here, group) if here is not None and group is not None else None
        self._rows = JobRows(self.desk.jobs, self.desk.now, self.program.symbols, held)
        self.table.show_model(self._rows)
        body.current = "list"
        if self.app.screen is self and self.app.focused is None:
            self.table.focus()
        self._go_to_wanted()
        self._show_note()

    def go_to_job(self, job_id: str) -> None:
        """Put the cursor on a job, if it is listed."""
        if self.is_mounted:
            self.table.go_to(job_id)

    def go_to_run(self, run_id: str) -> None:
        """Put the cursor on the first job of a run, now or as soon as it is listed."""
        self._wanted_run = run_id
        if self.is_mounted:
            self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        found = next((job.id for job in self.desk.jobs if job.run_id == self._wanted_run), None)
        if found is not None and self.table.go_to(found):
            self._wanted_run = None

    def on_virtual_table_rested(self) -> None:
        """Note and timeline follow the cursor."""
        self._show_note()
        self.run_worker(self._show_timeline(), group="timeline", exclusive=True)

    async def _show_timeline(self) -> None:
        job, sheet = self.job, self.query_one("#events", Sheet)
        if job is None or not self.query_one("#timeline").display:
            return
        try:
            full = await self.desk.job(job.id)
        except Failure:
            return
        sheet.show(job_lines(full, self.program.symbols, self.size.width))

    def _show_note(self) -> None:
        note, job = self.query_one(Note), self.job
        if self.desk.exports_failure is not None:
            note.say(f"{self.desk.exports_failure.why}.", Sign.BAD)
        elif job is None:
            note.clear()
        elif job.attention:
            note.say(job.attention[0].text, Sign.WARN)
        elif job.last_error is not None and job.outcome is not None:
            note.say(f"{job.last_error.what}: {job.last_error.why}.", Sign.BAD)
        elif job.is_open:
            note.say("It goes on in the cloud; this list follows it.", Sign.BUSY)
        else:
            note.say(f"Image {job.image.id}." if job.image.id else "Nothing is left of it in the cloud.", Sign.NONE)
        self.refresh_bindings()
        self.query_one(Hints).say({"table.open": "details"})

    # What the person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """A key is there only where its deed is possible."""
        job = self.job if self.is_mounted else None
        possible = {
            "adopt": job is not None and job.state in _OPEN_TO_DECISION and len(job.candidates) == 1,
            "not_ours": job is not None and job.state is JobState.UNCLEAR and bool(job.candidates),
            "resume": job is not None and any(point.code in _RESUMABLE for point in job.attention),
            "retry": job is not None and job.outcome is not None,
            "cancel": job is not None and job.state is JobState.PLANNED,
            "look": job is not None and job.state is JobState.UNCLEAR,
            "copy_id": job is not None and job.image.id is not None,
            "receipt": job is not None and job.state is JobState.SUCCEEDED,
        }
        return possible.get(action, True)

    def on_virtual_table_activated(self) -> None:
        """Enter shows everything about the job."""
        if self.job is not None:
            self.app.push_screen(JobPage(self.desk, self.job.id))

    def action_adopt(self) -> None:
        """The one image found is this export's."""
        if (job := self.job) is not None and len(job.candidates) == 1:
            image_id = job.candidates[0].id
            self._do("Adopted.", lambda: self._exports_call("resolve", job.id, image_id))

    def action_not_ours(self) -> None:
        """None of the images found is this export's."""
        if (job := self.job) is not None:
            self._do("Closed as not sent.", lambda: self._exports_call("resolve", job.id, None))

    def action_resume(self) -> None:
        """Send what waits, or watch again."""
        if (job := self.job) is not None:
            self._do("It goes on.", lambda: self._exports_call("resume", job.id))

    def action_cancel(self) -> None:
        """Take back what was not sent."""
        if (job := self.job) is not None:
            self._do("Cancelled; nothing was sent.", lambda: self._exports_call("cancel", job.id))

    def action_look(self) -> None:
        """Look at an unclear job now."""
        if (job := self.job) is not None:
            self._do("Looked.", lambda: self._exports_call("look_now", job.id))

    def action_retry(self) -> None:
        """Open the form with the same request."""
        if (job := self.job) is not None:
            self.run_worker(self._retry(job), group="deed")

    async def _retry(self, job: Job) -> None:
        exports = await self.desk.workspace.core.ask(self.desk.workspace.exports)
        volume_id, choices = exports.retry_request(job)
        if not self.program.open_form([volume_id], choices):
            self.query_one(Note).say("Its volume is not in the list of this project.", Sign.BAD)

    def action_copy_id(self) -> None:
        """Send the image's id to the terminal's clipboard."""
        if (job := self.job) is not None and job.image.id is not None:
            self.query_one(Note).say(*sending_words(self.program.copy(job.image.id), job.image.id))

    def action_receipt(self) -> None:
        """Write the receipt to a file."""
        if (job := self.job) is not None:
            self.run_worker(self._write_receipt(job), group="deed")

    async def _write_receipt(self, job: Job) -> None:
        try:
            path: Path = await self.desk.write_receipt(job.id)
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.query_one(Note).say(f"Receipt written: {path}", Sign.GOOD)

    def _do(self, done: str, deed: Callable[[], Awaitable[object]]) -> None:
        self.run_worker(self._done(done, deed), group="deed")

    async def _done(self, done: str, deed: Callable[[], Awaitable[object]]) -> None:
        try:
            await deed()
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.query_one(Note).say(done, Sign.GOOD)

    async def _exports_call(self, name: str, *arguments: str | None) -> object:
        core = self.desk.workspace.core
        exports = await core.ask(self.desk.workspace.exports)
        return await core.ask(getattr(exports, name), *arguments)
