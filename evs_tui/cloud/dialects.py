"""The kinds of cloud that evs-tui speaks to, and what each can do. Pure tables: no call is made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

Name = Literal["otc", "huaweicloud", "flexible-engine", "openstack"]
Service = Literal["iam", "evs", "ims", "ecs"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one kind of cloud can do.

    `disk_formats` in the order they are offered, `preferred_format` preselected and always sent explicitly.
    `huawei_style` clouds have the EVS, IMS and ECS services, take `__os_type` and answer `ids=` lists;
    the others are plain Cinder, Glance and Nova. `host_suffixes` are the domains (whole labels) that identify
    the cloud by its auth URL; the catalog's endpoints must then lie in the same domain. `host_pattern` builds
    a service's host where there is no catalog, `host_patterns` those of regions that go their own way.
    """

    name: Name
    title: str
    huawei_style: bool
    disk_formats: tuple[str, ...]
    preferred_format: str
    container_formats: tuple[str, ...]
    name_limit: int
    chinese_names_documented: bool
    host_suffixes: tuple[str, ...] = ()
    host_pattern: str | None = None
    host_patterns: Mapping[str, str] = field(default_factory=dict)

    def host(self, service: Service, region: str) -> str | None:
        """The host of `service` in `region` by this cloud's pattern, or None where it has none."""
        pattern = self.host_patterns.get(region, self.host_pattern)
        if pattern is None:
            return None
        name = "iam-pub" if service == "iam" and region == _SWISS else service
        return pattern.format(service=name, region=region)


_SWISS = "eu-ch2"
_HUAWEI_FORMATS = ("vhd", "zvhd", "zvhd2", "raw", "qcow2")
_CONTAINERS = ("bare", "ami", "ari", "aki", "ovf")

OTC = Dialect(
    name="otc",
    title="Open Telekom Cloud",
    huawei_style=True,
    disk_formats=_HUAWEI_FORMATS,
    preferred_format="zvhd2",
    container_formats=_CONTAINERS,
    name_limit=128,
    chinese_names_documented=False,
    host_suffixes=("otc.t-systems.com",),
    host_pattern="{service}.{region}.otc.t-systems.com",
    # Source: openstacksdk, vendor profile otc-swiss.
    host_patterns={_SWISS: "{service}.{region}.sc.otc.t-systems.com"},
)
HUAWEICLOUD = Dialect(
    name="huaweicloud",
    title="Huawei Cloud",
    huawei_style=True,
    disk_formats=_HUAWEI_FORMATS,
    preferred_format="vhd",
    container_formats=_CONTAINERS,
    name_limit=128,
    chinese_names_documented=True,
    host_suffixes=("myhuaweicloud.com", "myhuaweicloud.eu"),
    host_pattern="{service}.{region}.myhuaweicloud.com",
    # The European cloud has a domain of its own.
    host_patterns={"eu-west-101": "{service}.{region}.myhuaweicloud.eu"},
)
FLEXIBLE_ENGINE = Dialect(
    name="flexible-engine",
    title="Flexible Engine",
    huawei_style=True,
    disk_formats=_HUAWEI_FORMATS,
    preferred_format="zvhd2",
    container_formats=_CONTAINERS,
    name_limit=128,
    chinese_names_documented=True,
    host_suffixes=("prod-cloud-ocb.orange-business.com",),
    host_pattern="{service}.{region}.prod-cloud-ocb.orange-business.com",
)
OPENSTACK = Dialect(
    name="openstack",
    title="OpenStack",
    huawei_style=False,
    disk_formats=("raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi", "ploop"),
    preferred_format="raw",
    container_formats=_CONTAINERS,
    name_limit=255,
    chinese_names_documented=True,
)

DIALECTS: dict[str, Dialect] = {d.name: d for d in (OTC, HUAWEICLOUD, FLEXIBLE_ENGINE, OPENSTACK)}


def in_domain(host: str, suffix: str) -> bool:
    """Whether `host` is `suffix` or lies below it, compared by whole labels."""
    host, suffix = host.lower().rstrip("."), suffix.lower()
    return host == suffix or host.endswith("." + suffix)


def dialect_of_host(auth_url: str) -> Dialect | None:
    """The dialect that the host of `auth_url` identifies, or None for a host nobody knows."""
    host = urlsplit(auth_url).hostname or ""
    for dialect in DIALECTS.values():
        if any(in_domain(host, suffix) for suffix in dialect.host_suffixes):
            return dialect
    return None


def dialect_of_catalog(service_types: frozenset[str]) -> Dialect:
    """The dialect of an unknown host, by the service types in its catalog: one of Huawei's own decides."""
    return HUAWEICLOUD if service_types & {"evs", "ecs"} else OPENSTACK
