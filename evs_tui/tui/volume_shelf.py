"""The volumes as they come, what is joined with them in the background, and how they are kept up to date."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.core import CoreClosed
from evs_tui.failure import Failure
from evs_tui.tui.marks import MarkedIds
from evs_tui.volumes.last_exports import last_exports
from evs_tui.volumes.listing import VolumeListing

if TYPE_CHECKING:
    from evs_tui.cloud.dialects import Dialect
    from evs_tui.cloud.models import Server
    from evs_tui.exports.model import Job, Place
    from evs_tui.workspace import Workspace

PASSING_S = 30.0
"""How often volumes in a passing status are asked for again, in seconds."""

_SLOWEST_S = 300.0
_MOST_PASSING = 300
_TELLING_GAP_S = 0.2
_RESUMED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the reading of the volume list is. `failure` is what ended it before its end."""

    pages: int = 0
    since: datetime | None = None
    failure: Failure | None = None


class VolumeShelf:
    """The listing with its readings, on the screens' loop. `changed` is called with what is to be shown anew."""

    def __init__(
        self,
        workspace: Workspace,
        marks: MarkedIds,
        changed: Callable[[Literal["volumes", "rows"], frozenset[str]], None],
    ) -> None:
        self.listing: VolumeListing | None = None
        self.reading = Reading()
        self.servers: dict[str, Server | None] = {}
        """The servers that were read so far, by id; None where one that a volume names cannot be read."""
        self.servers_failure: Failure | None = None
        self.images_failure: Failure | None = None
        """Why last exports are known from the journal alone."""
        self.exporting: frozenset[str] = frozenset()
        """The volumes with an open export of ours."""
        self._workspace = workspace
        self._marks = marks
        self._changed = changed
        self._servers_known = False
        self._exported: Mapping[str, datetime] = {}
        self._remarks: list[str] = []

    def open(self, dialect: Dialect) -> None:
        """Make room for the volumes of a place, once it is known."""
        self.listing = self.listing or VolumeListing(dialect)

    def take_remark(self) -> str | None:
        """A sentence that is to be said once, or None."""
        return self._remarks.pop(0) if self._remarks else None

    # The volumes

    async def read(self) -> None:
        """Read the whole list, page by page. What came before a failure stays, and the next reading goes on there."""
        listing = self.listing
        if listing is None or listing.is_reading:
            return
        begun = self._begin(listing)
        failure: Failure | None = None
        told = 0.0
        waiting: frozenset[str] = frozenset()
        try:
            async for page in self._workspace.core.stream(self._workspace.volume_pages, listing.marker):
                waiting |= listing.append(page)
                _keep_out_of_collections()
                self.reading = Reading(self.reading.pages + 1, begun)
                now = asyncio.get_running_loop().time()
                if now - told >= _TELLING_GAP_S:
                    self._changed("volumes", waiting)
                    told, waiting = now, frozenset()
        except CoreClosed:
            return
        except Failure as error:
            failure = error
        await asyncio.sleep(0)  # on a long list each of these takes a moment; a key may come in between
        self._marks.drop(listing.finish(begun, complete=failure is None))
        await asyncio.sleep(0)
        self.reading = Reading(self.reading.pages, None if failure is None else begun, failure)
        self._join_servers()
        self._changed("volumes", waiting)

    def _begin(self, listing: VolumeListing) -> datetime:
        """Begin to read, or go on where the last reading broke off unless that is long ago; since when it is read."""
        now, last = self._workspace.clock.now(), self.reading
        resumed = listing.marker is not None and last.since is not None and now - last.since <= _RESUMED_WITHIN
        begun = last.since if resumed and last.since is not None else now
        listing.begin(resumed=resumed)
        self.reading = Reading(last.pages if resumed else 0, begun)
        self._changed("volumes", frozenset())
        return begun

    async def read_again(self, volume_ids: Sequence[str]) -> bool:
        """Ask for single volumes; whether that worked."""
        listing = self.listing
        if listing is None or not volume_ids:
            return True
        try:
            found, gone = await self._workspace.core.ask(self._workspace.volumes_again, volume_ids)
        except (CoreClosed, Failure):
            return False
        if listing.is_reading:
            return True  # the list under way knows better
        changed = listing.put(found.values())
        if gone:
            listing.remove(gone)
            self._marks.drop(gone)
        self._join_servers()
        if changed or gone:
            self._changed("volumes", changed)
        return True

    async def follow_passing(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Ask again for volumes in a passing status, for as long as there are any; otherwise nothing is sent."""
        pause = PASSING_S
        while True:
            await sleep(pause)
            listing = self.listing
            if listing is None or listing.is_reading:
                continue
            worked = await self.read_again(sorted(listing.passing())[:_MOST_PASSING])
            pause = PASSING_S if worked else min(2 * pause, _SLOWEST_S)

    # What is joined with them

    async def read_servers(self) -> None:
        """Read the servers once, so that rows can show names and whether they run. Without the right, ids stay."""
        self.servers_failure = None
        fresh: dict[str, Server | None] = {}
        try:
            async for page in self._workspace.core.stream(self._workspace.server_pages):
                part: dict[str, Server | None] = {server.id: server for server in page.items}
                fresh |= part
                self._add_servers(part)
        except CoreClosed:
            return
        except Failure as failure:
            self.servers_failure = failure
            self._remarks.append(_without("servers", failure, "ids stay, and count as running"))
        else:
            attached = () if self.listing is None else self.listing.attached_servers()
            self.servers = {**dict.fromkeys(attached), **fresh}
            if self.listing is not None:
                self._changed("rows", self.listing.set_servers(self.servers))
        self._servers_known = True
        self._join_servers()
        self._changed("rows", frozenset())

    def _join_servers(self) -> None:
        """What no list tells of cannot be read: it is said to be so, instead of being waited for."""
        if self.listing is not None and self._servers_known:
            self._add_servers(dict.fromkeys(self.listing.attached_servers() - self.servers.keys()))

    def _add_servers(self, part: Mapping[str, Server | None]) -> None:
        self.servers.update(part)
        if self.listing is not None and (changed := self.listing.add_servers(part)):
            self._changed("rows", changed)

    def take_exported(self, exported: Mapping[str, datetime], failure: Failure | None) -> None:
        """When volumes were last exported, by the jobs and the images; `failure` is why the images are not known."""
        if failure is not None and failure is not self.images_failure:
            self._remarks.append(_without("images", failure, "only own exports are known"))
        self.images_failure = failure
        self._show_exported(exported)
        self._changed("rows", frozenset())

    def jobs_changed(self, jobs: Sequence[Job], place: Place, exporting: Collection[str]) -> None:
        """The jobs are these now; `exporting` are the volumes with an open export of ours."""
        if self.listing is None:
            return
        self.exporting = frozenset(exporting)
        self._changed("rows", self.listing.set_exporting(exporting))
        newer = last_exports(jobs, (), place)
        self._show_exported(
            {**self._exported, **{one: moment for one, moment in newer.items() if self._is_newer(one, moment)}}
        )

    def _is_newer(self, volume_id: str, moment: datetime) -> bool:
        known = self._exported.get(volume_id)
        return known is None or known < moment

    def _show_exported(self, exported: Mapping[str, datetime]) -> None:
        self._exported = exported
        if self.listing is not None and (changed := self.listing.set_exported(exported)):
            self._changed("rows", changed)


def _without(what: str, failure: Failure, so: str) -> str:
    no_right = isinstance(failure, CloudError) and failure.kind is ErrorKind.RIGHTS
    return f"No right to list {what}: {so}." if no_right else f"{what.capitalize()} could not be listed: {so}."


def _keep_out_of_collections() -> None:
    """Spare the volumes read so far from the garbage collector, whose pauses would grow with the list.

    They hold no cycles. The young generations are collected first, so that no garbage is kept with them.
    """
    gc.collect(1)
    gc.freeze()
