"""Volumes, images, servers and projects as the rest of the program sees them: typed, cleaned, tolerant of the wire.

A record enters through one of the `*_from` functions. They accept every oddity that the vendors' pages and
real servers show (missing keys, null lists, numbers as text, `""` for null) and raise `BadRecord` only where
the record cannot be identified. Every string is cleaned here and shortened nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, TypeVar

from evs_tui.clock import parse_time
from evs_tui.text import clean, is_id

T = TypeVar("T")
_NO_STRINGS: Mapping[str, str] = {}


class BadRecord(ValueError):
    """A record without a usable id: it is skipped and counted."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One server that a volume is attached to."""

    server_id: str
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A disk. Sizes are GiB (the vendor writes GB). `os_type` is what the disk inherited from its image."""

    id: str
    name: str
    status: str
    size_gib: int
    description: str | None = None
    volume_type: str | None = None
    availability_zone: str | None = None
    attachments: tuple[Attachment, ...] = ()
    bootable: bool = False
    shared: bool = False
    encrypted: bool = False
    dedicated: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    os_type: str | None = None
    image_metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image:
    """A private image. `size_bytes` is known late, often only when the image is active."""

    id: str
    name: str
    status: str
    disk_format: str | None = None
    container_format: str | None = None
    size_bytes: int | None = None
    min_disk_gib: int | None = None
    os_type: str | None = None
    encrypted: bool = False
    origin_volume_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """A server. While it stops it is still ACTIVE with a task; only SHUTOFF without a task is off.

    Source: ECS API, ECS Statuses.
    """

    id: str
    name: str
    status: str
    task_state: str | None = None
    locked: bool = False
    volume_ids: tuple[str, ...] = ()

    @property
    def is_off(self) -> bool:
        """Off and settled: its disks no longer change."""
        return self.status == "SHUTOFF" and self.task_state is None


@dataclass(frozen=True, slots=True)
class ImageQuota:
    """How many private images the project has, and how many it may have; below 0 means as many as it likes."""

    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class ServerJob:
    """The cloud's job behind a stop or a start. Source: ECS API, Querying Task Execution Status."""

    status: str
    reason: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status in {"INIT", "RUNNING"}

    @property
    def has_failed(self) -> bool:
        """Whether it ended without having done all it should."""
        return self.status == "FAIL"


@dataclass(frozen=True, slots=True)
class Project:
    """A project the user may work in."""

    id: str
    name: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `skipped` records could not be read; `total` is the cloud's own count, if it gives one.

    `marker` is the id after which the list goes on, also where its record could not be read.
    """

    items: tuple[T, ...]
    skipped: int = 0
    total: int | None = None
    marker: str | None = None


def volume_from(record: object) -> Volume:
    """A volume from EVS or Cinder. Source: EVS API, Querying Details About All Disks; Cinder API, volumes.

    Raises:
        BadRecord: the record is no object or has no usable id.
    """
    fields = _object(record)
    metadata = _mapping(fields.get("metadata"))
    image_metadata = _strings(fields.get("volume_image_metadata"))
    inherited = image_metadata.get("__os_type")
    return Volume(
        id=_id(fields),
        name=_text(fields.get("name")) or "",
        status=_word(fields.get("status")) or "unknown",
        size_gib=_number(fields.get("size")) or 0,
        description=_text(fields.get("description")) or None,
        volume_type=_word(fields.get("volume_type")) or None,
        availability_zone=_word(fields.get("availability_zone")) or None,
        attachments=_attachments(fields.get("attachments")),
        bootable=_flag(fields.get("bootable")),
        shared=_flag(fields.get("multiattach")) or _flag(fields.get("shareable")),
        # The vendor calls `encrypted` unsupported and decides by the metadata; plain Cinder sets the field.
        encrypted=_flag(metadata.get("__system__encrypted")) or _flag(fields.get("encrypted")),
        dedicated=_text(fields.get("service_type")) in {"DSS", "DESS"}
        or bool(_text(fields.get("dedicated_storage_id"))),
        created_at=parse_time(fields.get("created_at")),
        updated_at=parse_time(fields.get("updated_at")),
        os_type=sys.intern(inherited.lower()) if inherited else None,
        image_metadata=image_metadata,
        tags=_strings(fields.get("tags")),
    )


def image_from(record: object) -> Image:
    """An image from IMS or Glance. Source: IMS API, Querying Images; Glance API v2, Show image.

    Raises:
        BadRecord: the record is no object or has no usable id.
    """
    fields = _object(record)
    origin = (_text(fields.get("__data_origin")) or "").split(",")
    return Image(
        id=_id(fields),
        name=_text(fields.get("name")) or "",
        status=_text(fields.get("status")) or "unknown",
        disk_format=_text(fields.get("disk_format")) or None,
        container_format=_text(fields.get("container_format")) or None,
        # IMS leaves `size` at 0 and writes the real one, as text, when the image is nearly done.
        size_bytes=_number(fields.get("__image_size")) or _number(fields.get("size")) or None,
        min_disk_gib=_number(fields.get("min_disk")) or None,
        os_type=_text(fields.get("__os_type")) or None,
        encrypted=bool(_text(fields.get("__system__cmkid"))),
        origin_volume_id=origin[1] if len(origin) == 2 and origin[0] == "volume" and is_id(origin[1]) else None,
        created_at=parse_time(fields.get("created_at")),
        updated_at=parse_time(fields.get("updated_at")),
    )


def image_quota_from(answer: object) -> ImageQuota:
    """The quota of private images. Source: IMS API, Querying the Image Quota.

    Raises:
        BadRecord: the answer tells of no quota of the type `image`.
    """
    resources = _object(_object(answer).get("quotas")).get("resources")
    for row in resources if isinstance(resources, list) else ():
        fields = row if isinstance(row, dict) else {}
        used, limit = _number(fields.get("used")), _number(fields.get("quota"))
        if fields.get("type") == "image" and used is not None and limit is not None:
            return ImageQuota(used, limit)
    raise BadRecord("no quota of images")


def server_from(record: object) -> Server:
    """A server from ECS or Nova. Source: ECS API, Querying Details About an ECS.

    Raises:
        BadRecord: the record is no object or has no usable id.
    """
    fields = _object(record)
    return Server(
        id=sys.intern(_id(fields)),
        name=_text(fields.get("name")) or "",
        status=_text(fields.get("status")) or "UNKNOWN",
        task_state=_text(fields.get("OS-EXT-STS:task_state")) or None,
        locked=_flag(fields.get("locked")),
        volume_ids=_ids(fields.get("os-extended-volumes:volumes_attached")),
    )


def server_job_from(record: object) -> ServerJob:
    """The job behind a stop or start. Source: ECS API, Querying Task Execution Status.

    A batch may fail in part: then the words are those of the first part that failed.

    Raises:
        BadRecord: the record is no object.
    """
    fields = _object(record)
    parts = _mapping(fields.get("entities")).get("sub_jobs")
    failed = [part for part in parts if _is_failed(part)] if isinstance(parts, list) else []
    reasons = [_text(part.get("fail_reason")) for part in (fields, *failed)]
    status = _text(fields.get("status")) or "UNKNOWN"
    return ServerJob("FAIL" if failed else status, next((reason for reason in reasons if reason), None))


def project_from(record: object) -> Project:
    """A project from IAM or Keystone. Source: IAM API, Querying the List of Projects Accessible to Users.

    Raises:
        BadRecord: the record is no object or has no usable id.
    """
    fields = _object(record)
    return Project(id=_id(fields), name=_text(fields.get("name")) or "", enabled=fields.get("enabled") is not False)


def _object(record: object) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise BadRecord("not an object")
    return record


def _id(fields: Mapping[str, Any]) -> str:
    value = fields.get("id")
    if not is_id(value):
        raise BadRecord("no usable id")
    return str(value)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value:
        return _NO_STRINGS
    return _shared(tuple([(clean(str(key)), clean(str(item))) for key, item in value.items() if item is not None]))


@lru_cache(maxsize=1024)
def _shared(items: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """One mapping for all records that say the same, as the disks of one image do: nobody may change it."""
    return {sys.intern(key): sys.intern(item) for key, item in items}


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return clean(value)
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _word(value: object) -> str | None:
    """A text of few different ones, held once however many records say it: on long lists that saves megabytes."""
    text = _text(value)
    return None if text is None else sys.intern(text)


def _number(value: object) -> int | None:
    """A count that may come as text. Text of absurd length is no number (and would be slow to convert)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and len(value) <= 20 and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    return None


def _flag(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in {"true", "1"})


def _is_failed(part: object) -> bool:
    return isinstance(part, dict) and part.get("status") == "FAIL"


def _ids(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(str(entry["id"]) for entry in entries if isinstance(entry, dict) and is_id(entry.get("id")))


def _attachments(value: object) -> tuple[Attachment, ...]:
    if not isinstance(value, list) or not value:
        return ()
    return tuple(
        Attachment(server_id=sys.intern(entry["server_id"]), device=_word(entry.get("device")) or None)
        for entry in value
        if isinstance(entry, dict) and is_id(entry.get("server_id"))
    )
