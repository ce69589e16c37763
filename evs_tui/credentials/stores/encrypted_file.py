"""One encrypted file for all profiles, for who picks it: argon2id and AES-256-GCM, opened with a passphrase.

The names of profiles are hidden too. Parameters that the file names are bounded before they are used: a hostile file
must not eat the memory. Design: reference on credentials, section 3.4.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evs_tui.credentials.stores.store import LONGEST, Condition, StoreFailure, StoreState
from evs_tui.files import open_private, private_directory, read_trusted, shown, write_private
from evs_tui.secret import Secret

SHORTEST_PASSPHRASE = 8
_VERSION = 1
_LARGEST = 1024 * 1024
_SALT, _NONCE, _KEY = 16, 12, 32
_PASSES, _MEMORY_KIB, _LANES = 3, 64 * 1024, 4
_MOST = {"t": 10, "m": 1024 * 1024, "p": 8}


@dataclass(frozen=True, slots=True)
class _Header:
    salt: bytes
    t: int = _PASSES
    m: int = _MEMORY_KIB
    p: int = _LANES

    @property
    def bound(self) -> bytes:
        """What the encryption vouches for beside the content."""
        return json.dumps(self.document, sort_keys=True).encode()

    @property
    def document(self) -> dict[str, Any]:
        """The header as it stands in the file."""
        return {"v": _VERSION, "kdf": "argon2id", "salt": _text(self.salt), "t": self.t, "m": self.m, "p": self.p}


class EncryptedFile:
    """A `SecretStore` in one file. `unlock` comes first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: tuple[_Header, bytes] | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a file already; if not, the first passphrase makes one."""
        return self._path.exists()

    def state(self) -> StoreState:
        """See `SecretStore.state`."""
        try:
            import cryptography.hazmat.primitives.kdf.argon2  # noqa: F401
        except ImportError:
            return StoreState(Condition.ABSENT, "no encrypted file", "the cryptography package is not installed")
        title = f"encrypted file {shown(self._path)}"
        if self._key is None:
            return StoreState(Condition.LOCKED, title, "its passphrase is asked for")
        return StoreState(Condition.READY, title)

    def unlock(self, passphrase: Secret) -> None:
        """Open the file with its passphrase, or make it the passphrase of a new one.

        Raises:
            StoreFailure: it does not open the file, is too short for a new one, or the file cannot be used.
        """
        what = "The encrypted file was not opened"
        if self.state().condition is Condition.ABSENT:
            raise StoreFailure(what, "the cryptography package is not installed", "pip install 'evs-tui[file]'")
        value = passphrase.reveal()
        stored = self._stored()
        if stored is None:
            if len(value) < SHORTEST_PASSPHRASE:
                raise StoreFailure(
                    what, f"a passphrase has at least {SHORTEST_PASSPHRASE} characters", "choose a longer one"
                )
            header = _Header(secrets.token_bytes(_SALT))
            self._key = header, _derived(header, value)
            return
        header, nonce, data = stored
        key = _derived(header, value)
        self._opened(header, key, nonce, data)
        self._key = header, key

    def read(self, profile_id: str) -> Secret | None:
        """See `SecretStore.read`."""
        found = self._content().get(profile_id)
        return None if found is None else Secret(found)

    def write(self, profile_id: str, text: Secret) -> None:
        """See `SecretStore.write`."""
        value = text.reveal()
        if len(value) > LONGEST:
            raise StoreFailure("The secret was not kept", f"it is longer than {LONGEST:,} characters")
        with self._alone():
            self._replace({**self._content(), profile_id: value})
        if self._content().get(profile_id) != value:
            raise StoreFailure("The secret was not kept", f"{shown(self._path)} does not hold what was written")

    def forget(self, profile_id: str) -> bool:
        """See `SecretStore.forget`."""
        with self._alone():
            content = dict(self._content())
            if content.pop(profile_id, None) is None:
                return False
            if content:
                self._replace(content)
            else:
                self._path.unlink(missing_ok=True)
        return True

    def _content(self) -> dict[str, str]:
        header, key = self._opened_key()
        stored = self._stored()
        if stored is None:
            return {}
        if stored[0] != header:
            raise StoreFailure(
                "The encrypted file was not read", "it was made anew meanwhile", "open it with its present passphrase"
            )
        return self._opened(header, key, *stored[1:])

    def _opened_key(self) -> tuple[_Header, bytes]:
        if self._key is None:
            raise StoreFailure("The encrypted file was not read", "it is locked", "give its passphrase first")
        return self._key

    def _replace(self, content: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        header, key = self._opened_key()
        nonce = secrets.token_bytes(_NONCE)
        data = AESGCM(key).encrypt(nonce, json.dumps(content).encode(), header.bound)
        document = {**header.document, "nonce": _text(nonce), "data": _text(data)}
        write_private(self._path, json.dumps(document).encode() + b"\n")

    def _opened(self, header: _Header, key: bytes, nonce: bytes, data: bytes) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            plain = AESGCM(key).decrypt(nonce, data, header.bound)
        except InvalidTag:
            raise StoreFailure(
                "The encrypted file was not opened", "the passphrase is wrong, or the file is damaged", "try again"
            ) from None
        content: dict[str, str] = json.loads(plain)
        return content

    def _stored(self) -> tuple[_Header, bytes, bytes] | None:
        try:
            text = read_trusted(self._path, limit=_LARGEST).text
        except FileNotFoundError:
            return None
        try:
            return _parsed(json.loads(text))
        except (ValueError, KeyError, TypeError, RecursionError):
            raise StoreFailure(
                f"{shown(self._path)} cannot be used",
                "it is not a file of evs-tui, or damaged",
                "move it out of the way",
            ) from None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from reading and writing in between."""
        try:
            import fcntl
        except ImportError:  # Windows
            yield
            return
        private_directory(self._path.parent)
        lock = open_private(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _parsed(document: dict[str, Any]) -> tuple[_Header, bytes, bytes]:
    costs = {name: document[name] for name in _MOST}
    salt, nonce = _bytes(document["salt"]), _bytes(document["nonce"])
    if (document["v"], document["kdf"], len(salt), len(nonce)) != (_VERSION, "argon2id", _SALT, _NONCE) or any(
        type(cost) is not int or not 1 <= cost <= _MOST[name] for name, cost in costs.items()
    ):
        raise ValueError
    if costs["m"] < 8 * costs["p"]:  # less is no argon2. Source: RFC 9106, section 3.1
        raise ValueError
    return _Header(salt, **costs), nonce, _bytes(document["data"])


def _derived(header: _Header, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    kdf = Argon2id(salt=header.salt, length=_KEY, iterations=header.t, lanes=header.p, memory_cost=header.m)
    return kdf.derive(passphrase.encode("utf-8", "surrogatepass"))


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
