"""Profiles: how to reach one account, without its secret. Tables of `config.toml`, as data."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from evs_tui.failure import ConfigFailure, UsageFailure
from evs_tui.text import clean, excerpt

MethodName = Literal["password", "application-credential", "token", "access-key"]
SecretPlace = Literal["keyring", "session", "file"]
"""Where a profile's secret lives: the keyring of the OS, memory until the program ends, or the encrypted file."""

METHODS: tuple[MethodName, ...] = get_args(MethodName)
PLACES: tuple[SecretPlace, ...] = get_args(SecretPlace)
CLOUDS = ("otc", "huaweicloud", "flexible-engine", "openstack")
SERVICES = ("iam", "evs", "ims", "ecs")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Profile:
    """How to reach one account.

    `id` is made once and stays through renames: the secret is kept under it. `cloud` is a dialect's name, None to tell
    it by the auth URL or the catalog. `project`, `user` and domains are names or ids, told apart by their form. With an
    application credential `user` may be left out, and `credential` is its id or name. `keep_in` says where the secret
    lives; `regions` are those to choose from.
    """

    name: str
    id: str
    method: MethodName = "password"
    cloud: str | None = None
    auth_url: str | None = None
    region: str | None = None
    regions: tuple[str, ...] = ()
    project: str | None = None
    project_domain: str | None = None
    user: str | None = None
    user_domain: str | None = None
    credential: str | None = None
    agency: str | None = None
    agency_domain: str | None = None
    interface: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    ca_bundle: str | None = None
    read_only: bool = False
    production: bool = False
    keep_in: SecretPlace = "session"


KEYS = tuple(item.name for item in fields(Profile) if item.name != "name")
"""The keys of a profile's table, in the order in which they are written."""


def checked_profile_name(name: str) -> str:
    """`name`, if a profile may have it.

    Raises:
        UsageFailure: it may not.
    """
    if _NAME.fullmatch(name) is None:
        raise UsageFailure(
            f'"{excerpt(name, 60)}" cannot be the name of a profile',
            "a name has 1 to 40 letters, digits, dots, dashes and underscores, and begins with a letter or digit",
            "choose another name, for example prod or eu-de.test",
        )
    return name


def profile_from(what: str, name: str, table: object) -> Profile:
    """The profile that a table of `config.toml` describes; `what` begins the messages.

    Raises:
        ConfigFailure: a key is missing, unknown or of the wrong kind; it is named.
    """
    where = f"[profiles.{clean(name)}]"
    if not isinstance(table, dict):
        raise ConfigFailure(what, f"{where} must be a table")
    if _NAME.fullmatch(name) is None:
        raise ConfigFailure(what, f'"{clean(name)}" cannot be the name of a profile')
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _CHECKS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            advice = f'did you mean "{near[0]}"?' if near else f"known are: {', '.join(KEYS)}"
            raise ConfigFailure(what, f'{where}: the key "{clean(key)}" is unknown', advice)
        problem = _CHECKS[key](value)
        if problem is not None:
            raise ConfigFailure(what, f"{where}: {key} {problem}")
        values[key] = tuple(value) if isinstance(value, list) else value
    if "id" not in values:
        raise ConfigFailure(what, f"{where} has no id", f"evs-tui profiles add {clean(name)} makes one")
    return Profile(name=name, **values)


def table_of(profile: Profile) -> dict[str, Any]:
    """The table of a profile, without what is at its default."""
    blank = Profile(name="", id="")
    table: dict[str, Any] = {}
    for key in KEYS:
        value = getattr(profile, key)
        if key in {"id", "method", "keep_in"} or value != getattr(blank, key):
            table[key] = (
                list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
            )
    return table


def _text(value: object) -> str | None:
    fine = isinstance(value, str) and value.strip() == value != "" and value == clean(value)
    return None if fine else "must be a text without blanks at its ends"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _one_of(known: tuple[str, ...]) -> Callable[[object], str | None]:
    return lambda value: None if value in known else f"must be one of {', '.join(known)}"


def _texts(value: object) -> str | None:
    fine = isinstance(value, list) and all(_text(item) is None for item in value)
    return None if fine else "must be a list of texts"


def _endpoints(value: object) -> str | None:
    fine = isinstance(value, dict) and all(key in SERVICES and _text(url) is None for key, url in value.items())
    return None if fine else f"must be a table of URLs by service ({', '.join(SERVICES)})"


def _id(value: object) -> str | None:
    return None if isinstance(value, str) and _ID.fullmatch(value) else "must be 16 hexadecimal digits"


_CHECKS: Mapping[str, Callable[[object], str | None]] = {
    **dict.fromkeys(KEYS, _text),
    "id": _id,
    "method": _one_of(METHODS),
    "cloud": _one_of(CLOUDS),
    "keep_in": _one_of(PLACES),
    "regions": _texts,
    "endpoints": _endpoints,
    "read_only": _flag,
    "production": _flag,
}
