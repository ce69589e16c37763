"""Servers of a plain OpenStack: one, the list, and the actions that stop and start one. There are no jobs.

Source: Compute API, servers: Show Server Details, List Servers Detailed, Stop Server, Start Server.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evs_tui.demo import ecs, refusals, servers
from evs_tui.demo.exchange import Reply

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json, Request
    from evs_tui.demo.records import Server
    from evs_tui.demo.state import State

_MAX_PAGE = 1000


def list_servers(state: State, request: Request) -> Reply:
    """Servers by marker."""
    project = _check_project(state, request)
    limit, marker = request.query.get("limit", str(_MAX_PAGE)), request.query.get("marker")
    found = list(state.servers.values()) if project == state.projects[0].id else []
    if marker is not None:
        places = [place for place, server in enumerate(found) if server.id == marker]
        if not places:
            raise refusals.cinder(400, f"marker [{marker}] not found")
        found = found[places[0] + 1 :]
    if not limit.isdecimal():
        raise refusals.cinder(400, f"Invalid input for query parameters limit. Value: {limit}.")
    shown = found[: min(int(limit), _MAX_PAGE)]
    disks = ecs.disks_by_server(state)
    body: Json = {"servers": [ecs.record(server, project, disks.get(server.id, [])) for server in shown]}
    if len(shown) < len(found):
        href = f"{state.origins.ecs}{request.path}?limit={limit}&marker={shown[-1].id}"
        body["servers_links"] = [{"rel": "next", "href": href}]
    return Reply(200, body)


def get_server(state: State, request: Request) -> Reply:
    """One server with its disks."""
    project = _check_project(state, request)
    server = _server_of(state, request, project)
    return Reply(200, {"server": ecs.record(server, project, ecs.disks_by_server(state).get(server.id, []))})


def server_action(state: State, request: Request) -> Reply:
    """Stop or start: 202 without a body; a server in a wrong state or locked is a conflict."""
    project = _check_project(state, request)
    server = _server_of(state, request, project)
    kind = _kind_of(request)
    if server.locked:
        raise refusals.cinder(409, f"Instance {server.id} is locked")
    if not servers.may(kind, server):
        state_name = "vm_state" if server.task_state is None else "task_state"
        value = server.task_state or ("stopped" if server.status == "SHUTOFF" else server.status.lower())
        raise refusals.cinder(409, f"Cannot '{kind}' instance {server.id} while it is in {state_name} {value}")
    servers.begin(state, kind, [server], hard=False)
    return Reply(202)


def _kind_of(request: Request) -> servers.Kind:
    try:
        body: Any = json.loads(request.body) if request.is_json else None
    except ValueError:
        body = None
    kinds: dict[str, servers.Kind] = {"os-stop": "stop", "os-start": "start"}
    name = next(iter(body), "") if isinstance(body, dict) and len(body) == 1 else ""
    if name not in kinds:
        raise refusals.cinder(400, f"There is no such action: {name or None}")
    return kinds[name]


def _check_project(state: State, request: Request) -> str:
    token = state.tokens.get(request.token or "")
    if token is None or token.expires_at <= state.now():
        raise refusals.keystone_unauthorized(state.origins.iam)
    project = request.params["project"]
    if token.project is None or token.project.id != project:
        raise refusals.cinder(400, "Malformed request url")
    return project


def _server_of(state: State, request: Request, project: str) -> Server:
    server_id = request.params["server"]
    server = state.servers.get(server_id) if project == state.projects[0].id else None
    if server is None:
        raise refusals.cinder(404, f"Instance {server_id} could not be found.")
    return server
