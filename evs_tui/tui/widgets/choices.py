"""A choice out of a few values, and a value that is fixed: each on one line, its remark beside it or below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from evs_tui.exports.model import Sign
from evs_tui.tui.content import Laid, Line, Part, Token, fit, lay, width_of
from evs_tui.tui.keys import CHOICE_KEYS
from evs_tui.tui.widgets.field_line import LABEL, VALUE, Remark, label_parts, remark_line, remark_parts
from evs_tui.tui.widgets.ink import Inked
from evs_tui.tui.widgets.sheet import Sheet

_ARROW = 16
_BESIDE = 14


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
        self._sign: Sign | None = None

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

    @property
    def problem(self) -> str | None:
        """Why the value cannot be used, as the owner said with `Sign.BAD`; None if it can."""
        return self._remark if self._sign is Sign.BAD else None

    def say(self, remark: str, of: Sign | None = None) -> None:
        """Say something else about the value: a rule, with `Sign.WARN` a warning, with `Sign.BAD` an error."""
        self._remark, self._sign = remark, of
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
            return lay(remark_line(Remark(self._remark, self._sign), width, symbols), width, symbols.cut)
        has_keyboard = self.has_keyboard
        room = max(1, min(self._value_cells, width - VALUE - 3))
        arrows: Token = "key" if len(self._options) > 1 else "text"
        left, right = (symbols.left, symbols.right) if len(self._options) > 1 else (" ", " ")
        words = fit(self._options[self._at].words, room, cut=symbols.cut)
        parts = label_parts(self.label, symbols, focused=has_keyboard)
        parts += [(left, arrows), (" ", "text"), (words, "cursor" if has_keyboard else "field")]
        parts += [(" ", "text"), (right, arrows)]
        if self._remark and not self._below:
            parts += [("  ", "text"), *remark_parts(Remark(self._remark, self._sign), symbols)]
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
    Fixed.-remark-below { height: 2; }
    """

    def __init__(
        self,
        label: str,
        value: str,
        why: str = "",
        *,
        remark_below: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id, classes="-remark-below" if remark_below else None)
        self._below = remark_below
        self.label = label
        self.value = value
        self._remark = Remark(why)

    def on_resize(self) -> None:
        """Show it; the signs and the width are known now."""
        self._show()

    def show_value(self, value: str, why: str = "", of: Sign | None = None) -> None:
        """Show another value, and why; with `Sign.WARN` as a warning."""
        self.value, self._remark = value, Remark(why, of)
        if self.is_mounted:
            self._show()

    def _show(self) -> None:
        label = fit(self.label, VALUE - LABEL, cut=self.symbols.cut)
        parts: list[Part] = [(" " * LABEL, "text"), (label, "muted"), (self.value, "text")]
        if self._below:
            self.show([Line(tuple(parts)), remark_line(self._remark, self.size.width, self.symbols)])
            return
        parts.append((" " * max(_BESIDE - width_of(self.value), 2), "text"))
        self.show([Line((*parts, *remark_parts(self._remark, self.symbols)))])
