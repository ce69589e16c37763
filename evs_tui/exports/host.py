"""Is a server the machine that this program runs on? Told from files alone, without asking the network.

A virtual machine knows its own id from its firmware (DMI) or from what cloud-init left behind.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from evs_tui.cloud.models import Server
from evs_tui.text import clean

_PLAIN = (
    "sys/class/dmi/id/product_uuid",
    "sys/class/dmi/id/product_serial",
    "sys/hypervisor/uuid",
    "var/lib/cloud/data/instance-id",
)
_JSON = ("run/cloud-init/instance-data.json", "mnt/config/openstack/latest/meta_data.json")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Host:
    """This machine: the ids it may have as a server, in lower case, and its name."""

    ids: frozenset[str]
    name: str

    @classmethod
    def here(cls, root: Path = Path("/")) -> Host:
        """The machine this process runs on. What cannot be read is left out."""
        found = set(_ids(root))
        return cls(frozenset(found | {_swapped(one) for one in found}), clean(socket.gethostname()))

    def is_server(self, server_id: str) -> bool:
        """Whether the server is proved to be this machine."""
        return server_id.lower() in self.ids

    def may_be(self, server: Server) -> bool:
        """Whether the server bears this machine's name, which proves nothing and is worth a look."""
        return bool(self.name) and server.name.partition(".")[0].lower() == self.name.partition(".")[0].lower()


NOWHERE = Host(frozenset(), "")
"""A machine that is no server of any cloud."""


def _ids(root: Path) -> Iterator[str]:
    for name in _PLAIN:
        yield from _UUID.findall(_text(root / name).lower())
    for name in _JSON:
        yield from _uuids_in(_text(root / name))


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""


def _uuids_in(text: str) -> Iterable[str]:
    """The ids that a metadata file gives the machine itself; other ids stand in it too."""
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return ()
    if not isinstance(data, dict):
        return ()
    version, source = data.get("v1"), data.get("ds")
    meta = source.get("meta_data") if isinstance(source, dict) else None
    candidates = [data.get("uuid"), data.get("instance_id")]
    candidates += [version.get("instance_id")] if isinstance(version, dict) else []
    candidates += [meta.get("uuid"), meta.get("instance_id")] if isinstance(meta, dict) else []
    return [found.lower() for found in candidates if isinstance(found, str) and _UUID.fullmatch(found.lower())]


def _swapped(uuid: str) -> str:
    """The same id as old firmware writes it: the first three groups with their bytes turned round."""
    head, rest = uuid.split("-")[:3], uuid.split("-")[3:]
    return "-".join([*(bytes.fromhex(group)[::-1].hex() for group in head), *rest])
