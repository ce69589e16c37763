"""Why a volume is left out of a plan, in words for the review and for a script's log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.host import NOWHERE, Host
from evs_tui.exports.model import Choices, Sign, Verdict, VerdictState
from evs_tui.exports.power import Power, power_of, server_name, server_words
from evs_tui.exports.statuses import ENDED_BY, IN_USE, MISSING, is_error
from evs_tui.exports.wording import listed


@dataclass(frozen=True, slots=True)
class Means:
    """What may be done about a volume in use.

    `force`: export it where its servers are off. `stop`: stop those that run. `crash_consistent`: export it although
    they run, as a person confirmed for this very disk. `host` is the machine that must not be stopped.
    """

    force: bool = False
    stop: bool = False
    crash_consistent: bool = False
    host: Host = NOWHERE

    @classmethod
    def of(cls, choices: Choices, volume: Volume, host: Host) -> Means:
        """What `choices` allow for `volume`."""
        confirmed = choices.crash_consistent
        crash_consistent = choices.force and confirmed is not None and volume.id.endswith(confirmed)
        return cls(choices.force, choices.stop_servers, crash_consistent, host)


def block_reason(volume: Volume, verdict: Verdict, servers: Mapping[str, Server | None], means: Means) -> str | None:
    """Why `volume` cannot be exported now, without a full stop, or None where it can."""
    if verdict.state is VerdictState.READY:
        return None
    if verdict.state is VerdictState.BUSY:
        return "it is being exported already" if verdict.sign is Sign.BUSY else _passing_reason(volume.status)
    if volume.dedicated:
        return "it is on dedicated storage (DSS): no image can be made of it"
    if volume.status == IN_USE:
        return _in_use_reason(power_of(volume, servers), means)
    return _status_reason(volume.status)


def _passing_reason(status: str) -> str:
    if status in ENDED_BY:
        return f"its status is {status}, {ENDED_BY[status]}"
    return f"its status is {status}, which passes by itself: try again later"


def _status_reason(status: str) -> str:
    if status == MISSING:
        return "no disk of this project has this id"
    if is_error(status):
        return f"its status is {status}: repair it in the console first"
    return f'its status "{status}" is not known here'


def _in_use_reason(power: Power, means: Means) -> str | None:
    if power.to_stop:
        return None if means.crash_consistent else _on_reason(power, means)
    if not power.off:
        return "it is in use, but no server is named: detach it first"
    if means.force or means.stop:
        return None
    return f"its {'server is' if len(power.off) == 1 else 'servers are'} off: export it with --force"


def _on_reason(power: Power, means: Means) -> str | None:
    if power.on and not means.stop:
        return _running_reason(power.on)
    if power.unreadable:
        return _uncertain_reason(power.unreadable, "cannot be read")
    if power.unread:
        return _uncertain_reason(power.unread, "is not known yet")
    return _stop_reason(power.on, means.host)


def _stop_reason(on: tuple[Server, ...], host: Host) -> str | None:
    """Why one of these servers cannot be stopped for the export, or None."""
    for server in on:
        name = server_name(server)
        if host.is_server(server.id):
            return f"evs-tui runs on {name}, and does not stop its own machine: export it from elsewhere"
        if server.locked:
            return f"{name} is locked: have it unlocked first"
        if server.status != "ACTIVE" or server.task_state is not None:
            return f"{name} is {server_words(server)}, not simply running: wait or settle that first"
    return None


def _running_reason(on: tuple[Server, ...]) -> str:
    if len(on) == 1:
        return f"{server_name(on[0])} is {server_words(on[0])}: stop it first"
    words = {server_words(server) for server in on}
    state = words.pop() if len(words) == 1 else "not off"
    return f"{listed([server_name(server) for server in on])} are {state}: stop them first"


def _uncertain_reason(ids: tuple[str, ...], what: str) -> str:
    if len(ids) == 1:
        return f"the state of server {ids[0]} {what}, so it counts as running"
    return f"the state of servers {listed(ids)} {what}, so they count as running"
