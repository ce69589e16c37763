"""The server service: one server, the list with its page numbers, stop and start by jobs.

Source: ECS API, Querying Details About an ECS; Querying Details About ECSs; Starting and Stopping ECSs in a Batch;
Querying Task Execution Status.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evs_tui.demo import refusals, servers
from evs_tui.demo.callers import caller
from evs_tui.demo.clock import job_time
from evs_tui.demo.evs import gateway_unauthorized
from evs_tui.demo.exchange import Reply

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json, Request
    from evs_tui.demo.records import Server, Volume
    from evs_tui.demo.state import State

_DEFAULT_PAGE = 25
_MAX_PAGE = 1000
_MAX_BATCH = 1000
_MAX_SERVER_IDS = 100
_POWERED_OFF = 4


def _check_project(state: State, request: Request) -> str:
    token = caller(state, request)
    if token is None or token.expires_at <= state.now():
        raise gateway_unauthorized(request, expired=token is not None)
    project = request.params["project"]
    if token.project is None or token.project.id != project:
        raise refusals.coded(400, "Ecs.0023", "The project ID in the URL does not match that in the token.")
    return project


def disks_by_server(state: State) -> dict[str, list[tuple[Volume, str]]]:
    """The disks of each server, with their devices."""
    disks: dict[str, list[tuple[Volume, str]]] = {}
    for volume in state.volumes.values():
        for attached in volume.attachments:
            disks.setdefault(attached.server_id, []).append((volume, attached.device))
    return disks


def record(server: Server, project: str, disks: list[tuple[Volume, str]]) -> Json:
    """A server as both services write it."""
    off = server.status == "SHUTOFF"
    return {
        "id": server.id,
        "name": server.name,
        "status": server.status,
        "tenant_id": project,
        "OS-EXT-STS:vm_state": "stopped" if off else server.status.lower(),
        "OS-EXT-STS:task_state": server.task_state,
        "OS-EXT-STS:power_state": _POWERED_OFF if off else 1,
        "OS-EXT-AZ:availability_zone": server.availability_zone,
        "locked": server.locked,
        "created": "2025-09-13T07:03:44Z",
        "updated": "2026-01-15T09:20:51Z",
        "os-extended-volumes:volumes_attached": [
            {
                "id": volume.id,
                "device": device,
                "bootIndex": "0" if volume.bootable else None,
                "delete_on_termination": "false",
            }
            for volume, device in disks
        ],
        "metadata": {},
        "flavor": {"id": "s3.large.2", "name": "s3.large.2", "vcpus": "2", "ram": "4096", "disk": "0"},
        "addresses": {},
        "sys_tags": [{"key": "_sys_enterprise_project_id", "value": "0"}],
    }


def _server_of(state: State, server_id: object) -> Server:
    server = state.servers.get(server_id) if isinstance(server_id, str) else None
    if server is None:
        raise refusals.coded(404, "Ecs.0114", "The ECS does not exist.")
    return server


def get_server(state: State, request: Request) -> Reply:
    """One server with its disks."""
    project = _check_project(state, request)
    server = _server_of(state, request.params["server"] if project == state.projects[0].id else None)
    return Reply(200, {"server": record(server, project, disks_by_server(state).get(server.id, []))})


def list_servers(state: State, request: Request) -> Reply:
    """Servers by page: `offset` is the number of a page and counts from 1 (0 means 1).

    Unknown ids of `server_id` come back as rows of nulls.
    """
    project = _check_project(state, request)
    query = request.query
    limit, number = query.get("limit", str(_DEFAULT_PAGE)), query.get("offset", "1")
    if not (limit.isdecimal() and number.isdecimal() and int(limit) <= _MAX_PAGE):
        raise refusals.coded(400, "Ecs.0005", "The request parameter is invalid.")
    found = list(state.servers.values()) if project == state.projects[0].id else []
    found = [
        server
        for server in found
        if query.get("status") in (None, server.status) and query.get("name", "") in server.name
    ]
    disks = disks_by_server(state)
    if "server_id" in query:
        ids = query["server_id"].split(",")
        if len(ids) > _MAX_SERVER_IDS:
            raise refusals.coded(400, "Ecs.0005", "At most 100 server IDs can be queried at a time.")
        by_id = {server.id: server for server in found}
        rows = [record(by_id[one], project, disks.get(one, [])) if one in by_id else _nulls(one) for one in ids]
        return Reply(200, {"count": len(rows), "servers": rows})
    start = (max(int(number), 1) - 1) * int(limit)
    shown = found[start : start + int(limit)]
    return Reply(200, {"count": len(found), "servers": [record(s, project, disks.get(s.id, [])) for s in shown]})


def _nulls(server_id: str) -> Json:
    return {"id": server_id, "name": None, "status": None, "OS-EXT-STS:task_state": None, "OS-EXT-STS:vm_state": None}


def server_action(state: State, request: Request) -> Reply:
    """Stop or start a batch: 200 with a job; a single server in a wrong state is refused at once."""
    _check_project(state, request)
    kind, arguments = _action_of(request)
    wanted = arguments.get("servers")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
        raise refusals.coded(400, "Ecs.0005", "The servers parameter is invalid.")
    if len(wanted) > _MAX_BATCH:
        raise refusals.coded(400, "Ecs.0118", "The number of ECSs in the batch exceeds the limit.")
    if arguments.get("type", "SOFT") not in ("SOFT", "HARD"):
        raise refusals.coded(400, "Ecs.0005", "The type parameter is invalid.")
    chosen = [_server_of(state, one.get("id")) for one in wanted]
    if any(server.locked for server in chosen):
        raise refusals.coded(400, "Ecs.0605", "The ECS is locked.")
    if not any(servers.may(kind, server) for server in chosen):
        raise refusals.coded(400, "Ecs.0100", servers.WRONG_STATUS)
    job = servers.begin(state, kind, chosen, hard=arguments.get("type") == "HARD")
    return Reply(200, {"job_id": job.id})


def _action_of(request: Request) -> tuple[servers.Kind, Json]:
    try:
        body: Any = json.loads(request.body) if request.is_json else None
    except ValueError:
        body = None
    if not isinstance(body, dict) or len(body) != 1:
        raise refusals.coded(400, "Ecs.0000", "The request body is invalid.")
    kinds: dict[str, servers.Kind] = {"os-stop": "stop", "os-start": "start"}
    name, arguments = next(iter(body.items()))
    if name not in kinds or not isinstance(arguments, dict):
        raise refusals.coded(400, "Ecs.0005", "The request parameter is invalid.")
    return kinds[name], arguments


def server_job(state: State, request: Request) -> Reply:
    """A job: HTTP 200 even where it says FAIL."""
    _check_project(state, request)
    job = state.jobs.get(request.params["job"])
    if job is None:
        raise refusals.coded(400, "Common.0011", "The job does not exist.")
    parts = [
        {
            "status": part.status,
            "entities": {"server_id": part.server_id},
            "job_id": part.id,
            "job_type": f"{job.kind}Server",
            "begin_time": job_time(part.begin),
            "end_time": "" if part.end is None else job_time(part.end),
            "error_code": "Ecs.0100" if part.status == "FAIL" else None,
            "fail_reason": part.fail_reason,
        }
        for part in job.parts
    ]
    failed = next((part for part in job.parts if part.status == "FAIL"), None) if job.status == "FAIL" else None
    body = {
        "status": job.status,
        "entities": {"sub_jobs_total": len(parts), "sub_jobs": parts},
        "job_id": job.id,
        "job_type": f"batch{job.kind.capitalize()}Server",
        "begin_time": job_time(job.begin),
        "end_time": "" if job.end is None else job_time(job.end),
        "error_code": "Ecs.0100" if failed else None,
        "fail_reason": failed.fail_reason if failed else None,
    }
    return Reply(200, body)
