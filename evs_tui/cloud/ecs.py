"""Servers: the ECS service, or Nova where there is none."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from evs_tui.cloud.answers import Answer
from evs_tui.cloud.decoded import nonsense
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import BadRecord, Page, Server, ServerJob, server_from, server_job_from
from evs_tui.cloud.operations import (
    GET_CLOUDSERVER,
    GET_SERVER,
    GET_SERVER_JOB,
    LIST_CLOUDSERVERS,
    LIST_SERVERS,
    START_CLOUDSERVER,
    START_SERVER,
    STOP_CLOUDSERVER,
    STOP_SERVER,
)
from evs_tui.cloud.paging import RawPage, pages, raw_page
from evs_tui.cloud.prepared import checked_id
from evs_tui.cloud.session import Session
from evs_tui.failure import Failure

_ECS_LIMIT = 200
_NOVA_LIMIT = 1000


async def read_server(session: Session, server_id: str) -> Server:
    """One server.

    Source: ECS API, Querying Details About an ECS; elsewhere Compute API, Show Server Details.

    Raises:
        CloudError: its state cannot be read; also where the cloud has no service for servers.
    """
    checked_id(server_id, "server_id")
    operation = GET_CLOUDSERVER if (await session.sign_in()).dialect.huawei_style else GET_SERVER
    answer = await session.read(operation, ids={"server_id": server_id})
    try:
        server = server_from(answer.get("server") if isinstance(answer, dict) else None)
    except BadRecord:
        raise nonsense(operation, "the answer holds no server") from None
    if server.id != server_id:
        raise nonsense(operation, "the answer is about another server")
    return server


async def stop_server(session: Session, server_id: str, *, deadline: float) -> Answer:
    """Ask a server to shut down, softly; a job sees to it where the cloud works with jobs. Never raises.

    Source: ECS API, Stopping ECSs in a Batch; elsewhere Compute API, Stop Server, which is soft by itself.
    """
    if await _is_huawei_style(session):
        body = {"os-stop": {"type": "SOFT", "servers": [{"id": server_id}]}}
        return await session.send(STOP_CLOUDSERVER, body=body, deadline=deadline)
    return await session.send(STOP_SERVER, ids={"server_id": server_id}, body={"os-stop": None}, deadline=deadline)


async def start_server(session: Session, server_id: str, *, deadline: float) -> Answer:
    """Start a server. Never raises.

    Source: ECS API, Starting ECSs in a Batch; elsewhere Compute API, Start Server.
    """
    if await _is_huawei_style(session):
        body = {"os-start": {"servers": [{"id": server_id}]}}
        return await session.send(START_CLOUDSERVER, body=body, deadline=deadline)
    return await session.send(START_SERVER, ids={"server_id": server_id}, body={"os-start": None}, deadline=deadline)


async def read_server_job(session: Session, job_id: str) -> ServerJob | None:
    """The job behind a stop or start; None where the cloud does not know it any more.

    Source: ECS API, Querying Task Execution Status. A failed job is answered with HTTP 200 like any other.

    Raises:
        CloudError: it cannot be read.
    """
    checked_id(job_id, "job_id")
    try:
        return server_job_from(await session.read(GET_SERVER_JOB, ids={"job_id": job_id}))
    except BadRecord:
        raise nonsense(GET_SERVER_JOB, "the answer is no job") from None
    except CloudError as error:
        if error.kind in {ErrorKind.MISSING, ErrorKind.INVALID}:
            return None
        raise


async def _is_huawei_style(session: Session) -> bool:
    """Known since the sign-in; without one nothing can be sent in any style, and `send` says why."""
    try:
        return (await session.sign_in()).dialect.huawei_style
    except Failure:
        return True


async def list_servers(session: Session) -> AsyncGenerator[Page[Server], None]:
    """All servers of the project.

    Source: ECS API, Querying Details About ECSs (its `offset` is the number of a page, from 1); elsewhere Compute API,
    List Servers Detailed.
    """
    huawei_style = (await session.sign_in()).dialect.huawei_style
    operation = LIST_CLOUDSERVERS if huawei_style else LIST_SERVERS
    received = 0

    async def by_number(_marker: str | None, limit: int) -> RawPage:
        nonlocal received
        query = (("limit", str(limit)), ("offset", str(received // limit + 1)))
        page = raw_page(operation, await session.read(operation, query=query), "servers")
        received += len(page.records)
        return page

    async def by_marker(marker: str | None, limit: int) -> RawPage:
        query = [("limit", str(limit))] + ([] if marker is None else [("marker", marker)])
        return raw_page(operation, await session.read(operation, query=query), "servers", "servers_links")

    fetch, limit = (by_number, _ECS_LIMIT) if huawei_style else (by_marker, _NOVA_LIMIT)
    async with aclosing(pages(operation, fetch, server_from, first_limit=limit, next_limit=limit)) as source:
        async for page in source:
            yield page
