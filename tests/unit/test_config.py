from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evs_tui.config.paths import Paths
from evs_tui.config.settings import Settings, load_settings
from evs_tui.failure import ConfigFailure


def paths_with(directory: Path, text: str | None = None, mode: int = 0o600) -> Paths:
    paths = Paths(directory / "config", directory / "state")
    if text is not None:
        paths.config_dir.mkdir(parents=True, exist_ok=True)
        paths.config_file.write_text(text, encoding="utf-8")
        paths.config_file.chmod(mode)
    return paths


def refusal(directory: Path, text: str, environ: dict[str, str] | None = None, mode: int = 0o600) -> ConfigFailure:
    paths = paths_with(directory, text, mode)
    with pytest.raises(ConfigFailure) as caught:
        load_settings(paths, environ or {})
    return caught.value


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(paths_with(tmp_path), {}) == Settings(in_flight=3, keymap={}, theme=None, warnings=())
    assert not list(tmp_path.iterdir())


def test_everything_that_may_be_set(tmp_path: Path) -> None:
    text = 'in_flight = 7\nstop_minutes = 25\ntheme = "evs-light"\n[keys]\nexport = "f5"\nquit = "ctrl+q,q"\n'
    assert load_settings(paths_with(tmp_path, text), {}) == Settings(
        in_flight=7, stop_minutes=25, keymap={"export": "f5", "quit": "ctrl+q,q"}, theme="evs-light"
    )


@pytest.mark.parametrize("value", [1, 100])
def test_the_variable_goes_before_the_file(tmp_path: Path, value: int) -> None:
    paths = paths_with(tmp_path, "in_flight = 7\n")
    assert load_settings(paths, {"EVS_TUI_IN_FLIGHT": str(value)}).in_flight == value
    assert load_settings(paths, {"EVS_TUI_IN_FLIGHT": ""}).in_flight == 7


@pytest.mark.parametrize("value", ["0", "101", "-1", "3.5", "three", " 3", "³", "9" * 5000])
def test_a_variable_that_is_no_such_number(tmp_path: Path, value: str) -> None:
    with pytest.raises(ConfigFailure) as caught:
        load_settings(paths_with(tmp_path), {"EVS_TUI_IN_FLIGHT": value})
    assert str(caught.value) == "EVS_TUI_IN_FLIGHT cannot be used: it must be a whole number from 1 to 100"


@pytest.mark.parametrize(
    ("text", "why", "advice"),
    [
        ("stop_minutes = 0", "stop_minutes must be a whole number from 1 to 120", None),
        ("stop_minutes = 121", "stop_minutes must be a whole number from 1 to 120", None),
        ("stop_minutes = true", "stop_minutes must be a whole number from 1 to 120", None),
        ("in_flight = 0", "in_flight must be a whole number from 1 to 100", None),
        ("in_flight = 101", "in_flight must be a whole number from 1 to 100", None),
        ("in_flight = true", "in_flight must be a whole number from 1 to 100", None),
        ('in_flight = "3"', "in_flight must be a whole number from 1 to 100", None),
        ("in_fligth = 3", 'the key "in_fligth" is unknown', 'did you mean "in_flight"?'),
        (
            "colour = 3",
            'the key "colour" is unknown',
            "known are: clipboard, in_flight, stop_minutes, keys, theme, default_profile, profiles, finish",
        ),
        ("theme = 3", "theme must be the name of a theme, as a text", None),
        ('theme = ""', "theme must be the name of a theme, as a text", None),
        ("keys = 3", "[keys] must be a table: binding = key", None),
        ("[keys]\nexport = 5", 'the key of the binding "export" must be a text', 'for example: export = "f5"'),
        ("in_flight = ", "Invalid value (at end of document)", "correct the line that it names"),
        ("a = 1\na = 2", "Cannot overwrite a value (at end of document)", "correct the line that it names"),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path: Path, text: str, why: str, advice: str | None) -> None:
    failure = refusal(tmp_path, text)
    assert failure.what == f"{tmp_path / 'config' / 'config.toml'} cannot be used"
    assert (failure.why, failure.advice) == (why, advice)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('password = "hush"', "password"),
        ('[profiles.prod]\nOS_PASSWORD = "hush"', "profiles.prod.OS_PASSWORD"),
        ('[profiles.prod.auth]\nsk = "hush"', "profiles.prod.auth.sk"),
        ('[keys]\nsecret-key = "hush"', "keys.secret-key"),
        ('token = ["hush"]', "token"),
        ('[[clouds]]\napplication_credential_secret = "hush"', "clouds.application_credential_secret"),
        ("[x]\npasscode = 123456", "x.passcode"),
    ],
)
def test_a_secret_is_refused_by_the_name_of_its_key(tmp_path: Path, text: str, name: str) -> None:
    failure = refusal(tmp_path, text)
    assert failure.why == f'the key "{name}" looks like a secret, and secrets have no place in this file'
    assert "hush" not in f"{failure} {failure.advice}"
    assert "123456" not in f"{failure} {failure.advice}"


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_not_read(tmp_path: Path, mode: int) -> None:
    failure = refusal(tmp_path, "in_flight = 5", mode=mode)
    assert failure.why == f"its mode {mode:04o} lets other users write it"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_closed_with_a_word(tmp_path: Path, mode: int) -> None:
    paths = paths_with(tmp_path, "in_flight = 5", mode)
    settings = load_settings(paths, {})
    assert settings.in_flight == 5
    assert settings.warnings == (
        f"{paths.config_file} could be read by other users; it is now closed to them (mode 0600)",
    )
    assert stat.S_IMODE(paths.config_file.stat().st_mode) == 0o600
    assert load_settings(paths, {}).warnings == ()


def test_a_file_of_another_user_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = paths_with(tmp_path, "in_flight = 5")
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    monkeypatch.setattr("evs_tui.files._ROOT", 4712)
    with pytest.raises(ConfigFailure) as caught:
        load_settings(paths, {})
    assert str(caught.value) == (
        f"{paths.config_file} was not read: it belongs to another user, who can change where your password is sent"
    )


def test_the_places_follow_xdg(tmp_path: Path, own_environment: Path) -> None:
    chosen = Paths.of({"XDG_CONFIG_HOME": f"{tmp_path}/c", "XDG_STATE_HOME": f"{tmp_path}/s"})
    assert chosen.config_file == tmp_path / "c/evs-tui/config.toml"
    assert chosen.journal == tmp_path / "s/evs-tui/journal.sqlite3"
    assert chosen.owners == tmp_path / "s/evs-tui/owners"
    assert chosen.receipts == tmp_path / "s/evs-tui/receipts"
    assert chosen.log_file == tmp_path / "s/evs-tui/evs-tui.log"
    relative = Paths.of({"XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": "./s"})
    assert relative.config_dir == own_environment / ".config/evs-tui"
    assert relative.state_dir == own_environment / ".local/state/evs-tui"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("answer", [RuntimeError("no home"), Path("~/.local/state/evs-tui")])
def test_without_a_home_there_is_a_clear_word(monkeypatch: pytest.MonkeyPatch, answer: RuntimeError | Path) -> None:
    def place(*_names: object, **_options: object) -> Path:
        if isinstance(answer, RuntimeError):
            raise answer
        return answer

    monkeypatch.setattr("platformdirs.user_state_path", place)
    with pytest.raises(ConfigFailure) as caught:
        Paths.of({"XDG_CONFIG_HOME": "/somewhere"})
    assert str(caught.value) == "There is no place for configuration and state: this user has no home directory"
    assert Paths.of({"XDG_CONFIG_HOME": "/a", "XDG_STATE_HOME": "/b"}).state_dir == Path("/b/evs-tui")


def test_the_state_directory_is_made_closed(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = paths_with(tmp_path).ready_state_dir()
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
