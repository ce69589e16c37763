"""Which rows of a list are attached to a server, found without looking at every row."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from evs_tui.cloud.models import Volume

_NONE = -1


class AttachedRows:
    """The numbers of the rows by server. Rows are only added; one that was replaced stays under its old servers too.

    Most disks have one server at most, so their rows are chained: the last row of each server, and for every row the
    one before it with the same first server. On long lists that is a tenth of a list for each server.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._before = array("l")
        self._more: dict[str, list[int]] = {}

    @property
    def servers(self) -> AbstractSet[str]:
        """The ids of all servers that a row is or was attached to."""
        return self._last.keys() | self._more.keys()

    def append(self, volume: Volume) -> None:
        """Add the next row."""
        number = len(self._before)
        if not volume.attachments:
            self._before.append(_NONE)
            return
        first = volume.attachments[0].server_id
        self._before.append(self._last.get(first, _NONE))
        self._last[first] = number
        for attachment in volume.attachments[1:]:
            self._more.setdefault(attachment.server_id, []).append(number)

    def replace(self, number: int, volume: Volume) -> None:
        """The row has another volume now."""
        for attachment in volume.attachments:
            self._more.setdefault(attachment.server_id, []).append(number)

    def rows_of(self, server_ids: Iterable[str]) -> list[int]:
        """The numbers of the rows that are or were attached to one of these servers."""
        found: set[int] = set()
        for server_id in server_ids:
            number = self._last.get(server_id, _NONE)
            while number != _NONE:
                found.add(number)
                number = self._before[number]
            found.update(self._more.get(server_id, ()))
        return sorted(found)
