"""Servers: the ECS service, or Nova where there is none. Only reading."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from evs_tui.cloud.decoded import nonsense
from evs_tui.cloud.models import BadRecord, Page, Server, server_from
from evs_tui.cloud.operations import GET_CLOUDSERVER, GET_SERVER, LIST_CLOUDSERVERS, LIST_SERVERS
from evs_tui.cloud.paging import RawPage, pages, raw_page
from evs_tui.cloud.prepared import checked_id
from evs_tui.cloud.session import Session

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
