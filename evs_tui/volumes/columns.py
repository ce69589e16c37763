"""The columns of a volume list: the text of each, and how it sorts. Shared by the screens and the command line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

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


RowPart = Literal["volume", "verdict", "servers", "exported"]
"""What a column or a filter word looks at: long lists hand over that part alone, without building whole rows."""


class VolumeRow(NamedTuple):
    """One line of the list: a volume with its verdict and its servers' names (else the start of the id).

    `exported` is when it was last exported, as far as the journal and the images here tell.
    """

    volume: Volume
    verdict: Verdict
    servers: tuple[str, ...] = ()
    exported: datetime | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `part_text` is what a line shows of its part of the row, `part_key` how it sorts by it."""

    key: str
    title: str
    part: RowPart
    part_text: Callable[[Any], str]
    part_key: Callable[[Any], SortKey]
    right: bool = False

    def text(self, row: VolumeRow) -> str:
        """What `row` shows in this column."""
        return self.part_text(getattr(row, self.part))

    def sort_key(self, row: VolumeRow) -> SortKey:
        """How `row` sorts by this column."""
        return self.part_key(getattr(row, self.part))


@dataclass(frozen=True, slots=True)
class Sort:
    """Which column sorts, and in which direction."""

    key: str
    descending: bool = False


def volume_row(
    volume: Volume,
    dialect: Dialect,
    servers: Mapping[str, Server | None],
    *,
    exporting: bool = False,
    exported: datetime | None = None,
) -> VolumeRow:
    """The line of `volume`, with what `servers` knows (see `verdict`)."""
    found = verdict(volume, dialect, servers, exporting=exporting)
    return VolumeRow(volume, found, server_names(volume, servers), exported)


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


def _readiness(verdict: Verdict) -> str:
    return _RANK[verdict.state] + verdict.label


def _created(volume: Volume) -> str:
    return NOTHING if volume.created_at is None else volume.created_at.strftime("%Y-%m-%d %H:%M")


def exported_text(exported: datetime | None) -> str:
    """The day of the last export, `-` where none is known."""
    return NOTHING if exported is None else exported.strftime("%Y-%m-%d")


# What has no value sorts last.
COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column("name", "Name", "volume", lambda v: v.name or NO_NAME, lambda v: v.name.casefold() or _LAST),
        Column("status", "Status", "volume", lambda v: v.status, lambda v: v.status),
        Column("size", "Size", "volume", lambda v: size_text(v.size_gib), lambda v: v.size_gib, right=True),
        Column("type", "Type", "volume", lambda v: v.volume_type or NOTHING, lambda v: v.volume_type or _LAST),
        Column("az", "AZ", "volume", lambda v: v.availability_zone or NOTHING, lambda v: v.availability_zone or _LAST),
        Column("attached", "Attached to", "servers", attached_text, lambda s: s[0].casefold() if s else _LAST),
        Column("id", "ID", "volume", lambda v: v.id[:8], lambda v: v.id),
        Column("created", "Created", "volume", _created, lambda v: v.created_at or _NEVER),
        Column("exported", "Last export", "exported", exported_text, lambda exported: exported or _NEVER),
        Column("export", "Export", "verdict", lambda verdict: verdict.label, _readiness),
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
                "" if row.exported is None else exported_text(row.exported),
            )
        )
    )
