"""The line in which text is typed: one row, no blinking, and what is pasted is made harmless."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.widgets import Input

from evs_tui.tui.content import shown
from evs_tui.tui.keys import key_label

_SCROLLING = frozenset({"scroll_up", "scroll_down", "scroll_home", "scroll_end", "page_up", "page_down"})


class Entry(Input):
    """A text input in the look of the program. Watch its `value`; that is a frame quicker than its messages."""

    DEFAULT_CSS: ClassVar[str] = """
    Entry, Entry:focus {
        height: 1; width: 1fr; border: none; padding: 0;
        background: $field; color: $foreground; background-tint: transparent;
    }
    Entry.-invalid, Entry.-invalid:focus { border: none; color: $error; background-tint: transparent; }
    Entry > .input--placeholder, Entry > .input--suggestion { color: $muted; }
    Entry:ansi { text-style: underline; }
    Entry.-invalid:ansi, Entry.-invalid:focus:ansi { border: none; color: ansi_red; }
    Entry:ansi > .input--placeholder, Entry:ansi > .input--suggestion { text-style: dim underline; }
    /* Without it the cursor is invisible under NO_COLOR: it would be made of two colours and no attribute. */
    Entry:ansi > .input--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
    Entry:ansi > .input--selection { background: ansi_default; color: ansi_default; text-style: reverse; }
    """

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        max_length: int = 0,
        select_on_focus: bool = False,
        password: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(
            value,
            placeholder=shown(placeholder),
            max_length=max_length,
            select_on_focus=select_on_focus,
            password=password,
            compact=True,
            id=id,
        )
        # A blinking cursor costs 2 kB/s on an idle screen.
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether the field takes this key as text. Textual gives no character for a few keys that have one."""
        return super().check_consume_key(key, character if character is not None else _character(key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One line has nothing to scroll: those keys belong to the screen."""
        return action not in _SCROLLING and super().check_action(action, parameters)

    async def on_key(self, event: events.Key) -> None:
        """Do what a key is bound to at once, and leave what was typed ahead after it to what has the focus then.

        Textual would look for bindings only when the key has come up to the app; the next characters would be in the
        field by then, though the key before them left it.
        """
        if self.screen.focused is not self:
            event.prevent_default()
        elif not event.is_printable and await self.app._check_bindings(event.key):  # noqa: SLF001 - no other way
            event.prevent_default()
            event.stop()

    def on_paste(self, event: events.Paste) -> None:
        """Take the first line that is not blank, with anything a terminal could obey made visible."""
        event.prevent_default()
        event.stop()
        self.replace(self.pasted(event.text), *sorted(self.selection))

    def pasted(self, text: str) -> str:
        """What a pasted text becomes."""
        lines = [line for line in text.splitlines() if line.strip()]
        return shown(lines[0]) if lines else ""


def _character(key: str) -> str | None:
    label = key_label(key)
    return label if len(label) == 1 else None
