"""Volumes and servers of any number and of the variety real projects have; the same for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from evs_tui.demo.records import Attachment, Inventory, Server, Volume

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEWEST = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
_ROLES = (
    "web",
    "db",
    "cache",
    "build",
    "mail",
    "shop",
    "search",
    "queue",
    "backup",
    "monitor",
    "生产环境",
    "测试",
    "数据库",
)
_PARTS = ("root", "data", "logs", "archive", "scratch", "系统盘", "数据盘")
_SIZES = (10, 20, 40, 40, 60, 80, 100, 200, 500, 1024, 2048)
_TYPES = ("SSD", "SSD", "SAS", "SATA", "ESSD", "GPSSD")
_ZONES = ("eu-demo-01", "eu-demo-02", "eu-demo-03")
_UNUSUAL = (
    "error",
    "creating",
    "backing-up",
    "retyping",
    "error_restoring",
    "uploading",
    "deleting",
    "half-baked",
    "reserved",
)
WINDOWS_IMAGE = {
    "__os_type": "Windows",
    "__os_version": "Windows Server 2022 Standard 64bit",
    "__platform": "Windows",
    "__os_bit": "64",
    "image_id": "d0b2c5a1-9e0f-4e76-bb1c-2c6f0f2f6a11",
    "image_name": "Standard_Windows_2022_latest",
    "min_disk": "40",
}
LINUX_IMAGE = {
    "__os_type": "Linux",
    "__os_version": "Ubuntu 24.04 server 64bit",
    "__platform": "Ubuntu",
    "__os_bit": "64",
    "image_id": "4f7b1c0e-5a36-4b5e-8f53-9a8b6f0c2d71",
    "image_name": "Standard_Ubuntu_24.04_latest",
    "min_disk": "10",
}


def uuid_from(random: Random) -> str:
    """A UUID drawn from `random`, version and variant set as a service would."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def _ages(random: Random) -> Iterator[tuple[str, str]]:
    moment = _NEWEST
    while True:
        moment -= timedelta(seconds=random.randint(30, 5000), microseconds=random.randint(0, 999_999))
        changed = moment + timedelta(seconds=random.randint(0, 20))
        yield moment.strftime("%Y-%m-%dT%H:%M:%S.%f"), changed.strftime("%Y-%m-%dT%H:%M:%S.%f")


def attachment(random: Random, server_id: str, device: str, attached_at: str) -> Attachment:
    """An attachment with an id of its own."""
    return Attachment(server_id, device, uuid_from(random), attached_at)


def volumes(n: int, seed: int = 1) -> Inventory:
    """`n` volumes, newest first, with about one server for every four.

    Of 20 disks some 9 are attached (a third of them to servers that are off, one in sixty to two servers), one has an
    unusual status, and now and then one is encrypted, on dedicated storage, over 1 TiB, tagged or without a name.
    """
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    servers = [
        Server(
            id=uuid_from(random),
            name=f"{_ROLES[i % len(_ROLES)]}-{i // len(_ROLES) + 1:02d}",
            status="SHUTOFF" if i % 3 == 2 else "ACTIVE",
            availability_zone=_ZONES[i % 3],
        )
        for i in range(n // 4 + (1 if n else 0))
    ]
    ages = _ages(random)
    return Inventory([_volume(random, i, next(ages), servers) for i in range(n)], servers)


def _volume(random: Random, i: int, age: tuple[str, str], servers: list[Server]) -> Volume:
    created, updated = age
    role, part = _ROLES[i % len(_ROLES)], _PARTS[(i // len(_ROLES)) % len(_PARTS)]
    volume = Volume(
        id=uuid_from(random),
        name=f"{role}-{i // 7 + 1:02d}-{part}",
        size=random.choice(_SIZES),
        created_at=created,
        updated_at=updated,
        volume_type=random.choice(_TYPES),
        availability_zone=_ZONES[i % 3],
    )
    draw = random.random()
    if draw < 0.45:
        count = 2 if draw < 0.015 and len(servers) > 1 else 1
        volume.status = "in-use"
        volume.multiattach = count == 2
        volume.attachments = tuple(
            attachment(random, server.id, f"/dev/vd{'abcdefgh'[(i + k) % 8]}", updated)
            for k, server in enumerate(random.sample(servers, count))
        )
    elif draw < 0.50:
        volume.status = random.choice(_UNUSUAL)
    _decorate(random.random(), i, volume)
    return volume


def _decorate(draw: float, i: int, volume: Volume) -> None:
    if volume.name.endswith(("root", "系统盘")):
        volume.bootable = True
        volume.image_metadata = WINDOWS_IMAGE if i % 5 == 0 else LINUX_IMAGE
    if draw < 0.04:
        volume.encrypted = True
    elif draw < 0.05:
        volume.dedicated_storage = "dss-pool-01"
    elif draw < 0.07:
        volume.name = ""
    elif draw < 0.30:
        volume.tags = {"env": "prod" if i % 2 else "test", "team": "shop"}
    if draw > 0.995:
        volume.volume_type, volume.updated_at = None, None


def hostile_volumes(seed: int = 7) -> list[Volume]:
    """Disks whose strings attack whoever shows them, and records with holes. For tests, never part of the demo."""
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    ages = _ages(random)
    names = (
        "[@click=app.quit]x[/]",
        "\x1b[2J\x1b]0;owned\x07red\x1b[31m",
        "\x9b31mc1\u202eexe.gpj\u2066",
        "two\nlines\ttab\r",
        "n" * 255,
        "数" * 255,
        "zero\u200bwidth\ufeff",
        "\ud800 lone surrogate",
    )
    made = []
    for name in names:
        created, updated = next(ages)
        made.append(Volume(uuid_from(random), name, 10, created, updated, tags={name: name}, description=name))
    created, updated = next(ages)
    holes = Volume(uuid_from(random), "null-lists", 10, created, updated)
    holes.changed = {"attachments": None, "metadata": None, "tags": None, "volume_image_metadata": None, "links": None}
    missing = Volume(uuid_from(random), "missing-keys", 10, created, updated)
    missing.missing = (
        "attachments",
        "metadata",
        "tags",
        "volume_image_metadata",
        "links",
        "bootable",
        "multiattach",
        "updated_at",
    )
    words = Volume(uuid_from(random), "numbers-as-strings", 10, created, updated)
    words.changed = {"size": "10", "multiattach": "false", "bootable": False}
    traversal = Volume(uuid_from(random), "bad-id", 10, created, updated)
    traversal.changed = {"id": "../../auth/tokens?x=1"}
    return [*made, holes, missing, words, traversal]
