"""What is kept of a profile: its secret fields, and what they are bound to, as one line of ASCII.

The binding says where the secret may be sent and as whom. It is compared before the secret is used: a changed file
must not be able to pull a stored password, or the token that it buys, to another host.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evs_tui.config.profiles import MethodName, Profile
from evs_tui.credentials.fields import SECRET_FIELDS
from evs_tui.credentials.stores.store import StoreFailure
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

_VERSION = 1
_BOUND = ("cloud", "auth_url", "user", "user_domain", "credential", "agency", "agency_domain", "ca_bundle")

SECRETS_OF: Mapping[MethodName, tuple[str, ...]] = {
    "password": ("password",),
    "application-credential": ("application_credential_secret",),
    "token": ("token",),
    "access-key": ("access_key", "secret_key"),
}
"""The fields that each way to sign in needs and a profile's table does not hold."""
OPTIONAL_OF: Mapping[MethodName, tuple[str, ...]] = {"access-key": ("security_token",)}


class BindingChanged(ConfigFailure):
    """The secret was kept for another place than the profile names now. `differences` tell what changed, in words."""

    def __init__(self, profile: Profile, differences: tuple[str, ...]) -> None:
        super().__init__(
            f"The secret of profile {profile.name} was not used",
            f"it was kept for another place or user: {'; '.join(differences)}",
            f"if that was you: evs-tui profiles add {profile.name} keeps it anew; if not, look at config.toml first",
        )
        self.differences = differences


@dataclass(frozen=True, slots=True)
class Kept:
    """The secret fields of a profile, and the binding they were kept with."""

    method: MethodName
    values: Mapping[str, Secret]
    binding: Mapping[str, Any]

    @classmethod
    def of(cls, profile: Profile, values: Mapping[str, Secret]) -> Kept:
        """`values` bound to what `profile` names now. A passcode is good for one try and never kept."""
        known = SECRETS_OF[profile.method] + OPTIONAL_OF.get(profile.method, ())
        return cls(profile.method, {name: values[name] for name in known if values.get(name)}, binding_of(profile))

    def check(self, profile: Profile) -> None:
        """Make sure that the profile still names what the secret was kept for.

        Raises:
            BindingChanged: it does not.
        """
        now = binding_of(profile)
        differences = [_difference(key, self.binding.get(key), now.get(key)) for key in (*now, *self.binding)]
        found = tuple(dict.fromkeys(words for words in differences if words is not None))
        if found or self.method != profile.method:
            raise BindingChanged(profile, found or (f"it is for signing in by {self.method}",))


def binding_of(profile: Profile) -> dict[str, Any]:
    """What a secret of this profile is bound to."""
    bound = {key: getattr(profile, key) for key in _BOUND}
    bound |= {f"endpoint {service}": url for service, url in profile.endpoints.items()}
    return {key: value for key, value in bound.items() if value is not None}


def written(kept: Kept) -> Secret:
    """`kept` as the one line that goes into a store."""
    document = {
        "v": _VERSION,
        "method": kept.method,
        "values": {name: secret.reveal() for name, secret in kept.values.items()},
        "bind": dict(kept.binding),
    }
    return Secret(json.dumps(document, separators=(",", ":")))


def parsed(text: Secret) -> Kept:
    """What a store gave back.

    Raises:
        StoreFailure: it is not what evs-tui writes.
    """
    try:
        document = json.loads(text.reveal())
        values = {str(name): Secret(value) for name, value in document["values"].items() if isinstance(value, str)}
        if document["v"] != _VERSION or document["method"] not in SECRETS_OF or not isinstance(document["bind"], dict):
            values = {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        values = {}
    if not values or not values.keys() <= SECRET_FIELDS | {"access_key"}:
        raise StoreFailure(
            "What is kept there cannot be used", "it was not written by this version of evs-tui", "keep the secret anew"
        )
    return Kept(document["method"], values, document["bind"])


def _difference(key: str, before: Any, now: Any) -> str | None:
    if before == now:
        return None
    return f"{key.replace('_', ' ')} was {before or 'not set'}, is {now or 'not set'}"
