"""The keyring of the operating system, through classes of our own choice.

`keyring.get_keyring` lets a variable, a file in the home and any installed package decide where secrets go, so it is
never asked: the backend's class is built here. Measured in the reference on credentials, sections 1.2 and 1.4.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from evs_tui.credentials.stores.deadline import Patience, TooLate
from evs_tui.credentials.stores.store import LONGEST, Condition, StoreFailure, StoreState
from evs_tui.secret import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
PROBE_S, CALL_S = 1.3, 5.0
_REMEMBERED_S = 5.0
"""A keyring that could not be used is not asked again for so long: a socket that does not speak costs a second."""
_USER = "credential"
_COPIES = 10
_TITLES = {"linux": "keyring: Secret Service", "darwin": "keyring: macOS Keychain", "win32": "keyring: Windows vault"}


class OsKeyring:
    """A `SecretStore` over the one backend of this system."""

    def __init__(
        self,
        *,
        backend: Callable[[], KeyringBackend] | None = None,
        probe: Callable[[], StoreState] | None = None,
        system: str = sys.platform,
    ) -> None:
        """`backend` and `probe` are for tests; production takes those of `system`."""
        self._make = backend or _BACKENDS.get(system, _no_backend)
        self._probe = probe or _PROBES.get(system, lambda: _ready(system))
        self._patience = Patience()
        self._backend: KeyringBackend | None = None
        self._unusable: tuple[float, StoreState] | None = None

    def state(self) -> StoreState:
        """See `SecretStore.state`."""
        if self._unusable is not None and time.monotonic() - self._unusable[0] < _REMEMBERED_S:
            return self._unusable[1]
        state = self._probed()
        self._unusable = None if state.is_ready else (time.monotonic(), state)
        return state

    def _probed(self) -> StoreState:
        try:
            return self._patience.call(self._probe, PROBE_S)
        except TooLate:
            return StoreState(Condition.SILENT, "keyring not answering", f"no answer within {PROBE_S} s")
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            return StoreState(Condition.ABSENT, "no keyring", _reason(error))

    def try_again(self) -> None:
        """Ask a keyring again that did not answer before."""
        self._patience.forgive()
        self._unusable = None

    def read(self, profile_id: str) -> Secret | None:
        """See `SecretStore.read`."""
        self._check_ready("The secret could not be read")
        found = self._call("The secret could not be read", lambda keyring: keyring.get_password(*_key(profile_id)))
        return None if found is None else Secret(found)

    def write(self, profile_id: str, text: Secret) -> None:
        """See `SecretStore.write`."""
        what = "The secret was not kept"
        value = text.reveal()
        if len(value) > LONGEST:
            raise StoreFailure(
                what, f"it is {len(value):,} characters long, and keyrings take {LONGEST:,}", "keep it for this session"
            )
        self._check_ready(what)
        self._call(what, lambda keyring: keyring.set_password(*_key(profile_id), value))
        if self._call(what, lambda keyring: keyring.get_password(*_key(profile_id))) != value:
            self.forget(profile_id)
            raise StoreFailure(
                what, "the keyring gave back something else than it was given", "keep it for this session"
            )

    def forget(self, profile_id: str) -> bool:
        """See `SecretStore.forget`."""
        what = "The secret may still be in the keyring"
        self._check_ready(what)
        found = False
        for _ in range(_COPIES):
            if self._call(what, lambda keyring: keyring.get_password(*_key(profile_id))) is None:
                return found
            found = True
            self._call(what, lambda keyring: keyring.delete_password(*_key(profile_id)))
        raise StoreFailure(what, f"{_COPIES} copies were removed and there are more", f"look for evs-tui:{profile_id}")

    def _check_ready(self, what: str) -> None:
        state = self.state()
        if not state.is_ready:
            raise StoreFailure(what, state.words, _ADVICE[state.condition])

    def _call(self, what: str, function: Callable[[KeyringBackend], T]) -> T:
        def work() -> T:
            if self._backend is None:
                self._backend = self._make()
            return function(self._backend)

        try:
            return self._patience.call(work, CALL_S)
        except TooLate:
            raise StoreFailure(what, f"the keyring did not answer within {CALL_S:.0f} s", _WAITING) from None
        except Exception as error:  # noqa: BLE001 - seen: seven kinds, and not all of them are KeyringError
            raise StoreFailure(
                what, _reason(error), "evs-tui doctor tells more; it can be kept for this session"
            ) from None


_WAITING = "a window may wait for you on the desktop of this host; or keep it for this session"
_ADVICE = {
    Condition.LOCKED: "unlock the keyring of this desktop session, or keep the secret for this session",
    Condition.ABSENT: "keep the secret for this session, or choose the encrypted file",
    Condition.SILENT: _WAITING,
}


def _key(profile_id: str) -> tuple[str, str]:
    return f"evs-tui:{profile_id}", _USER


def _reason(error: Exception) -> str:
    """A backend's error in words: its text may quote what it was given, so the kind alone is told."""
    return _KINDS.get(type(error).__name__, f"the keyring failed: {type(error).__name__}")


_KINDS = {
    "KeyringLocked": "the keyring is locked",
    "InitError": "the keyring could not be opened",
    "NoKeyringError": "there is no keyring",
    "ModuleNotFoundError": "what the keyring needs is not installed here",
    "PasswordDeleteError": "the keyring would not delete it",
}


def _secret_service() -> KeyringBackend:
    from keyring.backends.SecretService import Keyring

    class SecretService(Keyring):
        """Without the attributes that variables of the environment may set."""

        def set_properties_from_env(self) -> None:
            """Nothing."""

    made: KeyringBackend = SecretService()  # type: ignore[no-untyped-call]
    return made


def _keychain() -> KeyringBackend:
    from keyring.backends.macOS import Keyring

    made: KeyringBackend = Keyring()  # type: ignore[no-untyped-call]
    return made


def _vault() -> KeyringBackend:
    from keyring.backends.Windows import WinVaultKeyring

    made: KeyringBackend = WinVaultKeyring()  # type: ignore[no-untyped-call]
    return made


def _no_backend() -> KeyringBackend:
    raise ModuleNotFoundError


def _probe_secret_service() -> StoreState:
    """Tell five states apart without any of them opening a prompt."""
    import os

    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return StoreState(Condition.ABSENT, "no keyring", "no D-Bus session")
    try:
        import secretstorage
    except ImportError:
        return StoreState(Condition.ABSENT, "no keyring", "the cryptography package is not installed")
    try:
        connection = secretstorage.dbus_init()
    except Exception:  # noqa: BLE001 - a stale address, a refused socket, a bus that drops us
        return StoreState(Condition.ABSENT, "no keyring", "the D-Bus session cannot be reached")
    try:
        return _collection_state(secretstorage, connection)
    finally:
        connection.close()


def _collection_state(secretstorage: Any, connection: Any) -> StoreState:
    if not secretstorage.check_service_availability(connection):
        return StoreState(Condition.ABSENT, "no keyring", "no Secret Service on this D-Bus session")
    try:
        collection = secretstorage.collection.get_collection_by_alias(connection, "default")
    except secretstorage.exceptions.ItemNotFoundException:
        return StoreState(Condition.ABSENT, "no keyring", "it has no default collection yet")
    if collection.is_locked():
        return StoreState(Condition.LOCKED, "keyring locked", "Secret Service")
    return _ready("linux")


def _ready(system: str) -> StoreState:
    if system not in _BACKENDS:
        return StoreState(Condition.ABSENT, "no keyring", "not known on this system")
    return StoreState(Condition.READY, _TITLES[system])


_BACKENDS: dict[str, Callable[[], Any]] = {"linux": _secret_service, "darwin": _keychain, "win32": _vault}
_PROBES: dict[str, Callable[[], StoreState]] = {"linux": _probe_secret_service}
