"""What a person does about one job, wherever it is shown: on the list and on its own page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from textual.binding import BindingType

from evs_tui.exports.model import Candidate, Job, JobState, Sign
from evs_tui.exports.receipt import full_receipt, markdown
from evs_tui.failure import Failure
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.content import Line, wrap
from evs_tui.tui.desk import Desk
from evs_tui.tui.job_offers import candidate_words, offers_of
from evs_tui.tui.keys import JOB_KEYS, key_label
from evs_tui.tui.program import program_of
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.typed_drawer import TypedDrawer

_DEEDS = frozenset(str(key.action) for key in JOB_KEYS)
_WIDTH = 74


class JobDeeds(Page[None]):
    """A screen with a job on it."""

    BINDINGS: ClassVar[list[BindingType]] = list(JOB_KEYS)
    desk: Desk

    @property
    def job(self) -> Job | None:
        """The job that is meant."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key is there only where its deed is possible."""
        if action not in _DEEDS:
            return super().check_action(action, parameters)
        job = self.job if self.is_mounted else None
        return job is not None and action in {offer.action for offer in offers_of(job)}

    def keys_of_actions(self) -> Mapping[str, str]:
        """The keys of the deeds as they are bound here, by action."""
        return {
            bound.binding.action: key_label(key)
            for key, bound in reversed(self.active_bindings.items())
            if bound.binding.action in _DEEDS
        }

    def action_adopt(self) -> None:
        """Choose the image that is this export's, with what is known of each."""
        if (job := self.job) is None or not job.candidates:
            return
        lines = [Line.placed((3, f"{at}", "key"), (6, candidate_words(one), "text")) for at, one in _numbered(job)]
        lines += [Line(), *_paragraph("It is then watched to its end. Nothing is sent.")]
        presses = [("stay", "Decide later"), *((one.id, f"Adopt {at}") for at, one in _numbered(job))]
        title = f"Which image is the export of {_name(job)}?"
        self.app.push_screen(Drawer(title, lines, presses, safe_words="decide later"), self._adopt_of(job))

    def _adopt_of(self, job: Job) -> Callable[[str | None], None]:
        ids = {candidate.id for candidate in job.candidates}

        def answered(image_id: str | None) -> None:
            if image_id in ids:
                self._do("Adopted; it is watched now.", lambda: self._call("resolve", job.id, image_id))

        return answered

    def action_not_ours(self) -> None:
        """No image is this export's."""
        if (job := self.job) is None:
            return
        sent = job.state is JobState.EXPORTING
        closing = "failed" if sent else "not sent"
        lines = [Line.placed((3, candidate_words(candidate), "text")) for candidate in job.candidates]
        lines += _paragraph(f"The job is closed as {closing}. What is in the cloud stays as it is.")
        self._ask(
            f"Close the export of {_name(job)} as {closing}?",
            lines,
            f"Close as {closing}",
            f"Closed as {closing}.",
            lambda: self._call("resolve", job.id, None),
        )

    def action_resume(self) -> None:
        """Send what waits, look at what was left behind, or watch again."""
        if (job := self.job) is None:
            return
        codes = {point.code for point in job.attention}
        if job.owner is not None and job.owner.alive is None:
            self._take_over(job)
        elif codes & {"pending_after_restart", "journal_failed"}:
            self.run_worker(self._send_waiting(job), group="deed")
        else:
            self._do("It goes on.", lambda: self._call("resume", job.id))

    def _take_over(self, job: Job) -> None:
        host = "" if job.owner is None else job.owner.host
        lines = [
            *_paragraph(f"Whether process {job.owner.pid if job.owner else '-'} on {host} still runs cannot be asked."),
            *_paragraph("If it does, and sends while this one sends too, a disk may be exported twice."),
            Line(),
            Line.placed((3, "Job", "muted"), (18, job.id[:-4], "text"), (18 + len(job.id[:-4]), job.id[-4:], "alarm")),
            Line.placed((3, "To go on here, type its last four characters.", "text")),
        ]
        drawer = TypedDrawer(f"Take the export of {_name(job)} over from {host}", lines, job.id[-4:], "Take it over")

        def answered(button: str | None) -> None:
            if button == "done":
                self._do("Taken over.", lambda: self._call("resume", job.id, job.id[-4:]))

        self.app.push_screen(drawer, answered)

    async def _send_waiting(self, job: Job) -> None:
        core = self.desk.workspace.core
        exports = await core.ask(self.desk.workspace.exports)
        jobs = await core.ask(exports.jobs, run_id=job.run_id)
        waiting = [one for one in jobs if one.state is JobState.PLANNED]
        lines = [Line.placed((3, f"{_name(one)} to {one.request.image_name}", "text")) for one in waiting]
        count = f"{len(waiting)} export" + ("" if len(waiting) == 1 else "s")
        self._ask(
            f"Send {count} of this run now?", lines, f"Send {count}", "Sent.", lambda: self._call("resume", job.id)
        )

    def action_cancel(self) -> None:
        """Take back what was not sent."""
        if (job := self.job) is not None:
            said = "Cancelled; what was stopped is started again." if job.stopped else "Cancelled; nothing was sent."
            self._do(said, lambda: self._call("cancel", job.id))

    def action_restore(self) -> None:
        """Start again what its run stopped, and give up what was not sent."""
        if (job := self.job) is None:
            return
        names = ", ".join(job.stopped)
        lines = _paragraph(f"{names}: started as soon as no disk of theirs is uploading.")
        lines += _paragraph("Exports of this run that were not sent yet and need them off are given up.")
        self._ask(
            f"Start again what was stopped for {_name(job)}?",
            lines,
            "Start again",
            "They are started.",
            lambda: self._call("restore", job.id),
        )

    def action_unwatch(self) -> None:
        """Leave it to itself."""
        if (job := self.job) is not None:
            self._do("No longer watched; it goes on in the cloud.", lambda: self._call("stop_watching", job.id))

    def action_look(self) -> None:
        """Look at an unclear job now, or sign in again where that ended the watching."""
        if (job := self.job) is None:
            return
        if any(point.code == "watch_stopped" for point in job.attention):
            program_of(self).ask_the_cloud()
        else:
            self._do("Looked.", lambda: self._call("look_now", job.id))

    def action_retry(self) -> None:
        """Open the form with the same request."""
        if (job := self.job) is not None:
            self.run_worker(self._retry(job), group="deed")

    async def _retry(self, job: Job) -> None:
        exports = await self.desk.workspace.core.ask(self.desk.workspace.exports)
        volume_id, choices = exports.retry_request(job)
        if not program_of(self).open_form([volume_id], choices):
            self._say("Its volume is not in the list of this project.", Sign.BAD)

    def action_copy_id(self) -> None:
        """Send the image's id to the terminal's clipboard."""
        if (job := self.job) is not None and job.image.id is not None:
            self._say(*sending_words(program_of(self).copy(job.image.id), job.image.id))

    def action_forget(self) -> None:
        """Remove an ended job from the journal."""
        if (job := self.job) is not None:
            lines = _paragraph(
                "Its timeline and receipt leave the journal of this machine; written receipt files stay."
                " Nothing changes in the cloud."
            )
            self._ask(
                f"Forget the export of {_name(job)}?",
                lines,
                "Forget it",
                "Forgotten.",
                lambda: self._call("forget", job.id),
            )

    def action_receipt(self) -> None:
        """Show the receipt; write it to a file or copy it."""
        if (job := self.job) is not None:
            self.run_worker(self._show_receipt(job), group="deed")

    async def _show_receipt(self, job: Job) -> None:
        core = self.desk.workspace.core
        try:
            exports = await core.ask(self.desk.workspace.exports)
            await core.ask(exports.receipt, job.id)
            text = markdown(full_receipt(await self.desk.job(job.id)))
        except Failure as failure:
            self._say(f"{failure.what}: {failure.why}.", Sign.BAD)
            return
        lines = [Line.placed((3, line, "strong" if line.startswith("#") else "text")) for line in text.splitlines()]
        presses = (("stay", "Close"), ("write", "Write to a file"), ("copy", "Send to the terminal's clipboard"))

        def answered(button: str | None) -> None:
            if button == "write":
                self.run_worker(self._write_receipt(job), group="deed")
            elif button == "copy":
                self._say(*sending_words(program_of(self).copy(text), "the receipt"))

        self.app.push_screen(Drawer(f"Receipt of {job.request.image_name}", lines, presses), answered)

    async def _write_receipt(self, job: Job) -> None:
        try:
            path = await self.desk.write_receipt(job.id)
        except Failure as failure:
            self._say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self._say(f"Receipt written: {path}", Sign.GOOD)

    def _ask(
        self, title: str, lines: list[Line], deed_words: str, done: str, deed: Callable[[], Awaitable[object]]
    ) -> None:
        """Ask before a deed that cannot be taken back."""

        def answered(button: str | None) -> None:
            if button == "done":
                self._do(done, deed)

        presses = (("stay", "Cancel"), ("done", deed_words))
        self.app.push_screen(Drawer(title, lines, presses, safe_words="change nothing"), answered)

    def _do(self, done: str, deed: Callable[[], Awaitable[object]]) -> None:
        self.run_worker(self._done(done, deed), group="deed")

    async def _done(self, done: str, deed: Callable[[], Awaitable[object]]) -> None:
        try:
            await deed()
        except Failure as failure:
            self._say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self._say(done, Sign.GOOD)

    async def _call(self, name: str, *arguments: str | None) -> object:
        core = self.desk.workspace.core
        exports = await core.ask(self.desk.workspace.exports)
        return await core.ask(getattr(exports, name), *arguments)

    def _say(self, words: str, sign: Sign) -> None:
        self.query_one(Note).say(words, sign)


def _numbered(job: Job) -> list[tuple[int, Candidate]]:
    return list(enumerate(job.candidates, start=1))


def _name(job: Job) -> str:
    return job.volume.name or job.volume.id


def _paragraph(text: str) -> list[Line]:
    return [Line.placed((3, line, "text")) for line in wrap(text, _WIDTH)]
