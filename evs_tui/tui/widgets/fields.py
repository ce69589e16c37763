"""The text field of a form: label at column 3, value at column 18, the rule or the error on the line below."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from evs_tui.secret import Secret
from evs_tui.tui.content import Line
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.field_line import Check, FieldLabel, RemarkLine
from evs_tui.tui.widgets.secret_input import SecretInput
from evs_tui.tui.widgets.sheet import Sheet


class TextField(Widget):
    """A text field with its label, and a line below where it can err.

    The line is kept blank when there is nothing to say: a form must not jump while one types.
    """

    DEFAULT_CSS: ClassVar[str] = """
    TextField { height: auto; width: 1fr; }
    TextField > Horizontal { height: 1; width: 1fr; }
    TextField Entry { max-width: 44; }
    TextField #beside { width: 1; }
    TextField #beside.-counts { width: 13; }
    """

    class Changed(Message):
        """Another value was typed or set; `field.problem` says whether it can be used."""

        def __init__(self, field: TextField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> TextField:
            """The field."""
            return self.field

    class Submitted(Changed):
        """Enter was pressed."""

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        check: Check | None = None,
        width: int = 44,
        placeholder: str = "",
        max_length: int = 0,
        secret: bool = False,
        has_line: bool = True,
        counter: Callable[[str], str] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """A field of at most `width` cells.

        `check` is asked at every change, and so is `counter`: what it says, in at most 12 cells, stands beside the
        field. `secret` masks the value; see `take`.
        """
        super().__init__(id=id)
        self._check = check
        self._width = width
        self._label = FieldLabel(label)
        self._line = RemarkLine() if has_line else None
        self._counter = counter
        self._beside = Sheet(id="beside", classes="-counts" if counter is not None else None)
        self._first_value = value
        self.entry: Entry = (
            SecretInput(placeholder=placeholder) if secret else Entry(placeholder=placeholder, max_length=max_length)
        )

    def compose(self) -> ComposeResult:
        """Label and entry beside each other, the remark below."""
        self.entry.styles.max_width = self._width
        if self._first_value:
            # Not in the constructor: Textual asks a new value's input for the running app.
            self.entry.value = self._first_value
        with Horizontal():
            yield self._label
            yield self.entry
            yield self._beside
        if self._line is not None:
            yield self._line

    @property
    def value(self) -> str:
        """What stands in the field. Of a secret field only `take` should be asked."""
        return self.entry.value

    @value.setter
    def value(self, value: str) -> None:
        self.entry.value = value

    @property
    def label(self) -> str:
        """The label."""
        return self._label.label

    @property
    def problem(self) -> str | None:
        """Why the value cannot be used; None if it can."""
        remark = self._check(self.entry.value) if self._check is not None else None
        return remark.text if remark is not None and remark.is_error else None

    def rename(self, label: str) -> None:
        """Call the field something else."""
        self._label.label = label
        self._label.repaint_changes()

    def take(self) -> Secret:
        """The secret that was typed; the field forgets it."""
        if not isinstance(self.entry, SecretInput):
            raise TypeError(f"{self.label} is no secret field")
        return self.entry.take()

    def held(self) -> Secret:
        """The secret that was typed so far; the field keeps it."""
        if not isinstance(self.entry, SecretInput):
            raise TypeError(f"{self.label} is no secret field")
        return self.entry.held()

    def check(self) -> None:
        """Ask the rule again; something else that it depends on has changed."""
        remark = self._check(self.entry.value) if self._check is not None else None
        self.entry.set_class(remark is not None and remark.is_error, "-invalid")
        if self._counter is not None:
            self._beside.show([Line.placed((1, self._counter(self.entry.value), "muted"))])
        if self._line is not None:
            self._line.say(remark)

    def focus(self, scroll_visible: bool = True) -> TextField:
        """Give the keyboard to the entry."""
        self.entry.focus(scroll_visible)
        return self

    def on_mount(self) -> None:
        """Watch the value rather than wait for messages: the remark is drawn in the same frame."""
        self.watch(self.entry, "value", self._value_changed, init=False)
        self.check()

    def on_descendant_focus(self) -> None:
        """The label shows who has the keyboard."""
        self._show_focus(focused=True)

    def on_descendant_blur(self) -> None:
        """And who has it no more."""
        self._show_focus(focused=False)

    def on_input_submitted(self, event: Entry.Submitted) -> None:
        """Enter: the form decides what it means."""
        event.stop()
        self.post_message(self.Submitted(self))

    def on_input_changed(self, event: Entry.Changed) -> None:
        """Already known, from the value itself."""
        event.stop()

    def _value_changed(self, _value: str) -> None:
        self.check()
        self.post_message(self.Changed(self))

    def _show_focus(self, *, focused: bool) -> None:
        self._label.focused = focused
        self._label.repaint_changes()
