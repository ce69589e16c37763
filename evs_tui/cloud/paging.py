"""Lists page by page: by marker, deduplicated, the next page asked for while the last one is read.

Links from the server are never followed: the vendor's own example names an internal host. That one is there is all
that is taken from them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from evs_tui.cloud.decoded import nonsense
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import BadRecord, Page
from evs_tui.cloud.operations import Operation
from evs_tui.cloud.wire import BodyTooLarge
from evs_tui.failure import Failure
from evs_tui.text import is_id

FIRST_LIMIT = 100
NEXT_LIMIT = 1000
_MOST_PAGES = 2000
_STEPS_BACK = 3
_KEPT = 2 * _STEPS_BACK
_AT_ONCE = 100


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Identified)


@dataclass(frozen=True, slots=True)
class RawPage:
    """The records of one answer as they came. `more` says that the cloud speaks of a next page, `total` its count."""

    records: Sequence[Any]
    more: bool = False
    total: int | None = None

    @property
    def ids(self) -> list[str]:
        """The usable ids in it."""
        return [record["id"] for record in self.records if isinstance(record, Mapping) and is_id(record.get("id"))]

    @property
    def marker(self) -> str | None:
        """The id that the next page comes after."""
        for record in reversed(self.records):
            if isinstance(record, Mapping) and is_id(record.get("id")):
                return str(record["id"])
        return None


Fetch = Callable[[str | None, int], Awaitable[RawPage]]
"""Asks for the records after a marker (None: the first ones), at most so many."""


def raw_page(operation: Operation, answer: object, key: str, *link_keys: str) -> RawPage:
    """The records under `key` of an answer. `link_keys` are where this list speaks of a next page.

    Raises:
        CloudError: there is no list under `key`.
    """
    records = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(records, list):
        raise nonsense(operation, f'the answer has no list "{key}"')
    count = answer.get("count")
    total = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    return RawPage(records, any(_has_next(answer.get(link)) for link in link_keys), total)


async def pages(
    operation: Operation,
    fetch: Fetch,
    parse: Callable[[object], T | None],
    *,
    first_limit: int = FIRST_LIMIT,
    next_limit: int = NEXT_LIMIT,
    after: str | None = None,
) -> AsyncGenerator[Page[T], None]:
    """The whole list as pages of parsed records. What cannot be read is skipped and counted; no id comes twice.

    `parse` raises `BadRecord` for what cannot be read, and gives None for what does not belong into the list.
    `after` is a marker to go on from; should it be gone, the list starts over.

    Raises:
        CloudError: a page could not be had, or the list never ends.
    """
    list_ = _Listing(operation, fetch, first_limit, next_limit, _given=[] if after is None else [after])
    seen: set[str] = set()
    coming = asyncio.ensure_future(list_.next_page())
    try:
        while True:
            raw = await coming
            if raw is None:
                return
            coming = asyncio.ensure_future(list_.next_page())
            yield await _parsed(raw, parse, seen)
    finally:
        coming.cancel()
        with contextlib.suppress(asyncio.CancelledError, Failure):
            await coming


@dataclass(slots=True)
class _Listing:
    """Where a list has come to."""

    operation: Operation
    fetch: Fetch
    limit: int
    next_limit: int
    _given: list[str] = field(default_factory=list)
    """The last ids that came; the very last one is the marker."""
    _asked: set[str] = field(default_factory=set)
    _received: int = 0
    _pages: int = 0
    _steps_back: int = 0
    _started_over: bool = False
    _at_end: bool = False

    async def next_page(self) -> RawPage | None:
        """The next page, or None after the last."""
        if self._at_end:
            return None
        self._pages += 1
        if self._pages > _MOST_PAGES:
            raise nonsense(self.operation, f"the list does not end after {_MOST_PAGES} pages")
        limit, page = await self._fetched()
        ids = page.ids
        self._given = [*self._given, *ids][-_KEPT:]
        self._received += len(page.records)
        self.limit = min(self.next_limit, limit if limit < self.limit else self.next_limit)
        # A cloud may give less than was asked for and still have more; then it says so by a link or by its count.
        more = page.more or (page.total is not None and self._received < page.total)
        self._at_end = not page.records or (len(page.records) < limit and not more)
        if not self._at_end and (not ids or ids[-1] in self._asked):
            raise nonsense(self.operation, "the list goes round in a circle")
        return page

    async def _fetched(self) -> tuple[int, RawPage]:
        limit = self.limit
        while True:
            marker = self._given[-1] if self._given else None
            try:
                page = await self.fetch(marker, limit)
            except BodyTooLarge:
                if limit == 1:
                    raise
                limit = max(1, limit // 2)
                self.next_limit = min(self.next_limit, limit)
                continue
            except CloudError as error:
                if marker is None or not _marker_is_gone(error) or not self._step_back():
                    raise
                continue
            if marker is not None:
                self._asked.add(marker)
            return limit, page

    def _step_back(self) -> bool:
        """What the marker named has vanished meanwhile: go on from the one before, at last from the beginning."""
        if self._steps_back < _STEPS_BACK and len(self._given) > 1:
            self._steps_back += 1
            self._given.pop()
            return True
        if self._started_over:
            return False
        self._started_over = True
        self._given.clear()
        self._asked.clear()
        self._received = 0
        return True


async def _parsed(raw: RawPage, parse: Callable[[object], T | None], seen: set[str]) -> Page[T]:
    items: list[T] = []
    skipped = 0
    for number, record in enumerate(raw.records):
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)  # lets the request for the next page, and everything else, go on
        try:
            item = parse(record)
        except BadRecord:
            skipped += 1
            continue
        if item is not None and item.id not in seen:
            seen.add(item.id)
            items.append(item)
    return Page(tuple(items), skipped, raw.total, raw.marker)


def _marker_is_gone(error: CloudError) -> bool:
    """404 at Cinder, 400 at Glance. Source: Cinder API: volumes; Glance API v2: List images (both on `marker`)."""
    return error.http_status in {400, 404} and error.kind in {ErrorKind.MISSING, ErrorKind.INVALID}


def _has_next(links: object) -> bool:
    """A list of links with `rel: next`, or a bare `next`."""
    if isinstance(links, str):
        return bool(links)
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links)
