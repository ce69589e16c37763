"""The columns of a volume list: the text of each, and how it sorts. Shared by the screens and the command line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import Verdict, VerdictState
from evs_tui.exports.power import server_name
from evs_tui.exports.problem import Problem
from evs_tui.exports.verdict import verdict
from evs_tui.text import clean

NO_NAME = "(no name)"
NOTHING = "-"
_LAST = "\U0010ffff"
_NEVER = datetime.max.replace(tzinfo=UTC)
_RANK = {state: str(rank) for rank, state in enumerate(VerdictState)}

SortKey = Any
"""Comparable with the other keys of its column."""


class VolumeRow(NamedTuple):
    """One line of the list: a volume with its verdict and its servers' names (else the start of the id)."""

    volume: Volume
    verdict: Verdict
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `text` is what a line shows, `sort_key` how it sorts.

    `volume_key` or `verdict_key` is the same key from the volume or the verdict alone, where that decides: much
    quicker on long lists.
    """

    key: str
    title: str
    text: Callable[[VolumeRow], str]
    sort_key: Callable[[VolumeRow], SortKey]
    volume_key: Callable[[Volume], SortKey] | None = None
    verdict_key: Callable[[Verdict], SortKey] | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """Which column sorts, and in which direction."""

    key: str
    descending: bool = False


def volume_row(
    volume: Volume, dialect: Dialect, servers: Mapping[str, Server | None], *, exporting: bool = False
) -> VolumeRow:
    """The line of `volume`, with what `servers` knows (see `verdict`)."""
    return VolumeRow(volume, verdict(volume, dialect, servers, exporting=exporting), server_names(volume, servers))


def server_names(volume: Volume, servers: Mapping[str, Server | None]) -> tuple[str, ...]:
    """The names of the servers that `volume` is attached to; the start of the id where no name is known."""
    if not volume.attachments:
        return ()
    if len(volume.attachments) == 1:
        return (_server_name(volume.attachments[0].server_id, servers),)
    ids = dict.fromkeys(attachment.server_id for attachment in volume.attachments)
    return tuple(_server_name(server_id, servers) for server_id in ids)


def server_texts(volume: Volume, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the volume's servers and then their ids, for searching."""
    return (*names, *(attachment.server_id for attachment in volume.attachments))


def _server_name(server_id: str, servers: Mapping[str, Server | None]) -> str:
    server = servers.get(server_id)
    return server_id[:8] if server is None else server_name(server)


def size_text(size_gib: int) -> str:
    """A size with its unit: `2,048 GiB`."""
    return f"{size_gib:,} GiB"


def attached_text(servers: tuple[str, ...]) -> str:
    """`web-01`, `web-01 +1` for two servers, `-` for none."""
    if not servers:
        return NOTHING
    return servers[0] if len(servers) == 1 else f"{servers[0]} +{len(servers) - 1}"


def _plain(
    key: str,
    title: str,
    text: Callable[[Volume], str],
    volume_key: Callable[[Volume], SortKey],
    *,
    right: bool = False,
) -> Column:
    """A column that needs nothing but the volume."""
    return Column(
        key, title, lambda row: text(row.volume), lambda row: volume_key(row.volume), volume_key=volume_key, right=right
    )


def _readiness(verdict: Verdict) -> str:
    return _RANK[verdict.state] + verdict.label


def _created(volume: Volume) -> str:
    return NOTHING if volume.created_at is None else volume.created_at.strftime("%Y-%m-%d %H:%M")


# What has no value sorts last.
COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        _plain("name", "Name", lambda v: v.name or NO_NAME, lambda v: v.name.casefold() or _LAST),
        _plain("status", "Status", lambda v: v.status, lambda v: v.status),
        _plain("size", "Size", lambda v: size_text(v.size_gib), lambda v: v.size_gib, right=True),
        _plain("type", "Type", lambda v: v.volume_type or NOTHING, lambda v: v.volume_type or _LAST),
        _plain("az", "AZ", lambda v: v.availability_zone or NOTHING, lambda v: v.availability_zone or _LAST),
        Column(
            "attached",
            "Attached to",
            lambda row: attached_text(row.servers),
            lambda row: row.servers[0].casefold() if row.servers else _LAST,
        ),
        _plain("id", "ID", lambda v: v.id[:8], lambda v: v.id),
        _plain("created", "Created", _created, lambda v: v.created_at or _NEVER),
        Column(
            "export",
            "Export",
            lambda row: row.verdict.label,
            lambda row: _readiness(row.verdict),
            verdict_key=_readiness,
        ),
    )
}
"""Every column by its key. Times are UTC."""


def parse_sort(text: str) -> Sort | Problem:
    """A sort order as typed: `size`, `-size` or `size:desc` for the other direction."""
    key, _, direction = text.strip().casefold().removeprefix("-").partition(":")
    if key not in COLUMNS:
        close = get_close_matches(key, COLUMNS, n=1)
        hint = f"did you mean {close[0]} ?" if close else None
        return Problem(f'"{clean(key)}" is no column: choose {", ".join(COLUMNS)}', hint=hint)
    if direction not in {"", "asc", "desc"}:
        return Problem(f'"{clean(direction)}" is no direction: write {key}:asc or {key}:desc')
    return Sort(key, descending=text.strip().startswith("-") or direction == "desc")


def folded(text: str) -> str:
    """`text` as it is compared when searching: without case, and accents in one spelling."""
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text.casefold())


def search_text(row: VolumeRow) -> str:
    """Everything that a plain filter word is looked for in: the text of every column, folded, and the whole id."""
    volume = row.volume
    size = size_text(volume.size_gib)
    return folded(
        "\x1f".join(
            (
                volume.name or NO_NAME,
                volume.status,
                size if volume.size_gib < 1000 else f"{size} {volume.size_gib}",
                volume.volume_type or "",
                volume.availability_zone or "",
                *row.servers,
                volume.id,
                row.verdict.label,
            )
        )
    )
