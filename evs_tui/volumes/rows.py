"""The volumes of a list with what is worked out of each: verdict, servers' names, text to search. Lazily, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import Verdict
from evs_tui.exports.statuses import TRANSIENT
from evs_tui.exports.verdict import verdict
from evs_tui.volumes.attached import AttachedRows
from evs_tui.volumes.columns import RowPart, VolumeRow, search_text, server_names, server_texts


class VolumeRows:
    """Rows in the order in which they arrived, each known by its number and by its volume's id."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.volumes: list[Volume] = []
        self._numbers: dict[str, int] = {}
        self._verdicts: list[Verdict | None] = []
        self._same: dict[Verdict, Verdict] = {}
        # "" is a text that was not worked out yet; none is empty, as each holds an id.
        self._texts: list[str] = []
        self._prepared = 0
        self._servers: dict[str, Server | None] = {}
        self._attached = AttachedRows()
        self._exporting: frozenset[str] = frozenset()
        self._exported: Mapping[str, datetime] = {}

    def __len__(self) -> int:
        return len(self.volumes)

    def number_of(self, volume_id: str) -> int | None:
        """The row's number, or None where no such volume is listed."""
        return self._numbers.get(volume_id)

    def row(self, number: int) -> VolumeRow:
        """The row as the columns want it."""
        volume = self.volumes[number]
        names = server_names(volume, self._servers)
        return VolumeRow(volume, self.verdict(number), names, self._exported.get(volume.id))

    def parts(self, part: RowPart, numbers: Iterable[int] | None = None) -> Iterable[Any]:
        """That part of these rows, of all in their order for None, as `VolumeRow` has it."""
        if part == "volume":
            return self.volumes if numbers is None else map(self.volumes.__getitem__, numbers)
        chosen = range(len(self.volumes)) if numbers is None else numbers
        if part == "verdict":
            return self.verdicts(chosen)
        if part == "exported":
            volumes, exported = self.volumes, self._exported
            return [exported.get(volumes[number].id) for number in chosen]
        volumes, servers = self.volumes, self._servers
        return [server_names(volume, servers) if (volume := volumes[number]).attachments else () for number in chosen]

    def verdict(self, number: int) -> Verdict:
        """The volume's verdict with what is known of its servers now."""
        found = self._verdicts[number]
        if found is None:
            volume = self.volumes[number]
            found = verdict(volume, self.dialect, self._servers, exporting=volume.id in self._exporting)
            # The disks of one server share a verdict; on long lists that saves megabytes.
            found = self._verdicts[number] = self._same.setdefault(found, found)
        return found

    def verdicts(self, numbers: Iterable[int]) -> list[Verdict]:
        """The verdicts of these rows, in their order."""
        return [self._verdicts[number] or self.verdict(number) for number in numbers]

    def servers(self, numbers: Iterable[int]) -> Iterable[tuple[str, ...]]:
        """The names and then the ids of the servers that each of these volumes is attached to."""
        volumes, servers = self.volumes, self._servers
        return [
            server_texts(volume, server_names(volume, servers)) if (volume := volumes[number]).attachments else ()
            for number in numbers
        ]

    def texts(self, numbers: Sequence[int]) -> Sequence[str]:
        """What plain filter words are looked for in, by number; those of `numbers` are there, others may be empty."""
        texts = self._texts
        if self._prepared < len(texts):
            for number in numbers:
                if not texts[number]:
                    texts[number] = search_text(self.row(number))
            if len(numbers) == len(texts):
                self._prepared = len(texts)
        return texts

    def prepare(self, most: int) -> bool:
        """Work out the texts of at most `most` more rows; whether there is more to do."""
        end = min(len(self.volumes), self._prepared + most)
        self.texts(range(self._prepared, end))
        self._prepared = end
        return end < len(self.volumes)

    def put(self, volumes: Iterable[Volume]) -> frozenset[str]:
        """Add volumes, or replace those that are listed; the ids of those that are new or differ."""
        changed = set()
        for volume in volumes:
            number = self._numbers.get(volume.id)
            if number is None:
                self._numbers[volume.id] = len(self.volumes)
                self.volumes.append(volume)
                self._attached.append(volume)
                self._verdicts.append(None)
                self._texts.append("")
            elif self.volumes[number] == volume:
                continue
            else:
                if self.volumes[number].attachments != volume.attachments:
                    self._attached.replace(number, volume)
                self.volumes[number] = volume
                self._forget_all([number])
            changed.add(volume.id)
        return frozenset(changed)

    def keep(self, volume_ids: Iterable[str]) -> frozenset[str] | None:
        """Keep these volumes alone, in this order, and forget the others; their ids. None: that is how it was."""
        numbers = list(map(self._numbers.__getitem__, volume_ids))
        if numbers == list(range(len(self.volumes))):
            return None
        self.volumes = [self.volumes[number] for number in numbers]
        self._verdicts = [self._verdicts[number] for number in numbers]
        self._texts = [self._texts[number] for number in numbers]
        self._prepared = 0
        self._attached = AttachedRows()
        for volume in self.volumes:
            self._attached.append(volume)
        before = self._numbers
        self._numbers = {volume.id: number for number, volume in enumerate(self.volumes)}
        return frozenset(before.keys() - self._numbers.keys())

    def set_servers(self, servers: Mapping[str, Server | None]) -> frozenset[str]:
        """What is known of servers from now on; the ids of the volumes whose row may have changed."""
        gone = self._servers.keys() - servers.keys()
        for server_id in gone:
            del self._servers[server_id]
        return self.add_servers(servers, gone)

    def add_servers(self, servers: Mapping[str, Server | None], gone: Iterable[str] = ()) -> frozenset[str]:
        """What is known of some more servers; the ids of the volumes whose row may have changed."""
        known = self._servers
        differ = [one for one, server in servers.items() if one not in known or known[one] != server]
        known.update(servers)
        numbers = self._attached.rows_of([*differ, *gone])
        if numbers:
            self._same.clear()
        return self._forget_all(numbers)

    def set_exporting(self, volume_ids: Collection[str]) -> frozenset[str]:
        """The volumes with an open export of ours from now on; the ids of those whose row may have changed."""
        before, self._exporting = self._exporting, frozenset(volume_ids)
        numbers = (self._numbers.get(volume_id) for volume_id in before ^ self._exporting)
        return self._forget_all([number for number in numbers if number is not None])

    def set_exported(self, exported: Mapping[str, datetime]) -> frozenset[str]:
        """When volumes were last exported, by id, from now on; the ids of those for which that differs."""
        before, self._exported = self._exported, dict(exported)
        differ = [
            volume_id
            for volume_id in before.keys() | exported.keys()
            if before.get(volume_id) != exported.get(volume_id)
        ]
        numbers = [number for volume_id in differ if (number := self._numbers.get(volume_id)) is not None]
        self._forget_texts(numbers)
        return frozenset([self.volumes[number].id for number in numbers])

    def attached_servers(self) -> AbstractSet[str]:
        """The ids of all servers that a listed volume is, or lately was, attached to."""
        return self._attached.servers

    def passing(self) -> frozenset[str]:
        """The ids of the volumes whose status will change by itself, unless an export of ours is why."""
        exporting = self._exporting
        return frozenset(
            [volume.id for volume in self.volumes if volume.status in TRANSIENT and volume.id not in exporting]
        )

    def _forget_texts(self, numbers: Collection[int]) -> None:
        for number in numbers:
            self._texts[number] = ""
        self._prepared = min(self._prepared, min(numbers, default=self._prepared))

    def _forget_all(self, numbers: Collection[int]) -> frozenset[str]:
        for number in numbers:
            self._verdicts[number] = None
        self._forget_texts(numbers)
        return frozenset([self.volumes[number].id for number in numbers])
