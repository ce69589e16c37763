"""The export form: one field a line, the rule under it while it is typed, the plan and the request beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll

from evs_tui.exports.as_command import renditions
from evs_tui.exports.draft import Draft
from evs_tui.exports.model import Choices, Plan, Sign, VerdictState
from evs_tui.exports.os_type import OS_TYPES
from evs_tui.exports.plan import plan_exports, volume_name
from evs_tui.exports.ways import Way, way_remark, with_way
from evs_tui.exports.wording import cells
from evs_tui.failure import Failure
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import FORM_KEYS
from evs_tui.tui.plan_lines import preview_lines, request_lines
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.command import CommandPage
from evs_tui.tui.screens.form_fields import fields_of
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.choices import Choice, Fixed
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.sheet import Sheet, TitleLine
from evs_tui.volumes.columns import size_text

if TYPE_CHECKING:
    from evs_tui.cloud.dialects import Dialect
    from evs_tui.cloud.models import Volume

_READ_ONLY = "Read-only: the plan can be looked at, nothing can be sent."


class ExportForm(Page[None]):
    """The form for one volume, or for several with a template for the names."""

    BINDINGS: ClassVar[list[BindingType]] = list(FORM_KEYS)
    AUTO_FOCUS = "TextField Entry"
    DEFAULT_CSS: ClassVar[str] = """
    ExportForm #body { height: 1fr; layout: vertical; }
    ExportForm #fields { height: auto; padding: 1 0; }
    ExportForm #plan { height: 1fr; scrollbar-size: 0 0; }
    ExportForm #plan Sheet, ExportForm #result { height: auto; }
    ExportForm.-wide #body { layout: horizontal; }
    ExportForm.-wide #fields { width: 1fr; height: 100%; }
    ExportForm.-wide #plan { width: 50; height: 100%; border-left: solid $faint; padding: 1 0 0 0; }
    """

    def __init__(self, desk: Desk, dialect: Dialect, volumes: Sequence[Volume], choices: Choices | None = None) -> None:
        """`choices` fills the fields at first, as for a job that is tried again."""
        super().__init__()
        self.desk = desk
        self._draft = Draft(volumes, dialect, desk.now)
        self._first = choices or Choices(self._draft.first_name)
        self._reviewing = False

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose(self) -> ComposeResult:
        """Header, fields, plan, note, hints."""
        yield IdentityLine(identity_of(self.desk))
        yield TitleLine()
        with Container(id="body"):
            with Vertical(id="fields"):
                yield from fields_of(self._draft, self._first, self.desk.servers, forced=self._forced)
            with VerticalScroll(id="plan", can_focus=False):
                yield Sheet(classes="-auto")
        yield Note()
        yield Hints()

    @property
    def _forced(self) -> bool:
        """Attached disks whose servers are all off are exported with force; the plan sends it for no other."""
        listing = self.desk.listing
        numbers = (listing.number_of(each.id) for each in self._draft.volumes) if listing is not None else ()
        rows = (listing.row(number) for number in numbers if number is not None) if listing is not None else ()
        return any(row.verdict.state is VerdictState.SERVERS_STOPPED for row in rows)

    def on_mount(self) -> None:
        """Say what the form is about, and show the plan."""
        volumes, title = self._draft.volumes, self.query_one(TitleLine)
        if self._draft.is_single:
            volume = volumes[0]
            facts = (
                " ".join(part for part in (size_text(volume.size_gib), volume.volume_type) if part),
                volume.availability_zone or "",
                volume.id[:8],
            )
            title.show_title(f"Export {volume_name(volume)}", *(fact for fact in facts if fact))
        else:
            hidden = self.desk.hidden([volume.id for volume in volumes])
            words = f"Export {len(volumes)} volumes" + (f", {hidden} of them hidden by the filter" if hidden else "")
            title.show_title(words, size_text(sum(each.size_gib for each in volumes)))
        # What follows of a long plan is offered as soon as there is some.
        self.watch(self.query_one("#plan", VerticalScroll), "virtual_size", self.refresh_bindings, init=False)
        self._show_plan()

    def on_resize(self) -> None:
        """The plan stands beside or below."""
        self.call_after_refresh(self._show_plan)

    @property
    def choices(self) -> Choices:
        """What the fields hold now."""
        choices = Choices(
            name=self.query_one("#name", TextField).value,
            disk_format=self.query_one("#format", Choice).value,
            container_format=self.query_one("#container", Choice).value,
            os_type=self._chosen_system(),
            force=self._forced,
        )
        return with_way(choices, self._way, self._draft.volumes)

    @property
    def _way(self) -> Way | None:
        """What is chosen about servers that run; None where none does."""
        return next((Way(choice.value) for choice in self.query("#servers").results(Choice)), None)

    def _chosen_system(self) -> str | None:
        """None for linux, which is sent anyway: a disk that has a type of its own is then no contradiction."""
        systems = [choice.value for choice in self.query("#system").results(Choice)]
        return next((value for value in systems if value != OS_TYPES[0]), None)

    def _preview(self) -> Plan:
        return plan_exports(
            self._draft.previewed,
            self.choices,
            self._draft.dialect,
            servers=self.desk.servers,
            open_exports=self.desk.open_exports,
            now=self._draft.now,
        )

    def _show_plan(self) -> None:
        if not self.is_mounted:
            return
        choices = self.choices
        self._say_about_fields(choices)
        plan, pane = self._preview(), self.query_one("#plan", VerticalScroll)
        width = max(30, pane.size.width or self.size.width)
        bad = "a name to be corrected" if self.query_one("#name", TextField).problem is not None else None
        lines = preview_lines(plan, self.program.symbols, width, bad_field=bad)
        if bad is None:
            lines += request_lines(plan, width, whole=self.has_class("-wide"))
        pane.query_one(Sheet).show(lines)
        self._show_note(plan)

    def _say_about_fields(self, choices: Choices) -> None:
        draft, container = self._draft, choices.container_format or "bare"
        said = draft.disk_format(choices.disk_format or "", container)
        self.query_one("#format", Choice).say(said.text, said.of)
        said = draft.container(container)
        self.query_one("#container", Choice).say(said.text, said.of)
        if (way := self._way) is not None:
            sign = Sign.WARN if way is Way.RUNNING else None
            self.query_one("#servers", Choice).say(way_remark(way, draft.volumes, self.desk.servers), sign)
        said = draft.system(choices.os_type)
        for system in self.query("#system").results(Choice):
            system.say(said.text, said.of)
        for fixed in self.query("#system-fixed").results(Fixed):
            fixed.show_value(draft.system_shown, said.text, said.of)

    def _problems(self) -> list[TextField | Choice]:
        """The fields that cannot be used, from the top."""
        fields = (field for field in self.query("TextField, Choice") if isinstance(field, TextField | Choice))
        return [field for field in fields if field.problem is not None]

    def _show_note(self, plan: Plan) -> None:
        note, problems = self.query_one(Note), self._problems()
        if problems:
            labels = ", ".join(field.label for field in problems)
            need = "1 field needs" if len(problems) == 1 else f"{len(problems)} fields need"
            note.say(f"{need} a change before the review: {labels}.", Sign.BAD)
        elif not plan.to_do:
            said = f"Cannot be exported: {plan.exports[0].blocked or plan.exports[0].skipped}."
            if not self._draft.is_single:
                said = "None of them can be exported."
            elif cells(said) > self.size.width - 4:
                said = "Cannot be exported; the plan says why."
            note.say(said, Sign.BAD)
        elif self.desk.is_read_only:
            note.say(_READ_ONLY, Sign.WARN)
        else:
            note.say("Nothing has been sent yet.")

    def on_text_field_changed(self) -> None:
        """The plan follows what is typed."""
        self._show_plan()

    def on_choice_changed(self) -> None:
        """The plan follows what is chosen."""
        self._show_plan()

    def on_text_field_submitted(self) -> None:
        """Enter goes on to the review; nothing is sent there either."""
        self.action_review()

    # What the person does

    def action_review(self) -> None:
        """Check every field, read the facts once more, and show the plan."""
        problems = self._problems()
        if problems:
            problems[0].focus()
        elif not self._reviewing:
            self._reviewing = True
            self.query_one(Note).say("Reading the disk and what is around it once more.", Sign.BUSY)
            self.run_worker(self._review(), group="review")

    async def _review(self) -> None:
        from evs_tui.tui.screens.review import ReviewScreen

        choices = self.choices
        try:
            plan = await self.desk.plan([volume.id for volume in self._draft.volumes], choices)
            offer = await self.desk.background_offer() if plan.stops else None
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.app.push_screen(ReviewScreen(self.desk, plan, choices, offer))
        finally:
            self._reviewing = False

    def on_screen_resume(self) -> None:
        """Back from the review."""
        self._show_plan()

    def action_command(self) -> None:
        """Show the requests as commands."""
        found = () if self._problems() else renditions(self._preview(), self.choices, self.desk.destination)
        if found:
            self.app.push_screen(CommandPage(self.desk, found))
        else:
            self.query_one(Note).say("There is no request to show: nothing can be sent as it stands.", Sign.BAD)

    def action_more(self) -> None:
        """Offer the container format, in the line where it stood fixed."""
        choice = self.query_one("#container", Choice)
        self.query_one("#container-fixed", Fixed).display = False
        choice.display = True
        choice.focus()

    def action_scroll(self, pages: int) -> None:
        """Show another part of the plan."""
        pane = self.query_one("#plan", VerticalScroll)
        pane.scroll_relative(y=pages * max(1, pane.size.height - 1), animate=False)
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys for what is not there are not offered."""
        if not self.is_mounted:
            return True
        if action == "scroll":
            pane = self.query_one("#plan", VerticalScroll)
            return pane.scroll_offset.y < pane.max_scroll_y if parameters == (1,) else pane.scroll_offset.y > 0
        return action != "more" or self.query_one("#container-fixed", Fixed).display

    def action_back(self) -> None:
        """Leave the form; nothing is sent."""
        self.app.pop_screen()
