"""Disks: the EVS service, and the Cinder service behind it or in its place."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from evs_tui.cloud.answers import Answer
from evs_tui.cloud.decoded import nonsense
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import BadRecord, Page, Volume, volume_from
from evs_tui.cloud.operations import (
    EXPORT,
    GET_VENDOR_VOLUME,
    GET_VOLUME,
    LIST_CLOUDVOLUMES,
    LIST_VOLUMES,
    MESSAGES,
    Operation,
)
from evs_tui.cloud.paging import NEXT_LIMIT, RawPage, pages, raw_page
from evs_tui.cloud.prepared import Query, checked_id
from evs_tui.cloud.session import Session
from evs_tui.failure import Failure
from evs_tui.text import excerpt

IDS_AT_ONCE = 60
SINGLY = 30
_UPLOAD_EVENT = "VOLUME_VOLUME_003"


async def list_volumes(session: Session, after: str | None = None) -> AsyncGenerator[Page[Volume], None]:
    """All volumes of the project: a first page of 100 at once, then 1,000 at a time.

    `after` is the marker of a page (see `Page.marker`), to go on where a reading broke off.

    Source: EVS API, Querying Details About All Disks; elsewhere Cinder API, volumes, with details.
    """
    operation = await _list_operation(session)

    async def fetch(marker: str | None, limit: int) -> RawPage:
        query = [("limit", str(limit))]
        if marker is not None:
            query.append(("marker", marker))
        return await _page(session, operation, query)

    async with aclosing(pages(operation, fetch, volume_from, after=after)) as source:
        async for page in source:
            yield page


async def read_volume(session: Session, volume_id: str) -> Volume:
    """One volume, as richly as the cloud describes it.

    Source: EVS API, Querying Details About a Disk; elsewhere Cinder API, volumes, Show a volume's details.

    Raises:
        CloudError: of kind MISSING where there is none in this project.
    """
    checked_id(volume_id, "volume_id")
    operation = GET_VENDOR_VOLUME if (await session.sign_in()).dialect.huawei_style else GET_VOLUME
    try:
        answer = await session.read(operation, ids={"volume_id": volume_id})
    except CloudError as error:
        # Not every cloud of this family has the richer call; its gateway then knows no such address.
        if operation is not GET_VENDOR_VOLUME or not (error.code or "").startswith("APIGW.01"):
            raise
        operation = GET_VOLUME
        answer = await session.read(operation, ids={"volume_id": volume_id})
    record = answer.get("volume") if isinstance(answer, dict) else None
    try:
        volume = volume_from(record)
    except BadRecord:
        raise nonsense(operation, "the answer holds no volume") from None
    if volume.id != volume_id:
        raise nonsense(operation, "the answer is about another volume")
    return volume


async def read_volumes(session: Session, volume_ids: Sequence[str]) -> Mapping[str, Volume]:
    """As many of these volumes as one call per 60 tells of. What is absent must be asked for singly.

    Huawei-style clouds take `ids=['a','b']` and skip those they do not know. Plain Cinder has no such filter: there one
    page of the volumes that are `uploading` is read, and a volume that is not on it has left that state.
    Source: EVS API, Querying Details About All Disks; Cinder API, volumes, with details.
    """
    wanted = list(dict.fromkeys(checked_id(volume_id, "volume_id") for volume_id in volume_ids))
    found: dict[str, Volume] = {}
    if not wanted:
        return found
    operation = await _list_operation(session)
    queries: list[Query] = [(("status", "uploading"), ("limit", str(NEXT_LIMIT)))]
    if operation is LIST_CLOUDVOLUMES:
        parts = [wanted[start : start + IDS_AT_ONCE] for start in range(0, len(wanted), IDS_AT_ONCE)]
        queries = [(("ids", "[" + ",".join(f"'{one}'" for one in part) + "]"),) for part in parts]
    for query in queries:
        for record in (await _page(session, operation, query)).records:
            try:
                volume = volume_from(record)
            except BadRecord:
                continue
            # A cloud that ignores the filter answers with rows that nobody asked for.
            if volume.id in wanted:
                found[volume.id] = volume
    return found


async def read_again(session: Session, volume_ids: Sequence[str]) -> tuple[Mapping[str, Volume], frozenset[str]]:
    """These volumes as they are now, and the ids of those that are gone. What could not be found out is in neither.

    What the call for many does not tell of is asked for singly, but no more than `SINGLY` of them.
    """
    found = dict(await read_volumes(session, volume_ids))
    gone = set()
    for volume_id in [volume_id for volume_id in volume_ids if volume_id not in found][:SINGLY]:
        try:
            found[volume_id] = await read_volume(session, volume_id)
        except CloudError as error:
            if error.kind is not ErrorKind.MISSING:
                raise
            gone.add(volume_id)
    return found, frozenset(gone)


async def export_volume(
    session: Session, volume_id: str, body: Mapping[str, Mapping[str, str | bool]], *, deadline: float
) -> Answer:
    """Send the export `body` once and say what its answer proves.

    Source: EVS API, Exporting EVS Disk Data as an Image; Cinder API, volumes, Upload volume to image.
    """
    return await session.send(EXPORT, ids={"volume_id": volume_id}, body=body, deadline=deadline)


async def failure_reason(session: Session, volume_id: str) -> str | None:
    """The cloud's own words on the newest failed upload of this volume, or None. Never raises a failure.

    Source: Cinder API, messages (from microversion 3.3). Huawei-style clouds announce that version but do not
    document the call; whatever they answer instead means: no reason known.
    """
    try:
        answer = await session.read(MESSAGES, headers={"OpenStack-API-Version": "volume 3.3"})
    except Failure:
        return None
    messages = answer.get("messages") if isinstance(answer, dict) else None
    found = [
        message
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, dict)
        and message.get("resource_uuid") == volume_id
        and str(message.get("event_id")).startswith(_UPLOAD_EVENT)
        and isinstance(message.get("user_message"), str)
    ]
    newest: dict[str, Any] | None = max(found, key=lambda message: str(message.get("created_at")), default=None)
    return None if newest is None else excerpt(newest["user_message"])


async def _list_operation(session: Session) -> Operation:
    return LIST_CLOUDVOLUMES if (await session.sign_in()).dialect.huawei_style else LIST_VOLUMES


async def _page(session: Session, operation: Operation, query: Query) -> RawPage:
    return raw_page(operation, await session.read(operation, query=query), "volumes", "volumes_links")
