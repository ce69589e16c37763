"""The secrets of profiles: read from where the profile keeps them, kept, moved, forgotten.

Every method may take seconds; none belongs on a loop (see `stores.deadline.aside`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evs_tui.config.profiles import Profile, SecretPlace
from evs_tui.credentials.kept import Kept, SecretNeeded, parsed, written
from evs_tui.credentials.stores.encrypted_file import EncryptedFile
from evs_tui.credentials.stores.memory import MemoryStore
from evs_tui.credentials.stores.os_keyring import OsKeyring
from evs_tui.credentials.stores.store import Condition, SecretStore, StoreFailure, StoreState
from evs_tui.failure import Failure
from evs_tui.secret import Secret

PLACE_WORDS: Mapping[SecretPlace, str] = {"keyring": "keyring", "session": "memory", "file": "encrypted file"}
"""Where a secret is, in a word or two, for the header."""


class Vault:
    """All stores of one run."""

    def __init__(self, file: Path | None, *, keyring: SecretStore | None = None) -> None:
        """`file` is where the encrypted file lies; None (the demo): no file and no keyring. `keyring` is for tests."""
        self.memory = MemoryStore()
        self.file = None if file is None else EncryptedFile(file)
        self.keyring: SecretStore | None = None if file is None else keyring or OsKeyring()

    def store(self, place: SecretPlace) -> SecretStore:
        """The store behind a place.

        Raises:
            StoreFailure: this run has none.
        """
        found = {"session": self.memory, "keyring": self.keyring, "file": self.file}[place]
        if found is None:
            raise StoreFailure("The secret was not kept", "the demo keeps none")
        return found

    def state(self, place: SecretPlace) -> StoreState:
        """Whether the place can be used now."""
        if place != "session" and self.keyring is None:
            return StoreState(Condition.ABSENT, f"no {PLACE_WORDS[place]}", "the demo")
        return self.store(place).state()

    def secrets(self, profile: Profile) -> tuple[Mapping[str, Secret], SecretPlace]:
        """The secret fields of a profile, and where they were found; what was typed in this run goes first.

        Raises:
            SecretNeeded: they are not there, or their place cannot be read.
            BindingChanged: they were kept for another place than the profile names now.
        """
        places: tuple[SecretPlace, ...] = ("session",) if profile.keep_in == "session" else ("session", profile.keep_in)
        reason = None
        for place in places:
            try:
                text = self.store(place).read(profile.id)
            except StoreFailure as failure:
                reason = failure.why
                continue
            if text is not None:
                kept = parsed(text)
                kept.check(profile)
                return kept.values, place
        raise SecretNeeded(profile, reason)

    def keep(self, profile: Profile, values: Mapping[str, Secret], place: SecretPlace) -> None:
        """Keep the secret fields of a profile there, bound to what the profile names now.

        Raises:
            StoreFailure: they were not kept.
        """
        self.store(place).write(profile.id, written(Kept.of(profile, values)))

    def forget(self, profile: Profile) -> tuple[SecretPlace, ...]:
        """Remove every copy; where there were some.

        Raises:
            StoreFailure: the place that the profile names cannot be cleared now; memory was.
        """
        found: list[SecretPlace] = []
        if self.memory.forget(profile.id):
            found.append("session")
        for place in ("keyring", "file"):
            try:
                if self.store(place).forget(profile.id):
                    found.append(place)
            except Failure:
                if profile.keep_in == place:
                    raise
        return tuple(found)

    def move(self, profile: Profile, to: SecretPlace) -> None:
        """Copy to the new place, read it back, then remove it from the old one.

        Raises:
            SecretNeeded, BindingChanged: there is nothing to move.
            StoreFailure: it was not kept there; or it was, and the message says that a copy remains.
        """
        values, found = self.secrets(profile)
        if found == to:
            return
        self.keep(profile, values, to)
        try:
            self.store(found).forget(profile.id)
        except StoreFailure as failure:
            raise StoreFailure(
                f"A copy of the secret remains in the {PLACE_WORDS[found]}", failure.why, failure.advice
            ) from failure
