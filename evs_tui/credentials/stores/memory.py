"""Secrets for as long as the program runs: the natural place on a host without a keyring."""

from __future__ import annotations

from evs_tui.credentials.stores.store import Condition, StoreState
from evs_tui.secret import Secret


class MemoryStore:
    """A `SecretStore` that writes nothing anywhere."""

    def __init__(self) -> None:
        self._kept: dict[str, Secret] = {}

    def state(self) -> StoreState:
        """See `SecretStore.state`."""
        return StoreState(Condition.READY, "memory, until evs-tui ends")

    def read(self, profile_id: str) -> Secret | None:
        """See `SecretStore.read`."""
        return self._kept.get(profile_id)

    def write(self, profile_id: str, text: Secret) -> None:
        """See `SecretStore.write`."""
        self._kept[profile_id] = text

    def forget(self, profile_id: str) -> bool:
        """See `SecretStore.forget`."""
        return self._kept.pop(profile_id, None) is not None
