"""What `config.toml` and its variables say. Read once; unknown and unsafe things are named, not ignored."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from evs_tui.config.finish import Finish, finish_from
from evs_tui.config.paths import Paths
from evs_tui.config.profiles import Profile, profile_from
from evs_tui.failure import ConfigFailure
from evs_tui.files import TrustedText, close_to_others, read_trusted, shown
from evs_tui.text import clean, excerpt

LARGEST = 1024 * 1024
"""Bytes: more than this is no configuration."""
_IN_FLIGHT = "EVS_TUI_IN_FLIGHT"
_LEAST_IN_FLIGHT, _MOST_IN_FLIGHT = 1, 100
_LEAST_STOP, _MOST_STOP = 1, 120
_KNOWN = ("clipboard", "in_flight", "stop_minutes", "keys", "theme", "default_profile", "profiles", "finish")
_CLIPBOARD = ("auto", "raw", "tmux", "off")
_SECRET_WORDS = {"password", "passwd", "passphrase", "passcode", "secret", "sk", "token", "apikey"}
_SECRET_NAMES = {"secret_key", "secretkey", "security_token", "securitytoken", "private_key", "api_key", "access_key"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What people may decide for all runs.

    `in_flight`: exports that the cloud may be working on at once (1 to 100). `stop_minutes`: how long a server may take
    to shut down before a person is asked (1 to 120). `keymap`: key by binding id.
    `theme`: name of a theme, None for the one that suits the terminal. `clipboard`: how ids are sent to the
    terminal's clipboard, as it is ("raw"), wrapped for tmux ("tmux"), as the terminal needs it ("auto"), or "off".
    `profiles` by name; `default_profile` is the one that is taken when nothing else says who signs in.
    `finish`: how the end of an export is told. `warnings`: what was mended on reading.
    """

    in_flight: int = 3
    stop_minutes: int = 10
    keymap: Mapping[str, str] = field(default_factory=dict)
    theme: str | None = None
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    default_profile: str | None = None
    clipboard: str = "auto"
    finish: Finish = field(default_factory=Finish)
    warnings: tuple[str, ...] = ()


def load_settings(paths: Paths, environ: Mapping[str, str]) -> Settings:
    """The settings of `config.toml`, with `EVS_TUI_IN_FLIGHT` on top. No file means the defaults.

    Raises:
        ConfigFailure: the file is unsafe or cannot be understood; it names the key.
    """
    try:
        file = read_trusted(paths.config_file, limit=LARGEST)
    except FileNotFoundError:
        settings = Settings()
    else:
        _check_owner(file)
        settings = replace(settings_in(file.path, file.text), warnings=_close(file))
    chosen = environ.get(_IN_FLIGHT)
    return replace(settings, in_flight=_in_flight_of_variable(chosen)) if chosen else settings


def _check_owner(file: TrustedText) -> None:
    if file.owner_is_other:
        raise ConfigFailure(
            f"{shown(file.path)} was not read",
            "it belongs to another user, who can change where your password is sent",
            "after a look at it make a copy of your own in its place",
        )


def _close(file: TrustedText) -> tuple[str, ...]:
    if not file.readable_by_others or not close_to_others(file.path):
        return ()
    return (f"{shown(file.path)} could be read by other users; it is now closed to them (mode 0600)",)


def settings_in(path: Path, text: str) -> Settings:
    """The settings that the text of `path` holds.

    Raises:
        ConfigFailure: it cannot be understood, or holds a secret; it names the key.
    """
    what = f"{shown(path)} cannot be used"
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigFailure(what, excerpt(str(error)), "correct the line that it names") from None
    except RecursionError:
        raise ConfigFailure(what, "it is nested too deeply") from None
    for name in _secret_keys(table, ""):
        raise ConfigFailure(
            what,
            f'the key "{name}" looks like a secret, and secrets have no place in this file',
            "remove it, keep the secret with evs-tui profiles add NAME, and change it if others could read it",
        )
    for name in table:
        if name not in _KNOWN:
            raise ConfigFailure(what, f'the key "{clean(name)}" is unknown', _nearest(name))
    return Settings(
        in_flight=_in_flight_of_key(what, table.get("in_flight", Settings().in_flight)),
        stop_minutes=_stop_minutes(what, table.get("stop_minutes", Settings().stop_minutes)),
        keymap=_keymap(what, table.get("keys", {})),
        theme=_theme(what, table.get("theme")),
        profiles=(profiles := _profiles(what, table.get("profiles", {}))),
        default_profile=_default_profile(what, table.get("default_profile"), profiles),
        clipboard=_clipboard(what, table.get("clipboard", Settings().clipboard)),
        finish=finish_from(what, table.get("finish", {})),
    )


def _secret_keys(value: object, above: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, below in value.items():
            name = f"{above}{clean(key)}"
            if _looks_secret(key) and not isinstance(below, dict):
                yield name
            yield from _secret_keys(below, f"{name}.")
    elif isinstance(value, list):
        for item in value:
            yield from _secret_keys(item, above)


def _looks_secret(key: str) -> bool:
    plain = key.lower().replace("-", "_")
    return plain in _SECRET_NAMES or not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z0-9]+", plain))


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, _KNOWN, n=1)
    return f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(_KNOWN)}"


def _in_flight_of_key(what: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and _LEAST_IN_FLIGHT <= value <= _MOST_IN_FLIGHT:
        return value
    raise ConfigFailure(what, "in_flight must be a whole number from 1 to 100")


def _stop_minutes(what: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and _LEAST_STOP <= value <= _MOST_STOP:
        return value
    raise ConfigFailure(what, f"stop_minutes must be a whole number from {_LEAST_STOP} to {_MOST_STOP}")


def _in_flight_of_variable(value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) <= 3 and 1 <= int(value) <= _MOST_IN_FLIGHT:
        return int(value)
    raise ConfigFailure(f"{_IN_FLIGHT} cannot be used", "it must be a whole number from 1 to 100")


def _keymap(what: str, value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ConfigFailure(what, "[keys] must be a table: binding = key")
    for binding, key in value.items():
        if not isinstance(key, str) or not key.strip() or key != clean(key):
            raise ConfigFailure(
                what, f'the key of the binding "{clean(binding)}" must be a text', 'for example: export = "f5"'
            )
    return dict(value)


def _clipboard(what: str, value: object) -> str:
    if isinstance(value, str) and value in _CLIPBOARD:
        return value
    raise ConfigFailure(what, f"clipboard must be one of: {', '.join(_CLIPBOARD)}")


def _theme(what: str, value: object) -> str | None:
    if value is None or (isinstance(value, str) and value.strip() and value == clean(value)):
        return value
    raise ConfigFailure(what, "theme must be the name of a theme, as a text")


def _profiles(what: str, value: object) -> Mapping[str, Profile]:
    if not isinstance(value, dict):
        raise ConfigFailure(what, "[profiles] must hold tables: [profiles.NAME]")
    found = {name: profile_from(what, name, table) for name, table in value.items()}
    by_id: dict[str, str] = {}
    for name, profile in found.items():
        if (other := by_id.setdefault(profile.id, name)) != name:
            raise ConfigFailure(
                what,
                f"the profiles {other} and {name} have the same id, and each keeps its own secret",
                "copy a profile with evs-tui profiles add",
            )
    return found


def _default_profile(what: str, value: object, profiles: Mapping[str, Profile]) -> str | None:
    if value is None or (isinstance(value, str) and value in profiles):
        return value
    known = f"known are: {', '.join(profiles)}" if profiles else "there are none"
    raise ConfigFailure(what, "default_profile names no profile of this file", known)
