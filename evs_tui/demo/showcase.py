"""The disks, servers and images of `--demo`: a small web shop's project, believable down to the odd one out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from evs_tui.demo.inventory import LINUX_IMAGE, WINDOWS_IMAGE, attachment, uuid_from
from evs_tui.demo.records import Image, Inventory, Server, Volume

_SERVERS = {
    "web-01": "ACTIVE",
    "web-02": "SHUTOFF",
    "web-03": "ACTIVE",
    "db-01": "ACTIVE",
    "db-02": "SHUTOFF",
    "build-01": "SHUTOFF",
    "mail-01": "ACTIVE",
    "win-files": "SHUTOFF",
}
# name, GiB, status, servers, type, marks: b bootable, w Windows, e encrypted, s shared, d dedicated storage,
# f fails, k killed
_DISKS = """
web-01-root            |  40 | in-use     | web-01        | SSD   | b
web-01-data            | 200 | in-use     | web-01        | SSD   |
web-02-root            |  40 | in-use     | web-02        | SSD   | b
web-02-data            | 200 | in-use     | web-02        | SSD   |
web-03-root            |  40 | in-use     | web-03        | SSD   | b
web-shared-cluster     | 500 | in-use     | web-01 web-02 | SSD   | s
web-archive-2024       |  80 | available  |               | SATA  |
web-archive-2025       |  80 | available  |               | SATA  |
web-logs-生产环境      | 120 | available  |               | SAS   |
web-staging-root       |  40 | available  |               | SSD   | b
web-static             | 2048 | available |               | SATA  |
web-old-import         |  40 | error      |               | SAS   |
                       |  10 | available  |               | SAS   |
web-cache-01           |  20 | available  |               | ESSD  |
web-secure             |  60 | available  |               | SSD   | e
web-backup-mon         | 200 | backing-up | web-03        | SAS   |
db-01-root             |  40 | in-use     | db-01         | SSD   | b
db-01-data             | 1000 | in-use    | db-01         | ESSD  | e
db-01-wal              | 100 | in-use     | db-01         | ESSD  |
db-02-root             |  40 | in-use     | db-02         | SSD   | b
db-02-data             | 1000 | in-use    | db-02         | ESSD  |
db-replica-snapshot    | 1000 | available |               | SSD   |
db-migration-scratch   | 300 | retyping   |               | SAS   |
数据库-备份-01         | 400 | available  |               | SATA  |
生产环境-订单-数据     | 250 | available  |               | SSD   |
测试环境-系统盘        |  40 | available  |               | SAS   | b
build-01-root          |  60 | in-use     | build-01      | SSD   | b
build-01-cache         | 150 | in-use     | build-01      | SSD   |
build-artifacts        | 300 | available  |               | SATA  |
golden-ubuntu-24.04    |  20 | available  |               | SSD   | b
golden-windows-2022    |  60 | available  |               | SSD   | b w
mail-01-root           |  40 | in-use     | mail-01       | SAS   | b
mail-01-spool          | 120 | in-use     | mail-01       | SAS   |
win-files-root         |  80 | in-use     | win-files     | SSD   | b w
win-files-data         | 700 | in-use     | win-files     | SAS   | w
dss-ledger             | 100 | available  |               | SAS   | d
customer-handover-q3   |  30 | available  |               | SSD   |
training-lab-template  |  25 | available  |               | SAS   | b
old-erp-broken-backend |  50 | available  |               | SATA  | f
legacy-crm             |  35 | available  |               | SATA  | k
"""
_IMAGES = (
    ("golden-ubuntu-24.04-202509", "zvhd2", 20, 68),
    ("web-archive-2024-01", "qcow2", 80, 41),
    ("db-02-data-before-upgrade", "vhd", 1000, 12),
)


def showcase(now: float, *, owner: str, seed: int = 2026) -> Inventory:
    """The demo's inventory with ages counted back from `now` (seconds since 1970). `owner` is the project's id."""
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    servers = {name: Server(uuid_from(random), name, status) for name, status in _SERVERS.items()}
    lines = [line for line in _DISKS.strip("\n").splitlines() if line]
    volumes = [_disk(random, line, datetime.fromtimestamp(now, UTC), servers) for line in lines]
    volumes.sort(key=lambda volume: volume.created_at, reverse=True)
    images = []
    for name, disk_format, size, days in _IMAGES:
        made = now - days * 86_400
        images.append(
            Image(
                id=uuid_from(random),
                name=name,
                status="active",
                disk_format=disk_format,
                container_format="bare",
                owner=owner,
                created_at=made,
                updated_at=made + 900,
                active_at=made + 900,
                min_disk=size,
                size=int(size * 0.4 * 2**30),
                bootable=name.startswith("golden"),
            )
        )
    return Inventory(volumes, list(servers.values()), images)


def _disk(random: Random, line: str, now: datetime, servers: dict[str, Server]) -> Volume:
    name, size, status, attached, volume_type, marks = (piece.strip() for piece in line.split("|"))
    created = now - timedelta(
        days=random.randint(20, 700), seconds=random.randint(0, 86_399), microseconds=random.randint(0, 999_999)
    )
    updated = created + timedelta(days=random.randint(0, 19), seconds=random.randint(0, 40_000))
    written = created.strftime("%Y-%m-%dT%H:%M:%S.%f")
    volume = Volume(
        id=uuid_from(random),
        name=name,
        size=int(size),
        created_at=written,
        updated_at=updated.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        status=status,
        volume_type=volume_type,
        bootable="b" in marks,
        encrypted="e" in marks,
        multiattach="s" in marks,
        dedicated_storage="dss-pool-01" if "d" in marks else None,
        image_metadata=(WINDOWS_IMAGE if "w" in marks else LINUX_IMAGE) if "b" in marks else None,
        tags={"env": "prod", "team": name.split("-")[0]} if name.startswith(("web", "db")) else None,
    )
    names = attached.split()
    volume.attachments = tuple(
        attachment(random, servers[server].id, f"/dev/vd{'a' if volume.bootable else 'bcd'[k]}", written)
        for k, server in enumerate(names)
    )
    if "f" in marks:
        return replace(volume, outcome="fail")
    return replace(volume, outcome="killed") if "k" in marks else volume
