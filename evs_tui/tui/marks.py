"""The marks of a list: by id, so that they survive whatever the list does."""

from __future__ import annotations

from collections.abc import Collection


class MarkedIds:
    """The ids that a person marked, shown or not."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    @property
    def ids(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self._ids)

    def is_marked(self, row_id: str, /) -> bool:
        """Whether this one is marked."""
        return row_id in self._ids

    def toggle(self, row_id: str, /) -> bool:
        """Mark it, or unmark it; whether it is marked now."""
        self._ids ^= {row_id}
        return row_id in self._ids

    def toggle_all(self, row_ids: Collection[str], /) -> None:
        """Mark all of these, or unmark them where all are marked. Marks on others stay."""
        wanted = set(row_ids)
        self._ids = self._ids - wanted if wanted <= self._ids else self._ids | wanted

    def mark(self, row_ids: Collection[str], /) -> None:
        """Mark these too."""
        self._ids.update(row_ids)

    def drop(self, row_ids: Collection[str]) -> None:
        """Unmark rows that are gone."""
        self._ids.difference_update(row_ids)

    def clear(self) -> None:
        """Unmark everything."""
        self._ids.clear()
