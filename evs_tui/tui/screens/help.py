"""The keys of the place that has the keyboard, read from the bindings that are active at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.screen import Screen

from evs_tui.tui.content import Line
from evs_tui.tui.keys import key_label
from evs_tui.tui.widgets.drawer import Drawer

_WORDS = 22
_LABEL = 3


class HelpDrawer(Drawer):
    """Keys and what they do."""

    @classmethod
    def of(cls, screen: Screen[Any]) -> HelpDrawer:
        """The help for a screen as it is now, with its focused widget."""
        return cls("Keys here", list(_lines(screen)))


def _lines(screen: Screen[Any]) -> Iterator[Line]:
    keys: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for key, active in screen.active_bindings.items():
        binding = active.binding
        if binding.id and active.enabled:
            keys.setdefault(binding.id, []).append(key_label(key))
            words[binding.id] = binding.tooltip or binding.description
    for id_, labels in keys.items():
        yield Line.placed((_LABEL, ", ".join(labels), "key"), (_WORDS, words[id_], "text"))
    yield Line.placed((_LABEL, "esc", "key"), (_WORDS, "Close this help.", "text"))
