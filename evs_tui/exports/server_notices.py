"""What to know before servers are stopped for a plan, or a disk is exported from under one that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evs_tui.cloud.models import Server
from evs_tui.exports.host import Host
from evs_tui.exports.model import Choices, Notice, PlannedExport
from evs_tui.exports.power import power_of, server_name
from evs_tui.exports.server_plan import servers_to_stop
from evs_tui.exports.wording import listed


def server_notices(
    exports: Sequence[PlannedExport], servers: Mapping[str, Server | None], choices: Choices, host: Host
) -> tuple[Notice, ...]:
    """The notices about servers, the gravest first."""
    stopped = servers_to_stop(exports, servers)
    found = [
        _crash_consistent(exports, servers),
        _down(stopped, restart=choices.restart_servers),
        _this_host([server for server in stopped if host.may_be(server)]),
        _force_after_stop(stopped),
        _guests(stopped),
    ]
    return tuple(notice for notice in found if notice is not None)


def _crash_consistent(exports: Sequence[PlannedExport], servers: Mapping[str, Server | None]) -> Notice | None:
    running = [item for item in exports if item.request is not None and item.crash_consistent]
    if not running:
        return None
    names = listed([server_name(server) for item in running for server in power_of(item.volume, servers).on])
    disk = running[0].volume.name or running[0].volume.id
    text = (
        f"{names or 'Its server'} goes on running while {disk} is read: the image will be as after a power cut, and it"
        " may be of no use. The vendor asks to stop the server first"
    )
    return Notice("yellow", "crash_consistent", text)


def _down(stopped: Sequence[Server], *, restart: bool) -> Notice | None:
    if not stopped:
        return None
    names = listed([server_name(server) for server in stopped])
    if restart:
        return Notice("yellow", "servers_stop", f"{names} will be down until the disks are free again")
    stays = "stays" if len(stopped) == 1 else "stay"
    return Notice("yellow", "servers_stay_off", f"{names} will be stopped and {stays} off afterwards")


def _this_host(named: Sequence[Server]) -> Notice | None:
    if not named:
        return None
    text = f"{listed([server_name(server) for server in named])} has the name of this machine: is it another one?"
    return Notice("yellow", "name_of_this_host", text)


def _force_after_stop(stopped: Sequence[Server]) -> Notice | None:
    if not stopped:
        return None
    text = (
        "The cloud may still refuse force once they are off; then they are started again first of all"
        if len(stopped) > 1
        else "The cloud may still refuse force once it is off; then it is started again first of all"
    )
    return Notice("yellow", "force_may_be_refused", text)


def _guests(stopped: Sequence[Server]) -> Notice | None:
    if not stopped:
        return None
    text = "A guest that ignores the request to shut down is switched off by the platform after some minutes"
    return Notice("info", "guest_switched_off", text)
