"""Reads the facts that a plan rests on, and plans: disks, servers, open exports, images of the same name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from evs_tui.clock import Clock
from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.host import NOWHERE, Host
from evs_tui.exports.model import Choices, Place, Plan
from evs_tui.exports.plan import plan_exports
from evs_tui.exports.ports import Cloud

K = TypeVar("K")
V = TypeVar("V")
_READS_AT_ONCE = 6
MISSING_STATUS = "missing"


class History(Protocol):
    """What the journal knows that matters for a plan."""

    async def open_volume_ids(self, place: Place) -> Collection[str]:
        """The volumes of this project that an open job exports."""

    async def succeeded_images(self, place: Place, volume_id: str) -> Sequence[str]:
        """The ids of the images that succeeded jobs made of this volume."""


async def gather_and_plan(
    volume_ids: Sequence[str],
    choices: Choices,
    *,
    dialect: Dialect,
    cloud: Cloud,
    history: History,
    place: Place,
    clock: Clock,
    host: Host = NOWHERE,
    stop_patience_s: float = 600.0,
) -> Plan:
    """Read what the plan needs and plan it. An id that nobody knows becomes a volume of status `missing`, blocked.

    Raises:
        CloudError: a volume or the image list could not be read.
    """
    volumes = await _volumes(volume_ids, cloud)
    servers = await _servers(volumes, cloud)
    open_exports = await history.open_volume_ids(place)
    exported = await _exported(volumes, history, place, cloud) if choices.skip_existing else frozenset[str]()
    now = clock.now()

    def planned(existing_names: Collection[str]) -> Plan:
        return plan_exports(
            volumes,
            choices,
            dialect,
            servers=servers,
            open_exports=open_exports,
            existing_names=existing_names,
            succeeded=exported,
            now=now,
            host=host,
            stop_patience_s=stop_patience_s,
        )

    names = {item.request.image_name for item in planned(()).to_do if item.request is not None}
    return planned(await _taken_names(names, cloud))


async def volume_with_servers(volume_id: str, cloud: Cloud) -> tuple[Volume, Mapping[str, Server | None]]:
    """One volume, of status `missing` where there is none, and the servers it is attached to (None: unreadable).

    Raises:
        CloudError: the volume could not be read.
    """
    volume = await _volume_or_missing(volume_id, cloud)
    return volume, await _servers([volume], cloud)


async def _volumes(volume_ids: Sequence[str], cloud: Cloud) -> Sequence[Volume]:
    found = await _read_all(dict.fromkeys(volume_ids), lambda volume_id: _volume_or_missing(volume_id, cloud))
    return [found[volume_id] for volume_id in volume_ids]


async def _volume_or_missing(volume_id: str, cloud: Cloud) -> Volume:
    try:
        return await cloud.read_volume(volume_id)
    except CloudError as error:
        if error.kind is not ErrorKind.MISSING:
            raise
        return Volume(id=volume_id, name="", status=MISSING_STATUS, size_gib=0)


async def _servers(volumes: Sequence[Volume], cloud: Cloud) -> Mapping[str, Server | None]:
    wanted = dict.fromkeys(attachment.server_id for volume in volumes for attachment in volume.attachments)
    return await _read_all(wanted, lambda server_id: _server_or_none(server_id, cloud))


async def _server_or_none(server_id: str, cloud: Cloud) -> Server | None:
    try:
        return await cloud.read_server(server_id)
    except CloudError:
        return None  # a server whose state cannot be read counts as running; the rule says so in words


async def _exported(volumes: Sequence[Volume], history: History, place: Place, cloud: Cloud) -> frozenset[str]:
    """The volumes that a job of ours exported before and whose image is still there."""
    done = set()
    for volume in volumes:
        images = await history.succeeded_images(place, volume.id)
        for image_id in images:
            if await cloud.read_image(image_id) is not None:
                done.add(volume.id)
                break
    return frozenset(done)


async def _taken_names(names: Iterable[str], cloud: Cloud) -> frozenset[str]:
    found = await _read_all(dict.fromkeys(names), cloud.images_named)
    return frozenset(name for name, images in found.items() if images)


async def _read_all(keys: Iterable[K], read: Callable[[K], Awaitable[V]]) -> dict[K, V]:
    """`read` of every key, a few at a time."""
    room = asyncio.Semaphore(_READS_AT_ONCE)

    async def one(key: K) -> V:
        async with room:
            return await read(key)

    ordered = list(keys)
    return dict(zip(ordered, await asyncio.gather(*(one(key) for key in ordered)), strict=True))
