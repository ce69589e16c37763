"""The jobs: what needs a person first, then what runs, then what ended; below, the timeline of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import ContentSwitcher

from evs_tui.exports.model import Job, Sign
from evs_tui.exports.words import estimate_sentence
from evs_tui.failure import Failure
from evs_tui.lists.jobs import JOB_WORDS
from evs_tui.lists.words import ListFilter
from evs_tui.tui.content import Line, Part
from evs_tui.tui.desk import Desk, Topic
from evs_tui.tui.job_deeds import JobDeeds
from evs_tui.tui.job_lines import job_lines
from evs_tui.tui.job_rows import COLUMNS, JobRows
from evs_tui.tui.keys import JOBS_KEYS
from evs_tui.tui.pages import error_page, no_jobs_page
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.job import JobPage
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.volume_rows import NoRows
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.filter_line import FilterInput, FilterLine
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.sheet import Sheet
from evs_tui.tui.widgets.table import VirtualTable

_MINUTE_S = 60.0


class JobsScreen(JobDeeds, MainScreen):
    """Every export that is open or ended in the last day; on demand every one ever."""

    ROOM = "2"
    BINDINGS: ClassVar[list[BindingType]] = list(JOBS_KEYS)
    AUTO_FOCUS = "VirtualTable"
    DEFAULT_CSS: ClassVar[str] = """
    JobsScreen > #body { height: 1fr; }
    JobsScreen > FilterLine { display: none; }
    JobsScreen.-filtered > FilterLine { display: block; }
    JobsScreen #list { height: 1fr; }
    JobsScreen #timeline { display: none; height: 1fr; scrollbar-size: 0 0; }
    JobsScreen.-wide #timeline { display: block; }
    JobsScreen #timeline Sheet { height: auto; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rows: JobRows | None = None
        self._filter: ListFilter[Job] = ListFilter()
        self._history: Sequence[Job] | None = None
        """Every job ever, as it was when the history was asked for; None: only the last day is shown."""
        self._wanted_run: str | None = None

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose_body(self) -> ComposeResult:
        """The filter while it is used, the table with the timeline below, or a page in their place."""
        yield FilterLine()
        with ContentSwitcher(initial="page", id="body"):
            yield Sheet(id="page")
            with Vertical(id="list"):
                yield VirtualTable(NoRows(), COLUMNS, id="jobs")
                with VerticalScroll(id="timeline", can_focus=False):
                    yield Sheet(id="events", classes="-auto")

    def on_mount(self) -> None:
        """Follow the filter as it is typed; elapsed times change by the minute."""
        self.watch(self.query_one(FilterInput), "value", self._filter_typed, init=False)
        self.set_interval(_MINUTE_S, self._minute)

    def _minute(self) -> None:
        if self.app.screen is self and any(job.is_open for job in self.desk.jobs):
            self._show_jobs()

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

    @property
    def jobs(self) -> Sequence[Job]:
        """The jobs to show, oldest first: those of the desk, and with the history those that ended before."""
        if self._history is None:
            return self.desk.jobs
        present = {job.id: job for job in self.desk.jobs}
        known = {job.id for job in self._history}
        return [
            *(present.get(job.id, job) for job in self._history),
            *(job for job in self.desk.jobs if job.id not in known),
        ]

    def _show_facts(self, shown: int) -> None:
        groups: list[tuple[Part, ...]] = []
        if not self._filter.is_empty:
            groups.append(((f"{shown:,}", "strong"), (f" of {len(self.jobs):,}", "muted")))
        groups.append((("every job" if self._history is not None else "open, or ended in the last day", "muted"),))
        self.query_one(FilterLine).show_facts(groups)

    def _show_jobs(self) -> None:
        body, page = self.query_one("#body", ContentSwitcher), self.query_one("#page", Sheet)
        if not self.jobs:
            failure = self.desk.exports_failure or self.desk.failure
            symbols = self.program.symbols
            page.show(no_jobs_page() if failure is None else error_page(failure, symbols, (("q", "quit"),)))
            body.current = "page"
            self._show_note()
            return
        here = self.table.row_id
        group = None if here is None or self._rows is None else self._rows.group_at(here)
        held = (here, group) if here is not None and group is not None else None
        shown = [job for job in self.jobs if self._filter.matches(job)]
        self._rows = JobRows(shown, self.desk.now, self.program.symbols, held)
        self.table.show_model(self._rows)
        body.current = "list"
        self._show_facts(len(shown))
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
        sheet.show(job_lines(full, self.desk.now, self.program.symbols, self.size.width, self.keys_of_actions()))

    def _show_note(self) -> None:
        note, job = self.query_one(Note), self.job
        if self._filter.problem is not None:
            words = str(self._filter.problem)
            note.say(words if words.endswith(("?", ")")) else f"{words}.", Sign.BAD)
        elif self.desk.exports_failure is not None:
            note.say(f"{self.desk.exports_failure.why}.", Sign.BAD)
        elif job is None and self._filter.is_empty:
            note.clear()
        elif job is None:
            note.say("No job matches; esc clears the filter.", Sign.NONE)
        elif job.attention:
            note.say(job.attention[0].text, Sign.WARN)
        elif job.last_error is not None and job.outcome is not None:
            note.say(f"{job.last_error.what}: {job.last_error.why}.", Sign.BAD)
        elif job.is_open:
            estimate = estimate_sentence(job, self.desk.now)
            note.say(estimate or "It goes on in the cloud; this list follows it.", Sign.BUSY)
        else:
            note.say(f"Image {job.image.id}." if job.image.id else "Nothing is left of it in the cloud.", Sign.NONE)
        self.refresh_bindings()
        clear = "" if self._filter.is_empty else "all rows"
        history = "history" if self._history is None else "last day"
        self.query_one(Hints).say({"table.open": "details", "jobs.clear": clear, "jobs.history": history})

    # What the person does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a job there is nothing to filter or to write."""
        if action in {"filter", "write_history"}:
            return self.is_mounted and bool(self.jobs)
        return super().check_action(action, parameters)

    def on_virtual_table_activated(self) -> None:
        """Enter shows everything about the job."""
        if self.job is not None:
            self.app.push_screen(JobPage(self.desk, self.job))

    def _filter_typed(self, text: str) -> None:
        self._filter = JOB_WORDS.parse(text, self.desk.now)
        self._show_jobs()
        self.table.model_changed(filtered=True)
        self._show_note()

    def on_filter_input_left(self) -> None:
        """The keyboard goes to the rows; an empty filter takes no line."""
        self.set_class(not self._filter.is_empty, "-filtered")
        self.table.focus()

    def action_filter(self) -> None:
        """Type a filter."""
        self.add_class("-filtered")
        self.query_one(FilterInput).focus()

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        self.query_one(FilterInput).value = ""
        self.remove_class("-filtered")

    def action_history(self) -> None:
        """Show every job ever, or the last day alone."""
        if self._history is not None:
            self._history = None
            self._show_jobs()
        else:
            self.run_worker(self._read_history(), group="history", exclusive=True)

    async def _read_history(self) -> None:
        try:
            self._history = await self.desk.history()
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self._show_jobs()

    def action_write_history(self) -> None:
        """Write the jobs shown to a file."""
        jobs = [job for job in self.jobs if self._filter.matches(job)]
        lines = [Line.placed((3, f"{len(jobs)} jobs, as they are shown here, into a new file of yours alone.", "text"))]
        presses = (("stay", "Cancel"), ("csv", "Write CSV"), ("json", "Write JSON"))

        def answered(form: str | None) -> None:
            if form in {"csv", "json"}:
                self.run_worker(self._write_history(jobs, form), group="deed")

        self.app.push_screen(Drawer("Write the history", lines, presses), answered)

    async def _write_history(self, jobs: Sequence[Job], form: str) -> None:
        try:
            path = await self.desk.write_history(jobs, form)
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.query_one(Note).say(f"Written: {path}", Sign.GOOD)
