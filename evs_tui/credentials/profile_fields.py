"""A profile and its secret as the fields that every source of identity has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evs_tui.config.profiles import MethodName, Profile, SecretPlace
from evs_tui.credentials.fields import SECRET_FIELDS, Fields, secret_field
from evs_tui.credentials.kept import words_of
from evs_tui.credentials.vault import PLACE_WORDS
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret

# Users of a directory service have ids twice as long. A domain's id is the like, or that of the first domain.
_IS_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{64}")
_FIRST_DOMAIN = "default"
_AUTH_TYPES: Mapping[MethodName, str] = {
    "password": "password",
    "application-credential": "v3applicationcredential",
    "token": "token",
    "access-key": "aksk",
}
_CALLED = {
    "username": "user",
    "user_id": "user",
    "user_domain_name": "user_domain",
    "user_domain_id": "user_domain",
    "project_name": "project",
    "project_id": "project",
    "project_domain_name": "project_domain",
    "region_name": "region",
    "application_credential_id": "credential",
    "application_credential_name": "credential",
    "auth_type": "method",
    "cacert": "ca_bundle",
}


def profile_fields(profile: Profile, secrets: Mapping[str, Secret], found_in: SecretPlace) -> Fields:
    """The fields of `profile`; `secrets` are its secret fields, kept in `found_in`.

    Raises:
        ConfigFailure: a secret holds what no request could carry.
    """
    plain = {
        "auth_type": _AUTH_TYPES[profile.method],
        "auth_url": profile.auth_url,
        "region_name": profile.region,
        "user_id" if _is_id(profile.user) else "username": profile.user,
        _by_form("user_domain", profile.user_domain): profile.user_domain,
        _by_form("project", profile.project): profile.project,
        _by_form("project_domain", profile.project_domain): profile.project_domain,
        _by_form("application_credential", profile.credential): profile.credential,
        "interface": profile.interface,
        "cacert": profile.ca_bundle,
    }
    if (access_key := secrets.get("access_key")) is not None:
        # No secret by itself, and the signer writes it into every request; it is kept beside its secret key.
        plain["access_key"] = _plain_access_key(access_key)
    return Fields(
        source=f"profile {profile.name}",
        secret_place=PLACE_WORDS[found_in],
        called=lambda name: f"{_CALLED.get(name, name)} of profile {profile.name}",
        plain={name: value for name, value in plain.items() if value is not None},
        secrets={name: secret for name, secret in secrets.items() if name in SECRET_FIELDS},
    )


def checked_secret(profile: Profile, name: str, given: Secret) -> Secret:
    """What a person gave for a secret field, if a request can carry it.

    Raises:
        ConfigFailure: it is empty, or no request could carry it. The value is not quoted.
    """
    words = f"The {words_of(name)} of profile {profile.name}"
    if not given:
        raise ConfigFailure(f"{words} cannot be used", "it is empty", "type it again")
    return secret_field(name, given.reveal(), words)


def _by_form(base: str, value: str | None) -> str:
    is_id = _is_id(value) or (value == _FIRST_DOMAIN and base.endswith("_domain"))
    return f"{base}_id" if is_id else f"{base}_name"


def _is_id(value: str | None) -> bool:
    return value is not None and _IS_ID.fullmatch(value) is not None


def _plain_access_key(kept: Secret) -> str:
    value = kept.reveal()
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise ConfigFailure("The access key cannot be used", "it holds characters that no key has", "keep it anew")
    return value
