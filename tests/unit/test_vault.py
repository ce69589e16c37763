from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.config.profiles import Profile
from evs_tui.credentials.kept import BindingChanged, Kept, SecretNeeded, parsed, written
from evs_tui.credentials.stores.memory import MemoryStore
from evs_tui.credentials.stores.store import Condition, StoreFailure, StoreState
from evs_tui.credentials.vault import Vault
from evs_tui.secret import Secret

PROD = Profile(
    "prod", "0123456789abcdef", auth_url="https://iam.example.org/v3", user="exporter", user_domain="acc",
    keep_in="keyring",
)  # fmt: skip
WORD = {"password": Secret("hush-hush")}


class FakeKeyring(MemoryStore):
    """A keyring that can be locked."""

    def __init__(self) -> None:
        super().__init__()
        self.locked = False

    def state(self) -> StoreState:
        if self.locked:
            return StoreState(Condition.LOCKED, "keyring locked", "Secret Service")
        return StoreState(Condition.READY, "keyring: Secret Service")

    def read(self, profile_id: str) -> Secret | None:
        self._check()
        return super().read(profile_id)

    def forget(self, profile_id: str) -> bool:
        self._check()
        return super().forget(profile_id)

    def _check(self) -> None:
        if self.locked:
            raise StoreFailure("The secret could not be read", self.state().words)


@pytest.fixture
def keyring() -> FakeKeyring:
    return FakeKeyring()


@pytest.fixture
def vault(tmp_path: Path, keyring: FakeKeyring) -> Vault:
    return Vault(tmp_path / "credentials.enc", keyring=keyring)


def test_a_kept_secret_is_found_where_the_profile_says(vault: Vault) -> None:
    vault.keep(PROD, WORD, "keyring")
    assert vault.secrets(PROD) == (WORD, "keyring")
    with pytest.raises(SecretNeeded):
        vault.secrets(replace(PROD, keep_in="session"))


def test_what_was_typed_in_this_run_goes_first(vault: Vault) -> None:
    vault.keep(PROD, WORD, "keyring")
    vault.keep(PROD, {"password": Secret("typed-anew")}, "session")
    assert vault.secrets(PROD) == ({"password": Secret("typed-anew")}, "session")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"auth_url": "https://evil.example.com/v3"}, "auth url was https://iam.example.org, is https://evil.example.com"),
        ({"user": "root"}, "user was exporter, is root"),
        ({"user_domain": "other"}, "user domain was acc, is other"),
        ({"cloud": "otc"}, "cloud was not set, is otc"),
        ({"endpoints": {"iam": "https://evil.example.com"}}, "iam endpoint was not set, is https://evil.example.com"),
        ({"ca_bundle": "/tmp/evil.pem"}, "ca bundle was not set, is /tmp/evil.pem"),
        ({"agency": "admin"}, "agency was not set, is admin"),
        ({"method": "token"}, "it is for signing in by password"),
    ],
)  # fmt: skip
def test_a_secret_is_not_given_to_another_place_than_it_was_kept_for(
    vault: Vault, change: dict[str, object], words: str
) -> None:
    vault.keep(PROD, WORD, "keyring")
    with pytest.raises(BindingChanged) as caught:
        vault.secrets(replace(PROD, **change))  # type: ignore[arg-type]
    assert caught.value.why == f"the one that is kept is for another place or user: {words}"
    assert caught.value.exit_code == 2


def test_what_decides_about_no_host_does_not_ask_again(vault: Vault) -> None:
    vault.keep(PROD, WORD, "keyring")
    changed = replace(
        PROD, name="renamed", auth_url="https://IAM.example.org:443/v3/".replace("IAM", "iam"), region="eu-nl",
        project="other", production=True, read_only=True,
    )  # fmt: skip
    assert vault.secrets(changed) == (WORD, "keyring")


def test_a_changed_place_asks_once(vault: Vault) -> None:
    vault.keep(PROD, WORD, "keyring")
    moved = replace(PROD, auth_url="https://new.example.org/v3")
    with pytest.raises(BindingChanged):
        vault.secrets(moved)
    vault.keep(moved, WORD, "keyring")
    assert vault.secrets(moved) == (WORD, "keyring")


def test_a_locked_keyring_is_the_reason_why_somebody_must_type(vault: Vault, keyring: FakeKeyring) -> None:
    vault.keep(PROD, WORD, "keyring")
    keyring.locked = True
    with pytest.raises(SecretNeeded) as caught:
        vault.secrets(PROD)
    assert str(caught.value) == "The password of profile prod must be given: keyring locked (Secret Service)"
    assert caught.value.names == ("password",)


def test_forgetting_removes_every_copy(vault: Vault, keyring: FakeKeyring) -> None:
    vault.keep(PROD, WORD, "keyring")
    vault.keep(PROD, WORD, "session")
    assert vault.forget(PROD) == ("session", "keyring")
    assert vault.forget(PROD) == ()
    vault.keep(PROD, WORD, "session")
    keyring.locked = True
    with pytest.raises(StoreFailure):
        vault.forget(PROD)
    assert vault.memory.read(PROD.id) is None


def test_moving_leaves_one_copy(vault: Vault) -> None:
    assert vault.file is not None
    vault.file.unlock(Secret("correct horse"))
    vault.keep(PROD, WORD, "keyring")
    vault.move(PROD, "file")
    assert vault.secrets(replace(PROD, keep_in="file")) == (WORD, "file")
    assert vault.store("keyring").read(PROD.id) is None


def test_the_demo_has_no_place_but_memory() -> None:
    vault = Vault(None)
    vault.keep(PROD, WORD, "session")
    with pytest.raises(StoreFailure) as caught:
        vault.keep(PROD, WORD, "keyring")
    assert str(caught.value) == "The secret was not kept: the demo keeps none"


def test_what_is_kept_is_one_short_line_without_a_passcode() -> None:
    kept = Kept.of(PROD, {**WORD, "passcode": Secret("123456")})
    line = written(kept).reveal()
    assert json.loads(line) == {
        "v": 1,
        "method": "password",
        "values": {"password": "hush-hush"},
        "bind": {"auth_url": "https://iam.example.org", "user": "exporter", "user_domain": "acc"},
    }
    assert line.isascii()
    assert "\n" not in line
    assert parsed(Secret(line)) == kept


@pytest.mark.parametrize(
    "text",
    ["", "null", "3", "[]", "{}", "hush", '{"v":2,"method":"password","values":{"password":"x"},"bind":{}}',
     '{"v":1,"method":"magic","values":{"password":"x"},"bind":{}}',
     '{"v":1,"method":"password","values":{},"bind":{}}',
     '{"v":1,"method":"password","values":{"auth_url":"x"},"bind":{}}', "[" * 100_000],
)  # fmt: skip
def test_what_others_wrote_there_is_not_used(text: str) -> None:
    with pytest.raises(StoreFailure) as caught:
        parsed(Secret(text))
    assert caught.value.what == "What is kept there cannot be used"
