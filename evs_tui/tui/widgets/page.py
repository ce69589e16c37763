"""The base of every screen: moving the focus repaints what shows it, and nothing else."""

from __future__ import annotations

from typing import TypeVar

from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

Answer = TypeVar("Answer")


class Page(Screen[Answer]):
    """A screen. Textual's own is repainted as a whole at each change of focus, some 5 kB at 80x24."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)


class ModalPage(ModalScreen[Answer]):
    """The same for a screen that lies over another."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
