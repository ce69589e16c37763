"""What one source says about who signs in where, under the names that all Keystone clients share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

SECRET_FIELDS = frozenset(
    {"password", "passcode", "token", "application_credential_secret", "secret_key", "security_token"}
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of one source; absent and empty are the same.

    `source` names the source for people, `secret_place` where its secrets live. `called` gives the name by which
    the source itself knows a field ("OS_USERNAME", "auth.username").
    """

    source: str
    secret_place: str
    called: Callable[[str], str]
    plain: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    def text(self, *names: str) -> str | None:
        """The first of these plain fields that is there."""
        return next((self.plain[name] for name in names if self.plain.get(name)), None)

    def secret(self, name: str) -> Secret | None:
        """A secret field, if it is there."""
        return self.secrets.get(name)

    def has(self, *names: str) -> bool:
        """Whether any of these fields is there."""
        return any(self.plain.get(name) or self.secrets.get(name) for name in names)


_TOKENS = frozenset({"token", "security_token"})


def secret_field(name: str, value: str, called: str) -> Secret:
    """`value` as the secret of the field `name`; `called` says in messages where it came from.

    Raises:
        ConfigFailure: no request could carry it. The value is not quoted.
    """
    if name in _TOKENS:
        value = value.strip()
        if not (value.isascii() and value.isprintable() and " " not in value):
            raise ConfigFailure(f"{called} cannot be used", "it holds characters that no token has", "copy it again")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigFailure(f"{called} cannot be used", "it is not valid UTF-8", "set it again") from None
    return Secret(value)
