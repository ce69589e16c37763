"""The model behind a table of volumes: rows that stream in, and a view of them, sorted and filtered."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import compress

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Page, Server, Volume
from evs_tui.volumes.columns import COLUMNS, Sort, SortKey, VolumeRow
from evs_tui.volumes.filter_terms import Term
from evs_tui.volumes.filtering import Filter
from evs_tui.volumes.rows import VolumeRows


@dataclass(frozen=True, slots=True)
class Counts:
    """How many volumes are shown, held, announced by the cloud (None: it does not say) and skipped as unreadable."""

    shown: int
    total: int
    expected: int | None
    skipped: int


class VolumeListing:
    """Volumes as a table shows them: `view` holds the numbers of the rows shown, in their order.

    Pages are appended as they come and show at once at the end. What changes in place does not move by itself:
    `settle` sorts and filters anew, as does every new filter or sort order. A row's number is good until `finish`;
    what must last longer (a cursor, marks) is kept by id.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._rows = VolumeRows(dialect)
        self.view: Sequence[int] = range(0)
        self.sort: Sort | None = None
        self.filter = Filter()
        self.as_of: datetime | None = None
        """When the list was last read to its end."""
        self.is_reading = False
        self._settled = True
        self._orders: dict[str, Sequence[int]] = {}
        self._seen: dict[str, None] = {}
        self._marker: str | None = None
        self._expected: int | None = None
        self._skipped = 0

    # Rows

    def begin(self, *, resumed: bool = False) -> None:
        """A reading of the whole list begins, the first one or a refresh; what is listed stays until `finish`.

        `resumed`: it goes on after `marker`, where the last one broke off.
        """
        if not resumed:
            self._seen, self._skipped, self._marker = {}, 0, None
        self.is_reading = True

    @property
    def marker(self) -> str | None:
        """Where a reading that broke off can go on: see `Page.marker`. None: only from the beginning."""
        return self._marker

    def append(self, page: Page[Volume]) -> frozenset[str]:
        """Take in a page: new volumes at the end, listed ones replaced. The ids of those that are new or differ."""
        self._seen.update(dict.fromkeys([volume.id for volume in page.items]))
        self._skipped += page.skipped
        self._marker = page.marker or self._marker
        self._expected = self._expected if page.total is None else page.total
        return self.put(page.items)

    def put(self, volumes: Iterable[Volume]) -> frozenset[str]:
        """Take in single volumes that were read again; the ids of those that are new or differ."""
        before = len(self._rows)
        changed = self._rows.put(volumes)
        if changed:
            self._changed(changed, added=range(before, len(self._rows)))
        return changed

    def remove(self, volume_ids: Collection[str]) -> None:
        """Forget single volumes that are gone."""
        gone = set(volume_ids)
        self._kept(self._rows.keep([volume.id for volume in self._rows.volumes if volume.id not in gone]))
        self.settle()

    def finish(self, as_of: datetime, *, complete: bool = True) -> frozenset[str]:
        """The reading ended, and shows how things were at `as_of`; the ids of the volumes that are gone.

        An incomplete reading proves nothing about what did not come: it stays, and `as_of` does not change.
        """
        self.is_reading = False
        gone: frozenset[str] = frozenset()
        if complete:
            # A disk that was read singly in the meantime, and is on no page, is gone or comes next time.
            gone = self._kept(self._rows.keep(self._seen))
            self.as_of = as_of
            self._seen, self._marker = {}, None
        self.settle()
        return gone

    def _kept(self, gone: frozenset[str] | None) -> frozenset[str]:
        """Rows have new numbers, unless `gone` is None."""
        if gone is None:
            return frozenset()
        self._orders.clear()
        self._settled = False
        return gone

    def set_servers(self, servers: Mapping[str, Server | None]) -> frozenset[str]:
        """What is known of servers (see `verdict`); the ids of the volumes whose row may have changed."""
        return self._changed(self._rows.set_servers(servers))

    def set_exporting(self, volume_ids: Collection[str]) -> frozenset[str]:
        """The volumes with an open export of ours; the ids of those whose row may have changed."""
        return self._changed(self._rows.set_exporting(volume_ids))

    def set_exported(self, exported: Mapping[str, datetime]) -> frozenset[str]:
        """When volumes were last exported, by id; the ids of those whose row changed."""
        return self._changed(self._rows.set_exported(exported))

    def add_servers(self, servers: Mapping[str, Server | None]) -> frozenset[str]:
        """What is known of some more servers; the ids of the volumes whose row may have changed."""
        return self._changed(self._rows.add_servers(servers))

    def attached_servers(self) -> AbstractSet[str]:
        """The ids of all servers that a listed volume is, or lately was, attached to."""
        return self._rows.attached_servers()

    def passing(self) -> frozenset[str]:
        """The ids of the volumes whose status will change by itself, unless an export of ours is why."""
        return self._rows.passing()

    def hidden(self, volume_ids: Collection[str]) -> int:
        """How many of these volumes are not shown."""
        numbers = {number for volume_id in volume_ids if (number := self._rows.number_of(volume_id)) is not None}
        return len(volume_ids) - len(numbers.intersection(self.view))

    def values(self, part: Callable[[Volume], str | None]) -> frozenset[str]:
        """The different values that a part of the volumes has."""
        return frozenset(filter(None, map(part, self._rows.volumes)))

    def row(self, number: int) -> VolumeRow:
        """The row with this number, as the columns want it."""
        return self._rows.row(number)

    def id_of(self, number: int) -> str:
        """The id of the volume in the row with this number."""
        return self._rows.volumes[number].id

    def number_of(self, volume_id: str) -> int | None:
        """The number of the volume's row, shown or not; None where it is not listed."""
        return self._rows.number_of(volume_id)

    def volumes(self, volume_ids: Collection[str]) -> list[Volume]:
        """The listed ones of these volumes, in the order in which they arrived."""
        numbers = (self._rows.number_of(volume_id) for volume_id in volume_ids)
        return [self._rows.volumes[number] for number in sorted(number for number in numbers if number is not None)]

    @property
    def counts(self) -> Counts:
        """How many are shown, held, expected and skipped."""
        return Counts(len(self.view), len(self._rows), self._expected, self._skipped)

    # View

    def index_of(self, volume_id: str) -> int | None:
        """The volume's place in `view`, or None where it is not shown."""
        number = self._rows.number_of(volume_id)
        if number is None:
            return None
        try:
            return self.view.index(number)
        except ValueError:
            return None

    def sort_by(self, sort: Sort | None) -> None:
        """Sort the view; None is the order in which the cloud sends."""
        self.sort, self._settled = sort, False
        self.settle()

    def filter_by(self, new: Filter) -> None:
        """Show what matches `new`. Where it only narrows the filter before, just the rows shown are looked at."""
        narrows = self._settled and new.narrows(self.filter)
        base = self.view if narrows else self._order()
        self.filter = new
        self._show(self._passing(new, base))

    def settle(self) -> bool:
        """Sort and filter anew if anything changed since; whether there was reason to."""
        if self._settled:
            return False
        self._show(self._passing(self.filter, self._order()))
        return True

    def prepare(self, most: int = 500) -> bool:
        """Work out the texts of some rows ahead of the first filter; whether there is more to do. For idle moments."""
        return self._rows.prepare(most)

    def _changed(self, changed: frozenset[str], added: range = range(0)) -> frozenset[str]:
        if changed:
            self._orders.clear()
            plain = self.sort is None and self.filter.is_empty
            self._settled = self._settled and plain
            if added:
                more = self._passing(self.filter, added)
                self.view = range(added.stop) if plain else [*self.view, *more]
        return changed

    def _show(self, numbers: Sequence[int]) -> None:
        self.view, self._settled = numbers, True

    def _order(self) -> Sequence[int]:
        if self.sort is None:
            return range(len(self._rows))
        order = self._orders.get(self.sort.key)
        if order is None:
            keys = self._sort_keys(self.sort.key)
            order = self._orders[self.sort.key] = array("L", sorted(range(len(keys)), key=keys.__getitem__))
        return order[::-1] if self.sort.descending else order

    def _sort_keys(self, key: str) -> list[SortKey]:
        column = COLUMNS[key]
        return list(map(column.part_key, self._rows.parts(column.part)))

    def _passing(self, wanted: Filter, numbers: Sequence[int]) -> Sequence[int]:
        if wanted.problem is not None:
            return []
        # The volume alone is tested first: it costs least, and spares the others most of their work.
        for term in sorted(wanted.terms, key=_cost):
            numbers = self._passing_term(term, numbers)
        return numbers

    def _passing_term(self, term: Term, numbers: Sequence[int]) -> Sequence[int]:
        rows = self._rows
        if term.part is None:
            needle, negated = str(term.value), term.negated
            texts = rows.texts(numbers)
            return [number for number in numbers if (needle in texts[number]) is not negated]
        parts = rows.servers(numbers) if term.part == "servers" else rows.parts(term.part, numbers)
        return list(compress(numbers, map(term.test, parts)))


def _cost(term: Term) -> int:
    return 0 if term.part == "volume" else 1 if term.part is None else 2
