"""The line in which a secret is typed. It shows stars, gives its value to nothing but `take`, and forgets it then."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.message import Message
from textual.widgets import Input

from evs_tui.secret import Secret
from evs_tui.tui.widgets.entry import Entry

MASK = "*"
"""Textual's own bullet is an ambiguous character: two cells wide on some terminals, where the line would smear."""


class SecretInput(Entry):
    """A masked field.

    Copying and cutting do nothing, because they would send the secret to the clipboard of whoever sits at the
    other end of the line. No message carries the value; it is cleared when it is taken, submitted, or the field
    goes away. Leaving the field keeps it, since a form has other fields to fill in.
    """

    class Entered(Message):
        """Enter was pressed. `secret` is what had been typed; the field is empty already."""

        def __init__(self, entry: SecretInput, secret: Secret) -> None:
            super().__init__()
            self.entry = entry
            self.secret = secret

        @property
        def control(self) -> SecretInput:
            """The field."""
            return self.entry

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(placeholder=placeholder, password=True, id=id)

    def take(self) -> Secret:
        """What was typed; the field is empty afterwards."""
        secret = Secret(self.value)
        self.clear()
        return secret

    def held(self) -> Secret:
        """What was typed so far; the field keeps it, for something that is tried first."""
        return Secret(self.value)

    @property
    def _value(self) -> Text:
        """What is drawn in place of the value."""
        return Text(MASK * len(self.value), no_wrap=True, overflow="ignore", end="")

    def post_message(self, message: Message) -> bool:
        """Post a message, without the value that Textual's own messages would carry."""
        if isinstance(message, Input.Changed | Input.Submitted | Input.Blurred):
            message.value = MASK * len(message.value)
        return super().post_message(message)

    def pasted(self, text: str) -> str:
        """The first line as it is: a secret may hold any character, and none of it is drawn."""
        return next((line for line in text.splitlines() if line), "")

    def action_copy(self) -> None:
        """Do nothing."""

    def action_cut(self) -> None:
        """Do nothing."""

    async def action_submit(self) -> None:
        """Give the secret away once and forget it."""
        self.post_message(self.Entered(self, self.take()))

    def on_unmount(self) -> None:
        """Forget it."""
        self.value = ""
