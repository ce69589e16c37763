"""The plan: for each volume the request, or why it is left out; the steps in words; what to know beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.blocking import Means, block_reason
from evs_tui.exports.formats import BARE, container_format_problem, disk_format_problem, encryption_problem
from evs_tui.exports.host import NOWHERE, Host
from evs_tui.exports.model import Choices, Plan, PlannedExport, Request
from evs_tui.exports.names import name_problem
from evs_tui.exports.notices import notices_of
from evs_tui.exports.os_type import os_type_problem, os_type_rule
from evs_tui.exports.power import power_of
from evs_tui.exports.problem import Problem
from evs_tui.exports.server_notices import server_notices
from evs_tui.exports.server_plan import Manner, steps_of
from evs_tui.exports.statuses import IN_USE
from evs_tui.exports.templates import expanded
from evs_tui.exports.verdict import verdict


def plan_exports(
    volumes: Sequence[Volume],
    choices: Choices,
    dialect: Dialect,
    *,
    servers: Mapping[str, Server | None],
    now: datetime,
    open_exports: Collection[str] = (),
    existing_names: Collection[str] = (),
    succeeded: Collection[str] = (),
    host: Host = NOWHERE,
    stop_patience_s: float = 600.0,
) -> Plan:
    """What will happen when `volumes` are exported with `choices`.

    `servers` is read as by `verdict`. `open_exports` are the ids of volumes with an open export of ours,
    `succeeded` those with a succeeded export whose image still exists, `existing_names` the names of private
    images. An available volume is exported as it is, one in use only with force and when each of its servers
    is known to be off, or may be stopped, but never `host`, the machine that this runs on. Choices that no disk can
    have (a format, a system type) block every disk; check them beforehand where that is a usage error.
    """
    unique = list({volume.id: volume for volume in volumes}.values())
    planned = [
        _planned(
            volume,
            expanded(choices.name, volume, dialect, now, index=index, count=len(unique)),
            choices,
            dialect,
            servers,
            open_exports=open_exports,
            existing_names=existing_names,
            succeeded=succeeded,
            host=host,
        )
        for index, volume in enumerate(unique, start=1)
    ]
    exports = _without_twins(planned)
    notices = notices_of(exports, choices, dialect, given=volumes, existing_names=existing_names)
    return Plan(
        exports=tuple(exports),
        steps=steps_of(exports, servers, Manner(choices.restart_servers, stop_patience_s)),
        notices=(*server_notices(exports, servers, choices, host), *notices),
    )


def volume_name(volume: Volume) -> str:
    """The volume's name, or its id where it has none."""
    return volume.name or volume.id


def _planned(
    volume: Volume,
    name: str,
    choices: Choices,
    dialect: Dialect,
    servers: Mapping[str, Server | None],
    *,
    open_exports: Collection[str],
    existing_names: Collection[str],
    succeeded: Collection[str],
    host: Host,
) -> PlannedExport:
    facts = verdict(volume, dialect, servers, exporting=volume.id in open_exports)
    if choices.skip_existing:
        skipped = _skip_reason(volume, name, open_exports, existing_names, succeeded)
        if skipped is not None:
            return PlannedExport(volume, facts, None, skipped=skipped)
    means = Means.of(choices, volume, host)
    blocked = block_reason(volume, facts, servers, means)
    if blocked is not None:
        return PlannedExport(volume, facts, None, blocked=blocked)
    request = Request(
        image_name=name,
        disk_format=choices.disk_format or dialect.preferred_format,
        container_format=choices.container_format or BARE,
        # A disk that gets attached after this review must not be exported from under a running server.
        force=(choices.force or choices.stop_servers) and volume.status == IN_USE,
        os_type=os_type_rule(volume, dialect, choices.os_type).value_to_send,
    )
    problem = _request_problem(request, volume, choices, dialect)
    if problem is not None:
        return PlannedExport(volume, facts, None, blocked=problem)
    running = means.crash_consistent and bool(power_of(volume, servers).to_stop)
    return PlannedExport(volume, facts, request, crash_consistent=running)


def _skip_reason(
    volume: Volume,
    name: str,
    open_exports: Collection[str],
    existing_names: Collection[str],
    succeeded: Collection[str],
) -> str | None:
    if volume.id in open_exports:
        return "it is being exported already"
    if volume.id in succeeded:
        return "it was exported before and the image still exists"
    return f'an image named "{name}" exists already' if name in existing_names else None


def _request_problem(request: Request, volume: Volume, choices: Choices, dialect: Dialect) -> str | None:
    disk_format = disk_format_problem(request.disk_format, dialect)
    container = container_format_problem(request.container_format, dialect)
    os_type = None if choices.os_type is None else os_type_problem(choices.os_type)
    problem: Problem | None = disk_format or container or os_type
    if problem is None and volume.encrypted:
        problem = encryption_problem(request.disk_format, request.container_format, dialect)
    if problem is not None:
        return problem.text
    name = name_problem(request.image_name, dialect)
    return None if name is None else f"its image name breaks the rule: {name.text}"


def _without_twins(planned: Sequence[PlannedExport]) -> list[PlannedExport]:
    """Block every disk whose image would bear the same name as another's: afterwards nobody could tell them apart."""
    names = Counter(item.request.image_name for item in planned if item.request is not None)
    return [
        replace(
            item,
            request=None,
            blocked=f'its image name "{item.request.image_name}" comes {_times(names[item.request.image_name])}:'
            " put {id8} or {index} into the template",
        )
        if item.request is not None and names[item.request.image_name] > 1
        else item
        for item in planned
    ]


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"
