"""The review: what will happen, said before it happens. Only here is anything sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from evs_tui.exports.as_command import renditions
from evs_tui.exports.confirmation import Confirmation, confirmation_of_danger, confirmation_of_number, endangered
from evs_tui.exports.model import Choices, Plan, Sign
from evs_tui.exports.plan import volume_name
from evs_tui.exports.wording import listed
from evs_tui.failure import Failure
from evs_tui.tui.clipboard import sending_words
from evs_tui.tui.content import Line, Part
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import REVIEW_KEYS
from evs_tui.tui.plan_lines import plan_text, review_lines
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.command import CommandPage
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.choices import Choice, Fixed, Option
from evs_tui.tui.widgets.field_line import LABEL, VALUE, Remark
from evs_tui.tui.widgets.fields import TextField
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.press import Press, PressRow
from evs_tui.tui.widgets.sheet import OneLine, Sheet, TitleLine
from evs_tui.volumes.columns import size_text

if TYPE_CHECKING:
    from evs_tui.background.offer import Offer

_SAFER: tuple[Part, ...] = (
    ("   Safer: ", "text"),
    ("esc", "key"),
    (", then Servers: ", "text"),
    ("stop, export, start again", "strong"),
    (".", "text"),
)


class ReviewScreen(Page[None]):
    """One plan, and the two things that can be done with it."""

    BINDINGS: ClassVar[list[BindingType]] = list(REVIEW_KEYS)
    AUTO_FOCUS = "#cancel"
    DEFAULT_CSS: ClassVar[str] = """
    ReviewScreen VerticalScroll { height: 1fr; scrollbar-size: 0 0; }
    ReviewScreen #plan { height: auto; }
    ReviewScreen #safer { margin: 1 0; }
    ReviewScreen #runs, ReviewScreen #runs-fixed { margin: 1 0 0 0; }
    ReviewScreen #typed { margin: 1 0 0 0; }
    ReviewScreen PressRow { margin: 1 0; }
    """

    def __init__(self, desk: Desk, plan: Plan, choices: Choices, offer: Offer | None = None) -> None:
        """`choices` are what the plan was made of; with an `offer` it is asked where the plan shall run."""
        super().__init__()
        self.desk = desk
        self._plan = plan
        self._choices = choices
        self._offer = offer
        self._sent = False
        self._endangered = endangered(plan)
        self._confirmation = confirmation_of_danger(self._endangered) or confirmation_of_number(plan)
        can_send = bool(plan.to_do) and plan.refusal is None and not desk.is_read_only
        self._deed = self._deed_words() if can_send else None

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose(self) -> ComposeResult:
        """Header, plan, what is to be typed, buttons, note, hints."""
        yield IdentityLine(identity_of(self.desk))
        yield TitleLine()
        with VerticalScroll(can_focus=False):
            yield Sheet(id="plan", classes="-auto")
        presses = [Press("Cancel", id="cancel")]
        if self._deed is not None:
            if self._endangered:
                yield OneLine([Line(_SAFER)], id="safer")
                yield OneLine([_id_line(self._endangered[0].volume.id, self._confirmation)])
            if self._confirmation is not None:
                yield TextField("To confirm", check=self._typed_remark, width=24, id="typed")
            yield from self._compose_where()
            presses.append(Press(self._deed, id="export"))
        yield PressRow(presses)
        yield Note()
        yield Hints()

    def _compose_where(self) -> ComposeResult:
        """Here, or in the background: asked where something of ours has to be put back."""
        offer = self._offer
        if offer is None:
            return
        if offer.refusal is not None:
            yield Fixed("Runs", "here", offer.refusal, remark_below=True, id="runs-fixed")
            return
        options = [Option("here", "here"), Option("background", "in the background")]
        chosen = "background" if offer.preselected else "here"
        yield Choice("Runs", options, chosen, remark_below=True, id="runs")

    def _say_where(self) -> None:
        from evs_tui.background.offer import BACKGROUND, HERE

        for choice in self.query("#runs").results(Choice):
            warning = self._offer.warning if self._offer is not None else None
            if choice.value == "here":
                choice.say(HERE)
            else:
                choice.say(warning or BACKGROUND, Sign.WARN if warning else None)

    def on_choice_changed(self) -> None:
        """Say what the other place means."""
        self._say_where()

    def _deed_words(self) -> str:
        count = len(self._plan.to_do)
        if self._endangered:
            return f"Export while {self._running_servers()} runs"
        stops = len(self._plan.stops)
        what = "1 volume" if count == 1 else f"{count} volumes"
        if stops:
            servers = "1 server" if stops == 1 else f"{stops} servers"
            return f"Stop {servers} and export" if count == 1 else f"Stop {servers} and export {what}"
        return f"Export {what}"

    def _running_servers(self) -> str:
        servers = self.desk.servers
        ids = dict.fromkeys(each for item in self._endangered for each in item.verdict.servers_to_stop)
        named = ((servers.get(each), each) for each in ids)
        return listed([server.name if server is not None and server.name else each[:8] for server, each in named])

    def on_mount(self) -> None:
        """Say what it is about; show the plan when its width is known."""
        volumes = [item.volume for item in self._plan.exports]
        title = self.query_one(TitleLine)
        if len(volumes) == 1:
            named = volume_name(volumes[0])
            danger = f" while {self._running_servers()} runs" if self._endangered else ""
            facts = (size_text(volumes[0].size_gib), volumes[0].id[:8])
            title.show_title(f"Review: export {named}{danger}", *facts, danger=bool(danger))
        else:
            total = sum(item.volume.size_gib for item in self._plan.to_do)
            hidden = self.desk.hidden([volume.id for volume in volumes])
            words = f"Review: export {len(self._plan.to_do)} of {len(volumes)} volumes"
            words += f", {hidden} of them hidden by the filter" if hidden else ""
            title.show_title(words, size_text(total), danger=bool(self._endangered))
        # What follows of a long plan is offered as soon as there is some.
        self.watch(self.query_one(VerticalScroll), "virtual_size", self.refresh_bindings, init=False)
        self._say_how_it_stands()
        self._say_where()

    def _say_how_it_stands(self) -> None:
        note = self.query_one(Note)
        if not self._plan.to_do:
            note.say("Nothing can be exported; nothing was sent.", Sign.BAD)
        elif self._plan.refusal is not None:
            note.say("Blocked: the line above says why, and what to do.", Sign.BAD)
        elif self.desk.is_read_only:
            note.say("Read-only: nothing can be sent from here.", Sign.WARN)
        else:
            note.say("Nothing has been sent yet.")

    def _typed_remark(self, text: str) -> Remark | None:
        wanted = self._confirmation
        if wanted is None:
            return None
        if wanted.is_met(text):
            return Remark(f"{wanted.what}: that is right", Sign.GOOD)
        typed, length = text.strip(), len(wanted.wanted)
        if typed and not wanted.wanted.startswith(typed):
            return Remark(f"that is not {wanted.what}", Sign.WARN)
        return Remark(f"type {wanted.what}: {len(typed)} of {length}")

    def on_resize(self) -> None:
        """Lay the plan out for this width."""
        self.query_one("#plan", Sheet).show(review_lines(self._plan, self.program.symbols, self.size.width))

    def on_text_field_changed(self) -> None:
        """What was said about typing is over."""
        self._say_how_it_stands()

    def on_text_field_submitted(self) -> None:
        """Enter in the field goes on to the harmless button: it never exports."""
        self.query_one("#cancel", Press).focus()

    def on_press_pressed(self, event: Press.Pressed) -> None:
        """Go back, or export."""
        event.stop()
        wanted = self._confirmation
        if event.press.id == "cancel":
            self.action_back()
        elif wanted is not None and not wanted.is_met(self.query_one("#typed", TextField).value):
            self.query_one(Note).say(f"Not yet: type {wanted.what} first.", Sign.WARN)
            self.query_one("#typed", TextField).focus()
        elif not self._sent:
            self._sent = True
            self.query_one(Note).say("Writing the plan into the journal.", Sign.BUSY)
            self.run_worker(self._submit(), group="submit")

    async def _submit(self) -> None:
        try:
            in_background = any(choice.value == "background" for choice in self.query("#runs").results(Choice))
            submit = self.desk.submit_in_background if in_background else self.desk.submit
            run_id = await submit(self._plan)
        except Failure as failure:
            self._sent = False
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.desk.marks.clear()
            self.program.show_run(run_id)

    def action_copy(self) -> None:
        """Send the plan as text to the terminal's clipboard."""
        self.query_one(Note).say(*sending_words(self.program.copy(plan_text(self._plan)), "the plan"))

    def action_command(self) -> None:
        """Show the requests as commands."""
        found = renditions(self._plan, self._choices, self.desk.destination)
        if found:
            self.app.push_screen(CommandPage(self.desk, found))
        else:
            self.query_one(Note).say("There is no request to show: nothing is left to export.", Sign.BAD)

    def action_scroll(self, pages: int) -> None:
        """Show another part of the plan."""
        pane = self.query_one(VerticalScroll)
        pane.scroll_relative(y=pages * max(1, pane.size.height - 1), animate=False)
        self.call_after_refresh(self.refresh_bindings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Scrolling is offered where there is more to see."""
        if action != "scroll" or not self.is_mounted:
            return True
        pane = self.query_one(VerticalScroll)
        return pane.scroll_offset.y < pane.max_scroll_y if parameters == (1,) else pane.scroll_offset.y > 0

    def action_back(self) -> None:
        """Back to the form; nothing is sent. Once the deed is pressed there is no way back."""
        if not self._sent:
            self.app.pop_screen()


def _id_line(volume_id: str, confirmation: Confirmation | None) -> Line:
    """The id in full, with what is to be typed of it standing out."""
    last = confirmation.wanted if confirmation is not None else ""
    gap = " " * (VALUE - LABEL - len("Volume id"))
    parts: tuple[Part, ...] = ((" " * LABEL, "text"), ("Volume id" + gap, "muted"))
    return Line((*parts, (volume_id[: len(volume_id) - len(last)], "text"), (last, "alarm")))
