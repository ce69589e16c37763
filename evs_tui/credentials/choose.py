"""Which identity a run has: one source chosen whole, and then what may be laid over it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from evs_tui.cloud.dialects import DIALECTS, dialect_of_host
from evs_tui.cloud.identity import AgencyLogin, Identity, KeyLogin, Scope
from evs_tui.config.profiles import Profile, SecretPlace
from evs_tui.credentials.cloud_files import cloud_names, directories
from evs_tui.credentials.clouds import read_entry
from evs_tui.credentials.environment import (
    Variables,
    families_not_used,
    fields_of,
    secrets_not_used,
    take_variables,
)
from evs_tui.credentials.fields import Fields
from evs_tui.credentials.methods import ACCESS_KEY, APPLICATION_CREDENTIAL, TOKEN, Method, method_of
from evs_tui.credentials.overrides import Overrides, ca_bundle, checked_endpoints, checked_url, read_overrides
from evs_tui.credentials.profile_fields import profile_fields
from evs_tui.failure import ConfigFailure
from evs_tui.secret import Secret
from evs_tui.text import excerpt

_INTERFACES = {"public": "public", "internal": "internal", "admin": "admin"}


SecretsOf = Callable[[Profile], tuple[Mapping[str, Secret], SecretPlace]]
"""The secret fields of a profile and where they were found; see `Vault.secrets`."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles there are, and what opens their secrets."""

    by_name: Mapping[str, Profile] = field(default_factory=dict)
    default: str | None = None
    secrets: SecretsOf | None = None


_NO_PROFILES = Profiles()


def choose_identity(
    *,
    profile: str | None,
    region: str | None,
    project: str | None,
    environ: MutableMapping[str, str],
    places: Sequence[Path] | None = None,
    profiles: Profiles = _NO_PROFILES,
    variables: Variables | None = None,
) -> Identity:
    """The identity of this run: a profile, `OS_CLOUD`, the variables of the environment, else the default profile.

    Auth URL, user, secret and domain come from that one source; `region`, `project`, the dialect, endpoints and CA
    certificates may be laid over it. The variables that hold secrets are removed from `environ`, used or not.
    `places` are the directories of clouds.yaml, by default the user's and the system's. `variables` is what was taken
    out of `environ` before, for a second choice in one run.

    Raises:
        SecretNeeded: the secret of the chosen profile is not at hand.
        ConfigFailure: there is no source or no such profile, or the chosen one is incomplete, unsafe or contradictory.
        UsageFailure: `region` or `project` cannot be used.
    """
    variables = take_variables(environ) if variables is None else variables
    overrides = read_overrides(region=region, project=project, variables=variables.plain)
    if places is None:
        places = directories(variables.plain, environ)
    if (named := profile if profile is not None else variables.plain.get("EVS_TUI_PROFILE")) is not None:
        return _of_profile(named, profiles, variables, overrides)
    if (cloud := variables.plain.get("OS_CLOUD")) is not None:
        return _of_clouds_yaml(cloud, variables, overrides, places)
    fields = fields_of(variables)
    if fields is None and profiles.default is not None:
        return _of_profile(profiles.default, profiles, variables, overrides)
    if fields is None:
        raise _no_credentials(cloud_names(places, variables.plain), profiles.by_name)
    method = method_of(fields)
    ignored = secrets_not_used(variables, fields, method.secrets)
    return _identity(fields, method, overrides, ignored, ())


def _of_profile(name: str, profiles: Profiles, variables: Variables, overrides: Overrides) -> Identity:
    profile = profiles.by_name.get(name)
    if profile is None:
        raise no_such_profile(name, profiles.by_name)
    bound = _laid_over(profile, overrides)
    values, place = ({}, profile.keep_in) if profiles.secrets is None else profiles.secrets(bound)
    ignored = families_not_used(variables, beside=("OS_CLOUD",))
    return identity_of_profile(profile, values, place, overrides, ignored)


def _laid_over(profile: Profile, overrides: Overrides) -> Profile:
    """The profile with what decides where its secret goes: a variable must not pull a kept one to another host."""
    endpoints = dict(profile.endpoints)
    endpoints.update((str(service), url) for service, url in overrides.endpoints.items())
    return replace(profile, cloud=overrides.dialect or profile.cloud, endpoints=endpoints)


def identity_of_profile(
    profile: Profile,
    secrets: Mapping[str, Secret],
    place: SecretPlace,
    overrides: Overrides | None = None,
    ignored: tuple[str, ...] = (),
) -> Identity:
    """The identity of a profile whose secret fields are at hand; `place` is where they are kept.

    Raises:
        ConfigFailure: the profile is incomplete, unsafe or contradictory.
    """
    given = overrides or Overrides()
    endpoints = checked_endpoints(f"endpoints of profile {profile.name}", profile.endpoints)
    laid_over = tuple(
        f"EVS_TUI_ENDPOINT_{service.upper()} of the environment sends requests to {url}"
        for service, url in given.endpoints.items()
        if endpoints.get(service) != url
    )
    overrides = replace(given, dialect=given.dialect or profile.cloud, endpoints={**endpoints, **given.endpoints})
    fields = profile_fields(profile, secrets, place)
    identity = _identity(fields, method_of(fields), overrides, ignored, laid_over)
    if profile.agency is not None and not isinstance(identity.login, AgencyLogin):
        login = AgencyLogin(identity.login, profile.agency, domain_name=profile.agency_domain)
        identity = replace(identity, login=login)
    return replace(identity, profile=profile.name)


def _of_clouds_yaml(cloud: str, variables: Variables, overrides: Overrides, places: Sequence[Path]) -> Identity:
    entry = read_entry(cloud, region=overrides.region, variables=variables.plain, places=places)
    method = method_of(entry.fields)
    return _identity(entry.fields, method, overrides, families_not_used(variables), entry.warnings)


def _identity(
    fields: Fields, method: Method, overrides: Overrides, ignored: tuple[str, ...], warnings: tuple[str, ...]
) -> Identity:
    region = overrides.region or fields.text("region_name")
    _check_complete(fields, method, overrides, region, ignored)
    url = fields.text("auth_url")
    identity = Identity(
        source=fields.source,
        secret_place=fields.secret_place,
        login=method.login(fields),
        auth_url=None if url is None else _checked_auth_url(fields, url),
        scope=overrides.scope(_scope(fields, method, overrides, region)),
        region=region,
        interface=_interface(fields),
        dialect=_dialect(method, url, overrides),
        endpoints=overrides.endpoints,
        ca_bundle=overrides.ca_bundle or ca_bundle(fields.called("cacert"), fields.text("cacert")),
        ignored=ignored,
        warnings=warnings,
    )
    if isinstance(identity.login, KeyLogin):
        _check_place_of_keys(identity)
    return identity


def _check_complete(
    fields: Fields, method: Method, overrides: Overrides, region: str | None, ignored: tuple[str, ...]
) -> None:
    missing = method.missing(fields)
    if _needs_project(fields, method, overrides, region):
        missing = [*missing, "project_name"]
    if not missing:
        return
    names = ", ".join(fields.called(name) for name in missing)
    advice = "fill it in" if len(missing) == 1 else "fill them in"
    if "user_domain_name" in missing:
        advice += "; the domain is the account's name, on a plain OpenStack often Default"
    if ignored:
        advice += f" ({', '.join(ignored)} played no part: one source is used whole)"
    raise ConfigFailure(
        f"The credentials are incomplete ({fields.source})", f"missing for {method.title}: {names}", advice
    )


def _needs_project(fields: Fields, method: Method, overrides: Overrides, region: str | None) -> bool:
    """Whether somebody must still say which project is meant. Some ways to sign in carry it or look it up."""
    if method in {APPLICATION_CREDENTIAL, TOKEN, ACCESS_KEY} or overrides.project is not None:
        return False
    if fields.has("project_id", "project_name", "tenant_id", "tenant_name"):
        return False
    return region is None or not _is_huawei_style(fields.text("auth_url"), overrides)


def _scope(fields: Fields, method: Method, overrides: Overrides, region: str | None) -> Scope:
    if method is ACCESS_KEY and fields.has("key_project_id"):
        return Scope(project_id=fields.text("key_project_id"))
    domain_id, domain_name = fields.text("project_domain_id"), fields.text("project_domain_name")
    if fields.has("project_id", "tenant_id"):
        return Scope(project_id=fields.text("project_id", "tenant_id"))
    name = fields.text("project_name", "tenant_name")
    if name is None and method not in {APPLICATION_CREDENTIAL, TOKEN, ACCESS_KEY} and region is not None:
        # A region's main project bears its name. Source: IAM API, "Basic Concepts", Project.
        name = region if _is_huawei_style(fields.text("auth_url"), overrides) else None
    return Scope(project_name=name, project_domain_id=domain_id, project_domain_name=None if domain_id else domain_name)


def _is_huawei_style(auth_url: str | None, overrides: Overrides) -> bool:
    if overrides.dialect is not None:
        return DIALECTS[overrides.dialect].huawei_style
    dialect = dialect_of_host(auth_url or "")
    return dialect is not None and dialect.huawei_style


def _checked_auth_url(fields: Fields, url: str) -> str:
    name = fields.called("auth_url")
    url = checked_url(name, url)
    if url.rstrip("/").endswith("/v2.0"):
        raise ConfigFailure(f"{name} cannot be used", "it names version 2 of the identity API", "let it end with /v3")
    return url


def _interface(fields: Fields) -> str:
    given = fields.text("interface")
    if given is None:
        return "public"
    found = _INTERFACES.get(given.removesuffix("URL"))
    if found is None:
        raise ConfigFailure(
            f"{fields.called('interface')} cannot be used",
            f'"{excerpt(given, 40)}" is not an interface',
            f"use one of {', '.join(_INTERFACES)}",
        )
    return found


def _dialect(method: Method, auth_url: str | None, overrides: Overrides) -> str | None:
    if overrides.dialect is not None or method is not ACCESS_KEY or not overrides.endpoints:
        return overrides.dialect
    # There is no catalog to tell by, and only Huawei-style clouds take such keys.
    known = dialect_of_host(auth_url or "")
    return "huaweicloud" if known is None else None


def _check_place_of_keys(identity: Identity) -> None:
    """With an access key there is no catalog: something else must tell where the services are."""
    if identity.dialect == "openstack":
        raise ConfigFailure(
            "An access key cannot be used here", "a plain OpenStack takes none", "sign in with a password instead"
        )
    known = identity.dialect is not None or dialect_of_host(identity.auth_url or "") is not None
    if not known or (identity.auth_url is None and identity.region is None and not identity.endpoints):
        raise ConfigFailure(
            f"The credentials are incomplete ({identity.source})",
            "an access key alone does not tell which cloud it belongs to",
            "set OS_AUTH_URL, or EVS_TUI_DIALECT and OS_REGION_NAME, or EVS_TUI_ENDPOINT_IAM, _EVS, _IMS and _ECS",
        )


def no_such_profile(name: str, profiles: Collection[str]) -> ConfigFailure:
    """That none of `profiles` has this name, with the nearest that does."""
    near = get_close_matches(name, profiles, n=1)
    known = f"did you mean {near[0]}? " if near else f"known are: {', '.join(profiles)}; " if profiles else ""
    return ConfigFailure(
        f'There is no profile "{excerpt(name, 60)}"',
        "no profile of this name is in config.toml",
        f"{known}evs-tui profiles add makes one",
    )


def _no_credentials(clouds: Sequence[str], profiles: Collection[str]) -> ConfigFailure:
    if profiles:
        return ConfigFailure(
            "No credentials",
            "no profile is the default, and neither OS_CLOUD nor OS_* variables say who signs in where",
            f"choose one with --profile: {', '.join(profiles)}",
        )
    entry = f"OS_CLOUD to an entry of clouds.yaml (it has {', '.join(clouds[:10])})" if clouds else ""
    return ConfigFailure(
        "No credentials",
        "neither OS_CLOUD nor OS_* variables nor those of an access key say who signs in where",
        f"evs-tui profiles add NAME makes a profile; or set {entry or 'OS_CLOUD to an entry of clouds.yaml'}, or "
        "OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME and OS_PROJECT_NAME; evs-tui --demo needs nothing",
    )
