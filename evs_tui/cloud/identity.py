"""Who signs in where: one source of identity, chosen whole. Pure data; secrets stay wrapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evs_tui.cloud.dialects import Service
from evs_tui.secret import Secret


@dataclass(frozen=True, slots=True)
class Scope:
    """The project a token is asked for: an id, or a name with its domain (by default the user's own)."""

    project_id: str | None = None
    project_name: str | None = None
    project_domain_id: str | None = None
    project_domain_name: str | None = None


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """A user's password, and the one-time passcode where virtual MFA is on.

    The user is named by `user_id`, or by `user_name` with a domain. `needs_passcode` says that MFA is on although no
    passcode is given yet: it is asked for before the first request.
    """

    password: Secret
    user_id: str | None = None
    user_name: str | None = None
    user_domain_id: str | None = None
    user_domain_name: str | None = None
    passcode: Secret | None = None
    needs_passcode: bool = False


@dataclass(frozen=True, slots=True)
class ApplicationCredentialLogin:
    """A Keystone application credential: by id, or by name with its user. It carries its own project."""

    secret: Secret
    credential_id: str | None = None
    credential_name: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    user_domain_id: str | None = None
    user_domain_name: str | None = None


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """A token that somebody else obtained. It cannot be renewed here."""

    token: Secret


@dataclass(frozen=True, slots=True)
class KeyLogin:
    """An access key: every request is signed, there is no token and no catalog."""

    access_key: str
    secret_key: Secret
    security_token: Secret | None = None


@dataclass(frozen=True, slots=True)
class AgencyLogin:
    """The rights that another account lends: `base` signs in first and then takes on the agency.

    The lending account is named by `domain_name` or `domain_id`; the project that is asked for is one of its own.
    """

    base: PasswordLogin | ApplicationCredentialLogin | TokenLogin | KeyLogin
    agency_name: str
    domain_name: str | None = None
    domain_id: str | None = None


Login = PasswordLogin | ApplicationCredentialLogin | TokenLogin | KeyLogin | AgencyLogin


@dataclass(frozen=True, slots=True)
class Identity:
    """One source of identity: auth URL, user, secret and domain come from it alone.

    `source` names it for people ("environment OS_*", "clouds.yaml entry rig"), `secret_place` says in one or
    two words where the secret lives ("environment", "clouds.yaml"). `ignored` names sources that were there
    and not used, `warnings` are sentences about the source that a person should read. `dialect`, `endpoints` (origin
    URLs by service) and `ca_bundle` override what would be found.
    """

    source: str
    secret_place: str
    login: Login
    auth_url: str | None
    scope: Scope = field(default_factory=Scope)
    region: str | None = None
    interface: str = "public"
    dialect: str | None = None
    endpoints: Mapping[Service, str] = field(default_factory=dict)
    ca_bundle: str | None = None
    profile: str | None = None
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
