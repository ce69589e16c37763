"""What is wrong with a value somebody typed, in words that fit one line under its field."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be used: one sentence without a full stop.

    `position` is the place of the first wrong character, counted from 1, and `character` that character made
    visible, where one character is to blame. `hint` says what to write in its stead, e.g. `ü → ue`.
    """

    text: str
    position: int | None = None
    character: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        if self.hint is None:
            return self.text
        if self.position is None:
            return f"{self.text} ({self.hint})"
        # Beside the character it is about, so that a narrow field cuts off the rule and not the way out.
        return self.text.replace(": ", f" ({self.hint}): ", 1)
