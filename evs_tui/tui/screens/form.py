"""The export form: one field a line, the rule under it while it is typed, the plan and the request beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical

from evs_tui.exports.formats import container_format_guidance, disk_format_guidance
from evs_tui.exports.model import Choices, Plan, Sign, VerdictState
from evs_tui.exports.names import has_undocumented_chinese, name_problem, suggested_name
from evs_tui.exports.os_type import OS_TYPES, os_type_rule
from evs_tui.exports.plan import plan_exports, volume_name
from evs_tui.exports.templates import expanded, name_or_template_problem
from evs_tui.failure import Failure
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import FORM_KEYS
from evs_tui.tui.plan_lines import preview_lines, request_lines, requests_text
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.field_line import Remark
from evs_tui.tui.widgets.fields import Choice, Fixed, TextField
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.sheet import Sheet, TitleLine
from evs_tui.volumes.columns import size_text

if TYPE_CHECKING:
    from evs_tui.cloud.dialects import Dialect
    from evs_tui.cloud.models import Volume

_TEMPLATE = "{name}-{date}-{time}"
_NAME_RULE = "{name} {id8} {date} {time} {index} are filled in for each"


class ExportForm(Page[None]):
    """The form for one volume, or for several with a template for the names."""

    BINDINGS: ClassVar[list[BindingType]] = list(FORM_KEYS)
    AUTO_FOCUS = "TextField Entry"
    DEFAULT_CSS: ClassVar[str] = """
    ExportForm #body { height: 1fr; layout: vertical; }
    ExportForm #fields { height: auto; padding: 1 0; }
    ExportForm #plan { height: 1fr; }
    ExportForm.-wide #body { layout: horizontal; }
    ExportForm.-wide #fields { width: 1fr; height: 100%; }
    ExportForm.-wide #plan { width: 50; height: 100%; border-left: solid $faint; padding: 1 0 0 0; }
    """

    def __init__(self, desk: Desk, dialect: Dialect, volumes: Sequence[Volume], choices: Choices | None = None) -> None:
        """`choices` fills the fields at first, as for a job that is tried again."""
        super().__init__()
        self.desk = desk
        self._volumes = tuple(volumes)
        self._first = choices
        self._now = desk.now
        self._dialect = dialect
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
                yield from self._compose_fields()
            yield Sheet(id="plan")
        yield Note()
        yield Hints()

    def _compose_fields(self) -> ComposeResult:
        dialect, first, volume = self._dialect, self._first, self._volumes[0]
        name = first.name if first else suggested_name(volume, dialect, self._now) if self._is_single else _TEMPLATE
        label = "Image name" if self._is_single else "Image names"
        yield TextField(label, name, check=self._name_remark, id="name")
        yield Choice(
            "Disk format", dialect.disk_formats, (first and first.disk_format) or dialect.preferred_format, id="format"
        )
        yield Choice(
            "Container", dialect.container_formats, (first and first.container_format) or "bare", id="container"
        )
        rules = [os_type_rule(each, dialect, None) for each in self._volumes]
        if any(rule.editable for rule in rules):
            yield Choice("System", OS_TYPES, (first and first.os_type) or "linux", id="system")
        else:
            yield Fixed("System", rules[0].shown, rules[0].reason, id="system-fixed")
        if self._forced:
            names = "its server is off" if self._is_single else "for disks whose servers are off"
            yield Fixed("Force", "true", f"attached, and {names}")

    @property
    def _is_single(self) -> bool:
        return len(self._volumes) == 1

    @property
    def _forced(self) -> bool:
        """Attached disks whose servers are all off are exported with force; the plan sends it for no other."""
        listing = self.desk.listing
        numbers = (listing.number_of(volume.id) for volume in self._volumes) if listing is not None else ()
        rows = (listing.row(number) for number in numbers if number is not None) if listing is not None else ()
        return any(row.verdict.state is VerdictState.SERVERS_STOPPED for row in rows)

    def on_mount(self) -> None:
        """Say what the form is about, and show the plan."""
        volume = self._volumes[0]
        title = self.query_one(TitleLine)
        if self._is_single:
            facts = (
                " ".join(part for part in (size_text(volume.size_gib), volume.volume_type) if part),
                volume.availability_zone or "",
                volume.id[:8],
            )
            title.show_title(f"Export {volume_name(volume)}", *(fact for fact in facts if fact))
        else:
            total = sum(each.size_gib for each in self._volumes)
            title.show_title(f"Export {len(self._volumes)} volumes", size_text(total))
        self._show_plan()

    def on_resize(self) -> None:
        """The plan stands beside or below."""
        self.call_after_refresh(self._show_plan)

    # What the fields say

    def _name_remark(self, text: str) -> Remark | None:
        problem = name_or_template_problem(text, self._dialect)
        if problem is not None:
            return Remark(str(problem), Sign.BAD)
        names = [
            expanded(text, volume, self._dialect, self._now, index=index, count=len(self._volumes))
            for index, volume in enumerate(self._volumes, start=1)
        ]
        for volume, name in zip(self._volumes, names, strict=True):
            problem = name_problem(name, self._dialect)
            if problem is not None:
                return Remark(f"{volume_name(volume)}: {problem}", Sign.BAD)
        if has_undocumented_chinese(text, self._dialect):
            return Remark("Chinese is not in this cloud's documented list", Sign.WARN)
        return Remark(f"{len(names[0])} of {self._dialect.name_limit} characters" if self._is_single else _NAME_RULE)

    @property
    def choices(self) -> Choices:
        """What the fields hold now."""
        systems = self.query("#system")
        return Choices(
            name=self.query_one("#name", TextField).value,
            disk_format=self.query_one("#format", Choice).value,
            container_format=self.query_one("#container", Choice).value,
            os_type=systems.first(Choice).value if systems else None,
            force=self._forced,
        )

    def _preview(self) -> Plan:
        return plan_exports(
            self._volumes,
            self.choices,
            self._dialect,
            servers=self.desk.servers,
            open_exports=self.desk.open_exports,
            now=self._now,
        )

    def _show_plan(self) -> None:
        if not self.is_mounted:
            return
        plan, choices = self._preview(), self.choices
        self.query_one("#format", Choice).say(disk_format_guidance(choices.disk_format or "", self._dialect))
        self.query_one("#container", Choice).say(container_format_guidance(choices.container_format or ""))
        for system in self.query("#system").results(Choice):
            rule = os_type_rule(self._volumes[0], self._dialect, choices.os_type)
            system.say(rule.warning or rule.reason)
        sheet = self.query_one("#plan", Sheet)
        width = max(30, sheet.size.width or self.size.width)
        bad = "a name to be corrected" if self._problems() else None
        lines = preview_lines(plan, self.program.symbols, width, bad_field=bad)
        if bad is None:
            lines += request_lines(plan, width, whole=self.has_class("-wide"))
        sheet.show(lines)
        self._show_note(plan)

    def _problems(self) -> list[TextField]:
        return [field for field in self.query(TextField) if field.problem is not None]

    def _show_note(self, plan: Plan) -> None:
        note, problems = self.query_one(Note), self._problems()
        if problems:
            labels = ", ".join(field.label for field in problems)
            note.say(f"1 field needs a change before the review: {labels}.", Sign.BAD)
        elif not plan.to_do:
            reason = plan.exports[0].blocked or plan.exports[0].skipped or ""
            note.say(f"Cannot be exported: {reason}." if self._is_single else "None of them can be exported.", Sign.BAD)
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
            return
        if not self._reviewing:
            self._reviewing = True
            self.query_one(Note).say("Reading the disk and what is around it once more.", Sign.BUSY)
            self.run_worker(self._review(), group="review")

    async def _review(self) -> None:
        from evs_tui.tui.screens.review import ReviewScreen

        try:
            plan = await self.desk.plan([volume.id for volume in self._volumes], self.choices)
        except Failure as failure:
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.app.push_screen(ReviewScreen(self.desk, plan))
        finally:
            self._reviewing = False

    def on_screen_resume(self) -> None:
        """Back from the review."""
        self._show_plan()

    def action_copy(self) -> None:
        """Send the request to the terminal's clipboard."""
        self.program.copy(requests_text(self._preview()))
        self.query_one(Note).say("The request was sent to the terminal's clipboard.", Sign.NONE)

    def action_back(self) -> None:
        """Leave the form; nothing is sent."""
        self.app.pop_screen()
