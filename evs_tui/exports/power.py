"""What is known of the servers that a volume is attached to, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evs_tui.cloud.models import Server, Volume

_WORDS = {
    "ACTIVE": "running",
    "PAUSED": "paused",
    "SUSPENDED": "suspended",
    "REBOOT": "rebooting",
    "HARD_REBOOT": "rebooting",
    "RESIZE": "being resized",
    "VERIFY_RESIZE": "being resized",
    "MIGRATING": "moving to another host",
    "BUILD": "being made",
    "REBUILD": "being rebuilt",
    "RESCUE": "in rescue mode",
}
_STOPPING = frozenset({"powering-off", "stopping"})
_STARTING = frozenset({"powering-on", "starting"})


@dataclass(frozen=True, slots=True)
class Power:
    """The servers of one volume, by what is known of them. Only `off` ones no longer write to it.

    `on` are known and not off; of `unreadable` ones the state cannot be read, `unread` ones were not asked yet.
    """

    off: tuple[Server, ...] = ()
    on: tuple[Server, ...] = ()
    unreadable: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def to_stop(self) -> tuple[str, ...]:
        """The ids of all servers that are not known to be off; they count as running."""
        return (*(server.id for server in self.on), *self.unreadable, *self.unread)


def power_of(volume: Volume, servers: Mapping[str, Server | None]) -> Power:
    """Sort the volume's servers by what `servers` knows: id to server, None where its state cannot be read."""
    off: list[Server] = []
    on: list[Server] = []
    unreadable: list[str] = []
    unread: list[str] = []
    for server_id in dict.fromkeys(attachment.server_id for attachment in volume.attachments):
        server = servers.get(server_id)
        if server is not None:
            (off if server.is_off else on).append(server)
        else:
            (unreadable if server_id in servers else unread).append(server_id)
    return Power(tuple(off), tuple(on), tuple(unreadable), tuple(unread))


def is_stopping(server: Server) -> bool:
    """Whether it is on its way to being off."""
    return server.task_state in _STOPPING


def is_starting(server: Server) -> bool:
    """Whether it is on its way to running."""
    return server.task_state in _STARTING


def state_of(server: Server) -> str:
    """Status and task as the cloud names them, for the journal: `ACTIVE`, `ACTIVE powering-off`."""
    return server.status if server.task_state is None else f"{server.status} {server.task_state}"


def server_name(server: Server) -> str:
    """The server's name, or the start of its id where it has none."""
    return server.name or server.id[:8]


def server_words(server: Server) -> str:
    """What the server does, as a sentence has it: `off`, `running`, `stopping`, `paused`, `busy`, `in status ERROR`."""
    if server.is_off:
        return "off"
    if server.task_state in _STOPPING:
        return "stopping"
    if server.task_state in _STARTING:
        return "starting"
    if server.status == "SHUTOFF":
        return "busy"
    return _WORDS.get(server.status, f"in status {server.status}")
