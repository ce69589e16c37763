"""The one line that a process in the background is begun with: who signs in, and with what waits.

It crosses a pipe between two processes of the same user and is never written anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any

from evs_tui.cloud.identity import (
    AgencyLogin,
    ApplicationCredentialLogin,
    Identity,
    KeyLogin,
    PasswordLogin,
    Scope,
    TokenLogin,
)
from evs_tui.exports.timing import Timing
from evs_tui.secret import Secret

_LOGINS: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (PasswordLogin, ApplicationCredentialLogin, TokenLogin, KeyLogin, AgencyLogin)
}


@dataclass(frozen=True, slots=True)
class Orders:
    """What the process is told. `place_id` is where it must find itself after signing in."""

    identity: Identity
    place_id: str
    in_flight: int
    timing: Timing

    def as_line(self) -> bytes:
        """One line of JSON, with secrets."""
        document = {
            "identity": _identity_document(self.identity),
            "place_id": self.place_id,
            "in_flight": self.in_flight,
            "timing": asdict(self.timing),
        }
        return json.dumps(document).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> Orders:
        """What `as_line` wrote. `ValueError` or `KeyError` for anything else."""
        document = json.loads(line)
        timing = document["timing"]
        timing["poll_steps"] = tuple((float(age), float(gap)) for age, gap in timing["poll_steps"])
        return cls(
            _identity_from(document["identity"]),
            str(document["place_id"]),
            int(document["in_flight"]),
            Timing(**timing),
        )


def _identity_document(identity: Identity) -> dict[str, Any]:
    plain = {field.name: getattr(identity, field.name) for field in fields(identity) if field.name != "login"}
    plain["scope"] = asdict(identity.scope)
    plain["endpoints"] = dict(identity.endpoints)
    return plain | {"login": _login_document(identity.login)}


def _login_document(login: object) -> dict[str, Any]:
    if not is_dataclass(login):
        raise TypeError(login)
    found: dict[str, Any] = {"kind": type(login).__name__}
    for field in fields(login):
        value = getattr(login, field.name)
        if isinstance(value, Secret):
            found[field.name] = {"secret": value.reveal()}
        else:
            found[field.name] = _login_document(value) if is_dataclass(value) else value
    return found


def _identity_from(document: dict[str, Any]) -> Identity:
    listed = {name: tuple(document[name]) for name in ("ignored", "warnings")}
    scope, login = Scope(**document["scope"]), _login_from(document["login"])
    return Identity(**(document | listed | {"scope": scope, "login": login}))


def _login_from(document: dict[str, Any]) -> Any:
    kind = _LOGINS[document.pop("kind")]
    return kind(**{name: _value_from(value) for name, value in document.items()})


def _value_from(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return Secret(value["secret"]) if "secret" in value else _login_from(value)
