"""What to know before a plan is carried out. Each kind is said once, for all the disks that it concerns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.formats import BARE
from evs_tui.exports.model import Choices, Notice, PlannedExport, Request
from evs_tui.exports.names import has_undocumented_chinese
from evs_tui.exports.os_type import os_type_rule
from evs_tui.exports.verdict import is_large
from evs_tui.exports.wording import listed


def notices_of(
    exports: Sequence[PlannedExport],
    choices: Choices,
    dialect: Dialect,
    *,
    given: Sequence[Volume],
    existing_names: Collection[str],
) -> tuple[Notice, ...]:
    """The notices of a plan, the gravest first. `given` are the volumes as asked for, doubled ones included."""
    to_do = [(item.volume, item.request) for item in exports if item.request is not None]
    found = [
        _nothing_left(exports),
        *_system_types([volume for volume, _ in to_do], choices, dialect),
        _same_name(to_do, existing_names),
        _forced(to_do, choices, dialect),
        _encrypted([volume for volume, _ in to_do if volume.encrypted]),
        _shared([volume for volume, _ in to_do if volume.shared]),
        _large([volume for volume, _ in to_do if is_large(volume, dialect)]),
        _container(to_do),
        _chinese(to_do, dialect),
        _doubled(given),
    ]
    return tuple(notice for notice in found if notice is not None)


def _nothing_left(exports: Sequence[PlannedExport]) -> Notice | None:
    if not any(item.blocked for item in exports) or any(item.request for item in exports):
        return None
    return Notice("red", "nothing_left", "No disk is left to export; each one says why")


def _system_types(volumes: Sequence[Volume], choices: Choices, dialect: Dialect) -> list[Notice]:
    by_warning: dict[str, list[Volume]] = {}
    for volume in volumes:
        warning = os_type_rule(volume, dialect, choices.os_type).warning
        if warning is not None:
            by_warning.setdefault(warning, []).append(volume)
    return [Notice("yellow", "os_type", f"{_names(group)}: {warning}") for warning, group in by_warning.items()]


def _same_name(to_do: Sequence[tuple[Volume, Request]], existing_names: Collection[str]) -> Notice | None:
    taken = [request.image_name for _, request in to_do if request.image_name in existing_names]
    if not taken:
        return None
    exist = f"An image named {taken[0]} exists" if len(taken) == 1 else f"Images named {listed(taken)} exist"
    return Notice("yellow", "name_exists", f"{exist} already: if the answer is lost they cannot be told apart")


def _forced(to_do: Sequence[tuple[Volume, Request]], choices: Choices, dialect: Dialect) -> Notice | None:
    forced = [volume for volume, request in to_do if request.force]
    if not forced or dialect.huawei_style or choices.stop_servers:
        # Where servers are stopped it is said with the stop.
        return None
    text = f"{_names(forced)}: force is refused here unless the operator of the cloud has allowed it"
    return Notice("yellow", "force_may_be_refused", text)


def _encrypted(volumes: Sequence[Volume]) -> Notice | None:
    if not volumes:
        return None
    too = "its image will be" if len(volumes) == 1 else "their images will be"
    is_are = "is" if len(volumes) == 1 else "are"
    return Notice("yellow", "encrypted", f"{_names(volumes)} {is_are} encrypted: {too} encrypted too")


def _shared(volumes: Sequence[Volume]) -> Notice | None:
    if not volumes:
        return None
    is_are = "is a shared disk" if len(volumes) == 1 else "are shared disks"
    text = f"{_names(volumes)} {is_are}: no server may write to it while the image is made"
    return Notice("info", "shared", text)


def _large(volumes: Sequence[Volume]) -> Notice | None:
    if not volumes:
        return None
    is_are = "is" if len(volumes) == 1 else "are"
    return Notice("yellow", "over_1_tib", f"{_names(volumes)} {is_are} over 1 TiB: some clouds refuse that")


def _container(to_do: Sequence[tuple[Volume, Request]]) -> Notice | None:
    other = next((request.container_format for _, request in to_do if request.container_format != BARE), None)
    if other is None:
        return None
    text = f"Container format {other}: the image service documents bare alone, so this may be refused"
    return Notice("yellow", "container_format", text)


def _chinese(to_do: Sequence[tuple[Volume, Request]], dialect: Dialect) -> Notice | None:
    named = [request.image_name for _, request in to_do if has_undocumented_chinese(request.image_name, dialect)]
    if not named:
        return None
    text = f"{listed(named)}: {dialect.title} does not list Chinese characters for image names; it may refuse them"
    return Notice("yellow", "chinese_name", text)


def _doubled(given: Sequence[Volume]) -> Notice | None:
    seen: set[str] = set()
    doubled: dict[str, Volume] = {}
    for volume in given:
        if volume.id in seen:
            doubled.setdefault(volume.id, volume)
        seen.add(volume.id)
    if not doubled:
        return None
    was = "was given more than once and is taken" if len(doubled) == 1 else "were given more than once and are taken"
    return Notice("info", "given_twice", f"{_names(list(doubled.values()))} {was} once")


def _names(volumes: Sequence[Volume]) -> str:
    return listed([volume.name or volume.id for volume in volumes])
