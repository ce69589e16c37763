"""From what a sign-in told to where everything is: dialect, region, and one endpoint per service. Pure functions.

Source: IAM API, Querying the Service Catalog; Identity API v3, Service catalog and endpoints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evs_tui.cloud.dialects import (
    DIALECTS,
    HUAWEICLOUD,
    Dialect,
    Service,
    dialect_of_catalog,
    dialect_of_host,
    in_domain,
)
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Identity
from evs_tui.cloud.origins import BadEndpoint, Endpoint, endpoint_from, is_loopback
from evs_tui.failure import ConfigFailure
from evs_tui.text import clean, excerpt

Catalog = Sequence[Mapping[str, Any]]
_NEEDED: tuple[Service, ...] = ("evs", "ims")
_HUAWEI_TYPES: Mapping[Service, tuple[str, ...]] = {
    "evs": ("evs", "volumev3", "volumev2", "volume", "block-storage"),
    "ims": ("image", "ims", "imagev2"),
    "ecs": ("ecs", "compute"),
}
_OPENSTACK_TYPES: Mapping[Service, tuple[str, ...]] = {
    "evs": ("block-storage", "volumev3", "block-store", "volumev2", "volume"),
    "ims": ("image", "imagev2"),
    "ecs": ("compute",),
}
_EVERY_REGION = "*"


@dataclass(frozen=True, slots=True)
class Services:
    """One endpoint per service that was found, `iam` always among them, and what is worth saying about them."""

    endpoints: Mapping[Service, Endpoint]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    type: str
    region: str
    url: str


def iam_endpoint(identity: Identity) -> Endpoint:
    """Where to sign in: the override, else the auth URL, else the host pattern of the dialect that was set.

    Raises:
        ConfigFailure: none of them is there, or it cannot be trusted with a password.
    """
    override = identity.endpoints.get("iam")
    if override is not None or identity.auth_url is not None:
        return _own_endpoint(override or identity.auth_url or "", "auth URL", "OS_AUTH_URL")
    dialect = DIALECTS.get(identity.dialect or "")
    host = dialect.host("iam", identity.region) if dialect is not None and identity.region else None
    if host is None:
        raise ConfigFailure(
            "It is not known where to sign in",
            f"{identity.source} names no auth URL",
            "Set OS_AUTH_URL, or the dialect and the region of a public cloud",
        )
    return _by_pattern(host)


def choose_dialect(identity: Identity, iam: Endpoint, catalog: Catalog | None) -> Dialect:
    """The dialect: as set, else by the host of the auth URL, else by the catalog's service types.

    Without a catalog an unknown host counts as Huawei-style: nothing else can be used without one.

    Raises:
        ConfigFailure: the dialect that was set does not exist.
    """
    if identity.dialect is not None:
        if identity.dialect not in DIALECTS:
            raise ConfigFailure(
                f"There is no dialect {excerpt(identity.dialect, 60)!r}",
                f"known are {', '.join(DIALECTS)}",
                "Correct EVS_TUI_DIALECT, or leave it out",
            )
        return DIALECTS[identity.dialect]
    by_host = dialect_of_host(iam.origin)
    if by_host is not None:
        return by_host
    if catalog is None:
        return HUAWEICLOUD
    return dialect_of_catalog(frozenset(str(entry.get("type")) for entry in catalog))


def choose_region(identity: Identity, dialect: Dialect, project_name: str | None, catalog: Catalog | None) -> str:
    """The region: as set, else of the project's name (Huawei-style: up to the first `_`), else the catalog's only one.

    Raises:
        ConfigFailure: several are possible, or the one that was set is not in the catalog.
    """
    regions = _regions(catalog or (), dialect, identity.interface)
    if identity.region is not None:
        wanted = clean(identity.region)
        overridden = all(service in identity.endpoints for service in _NEEDED)
        if regions and wanted not in regions and not overridden:
            raise ConfigFailure(
                f"There is no region {excerpt(wanted, 60)}",
                f"the catalog has {', '.join(regions)}",
                "Choose one with --region or OS_REGION_NAME",
            )
        return wanted
    of_project = (project_name or "").partition("_")[0]
    if dialect.huawei_style and of_project and (not regions or of_project in regions):
        return of_project
    if len(regions) == 1:
        return regions[0]
    if regions:
        raise ConfigFailure(
            "No region is chosen", f"the catalog has {', '.join(regions)}", "Choose one with --region or OS_REGION_NAME"
        )
    return ""


def find_services(
    identity: Identity, iam: Endpoint, dialect: Dialect, region: str, catalog: Catalog | None
) -> Services:
    """One endpoint per service: the override, else the catalog, else the dialect's host pattern.

    Raises:
        ConfigFailure: a service that is needed is nowhere to be found, or an override cannot be used.
        CloudError: the catalog sends us to a place that is not trusted.
    """
    found: dict[Service, Endpoint] = {"iam": iam}
    warnings: list[str] = []
    for service in ("evs", "ims", "ecs"):
        override = identity.endpoints.get(service)
        if override is not None:
            found[service] = _own_endpoint(override, f"{service} endpoint", f"EVS_TUI_ENDPOINT_{service.upper()}")
            warnings.append(f"The {service} endpoint is set by hand: {found[service]}")
            continue
        url = _url_in(catalog or (), service, dialect, region, identity.interface)
        try:
            if url is not None:
                found[service] = _trusted(url, service, iam, dialect)
            elif region and _is_of(dialect, iam) and (host := dialect.host(service, region)) is not None:
                found[service] = _by_pattern(host)
        except CloudError as error:
            if service in _NEEDED:
                raise
            warnings.append(f"The {service} endpoint is not used: {error}")
        if service in _NEEDED and service not in found:
            raise _missing(service, region, catalog, identity.interface)
    warnings += _strangers(identity, iam, dialect, found)
    return Services(found, tuple(warnings))


def _is_of(dialect: Dialect, iam: Endpoint) -> bool:
    """Whether the auth URL lies in the cloud's own domain. What signs in elsewhere is not sent to the cloud's hosts."""
    return any(in_domain(iam.host, suffix) for suffix in dialect.host_suffixes)


def _own_endpoint(url: str, what: str, variable: str) -> Endpoint:
    try:
        return endpoint_from(url)
    except BadEndpoint as error:
        raise ConfigFailure(f"The {what} cannot be used", str(error), f"Correct {variable}") from None


def _by_pattern(host: str) -> Endpoint:
    try:
        return endpoint_from(f"https://{host}")
    except BadEndpoint as error:
        raise ConfigFailure("The region cannot be used", str(error), "Correct --region or OS_REGION_NAME") from None


def _trusted(url: str, service: Service, iam: Endpoint, dialect: Dialect) -> Endpoint:
    """The endpoint that the catalog names, if it may be sent a token."""
    try:
        endpoint = endpoint_from(url)
    except BadEndpoint as error:
        raise _untrusted(service, str(error)) from None
    # Whose host identifies the cloud, its catalog may lead to that cloud's own domain only.
    home = next((suffix for suffix in dialect.host_suffixes if in_domain(iam.host, suffix)), None)
    if is_loopback(iam.host) and not is_loopback(endpoint.host):
        raise _untrusted(service, f"it leads to {excerpt(endpoint.host, 200)}, but the auth URL is on this machine")
    if home is not None and not in_domain(endpoint.host, home):
        raise _untrusted(service, f"it leads to {excerpt(endpoint.host, 200)}, which is outside {home}")
    return endpoint


def _untrusted(service: Service, why: str) -> CloudError:
    return CloudError(
        ErrorKind.UNTRUSTED,
        f"The catalog's {service} endpoint is not trusted",
        why,
        f"If it is right all the same, set EVS_TUI_ENDPOINT_{service.upper()} to it",
    )


def _missing(service: Service, region: str, catalog: Catalog | None, interface: str) -> ConfigFailure:
    if catalog is None:
        why = "there is no catalog, and the auth URL is in no domain whose hosts are known"
    else:
        why = f"the catalog has none with interface {interface}" + (f" in region {region}" if region else "")
    return ConfigFailure(
        f"No {service} endpoint was found",
        why,
        f"Check the region and OS_INTERFACE, or set EVS_TUI_ENDPOINT_{service.upper()}",
    )


def _strangers(identity: Identity, iam: Endpoint, dialect: Dialect, found: Mapping[Service, Endpoint]) -> Iterable[str]:
    """For a host that nobody knows the catalog is believed, but what lies in another domain is said."""
    if _is_of(dialect, iam):
        return
    for service, endpoint in found.items():
        if service not in identity.endpoints and _domain(endpoint.host) != _domain(iam.host):
            yield f"The catalog's {service} endpoint is in another domain than the auth URL: {endpoint.host}"


def _domain(host: str) -> str:
    """The last two labels of a name; an address stands for itself, all loopback ones for each other."""
    if is_loopback(host):
        return "loopback"
    labels = host.rstrip(".").split(".")
    return host if ":" in host or labels[-1].isdigit() else ".".join(labels[-2:])


def _types(dialect: Dialect) -> Mapping[Service, tuple[str, ...]]:
    return _HUAWEI_TYPES if dialect.huawei_style else _OPENSTACK_TYPES


def _entries(catalog: Catalog, interface: str) -> Iterable[_Entry]:
    for service in catalog:
        endpoints = service.get("endpoints")
        for endpoint in endpoints if isinstance(endpoints, list) else ():
            if not isinstance(endpoint, dict) or endpoint.get("interface") != interface:
                continue
            url, region = endpoint.get("url"), endpoint.get("region_id") or endpoint.get("region")
            if isinstance(url, str):
                shown = clean(region) if isinstance(region, str) and region else _EVERY_REGION
                yield _Entry(str(service.get("type")), shown, url)


def _regions(catalog: Catalog, dialect: Dialect, interface: str) -> list[str]:
    """The regions that have volumes, sorted."""
    wanted = _types(dialect)["evs"]
    return sorted({e.region for e in _entries(catalog, interface) if e.type in wanted and e.region != _EVERY_REGION})


def _url_in(catalog: Catalog, service: Service, dialect: Dialect, region: str, interface: str) -> str | None:
    entries = [e for e in _entries(catalog, interface) if not region or e.region in {region, _EVERY_REGION}]
    for kind in _types(dialect)[service]:
        found = sorted((e for e in entries if e.type == kind), key=lambda e: e.region == _EVERY_REGION)
        if found:
            return found[0].url
    return None


def no_project(names: Sequence[str]) -> ConfigFailure:
    """The failure where a sign-in ended in no project. `names` are those that the user may choose from."""
    return ConfigFailure(
        "No project is chosen",
        f"this user may work in {', '.join(names)}" if names else "the sign-in gave a token without one",
        "Choose one with --project or OS_PROJECT_NAME",
    )
