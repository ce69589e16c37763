"""Volumes and servers in the shapes that the rules distinguish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from evs_tui.cloud.models import Attachment, Server, Volume

NOW = datetime(2026, 11, 23, 14, 2, 33, tzinfo=UTC)


def volume(
    volume_id: str = "c2d85f07-3b1e-4c6a-9d42-7f10aa5e4f2a",
    name: str = "web-01-data",
    status: str = "available",
    size_gib: int = 200,
    *,
    servers: tuple[str, ...] = (),
    encrypted: bool = False,
    dedicated: bool = False,
    shared: bool = False,
    bootable: bool = False,
    os_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    volume_type: str | None = "SSD",
    zone: str | None = "eu-de-01",
    created_at: datetime | None = None,
) -> Volume:
    return Volume(
        id=volume_id,
        name=name,
        status=status,
        size_gib=size_gib,
        volume_type=volume_type,
        availability_zone=zone,
        attachments=tuple(Attachment(server_id) for server_id in servers),
        bootable=bootable,
        shared=shared,
        encrypted=encrypted,
        dedicated=dedicated,
        created_at=created_at,
        os_type=os_type,
        image_metadata=metadata or {},
        tags=tags or {},
    )


def server(server_id: str, name: str | None = None, status: str = "ACTIVE", task: str | None = None) -> Server:
    return Server(server_id, server_id if name is None else name, status, task)


def off(server_id: str, name: str | None = None) -> Server:
    return server(server_id, name, "SHUTOFF")


def known(*servers: Server) -> dict[str, Server | None]:
    return {one.id: one for one in servers}
