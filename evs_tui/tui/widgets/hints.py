"""The last line: the keys of whatever has the keyboard, as they really are bound at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.screen import Screen

from evs_tui.tui.content import Line, Part, width_of
from evs_tui.tui.keys import HINTED, key_label
from evs_tui.tui.widgets.sheet import OneLine

Hint = tuple[str, str]
"""A key as it is written, and what it does."""

_WIDE_GAP, _NARROW_GAP = 3, 2
_KEPT = 2


def active_hints(screen: Screen[Any], words: Mapping[str, str]) -> list[Hint]:
    """The hints of a screen in the order of `keys.HINTED`; `words` replaces the words of a binding, by its id.

    Empty words take a hint away. An action that several keys do is hinted once, with its first active key.
    """
    active: dict[str, tuple[str, str, str]] = {}
    for key, bound in screen.active_bindings.items():
        if bound.enabled and bound.binding.id:
            active.setdefault(bound.binding.id, (key, bound.binding.action, bound.binding.description))
    hints: list[Hint] = []
    done: set[str] = set()
    for id_ in HINTED:
        if id_ not in active:
            continue
        key, action, description = active[id_]
        said = words.get(id_, description)
        if said and action not in done:
            done.add(action)
            hints.append((key_label(key), said))
    return hints


def fitting(hints: Sequence[Hint], width: int) -> tuple[list[Hint], int]:
    """The hints that fit into `width` cells, and the blanks between them.

    What does not fit leaves whole, from before the last two; two blanks instead of three if that saves one.
    """
    kept = list(hints)
    while kept:
        for gap in (_WIDE_GAP, _NARROW_GAP):
            needed = 2 + sum(width_of(f"{key} {words}") for key, words in kept) + gap * (len(kept) - 1)
            if needed <= width:
                return kept, gap
        del kept[max(0, len(kept) - _KEPT - 1)]
    return [], _WIDE_GAP


def hints_line(hints: Sequence[Hint], width: int) -> Line:
    """The line of hints for a width."""
    kept, gap = fitting(hints, width)
    parts: list[Part] = [(" ", "text")]
    for number, (key, words) in enumerate(kept):
        parts += [(" " * gap if number else "", "text"), (key, "key"), (" " + words, "muted")]
    return Line(tuple(parts))


class Hints(OneLine):
    """The keys of the focused place. It follows the focus and the keymap by itself."""

    DEFAULT_CSS: ClassVar[str] = """
    Hints { background: $bar; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._words: dict[str, str] = {}
        self._hints: list[Hint] = []

    def on_mount(self) -> None:
        """Follow what the screen says about its bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self._read_bindings()

    def say(self, words: Mapping[str, str]) -> None:
        """Say something else for bindings, by their ids; empty words take a hint away, no entry restores the usual."""
        if words != self._words:
            self._words = dict(words)
            self._read_bindings()

    def line_for(self, width: int) -> Line:
        """What fits."""
        return hints_line(self._hints, width)

    def _bindings_changed(self, _screen: Screen[Any]) -> None:
        if self.is_attached and self.screen.is_active:
            self._read_bindings()

    def _read_bindings(self) -> None:
        self._hints = active_hints(self.screen, self._words)
        self.repaint_changes()
