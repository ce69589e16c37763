"""What is kept of a profile: its secret fields, and what they are bound to, as one line of ASCII.

The binding says where the secret may be sent and as whom. It is compared before the secret is used: a changed file
must not be able to pull a stored password, or the token that it buys, to another host.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evs_tui.cloud.origins import BadEndpoint, endpoint_from
from evs_tui.config.profiles import MethodName, Profile
from evs_tui.credentials.fields import SECRET_FIELDS
from evs_tui.credentials.stores.store import StoreFailure
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

_VERSION = 1
_BOUND = ("cloud", "user", "user_domain", "credential", "agency", "agency_domain", "ca_bundle")

SECRETS_OF: Mapping[MethodName, tuple[str, ...]] = {
    "password": ("password",),
    "application-credential": ("application_credential_secret",),
    "token": ("token",),
    "access-key": ("access_key", "secret_key"),
}
"""The fields that each way to sign in needs and a profile's table does not hold."""
OPTIONAL_OF: Mapping[MethodName, tuple[str, ...]] = {"access-key": ("security_token",)}


class SecretNeeded(ConfigFailure):
    """Somebody must give the secret of a profile. `names` are the fields; `reason` why they are not at hand."""

    def __init__(self, profile: Profile, reason: str | None = None) -> None:
        names = SECRETS_OF[profile.method]
        super().__init__(
            f"The {' and '.join(words_of(name) for name in names)} of profile {profile.name} must be given",
            reason or "nothing is kept for it",
            f"run evs-tui in a terminal, which asks; or evs-tui profiles add {profile.name}, which keeps it",
        )
        self.profile = profile
        self.names = names
        self.reason = reason


class BindingChanged(SecretNeeded):
    """The secret was kept for another place than the profile names now. `differences` tell what changed, in words."""

    def __init__(self, profile: Profile, differences: tuple[str, ...]) -> None:
        super().__init__(profile, f"the one that is kept is for another place or user: {'; '.join(differences)}")
        self.advice = (
            "if the change is not yours, look at config.toml and the environment first; "
            f"evs-tui profiles add {profile.name} keeps it anew"
        )
        self.differences = differences


def words_of(name: str) -> str:
    """A secret field as people call it."""
    return name.replace("_", " ")


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
    bound["auth_url"] = None if profile.auth_url is None else _plain(profile.auth_url)
    bound |= {f"{service} endpoint": _plain(url) for service, url in profile.endpoints.items()}
    return {key: value for key, value in bound.items() if value is not None}


def _plain(url: str) -> str:
    """Where requests go, however it is written: the version behind it decides about nothing."""
    try:
        return str(endpoint_from(url))
    except BadEndpoint:
        return url


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
