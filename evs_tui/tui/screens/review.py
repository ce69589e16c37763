"""The review: what will happen, said before it happens. Only here is anything sent."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from evs_tui.exports.model import Plan, Sign
from evs_tui.exports.plan import volume_name
from evs_tui.failure import Failure
from evs_tui.tui.desk import Desk
from evs_tui.tui.keys import REVIEW_KEYS
from evs_tui.tui.plan_lines import plan_text, review_lines
from evs_tui.tui.program import Program, program_of
from evs_tui.tui.screens.main import identity_of
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.press import Press, PressRow
from evs_tui.tui.widgets.sheet import Sheet, TitleLine
from evs_tui.volumes.columns import size_text


class ReviewScreen(Page[None]):
    """One plan, and the two things that can be done with it."""

    BINDINGS: ClassVar[list[BindingType]] = list(REVIEW_KEYS)
    AUTO_FOCUS = "#cancel"
    DEFAULT_CSS: ClassVar[str] = """
    ReviewScreen VerticalScroll { height: 1fr; scrollbar-size: 0 0; }
    ReviewScreen #plan { height: auto; }
    ReviewScreen PressRow { margin: 1 0; }
    """

    def __init__(self, desk: Desk, plan: Plan) -> None:
        super().__init__()
        self.desk = desk
        self._plan = plan
        self._sent = False

    @property
    def program(self) -> Program:
        """The app."""
        return program_of(self)

    def compose(self) -> ComposeResult:
        """Header, plan, buttons, note, hints."""
        count = len(self._plan.to_do)
        presses = [Press("Cancel", id="cancel")]
        if count:
            presses.append(Press("Export 1 volume" if count == 1 else f"Export {count} volumes", id="export"))
        yield IdentityLine(identity_of(self.desk))
        yield TitleLine()
        with VerticalScroll(can_focus=False):
            yield Sheet(id="plan", classes="-auto")
        yield PressRow(presses)
        yield Note()
        yield Hints()

    def on_mount(self) -> None:
        """Say what it is about; show the plan when its width is known."""
        volumes = [item.volume for item in self._plan.exports]
        title = self.query_one(TitleLine)
        if len(volumes) == 1:
            title.show_title(
                f"Review: export {volume_name(volumes[0])}", size_text(volumes[0].size_gib), volumes[0].id[:8]
            )
        else:
            total = sum(item.volume.size_gib for item in self._plan.to_do)
            title.show_title(f"Review: export {len(self._plan.to_do)} of {len(volumes)} volumes", size_text(total))
        if self._plan.to_do:
            self.query_one(Note).say("Nothing has been sent yet.")
        else:
            self.query_one(Note).say("Nothing can be exported; nothing was sent.", Sign.BAD)

    def on_resize(self) -> None:
        """Lay the plan out for this width."""
        self.query_one("#plan", Sheet).show(review_lines(self._plan, self.program.symbols, self.size.width))

    def on_press_pressed(self, event: Press.Pressed) -> None:
        """Go back, or export."""
        event.stop()
        if event.press.id == "cancel":
            self.action_back()
        elif not self._sent:
            self._sent = True
            self.query_one(Note).say("Writing the plan into the journal.", Sign.BUSY)
            self.run_worker(self._submit(), group="submit")

    async def _submit(self) -> None:
        try:
            run_id = await self.desk.submit(self._plan)
        except Failure as failure:
            self._sent = False
            self.query_one(Note).say(f"{failure.what}: {failure.why}.", Sign.BAD)
        else:
            self.desk.marks.clear()
            self.program.show_run(run_id)

    def action_copy(self) -> None:
        """Send the plan as text to the terminal's clipboard."""
        self.program.copy(plan_text(self._plan))
        self.query_one(Note).say("The plan was sent to the terminal's clipboard.", Sign.NONE)

    def action_back(self) -> None:
        """Back to the form; nothing is sent. Once the deed is pressed there is no way back."""
        if not self._sent:
            self.app.pop_screen()
