"""The fields of a form, one a line: label at column 3, value at column 18, the rule or the error on the line below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from evs_tui.secret import Secret
from evs_tui.tui.content import Laid, Line, Token, fit, lay, width_of
from evs_tui.tui.keys import CHOICE_KEYS
from evs_tui.tui.widgets.entry import Entry
from evs_tui.tui.widgets.field_line import LABEL, VALUE, Check, FieldLabel, Remark, RemarkLine, label_parts, remark_line
from evs_tui.tui.widgets.ink import Inked
from evs_tui.tui.widgets.secret_input import SecretInput
from evs_tui.tui.widgets.sheet import Sheet

_ARROW = 16


class TextField(Widget):
    """A text field with its label, and a line below where it can err.

    The line is kept blank when there is nothing to say: a form must not jump while one types.
    """

    DEFAULT_CSS: ClassVar[str] = """
    TextField { height: auto; width: 1fr; }
    TextField > Horizontal { height: 1; width: 1fr; }
    TextField Entry { max-width: 44; }
    TextField #blank { width: 1; }
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
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """A field of at most `width` cells. `check` is asked at every change. `secret` masks it; see `take`."""
        super().__init__(id=id)
        self._check = check
        self._width = width
        self._label = FieldLabel(label)
        self._line = RemarkLine() if has_line else None
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
            yield Sheet(id="blank")
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

    def check(self) -> None:
        """Ask the rule again; something else that it depends on has changed."""
        remark = self._check(self.entry.value) if self._check is not None else None
        self.entry.set_class(remark is not None and remark.is_error, "-invalid")
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


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a choice, and how it is shown."""

    value: str
    words: str


class Choice(Inked, can_focus=True):
    """A value out of a few: left and right change it, or the first letter. It stays on its line."""

    BINDINGS: ClassVar[list[BindingType]] = [*CHOICE_KEYS]
    DEFAULT_CSS: ClassVar[str] = """
    Choice { height: 1; }
    Choice.-remark-below { height: 2; }
    """

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The choice."""
            return self.choice

    def __init__(
        self,
        label: str,
        options: Sequence[Option | str],
        value: str | None = None,
        *,
        remark: str = "",
        remark_below: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        """A choice of `options`, at first `value` (None: the first). The remark stands beside or on its own line."""
        super().__init__(id=id, classes="-remark-below" if remark_below else classes)
        self.label = label
        self._options = tuple(Option(each, each) if isinstance(each, str) else each for each in options)
        self._at = next((at for at, each in enumerate(self._options) if each.value == value), 0)
        self._remark = remark
        self._below = remark_below

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._options[self._at].value

    def choose(self, value: str) -> None:
        """Take a value, as a person would; an unknown one changes nothing."""
        self._take(next((at for at, each in enumerate(self._options) if each.value == value), self._at))

    def offer(self, options: Sequence[Option], value: str | None = None) -> None:
        """Offer other values, at first `value` if it is among them."""
        self._options = tuple(options)
        self._at = next((at for at, each in enumerate(self._options) if each.value == value), 0)
        self.repaint_changes()

    def say(self, remark: str) -> None:
        """Say something else about the value."""
        self._remark = remark
        self.repaint_changes()

    def action_step(self, steps: int) -> None:
        """Take the next value, or the one before; after the last comes the first."""
        self._take((self._at + steps) % len(self._options))

    def check_consume_key(self, key: str, character: str | None) -> bool:  # noqa: ARG002 - Textual's
        """The first letter of a value is taken here, and does nothing else."""
        return character is not None and self._first_with(character) is not None

    def on_key(self, event: events.Key) -> None:
        """Take the next value that begins with the letter."""
        found = self._first_with(event.character) if event.character and event.is_printable else None
        if found is not None:
            event.stop()
            self._take(found)

    def on_click(self, event: events.Click) -> None:
        """A click on the left arrow goes back, on the value or the right arrow on."""
        if event.y == 0 and event.x >= _ARROW:
            self.action_step(-1 if event.x < VALUE else 1)

    def laid_line(self, y: int) -> Laid:
        """The choice, or the remark below it."""
        width, symbols = self.size.width, self.symbols
        if y:
            return lay(remark_line(Remark(self._remark), width, symbols), width, symbols.cut)
        has_keyboard = self.has_keyboard
        room = max(1, min(self._value_cells, width - VALUE - 3))
        arrows: Token = "key" if len(self._options) > 1 else "text"
        left, right = (symbols.left, symbols.right) if len(self._options) > 1 else (" ", " ")
        words = fit(self._options[self._at].words, room, cut=symbols.cut)
        parts = label_parts(self.label, symbols, focused=has_keyboard)
        parts += [(left, arrows), (" ", "text"), (words, "cursor" if has_keyboard else "field")]
        parts += [(" ", "text"), (right, arrows)]
        if self._remark and not self._below:
            parts += [("  ", "text"), (self._remark, "muted")]
        return lay(Line(tuple(parts)), width, symbols.cut)

    @property
    def _value_cells(self) -> int:
        return max(10, *(width_of(option.words) + 1 for option in self._options))

    def _first_with(self, character: str) -> int | None:
        """The next value after the present one whose words begin with `character`; maybe the present one."""
        order = [(self._at + step) % len(self._options) for step in range(1, len(self._options) + 1)]
        letter = character.casefold()
        return next((at for at in order if self._options[at].words[:1].casefold() == letter), None)

    def _take(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.repaint_changes()
            self.post_message(self.Changed(self))


class Fixed(Sheet):
    """A value that cannot be changed here, and why."""

    DEFAULT_CSS: ClassVar[str] = """
    Fixed { height: 1; }
    """

    def __init__(
        self,
        label: str,
        value: str,
        why: str = "",
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self.show_value(value, why)

    def show_value(self, value: str, why: str = "") -> None:
        """Show another value."""
        self.value = value
        column = max(VALUE + 14, VALUE + width_of(value) + 2)
        self.show([Line.placed((LABEL, self.label, "muted"), (VALUE, value, "text"), (column, why, "muted"))])
