"""The identity that the variables of the environment describe, as openstackclient and the vendors' tools read them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import dataclass, replace

from evs_tui.credentials.fields import SECRET_FIELDS, Fields, secret_field
from evs_tui.credentials.methods import ACCESS_KEY, method_of
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret
from evs_tui.text import clean

_OPENSTACK = {
    "auth_url": "OS_AUTH_URL",
    "auth_type": "OS_AUTH_TYPE",
    "username": "OS_USERNAME",
    "user_id": "OS_USER_ID",
    "password": "OS_PASSWORD",
    "passcode": "OS_PASSCODE",
    "user_domain_name": "OS_USER_DOMAIN_NAME",
    "user_domain_id": "OS_USER_DOMAIN_ID",
    "domain_name": "OS_DOMAIN_NAME",
    "project_name": "OS_PROJECT_NAME",
    "project_id": "OS_PROJECT_ID",
    "project_domain_name": "OS_PROJECT_DOMAIN_NAME",
    "project_domain_id": "OS_PROJECT_DOMAIN_ID",
    "tenant_name": "OS_TENANT_NAME",
    "tenant_id": "OS_TENANT_ID",
    "region_name": "OS_REGION_NAME",
    "interface": "OS_INTERFACE",
    "token": "OS_TOKEN",
    "application_credential_id": "OS_APPLICATION_CREDENTIAL_ID",
    "application_credential_name": "OS_APPLICATION_CREDENTIAL_NAME",
    "application_credential_secret": "OS_APPLICATION_CREDENTIAL_SECRET",
}
# An access key is taken whole from one family of variables; of several the first complete one.
_KEY_FAMILIES: tuple[Mapping[str, str], ...] = (
    {"access_key": "OS_ACCESS_KEY", "secret_key": "OS_SECRET_KEY", "security_token": "OS_SECURITY_TOKEN"},
    {
        "access_key": "HUAWEICLOUD_SDK_AK",
        "secret_key": "HUAWEICLOUD_SDK_SK",
        "security_token": "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        "key_project_id": "HUAWEICLOUD_SDK_PROJECT_ID",
    },
    {"access_key": "HW_ACCESS_KEY", "secret_key": "HW_SECRET_KEY"},
)
_SECRET_VARIABLES = {
    variable: name
    for family in (_OPENSTACK, *_KEY_FAMILIES)
    for name, variable in family.items()
    if name in SECRET_FIELDS
}
# These choose a source or are laid over one; they are no identity of their own.
_NO_IDENTITY = frozenset({"OS_AUTH_TYPE", "OS_REGION_NAME", "OS_INTERFACE"})
_OTHERS = (
    "OS_CACERT",
    "OS_CLIENT_CONFIG_FILE",
    "OS_CLOUD",
    "EVS_TUI_PROFILE",
    "EVS_TUI_DIALECT",
    "EVS_TUI_ENDPOINT_IAM",
    "EVS_TUI_ENDPOINT_EVS",
    "EVS_TUI_ENDPOINT_IMS",
    "EVS_TUI_ENDPOINT_ECS",
)
_IDENTITY_VARIABLES = frozenset(name for family in (_OPENSTACK, *_KEY_FAMILIES) for name in family.values())
_PLAIN_VARIABLES = tuple(sorted(_IDENTITY_VARIABLES.difference(_SECRET_VARIABLES).union(_OTHERS)))


@dataclass(frozen=True, slots=True)
class Variables:
    """What the environment held for us; empty variables count as absent."""

    plain: Mapping[str, str]
    secrets: Mapping[str, Secret]

    @property
    def names(self) -> frozenset[str]:
        """All variables that are set."""
        return frozenset(self.plain) | frozenset(self.secrets)


def take_variables(environ: MutableMapping[str, str]) -> Variables:
    """Read all variables that evs-tui knows and remove the secret ones, used or not, from `environ`.

    Raises:
        ConfigFailure: a variable holds what cannot be sent or shown. The secrets are removed even so.
    """
    values = {name: value for name in _SECRET_VARIABLES if (value := environ.pop(name, ""))}
    secrets = {name: secret_field(_SECRET_VARIABLES[name], value, name) for name, value in values.items()}
    plain = {name: value for name in _PLAIN_VARIABLES if (value := environ.get(name, "").strip())}
    for name, value in plain.items():
        if value != clean(value):
            raise ConfigFailure(f"{name} cannot be used", "it holds a character that cannot be shown", "set it again")
    return Variables(plain, secrets)


def fields_of(variables: Variables) -> Fields | None:
    """The fields that the variables fill, or None if none of them is about an identity.

    Raises:
        ConfigFailure: `OS_AUTH_TYPE` is unknown.
    """
    if not variables.names & (_IDENTITY_VARIABLES - _NO_IDENTITY):
        return None
    family = _key_family(variables.names)
    names = {**_OPENSTACK, **family}
    fields = Fields(
        source="environment OS_*",
        secret_place="environment",  # noqa: S106 - where secrets live, not one of them
        called=lambda name: names.get(name, name),
        plain={name: variables.plain[v] for name, v in names.items() if v in variables.plain},
        secrets={name: variables.secrets[v] for name, v in names.items() if v in variables.secrets},
    )
    if method_of(fields) is not ACCESS_KEY:
        return fields
    return replace(fields, source=f"environment {_prefix(family['secret_key'])}*")


def secrets_not_used(variables: Variables, fields: Fields, used: tuple[str, ...]) -> tuple[str, ...]:
    """The secret variables that are set and play no part, where `used` are the secret fields that do."""
    taken = {fields.called(name) for name in used}
    return tuple(sorted(name for name in variables.secrets if name not in taken))


def families_not_used(variables: Variables, *, beside: Collection[str] = ()) -> tuple[str, ...]:
    """The families of identity variables that are set, for a run that has its identity from elsewhere.

    `beside` are variables that count too.
    """
    return tuple(sorted({f"{_prefix(name)}*" for name in variables.names & _IDENTITY_VARIABLES.union(beside)}))


def _key_family(present: frozenset[str]) -> Mapping[str, str]:
    def filled(family: Mapping[str, str]) -> int:
        return len({family["access_key"], family["secret_key"]} & present)

    return max(_KEY_FAMILIES, key=filled)  # the first of equals


def _prefix(name: str) -> str:
    return next(prefix for prefix in ("OS_", "HUAWEICLOUD_SDK_", "HW_") if name.startswith(prefix))
