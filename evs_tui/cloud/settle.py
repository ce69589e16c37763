"""The end of a sign-in: from the grant to the place and its endpoints, with a look-up where no project is known yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evs_tui.cloud.auth.strategy import Grant
from evs_tui.cloud.catalog import choose_dialect, choose_region, find_services, no_project
from evs_tui.cloud.dialects import Dialect, Service
from evs_tui.cloud.identity import Identity
from evs_tui.cloud.models import Project
from evs_tui.cloud.operations import FIND_PROJECTS, OWN_PROJECTS, Operation
from evs_tui.cloud.origins import Endpoint
from evs_tui.cloud.place import SignedIn
from evs_tui.cloud.prepared import Query
from evs_tui.cloud.projects import projects_in
from evs_tui.cloud.transport import Transport
from evs_tui.failure import ConfigFailure, Failure
from evs_tui.text import clean

Lookup = Callable[[Operation, Query], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Settled:
    """The place, and where its services answer."""

    place: SignedIn
    endpoints: Mapping[Service, Endpoint]


async def settle(identity: Identity, iam: Endpoint, grant: Grant, transport: Transport, lookup: Lookup) -> Settled:
    """Where we are after the sign-in that gave `grant`.

    Raises:
        ConfigFailure: no project or region is chosen, a service is nowhere to be found.
        CloudError: the catalog leads to a place that is not trusted, or the project could not be looked up.
    """
    dialect = choose_dialect(identity, iam, grant.catalog)
    project_id, project_name = await _project(identity, dialect, grant, lookup)
    region = choose_region(identity, dialect, project_name, grant.catalog)
    services = find_services(identity, iam, dialect, region, grant.catalog)
    origins = tuple(sorted({endpoint.origin for endpoint in services.endpoints.values()}))
    proxies = sorted({shown for origin in origins if (shown := transport.proxy_shown(origin)) is not None})
    place = SignedIn(
        dialect=dialect,
        region=region,
        project_id=project_id,
        project_name=project_name,
        user_id=grant.user_id,
        user_name=grant.user_name,
        auth_origin=iam.origin,
        origins=origins,
        endpoints={service: str(endpoint) for service, endpoint in services.endpoints.items()},
        expires_at=grant.expires_at,
        source=identity.source,
        secret_place=identity.secret_place,
        warnings=(*identity.warnings, *grant.warnings, *services.warnings),
        plain_http=any(endpoint.is_plain for endpoint in services.endpoints.values()),
        proxy=", ".join(proxies) or None,
        roles=grant.roles,
    )
    return Settled(place, services.endpoints)


async def _project(identity: Identity, dialect: Dialect, grant: Grant, lookup: Lookup) -> tuple[str, str | None]:
    """The project of the grant; else (a signed request is bound to none) the one that was asked for, by id or name."""
    if grant.project_id is not None:
        return grant.project_id, grant.project_name
    if grant.catalog is not None or grant.lifetime is not None:
        # A token without a project: every service would refuse it.
        raise no_project([project.name for project in await _own_projects(lookup)])
    scope = identity.scope
    if scope.project_id is not None:
        return scope.project_id, None if scope.project_name is None else clean(scope.project_name)
    wanted = scope.project_name or (identity.region if dialect.huawei_style else None)
    if wanted is None:
        raise no_project([])
    found = [p for p in projects_in(await lookup(FIND_PROJECTS, (("name", wanted),))) if p.name == clean(wanted)]
    if len(found) == 1:
        return found[0].id, found[0].name
    why = "this account has several of that name" if found else "this account has none of that name"
    raise ConfigFailure(
        f"Project {clean(wanted)} cannot be used", why, "Give the project's id with --project or OS_PROJECT_ID"
    )


async def _own_projects(lookup: Lookup) -> tuple[Project, ...]:
    """The projects to name in a message; none where they cannot be listed."""
    try:
        return projects_in(await lookup(OWN_PROJECTS, ()))
    except Failure:
        return ()
