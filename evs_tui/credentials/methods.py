"""The ways to sign in: what each needs, which one the fields of a source describe, and what is missing.

Names of methods and fields. Source: keystoneauth, "Authentication Plugins"; IAM API, "Obtaining a User Token Through
Password Authentication and Virtual MFA".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evs_tui.cloud.identity import ApplicationCredentialLogin, KeyLogin, Login, PasswordLogin, TokenLogin
from evs_tui.credentials.fields import Fields
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret
from evs_tui.text import excerpt

_NOTHING = Secret("")


@dataclass(frozen=True, slots=True)
class Method:
    """One way to sign in.

    `marks` are the fields that only somebody who means this way fills in, `secrets` the secret fields it takes.
    """

    title: str
    marks: tuple[str, ...]
    secrets: tuple[str, ...]
    missing: Callable[[Fields], list[str]]
    login: Callable[[Fields], Login]


def method_of(fields: Fields) -> Method:
    """The way that `fields` describe: the one `auth_type` names, else the first complete one, else the nearest.

    The fields of the method may still be incomplete; see `Method.missing`.

    Raises:
        ConfigFailure: `auth_type` is unknown.
    """
    chosen = fields.text("auth_type")
    if chosen is not None:
        return _method_of_type(chosen, fields)
    meant = [method for method in METHODS if fields.has(*method.marks)]
    complete = [method for method in meant if not method.missing(fields)]
    return complete[0] if complete else min(meant, key=lambda m: len(m.missing(fields)), default=PASSWORD)


def _method_of_type(chosen: str, fields: Fields) -> Method:
    method = _BY_TYPE.get(chosen.lower())
    if method is None:
        raise ConfigFailure(
            f"{fields.called('auth_type')} cannot be used",
            f'"{excerpt(chosen, 40)}" is not a way to sign in that evs-tui knows',
            f"use one of {', '.join(_BY_TYPE)}, or leave it out",
        )
    return method


def _missing_user(fields: Fields) -> list[str]:
    if fields.has("user_id"):
        return []
    missing = [] if fields.has("username") else ["username"]
    return (
        missing if fields.has("user_domain_id", "user_domain_name", "domain_name") else [*missing, "user_domain_name"]
    )


def _missing_auth_url(fields: Fields) -> list[str]:
    return [] if fields.has("auth_url") else ["auth_url"]


def _missing_for_password(fields: Fields) -> list[str]:
    password = [] if fields.has("password") else ["password"]
    return [*_missing_auth_url(fields), *_missing_user(fields), *password]


def _missing_for_application_credential(fields: Fields) -> list[str]:
    missing = _missing_auth_url(fields)
    if not fields.has("application_credential_id", "application_credential_name"):
        missing.append("application_credential_id")
    elif not fields.has("application_credential_id"):
        missing += _missing_user(fields)
    return missing if fields.has("application_credential_secret") else [*missing, "application_credential_secret"]


def _missing_for_token(fields: Fields) -> list[str]:
    return [*_missing_auth_url(fields), *([] if fields.has("token") else ["token"])]


def _missing_for_keys(fields: Fields) -> list[str]:
    return [name for name in ("access_key", "secret_key") if not fields.has(name)]


def _password_login(fields: Fields) -> PasswordLogin:
    return PasswordLogin(
        password=fields.secret("password") or _NOTHING,
        user_id=fields.text("user_id"),
        user_name=fields.text("username"),
        user_domain_id=fields.text("user_domain_id"),
        user_domain_name=_user_domain_name(fields),
        passcode=fields.secret("passcode"),
    )


def _multifactor_login(fields: Fields) -> Login:
    """Without a passcode one is asked for: it is good for half a minute, so nobody keeps it in a file."""
    return replace(_password_login(fields), needs_passcode=True)


def _application_credential_login(fields: Fields) -> Login:
    return ApplicationCredentialLogin(
        secret=fields.secret("application_credential_secret") or _NOTHING,
        credential_id=fields.text("application_credential_id"),
        credential_name=fields.text("application_credential_name"),
        user_id=fields.text("user_id"),
        user_name=fields.text("username"),
        user_domain_id=fields.text("user_domain_id"),
        user_domain_name=_user_domain_name(fields),
    )


def _token_login(fields: Fields) -> Login:
    return TokenLogin(token=fields.secret("token") or _NOTHING)


def _key_login(fields: Fields) -> Login:
    return KeyLogin(
        access_key=fields.text("access_key") or "",
        secret_key=fields.secret("secret_key") or _NOTHING,
        security_token=fields.secret("security_token"),
    )


def _user_domain_name(fields: Fields) -> str | None:
    """The user's domain by name; an id goes before it, and `domain_name` is its older spelling."""
    return None if fields.has("user_domain_id") else fields.text("user_domain_name", "domain_name")


_PASSWORD_MARKS = ("username", "user_id", "password", "passcode")
_PASSWORD_SECRETS = ("password", "passcode")

PASSWORD = Method("a password", _PASSWORD_MARKS, _PASSWORD_SECRETS, _missing_for_password, _password_login)
MULTIFACTOR = Method(
    "a password and a passcode", _PASSWORD_MARKS, _PASSWORD_SECRETS, _missing_for_password, _multifactor_login
)
APPLICATION_CREDENTIAL = Method(
    "an application credential",
    ("application_credential_id", "application_credential_name", "application_credential_secret"),
    ("application_credential_secret",),
    _missing_for_application_credential,
    _application_credential_login,
)
TOKEN = Method("a token", ("token",), ("token",), _missing_for_token, _token_login)
ACCESS_KEY = Method(
    "an access key",
    ("access_key", "secret_key"),
    ("secret_key", "security_token"),
    _missing_for_keys,
    _key_login,
)

METHODS = (PASSWORD, APPLICATION_CREDENTIAL, TOKEN, ACCESS_KEY)
_BY_TYPE = {
    "password": PASSWORD,
    "v3password": PASSWORD,
    "v3multifactor": MULTIFACTOR,
    "v3applicationcredential": APPLICATION_CREDENTIAL,
    "token": TOKEN,
    "v3token": TOKEN,
    "aksk": ACCESS_KEY,
}
