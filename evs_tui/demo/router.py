"""Which call is which: method and path to the name of an operation, per flavour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

if TYPE_CHECKING:
    from evs_tui.demo.account import Flavour

Service = Literal["iam", "evs", "ims", "ecs"]


@dataclass(frozen=True, slots=True)
class Route:
    """One call of one service. `openstack` says whether plain OpenStack has it too."""

    operation: str
    service: Service
    method: str
    pattern: re.Pattern[str]
    openstack: bool


def _route(operation: str, service: Service, method: str, path: str, *, openstack: bool = True) -> Route:
    return Route(operation, service, method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), openstack)


# Order matters on a single origin: the image service's /v2/images stands before the project of /v2/{project}.
ROUTES = (
    _route("identity_version", "iam", "GET", "/v3/?"),
    _route("create_token", "iam", "POST", "/v3/auth/tokens"),
    _route("check_token", "iam", "GET", "/v3/auth/tokens"),
    _route("revoke_token", "iam", "DELETE", "/v3/auth/tokens"),
    _route("auth_projects", "iam", "GET", "/v3/auth/projects"),
    _route("catalog", "iam", "GET", "/v3/auth/catalog"),
    _route("projects", "iam", "GET", "/v3/projects"),
    _route("list_cloudimages", "ims", "GET", "/v2/cloudimages", openstack=False),
    _route("image_quota", "ims", "GET", "/v1/cloudimages/quota", openstack=False),
    _route("list_images", "ims", "GET", "/v2/images"),
    _route("get_image", "ims", "GET", "/v2/images/{image}"),
    _route("delete_image", "ims", "DELETE", "/v2/images/{image}"),
    _route("list_cloudvolumes", "evs", "GET", "/v[23]/{project}/cloudvolumes/detail", openstack=False),
    _route("list_cloudvolumes", "evs", "GET", "/v[23]/{project}/os-vendor-volumes/detail", openstack=False),
    _route("get_vendor_volume", "evs", "GET", "/v[23]/{project}/os-vendor-volumes/{volume}", openstack=False),
    _route("list_volumes", "evs", "GET", "/v3/{project}/volumes/detail"),
    _route("list_volume_names", "evs", "GET", "/v3/{project}/volumes"),
    _route("get_volume", "evs", "GET", "/v3/{project}/volumes/{volume}"),
    _route("export", "evs", "POST", "/v3/{project}/volumes/{volume}/action"),
    _route("messages", "evs", "GET", "/v3/{project}/messages"),
    _route("list_volumes", "evs", "GET", "/v2/{project}/volumes/detail", openstack=False),
    _route("list_volume_names", "evs", "GET", "/v2/{project}/volumes", openstack=False),
    _route("get_volume", "evs", "GET", "/v2/{project}/volumes/{volume}", openstack=False),
    _route("export", "evs", "POST", "/v2/{project}/volumes/{volume}/action", openstack=False),
    _route("list_servers", "ecs", "GET", "/v1/{project}/cloudservers/detail", openstack=False),
    _route("server_action", "ecs", "POST", "/v1/{project}/cloudservers/action", openstack=False),
    _route("get_server", "ecs", "GET", "/v1/{project}/cloudservers/{server}", openstack=False),
    _route("nova_list_servers", "ecs", "GET", "/v2.1/{project}/servers/detail"),
    _route("nova_get_server", "ecs", "GET", "/v2.1/{project}/servers/{server}"),
    _route("nova_server_action", "ecs", "POST", "/v2.1/{project}/servers/{server}/action"),
    _route("server_job", "ecs", "GET", "/v1/{project}/jobs/{job}", openstack=False),
)


def find(flavour: Flavour, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a call and the decoded pieces of its path, or None where the cloud has no such call."""
    for route in ROUTES:
        if route.method != method or (flavour == "openstack" and not route.openstack):
            continue
        match = route.pattern.fullmatch(path)
        if match is not None:
            return route, {name: unquote(piece) for name, piece in match.groupdict().items()}
    return None
