"""The private images as they were last read, for the screen that shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from evs_tui.core import CoreClosed
from evs_tui.failure import Failure

if TYPE_CHECKING:
    from evs_tui.cloud.models import Image
    from evs_tui.exports.model import Job, Place
    from evs_tui.lists.images import ImageRow
    from evs_tui.workspace import Workspace


class ImageShelf:
    """Images with the jobs that made them. `changed` is called whenever there is something new to show."""

    def __init__(self, workspace: Workspace, changed: Callable[[], None]) -> None:
        self._workspace = workspace
        self._changed = changed
        self._images: list[Image] = []
        self._jobs: Sequence[Job] = ()
        self._place: Place | None = None
        self._made: frozenset[object] = frozenset()
        self.as_of: datetime | None = None
        """When the list was last read to its end."""
        self.is_reading = False
        self.failure: Failure | None = None
        """What ended the last reading before its end."""
        self.skipped = 0

    @property
    def rows(self) -> list[ImageRow]:
        """The images, in the cloud's order."""
        from evs_tui.lists.images import image_rows

        return [] if self._place is None else image_rows(self._images, self._jobs, self._place)

    @property
    def count(self) -> int | None:
        """How many there are; None before the first reading has ended."""
        return None if self.as_of is None else len(self._images)

    @property
    def last_exports(self) -> Mapping[str, datetime]:
        """When each volume was last exported, by the jobs and the images."""
        from evs_tui.volumes.last_exports import last_exports

        return {} if self._place is None else last_exports(self._jobs, self._images, self._place)

    def is_stale(self, jobs: Sequence[Job]) -> bool:
        """Whether images came or went with these jobs since the list was read, or it never was."""
        return self.as_of is None or _made(jobs) - self._made != frozenset()

    async def read(self, jobs: Sequence[Job]) -> None:
        """Read the whole list; what came before a failure is shown. `jobs` are those that are listed now."""
        if self.is_reading:
            return
        self.is_reading, self.failure, self._made = True, None, _made(jobs)
        core, workspace = self._workspace.core, self._workspace
        fresh: dict[str, Image] = {}
        skipped = 0
        self._changed()
        try:
            self._place = await core.ask(workspace.place)
            exports = await core.ask(workspace.exports)
            self._jobs = await core.ask(exports.jobs, everything=True)
            async for page in core.stream(workspace.image_pages):
                fresh.update((image.id, image) for image in page.items)
                skipped += page.skipped
        except CoreClosed:
            return
        except Failure as failure:
            self.failure = failure
        finally:
            self.is_reading = False
        if self.failure is None:
            self._images, self.skipped, self.as_of = list(fresh.values()), skipped, workspace.clock.now()
        elif not self._images:
            self._images = list(fresh.values())
        self._changed()


def _made(jobs: Sequence[Job]) -> frozenset[object]:
    return frozenset((job.image.id, job.outcome) for job in jobs if job.image.id is not None)
