"""What may be laid over any source of identity: region, project, kind of cloud, endpoints, CA certificates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evs_tui.cloud.dialects import DIALECTS, Service
from evs_tui.cloud.identity import Scope
from evs_tui.cloud.origins import BadEndpoint, endpoint_from
from evs_tui.failure import ConfigFailure, UsageFailure
from evs_tui.text import clean, excerpt

_SERVICES: tuple[Service, ...] = ("iam", "evs", "ims", "ecs")
_PROJECT_ID = re.compile(r"[0-9a-fA-F]{32}")
_DIALECT = "EVS_TUI_DIALECT"
_CA = "OS_CACERT"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line and our own variables decide, whatever the source of identity is."""

    region: str | None = None
    project: str | None = None
    dialect: str | None = None
    endpoints: Mapping[Service, str] = field(default_factory=dict)
    ca_bundle: str | None = None

    def scope(self, given: Scope) -> Scope:
        """`given`, or the project of `--project`: an id if it looks like one, else a name in the same domain."""
        if self.project is None:
            return given
        if _PROJECT_ID.fullmatch(self.project):
            return Scope(project_id=self.project)
        return Scope(
            project_name=self.project,
            project_domain_id=given.project_domain_id,
            project_domain_name=given.project_domain_name,
        )


def read_overrides(*, region: str | None, project: str | None, variables: Mapping[str, str]) -> Overrides:
    """The overrides of `--region`, `--project` and of our own variables.

    Raises:
        UsageFailure: an option is empty or holds characters that no name has.
        ConfigFailure: a variable cannot be used; it is named.
    """
    return Overrides(
        region=_option("--region", region),
        project=_option("--project", project),
        dialect=_dialect(variables.get(_DIALECT)),
        endpoints=_endpoints(variables),
        ca_bundle=ca_bundle(_CA, variables.get(_CA)),
    )


def checked_url(name: str, value: str) -> str:
    """`value` if requests may be sent there: https, or plain http to this machine.

    Raises:
        ConfigFailure: it is not, with the reason; `name` says where the value came from.
    """
    try:
        endpoint_from(value)
    except BadEndpoint as error:
        raise ConfigFailure(f"{name} cannot be used", str(error), "give an https:// URL") from None
    return value.strip()


def ca_bundle(name: str, value: str | None) -> str | None:
    """The path of a file with CA certificates, which is checked to be there.

    Raises:
        ConfigFailure: there is no such file, or it cannot be read.
    """
    if not value:
        return None
    path = Path(value).expanduser()
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ConfigFailure(
            f"{name} cannot be used", f"{excerpt(value, 200)}: {reason}", "name a file of CA certificates (PEM)"
        ) from None
    return str(path)


def _option(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    if not value.strip() or value != clean(value):
        raise UsageFailure(f"{name} cannot be used", "it is empty or holds a character that cannot be shown")
    return value.strip()


def _dialect(value: str | None) -> str | None:
    if not value:
        return None
    if value not in DIALECTS:
        raise ConfigFailure(
            f"{_DIALECT} cannot be used", f'"{excerpt(value, 40)}" is not known', f"use one of {', '.join(DIALECTS)}"
        )
    return value


def checked_endpoints(name: str, given: Mapping[str, str]) -> Mapping[Service, str]:
    """Endpoints by service, as requests use them.

    Raises:
        ConfigFailure: nothing may be sent to one of them; `name` says where they came from.
    """
    return {
        service: str(endpoint_from(checked_url(f"{name}: {service}", given[service])))
        for service in _SERVICES
        if given.get(service)
    }


def _endpoints(variables: Mapping[str, str]) -> Mapping[Service, str]:
    found: dict[Service, str] = {}
    for service in _SERVICES:
        name = f"EVS_TUI_ENDPOINT_{service.upper()}"
        if value := variables.get(name):
            found[service] = str(endpoint_from(checked_url(name, value)))
    return found
