"""What to do about servers that a disk is attached to: stop them, leave them, or read the disk while they run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import Choices
from evs_tui.exports.power import power_of, server_name
from evs_tui.exports.statuses import IN_USE
from evs_tui.exports.wording import listed

Servers = Mapping[str, Server | None]
_LAST = 4


class Way(StrEnum):
    """One way to go about servers."""

    RESTART = "restart"
    STOP = "stop"
    RUNNING = "running"
    LEAVE = "leave"


WORDS: Mapping[Way, str] = {
    Way.RESTART: "stop, export, start again",
    Way.STOP: "stop and export, leave off",
    Way.RUNNING: "export while it runs",
    Way.LEAVE: "leave out what runs",
}


def ways_for(volumes: Sequence[Volume], servers: Servers) -> tuple[Way, ...]:
    """The ways there are, the first one preselected; none where no server is known to run.

    For one disk its server is stopped and started again; for several nothing is stopped unless that is chosen.
    """
    if not any(power_of(volume, servers).on for volume in volumes if volume.status == IN_USE):
        return ()
    if len(volumes) == 1:
        return (Way.RESTART, Way.STOP, Way.RUNNING)
    return (Way.LEAVE, Way.RESTART, Way.STOP)


def way_remark(way: Way, volumes: Sequence[Volume], servers: Servers) -> str:
    """What the way means for these servers, without a full stop."""
    running = {
        server.id: server_name(server)
        for volume in volumes
        if volume.status == IN_USE
        for server in power_of(volume, servers).on
    }
    count = len(running)
    names = listed(list(running.values()), most=2)
    run = f"{names} {'runs' if count == 1 else 'run'}"
    if way is Way.RUNNING:
        return f"{run}: at most as after a power cut, and typed for"
    if way is Way.LEAVE:
        return f"{run}: their disks are left out" if count > 1 else f"{run}: its disks are left out"
    both = "it stops" if count == 1 else "both stop" if count == 2 else f"all {count} stop"
    return f"{run}; {both} in the plan"


def with_way(choices: Choices, way: Way | None, volumes: Sequence[Volume]) -> Choices:
    """`choices` with what `way` means for them."""
    if way in {Way.RESTART, Way.STOP}:
        return replace(choices, force=False, stop_servers=True, restart_servers=way is Way.RESTART)
    if way is Way.RUNNING:
        return replace(choices, force=True, crash_consistent=volumes[0].id[-_LAST:])
    return choices


def way_of(choices: Choices) -> Way | None:
    """The way that choices made before stand for; None where they say nothing about running servers."""
    if choices.stop_servers:
        return Way.RESTART if choices.restart_servers else Way.STOP
    return Way.RUNNING if choices.crash_consistent is not None else None
