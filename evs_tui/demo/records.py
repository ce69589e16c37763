"""What the simulated cloud holds: volumes, servers, images. Plain data; the services write it as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["normal", "fail", "killed", "stuck"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """One server a volume is attached to. `attached_at` is a time as Cinder writes it."""

    server_id: str
    device: str
    attachment_id: str
    attached_at: str


@dataclass(slots=True)
class Volume:
    """One disk. Times are as Cinder writes them, `size` is in GiB.

    `outcome` says how an export of it ends. `changed` replaces or adds keys of its record on the wire and `missing`
    takes keys out, so that records as odd as real ones can be made.
    """

    id: str
    name: str
    size: int
    created_at: str
    updated_at: str | None = None
    status: str = "available"
    volume_type: str | None = "SSD"
    availability_zone: str = "eu-demo-01"
    attachments: tuple[Attachment, ...] = ()
    bootable: bool = False
    multiattach: bool = False
    encrypted: bool = False
    description: str | None = None
    image_metadata: dict[str, str] | None = None
    dedicated_storage: str | None = None
    metadata: dict[str, str] | None = None
    tags: dict[str, str] | None = None
    outcome: Outcome = "normal"
    changed: dict[str, Any] | None = None
    missing: tuple[str, ...] = ()

    @property
    def inherited_os_type(self) -> str | None:
        """The `__os_type` it got from the image it was made from, if any."""
        return (self.image_metadata or {}).get("__os_type")


@dataclass(slots=True)
class Server:
    """One server.

    `outcome` makes what was accepted fail afterwards: "refuses" a stop and a start, the others one of the two.
    `stopping` and `starting` are how long that takes, in seconds (None: as the cloud is set).
    Source: ECS API, Querying Details About an ECS; ECS Statuses.
    """

    id: str
    name: str
    status: str = "ACTIVE"
    task_state: str | None = None
    availability_zone: str = "eu-demo-01"
    locked: bool = False
    outcome: Literal["normal", "refuses", "refuses_stop", "refuses_start"] = "normal"
    stopping: float | None = None
    starting: float | None = None


@dataclass(slots=True)
class Image:
    """One image. Times are seconds since 1970, `size` is in bytes and known once it is active."""

    id: str
    name: str
    status: str
    disk_format: str
    container_format: str
    owner: str
    created_at: float
    updated_at: float
    min_disk: int
    volume_id: str | None = None
    size: int | None = None
    active_at: float | None = None
    os_type: str = "Linux"
    encrypted: bool = False
    bootable: bool = False
    protected: bool = False
    public: bool = False
    visibility: str = "private"
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Inventory:
    """What a cloud starts with."""

    volumes: list[Volume]
    servers: list[Server]
    images: list[Image] = field(default_factory=list)
