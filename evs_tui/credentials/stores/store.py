"""What every store can do, and the states that a person is told of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

LONGEST = 1200
"""Characters of one stored text, on every system: the vault of Windows ends at 1,280."""


class Condition(StrEnum):
    """Whether a store can be used now."""

    READY = "ready"
    LOCKED = "locked"
    ABSENT = "absent"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class StoreState:
    """A store's condition, the store in a few words, and why it is not ready."""

    condition: Condition
    title: str
    reason: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether secrets can be kept and read without a prompt."""
        return self.condition is Condition.READY

    @property
    def words(self) -> str:
        """For a status line: `keyring: Secret Service`, `no keyring (no D-Bus session)`."""
        return self.title if self.reason is None else f"{self.title} ({self.reason})"


class StoreFailure(ConfigFailure):
    """A store could not do what was asked. What it held is unchanged, or the message says otherwise."""


class SecretStore(Protocol):
    """A place for one text per profile. Every call may take seconds: never on a loop (see `deadline.aside`)."""

    def state(self) -> StoreState:
        """Whether it can be used; asks nobody and opens no window."""

    def read(self, profile_id: str) -> Secret | None:
        """What is kept for a profile; None if nothing is.

        Raises:
            StoreFailure: it cannot be read now.
        """

    def write(self, profile_id: str, text: Secret) -> None:
        """Keep `text` in the place of what was kept before, and make sure that it can be read back.

        Raises:
            StoreFailure: it was not kept.
        """

    def forget(self, profile_id: str) -> bool:
        """Remove every copy; whether there was one.

        Raises:
            StoreFailure: something may be left; the message says so.
        """
