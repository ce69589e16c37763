from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evs_tui.credentials.stores import encrypted_file
from evs_tui.credentials.stores.deadline import Patience, TooLate, aside
from evs_tui.credentials.stores.encrypted_file import EncryptedFile
from evs_tui.credentials.stores.memory import MemoryStore
from evs_tui.credentials.stores.os_keyring import OsKeyring
from evs_tui.credentials.stores.store import Condition, StoreFailure, StoreState
from evs_tui.secret import Secret

ID = "0123456789abcdef"
READY = StoreState(Condition.READY, "keyring: fake")


class FakeBackend:
    """Keeps copies as a keyring does: several may answer to one name."""

    def __init__(self) -> None:
        self.copies: list[str] = []
        self.keys: set[tuple[str, str]] = set()

    def get_password(self, service: str, user: str) -> str | None:
        self.keys.add((service, user))
        return self.copies[0] if self.copies else None

    def set_password(self, service: str, user: str, value: str) -> None:
        self.keys.add((service, user))
        self.copies[:1] = [value]

    def delete_password(self, service: str, user: str) -> None:
        self.copies.pop(0)


def keyring_over(backend: object, probe: Callable[[], StoreState] = lambda: READY) -> OsKeyring:
    def make() -> Any:
        return backend

    return OsKeyring(backend=make, probe=probe)


@pytest.fixture
def released() -> threading.Event:
    """Ends the threads that hang, at the end of a test."""
    return threading.Event()


def test_the_keyring_keeps_one_line_under_the_profile_s_id() -> None:
    backend = FakeBackend()
    keyring = keyring_over(backend)
    assert keyring.read(ID) is None
    keyring.write(ID, Secret("one"))
    keyring.write(ID, Secret("two"))
    assert keyring.read(ID) == Secret("two")
    assert backend.copies == ["two"]
    assert backend.keys == {(f"evs-tui:{ID}", "credential")}
    assert keyring.forget(ID) is True
    assert keyring.forget(ID) is False


def test_forgetting_goes_on_until_every_copy_is_gone() -> None:
    backend = FakeBackend()
    backend.copies = ["ours", "planted", "planted"]
    assert keyring_over(backend).forget(ID) is True
    assert backend.copies == []
    backend.copies = ["x"] * 11
    with pytest.raises(StoreFailure) as caught:
        keyring_over(backend).forget(ID)
    assert str(caught.value) == "The secret may still be in the keyring: 10 copies were removed and there are more"


def test_a_keyring_that_drops_what_it_is_given_is_found_out() -> None:
    class Null(FakeBackend):
        def set_password(self, service: str, user: str, value: str) -> None:
            return

    with pytest.raises(StoreFailure) as caught:
        keyring_over(Null()).write(ID, Secret("hush"))
    assert str(caught.value) == ("The secret was not kept: the keyring gave back something else than it was given")


def test_a_keyring_that_cuts_leaves_nothing_behind() -> None:
    class FirstLine(FakeBackend):
        def set_password(self, service: str, user: str, value: str) -> None:
            self.copies[:1] = [value[:3]]

    backend = FirstLine()
    with pytest.raises(StoreFailure):
        keyring_over(backend).write(ID, Secret("hush-hush"))
    assert backend.copies == []


def test_what_no_keyring_takes_is_refused_with_the_number() -> None:
    backend = FakeBackend()
    with pytest.raises(StoreFailure) as caught:
        keyring_over(backend).write(ID, Secret("x" * 1201))
    assert caught.value.why == "it is 1,201 characters long, and keyrings take 1,200"
    assert backend.keys == set()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (StoreState(Condition.LOCKED, "keyring locked", "Secret Service"), "keyring locked (Secret Service)"),
        (StoreState(Condition.ABSENT, "no keyring", "no D-Bus session"), "no keyring (no D-Bus session)"),
    ],
)
def test_a_keyring_that_is_not_ready_is_not_asked(state: StoreState, words: str) -> None:
    backend = FakeBackend()
    keyring = keyring_over(backend, probe=lambda: state)
    actions: list[Callable[[], object]] = [
        lambda: keyring.read(ID),
        lambda: keyring.write(ID, Secret("hush")),
        lambda: keyring.forget(ID),
    ]
    for act in actions:
        with pytest.raises(StoreFailure) as caught:
            act()
        assert caught.value.why == words
    assert backend.keys == set()


def test_an_error_of_the_backend_is_told_without_its_text() -> None:
    class Broken(FakeBackend):
        def set_password(self, service: str, user: str, value: str) -> None:
            raise UnicodeEncodeError("utf-8", value, 0, 1, value)

    with pytest.raises(StoreFailure) as caught:
        keyring_over(Broken()).write(ID, Secret("hush-hush"))
    assert caught.value.why == "the keyring failed: UnicodeEncodeError"
    assert "hush" not in f"{caught.value!r} {caught.value.advice} {caught.value.__cause__}"


def test_a_mute_keyring_is_given_up_in_time_and_not_asked_again(
    monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    monkeypatch.setattr("evs_tui.credentials.stores.os_keyring.PROBE_S", 0.05)
    asked = []

    def mute() -> StoreState:
        asked.append(1)
        released.wait()
        return READY

    keyring = keyring_over(FakeBackend(), probe=mute)
    assert keyring.state().condition is Condition.SILENT
    assert keyring.state().title == "keyring not answering"
    with pytest.raises(StoreFailure):
        keyring.read(ID)
    assert len(asked) == 1
    released.set()
    keyring.try_again()
    assert keyring.state() == READY


def test_a_prompt_that_nobody_answers_ends_the_call_not_the_program(
    monkeypatch: pytest.MonkeyPatch, released: threading.Event
) -> None:
    monkeypatch.setattr("evs_tui.credentials.stores.os_keyring.CALL_S", 0.05)

    class Prompting(FakeBackend):
        def get_password(self, service: str, user: str) -> str | None:
            released.wait()
            return None

    with pytest.raises(StoreFailure) as caught:
        keyring_over(Prompting()).read(ID)
    assert caught.value.why.startswith("the keyring did not answer within")
    hanging = [thread for thread in threading.enumerate() if thread.name == "evs-tui keyring"]
    assert hanging
    assert all(thread.daemon for thread in hanging)
    released.set()


def test_at_most_three_calls_are_left_hanging(released: threading.Event) -> None:
    patience = Patience()
    for _ in range(3):
        with pytest.raises(TooLate):
            patience.call(released.wait, 0.01)
        patience.forgive()
    with pytest.raises(TooLate):
        patience.call(lambda: "never called", 1.0)
    released.set()


async def test_a_call_aside_gives_its_value_or_its_error() -> None:
    assert await aside(lambda: threading.current_thread().daemon) is True
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "no keyring (no D-Bus session)"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}, "no keyring (the D-Bus session cannot be reached)"),
    ],
)
def test_a_host_without_a_bus_has_no_keyring(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert OsKeyring(system="linux").state().words == words


def test_neither_variables_nor_files_choose_the_keyring(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_environment: Path
) -> None:
    marker = tmp_path / "loaded"
    (tmp_path / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\n", encoding="utf-8")
    places = own_environment / ".config" / "python_keyring"
    places.mkdir(parents=True)
    (places / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring=evil.Keyring\nkeyring-path={tmp_path}\n", encoding="utf-8"
    )
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("KEYRING_PROPERTY_PREFERRED_COLLECTION", "/evil")
    from evs_tui.credentials.stores.os_keyring import _secret_service

    backend = _secret_service()
    assert type(backend).__mro__[1].__module__ == "keyring.backends.SecretService"
    assert not hasattr(backend, "preferred_collection")
    assert not marker.exists()
    assert OsKeyring(system="linux").state().words == "no keyring (no D-Bus session)"


def test_memory_keeps_until_it_forgets() -> None:
    memory = MemoryStore()
    memory.write(ID, Secret("one"))
    assert memory.read(ID) == Secret("one")
    assert (memory.forget(ID), memory.forget(ID), memory.read(ID)) == (True, False, None)
    assert memory.state().words == "memory, until evs-tui ends"


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick key derivation: its cost is not what is tested."""
    monkeypatch.setattr(encrypted_file, "_MEMORY_KIB", 64)
    monkeypatch.setattr(encrypted_file, "_PASSES", 1)
    monkeypatch.setattr(
        encrypted_file, "_Header", lambda salt, t=1, m=64, p=4, real=encrypted_file._Header: real(salt, t, m, p)
    )


@pytest.mark.usefixtures("cheap")
class TestEncryptedFile:
    def test_it_keeps_across_starts_and_hides_even_the_ids(self, tmp_path: Path) -> None:
        path = tmp_path / "state" / "credentials.enc"
        first = EncryptedFile(path)
        assert (first.exists, first.state().condition) == (False, Condition.LOCKED)
        first.unlock(Secret("correct horse"))
        first.write(ID, Secret("hush-hush"))
        first.write("f" * 16, Secret("other"))
        content = path.read_text(encoding="utf-8")
        assert "hush" not in content
        assert ID not in content
        assert path.stat().st_mode & 0o777 == 0o600
        again = EncryptedFile(path)
        again.unlock(Secret("correct horse"))
        assert again.read(ID) == Secret("hush-hush")
        assert again.state().words == f"encrypted file {path}"
        assert again.forget(ID) is True
        assert (again.read(ID), again.read("f" * 16)) == (None, Secret("other"))
        assert again.forget("f" * 16) is True
        assert not path.exists()

    def test_a_wrong_passphrase_and_a_changed_byte_open_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "credentials.enc"
        store = EncryptedFile(path)
        store.unlock(Secret("correct horse"))
        store.write(ID, Secret("hush-hush"))
        whole = path.read_bytes()
        with pytest.raises(StoreFailure) as caught:
            EncryptedFile(path).unlock(Secret("wrong horse"))
        assert caught.value.why == "the passphrase is wrong, or the file is damaged"
        document = json.loads(whole)
        for name, value in (("t", document["t"] + 1), ("data", document["data"][:-8] + "AAAAAA==")):
            path.write_text(json.dumps({**document, name: value}), encoding="utf-8")
            with pytest.raises(StoreFailure):
                EncryptedFile(path).unlock(Secret("correct horse"))

    @pytest.mark.parametrize(
        "change",
        [
            {"m": 2**40},
            {"t": 11},
            {"p": 9},
            {"m": 1},
            {"m": True},
            {"t": "3"},
            {"v": 2},
            {"kdf": "none"},
            {"salt": "AA=="},
            {"nonce": "AA=="},
            {"salt": 3},
            {"data": "not base64"},
        ],
    )
    def test_a_hostile_header_is_refused_before_it_costs_anything(
        self, tmp_path: Path, change: dict[str, object]
    ) -> None:
        path = tmp_path / "credentials.enc"
        store = EncryptedFile(path)
        store.unlock(Secret("correct horse"))
        store.write(ID, Secret("hush"))
        path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
        with pytest.raises(StoreFailure) as caught:
            EncryptedFile(path).unlock(Secret("correct horse"))
        assert str(caught.value) == f"{path} cannot be used: it is not a file of evs-tui, or damaged"

    @pytest.mark.parametrize("text", ["", "[]", "null", "{}", "[" * 100_000])
    def test_a_file_of_something_else_is_not_touched(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "credentials.enc"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        with pytest.raises(StoreFailure):
            EncryptedFile(path).unlock(Secret("correct horse"))
        assert path.read_text(encoding="utf-8") == text

    def test_a_pipe_in_its_place_holds_nobody(self, tmp_path: Path) -> None:
        path = tmp_path / "credentials.enc"
        os.mkfifo(path, 0o600)
        begun = time.monotonic()
        with pytest.raises(Exception, match="not a regular file"):
            EncryptedFile(path).unlock(Secret("correct horse"))
        assert time.monotonic() - begun < 2

    def test_a_new_passphrase_has_a_least_length(self, tmp_path: Path) -> None:
        with pytest.raises(StoreFailure) as caught:
            EncryptedFile(tmp_path / "credentials.enc").unlock(Secret("1234567"))
        assert caught.value.why == "a passphrase has at least 8 characters"

    def test_locked_it_gives_nothing(self, tmp_path: Path) -> None:
        store = EncryptedFile(tmp_path / "credentials.enc")
        with pytest.raises(StoreFailure) as caught:
            store.read(ID)
        assert caught.value.why == "it is locked"

    def test_two_processes_keep_both_their_secrets(self, tmp_path: Path) -> None:
        path = tmp_path / "credentials.enc"
        one = EncryptedFile(path)
        one.unlock(Secret("correct horse"))
        one.write(ID, Secret("one"))
        two = EncryptedFile(path)
        two.unlock(Secret("correct horse"))
        two.write("f" * 16, Secret("two"))
        one.write("a" * 16, Secret("three"))
        assert [two.read(key) for key in (ID, "f" * 16, "a" * 16)] == [Secret("one"), Secret("two"), Secret("three")]


def test_the_real_key_derivation_opens_what_it_closed(tmp_path: Path) -> None:
    path = tmp_path / "credentials.enc"
    store = EncryptedFile(path)
    store.unlock(Secret("correct horse"))
    store.write(ID, Secret("hush"))
    assert json.loads(path.read_text(encoding="utf-8"))["m"] == 65536
    again = EncryptedFile(path)
    again.unlock(Secret("correct horse"))
    assert again.read(ID) == Secret("hush")
