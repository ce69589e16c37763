"""A question that is answered by typing: for what cannot be taken back, or what only a person may say."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from evs_tui.tui.content import Line
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.press import Press, PressRow
from evs_tui.tui.widgets.sheet import OneLine, Sheet


class TypedDrawer(Drawer):
    """Ends with `done` only after the wanted characters were typed; enter in the field never does it."""

    DEFAULT_CSS = """
    TypedDrawer #typed { height: 1; margin: 0 0 0 3; width: 30; }
    """

    def __init__(self, title: str, lines: Iterable[Line], wanted: str, deed: str, *, safe: str = "Cancel") -> None:
        """`wanted` must be typed before the button `deed` does anything; `safe` is the harmless button."""
        super().__init__(title, lines, (("stay", safe), ("done", deed)), safe_words="change nothing")
        self._wanted = wanted
        self._deed = deed

    def compose(self) -> ComposeResult:
        """Heading, lines, the field, buttons, hints."""
        with Vertical():
            yield OneLine([Line(((" ", "text"), (self._title, "alarm")), base="head")])
            with VerticalScroll(can_focus=False):
                yield Sheet(self._lines, classes="-auto")
            yield Entry(placeholder=f"{len(self._wanted)} characters", max_length=len(self._wanted) + 8, id="typed")
            yield PressRow([Press(words, id=id_) for id_, words in self._presses])
            yield Hints()

    def on_mount(self) -> None:
        """Count what is typed."""
        self.watch(self.query_one(Entry), "value", self._typed, init=False)

    def _typed(self, value: str) -> None:
        right = sum(1 for typed, wanted in zip(value, self._wanted, strict=False) if typed == wanted)
        words = self._deed if value == self._wanted else f"{self._deed} ({right} of {len(self._wanted)})"
        self.query_one("#done", Press).rename(words)

    def on_press_pressed(self, event: Press.Pressed) -> None:
        """The deed is done only when the characters are there; else the button says what is missing."""
        event.stop()
        # Textual would go on to the handler of the plain drawer, which ends with any button.
        event.prevent_default()
        if event.press.id == "done" and self.query_one(Entry).value != self._wanted:
            event.press.rename(f"{self._deed}: type {len(self._wanted)} characters first")
            self.query_one(Entry).focus()
            return
        self.dismiss(event.press.id)

    def action_next(self, steps: int) -> None:
        """Go through the field and the buttons."""
        (self.focus_next if steps > 0 else self.focus_previous)("Press, Entry")
