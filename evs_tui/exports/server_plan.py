"""Which servers a plan stops and starts again: one stop and one start a server, however many disks need it off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import PlannedExport, PlannedStep, Request, StepKind, Terms
from evs_tui.exports.power import power_of, server_name

UNDO = "cannot be called back; the disk itself is not changed"
_NOTHING = "nothing is changed by this"
Servers = Mapping[str, Server | None]


@dataclass(frozen=True, slots=True)
class Manner:
    """How servers are treated: started again afterwards or not, and how long a stop may take."""

    restart: bool
    patience_s: float


@dataclass(slots=True)
class _Group:
    """Exports that are tied together because they share servers."""

    exports: list[PlannedExport] = field(default_factory=list)
    servers: dict[str, Server] = field(default_factory=dict)


def steps_of(exports: Sequence[PlannedExport], servers: Servers, manner: Manner) -> tuple[PlannedStep, ...]:
    """The steps of a plan in their order: a server stands still from right before its disks until right after."""
    steps: list[PlannedStep] = []
    for group in _groups(exports, servers):
        steps += _steps_of_group(group, manner, len(steps) + 1)
    return tuple(steps)


def servers_to_stop(exports: Sequence[PlannedExport], servers: Servers) -> list[Server]:
    """The servers that the plan stops, each once."""
    return [server for group in _groups(exports, servers) for server in group.servers.values()]


def _groups(exports: Sequence[PlannedExport], servers: Servers) -> list[_Group]:
    groups: list[_Group] = []
    for item in exports:
        if item.request is None:
            continue
        in_the_way = item.request.force and not item.crash_consistent
        on = {server.id: server for server in power_of(item.volume, servers).on} if in_the_way else {}
        tied = [group for group in groups if group.servers.keys() & on.keys()]
        if not tied:
            groups.append(_Group([item], on))
            continue
        first, *others = tied
        for other in others:
            first.exports += other.exports
            first.servers |= other.servers
            groups.remove(other)
        first.exports.append(item)
        first.servers |= on
    return groups


def _steps_of_group(group: _Group, manner: Manner, first_no: int) -> Iterator[PlannedStep]:
    stops = {server_id: first_no + place for place, server_id in enumerate(group.servers)}
    waits = {server_id: no + len(stops) for server_id, no in stops.items()}
    exports = [(first_no + 2 * len(stops) + place, item) for place, item in enumerate(group.exports)]
    frees = {no: no + len(exports) for no, _ in exports} if stops else {}
    starts = {server_id: first_no + 2 * len(stops) + 2 * len(exports) + place for place, server_id in enumerate(stops)}
    for server_id, server in group.servers.items():
        yield _stop(server, stops[server_id], starts[server_id], manner)
    for server_id, server in group.servers.items():
        yield _wait(server, waits[server_id], stops[server_id], manner)
    for no, item in exports:
        yield _export(no, item, tuple(waits[one] for one in _attached(item.volume) if one in waits))
    for no, item in exports:
        if no in frees:
            yield _free(frees[no], no, item.volume)
    for server_id, server in group.servers.items():
        needs = [frees[no] for no, item in exports if server_id in _attached(item.volume)]
        yield _start(server, starts[server_id], stops[server_id], (waits[server_id], *needs), manner)


def _stop(server: Server, no: int, start_no: int, manner: Manner) -> PlannedStep:
    undo = f"step {start_no} starts it again" if manner.restart else "evs-tui jobs restore starts it again"
    return PlannedStep(
        no, StepKind.STOP, server.id, server_name(server), f"Stop {server_name(server)}, soft", undo,
        terms=Terms(was=server.status),
    )  # fmt: skip


def _wait(server: Server, no: int, stop_no: int, manner: Manner) -> PlannedStep:
    limit = f"at most {max(1, round(manner.patience_s / 60))} min"
    changes = f"Wait until {server_name(server)} is off, {limit}"
    undo = "if it stays on: nothing is sent, what was stopped is started again"
    return PlannedStep(no, StepKind.WAIT_STOPPED, server.id, server_name(server), changes, undo, (stop_no,))


def _export(no: int, item: PlannedExport, needs: tuple[int, ...]) -> PlannedStep:
    request, name = item.request, _name(item.volume)
    if request is None:
        raise ValueError(item.volume.id)
    forced = tuple(_attached(item.volume)) if request.force else ()
    return PlannedStep(
        no=no,
        kind=StepKind.EXPORT,
        target_id=item.volume.id,
        target_name=name,
        changes=f"Export {name} to {request.image_name} ({_manner(request)})",
        undo=UNDO,
        needs=needs,
        request=request,
        terms=Terms(servers=forced, crash_consistent=item.crash_consistent),
    )


def _free(no: int, export_no: int, volume: Volume) -> PlannedStep:
    changes = f"Wait until {_name(volume)} is free again"
    return PlannedStep(no, StepKind.WAIT_VOLUME, volume.id, _name(volume), changes, _NOTHING, (export_no,))


def _start(server: Server, no: int, stop_no: int, needs: tuple[int, ...], manner: Manner) -> PlannedStep:
    name = server_name(server)
    when = "when its disks are free again" if manner.restart else "only if nothing could be exported"
    undo = f"only if step {stop_no} stopped it"
    terms = Terms(was=server.status, kept_off=not manner.restart)
    return PlannedStep(no, StepKind.START, server.id, name, f"Start {name} {when}", undo, needs, terms=terms)


def _attached(volume: Volume) -> list[str]:
    return list(dict.fromkeys(attachment.server_id for attachment in volume.attachments))


def _manner(request: Request) -> str:
    return ", ".join([request.disk_format, request.container_format, *(["force"] if request.force else [])])


def _name(volume: Volume) -> str:
    return volume.name or volume.id
