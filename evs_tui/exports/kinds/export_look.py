"""How an export whose answer was lost is looked at: by the disk, and by the images of its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evs_tui.cloud.models import Image
from evs_tui.exports.book import Book
from evs_tui.exports.entry import Entry
from evs_tui.exports.evidence import Absent, Ask, Found, weigh
from evs_tui.exports.looks import absent_facts, adopt, ask, none_found, not_taken
from evs_tui.exports.model import StepState
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import claimed_images, rivals
from evs_tui.exports.records import StepRow
from evs_tui.exports.timing import Timing


class ExportLook:
    """Looks for one place. `claimed_here` are images whose answers could not be recorded yet."""

    def __init__(
        self, book: Book, cloud: Cloud, *, points: Points, timing: Timing, claimed_here: Callable[[], frozenset[str]]
    ) -> None:
        self._book = book
        self._cloud = cloud
        self._points = points
        self._timing = timing
        self._claimed_here = claimed_here

    async def look_once(self, step: StepRow) -> None:
        """Look once, and record what that proves.

        Raises:
            CloudError: the look could not be made, so it is none.
            JournalFailure: what was seen could not be recorded.
        """
        if step.fact == "found_uploading":
            # What is there was there before us: only a person can say whether it is ours.
            return
        counts_from = self._timing.post_deadline + self._timing.look_after
        counts = self._book.since_announced(step) >= counts_from
        # The disk first: if it is back already, an image that it left behind is in the list that is read after it.
        volume = await self._cloud.read_volume(step.volume_id)
        images = await self._cloud.images_named(step.request.image_name)
        looks = await self._book.enter(lambda entry: self._weigh(entry, step, volume.status, images, counts=counts))
        if step.state is StepState.UNCLEAR and looks >= self._timing.looks:
            facts = absent_facts(looks, await self._cloud.failure_reason(step.volume_id))
            await self._book.enter(lambda entry: not_taken(entry, step, facts, "looking"))
        self._points.reach("looked")

    def _weigh(self, entry: Entry, step: StepRow, volume_status: str, images: Sequence[Image], *, counts: bool) -> int:
        """Record what the look proves; how many looks in a row now found nothing."""
        here = self._claimed_here()
        claimed = claimed_images(entry.connection, step.id) | here
        evidence = weigh(step, volume_status, images, claimed=claimed, rivals=rivals(entry.connection, step))
        if isinstance(evidence, Found) and adopt(entry, step, evidence.image, "name", claimed=here):
            return 0
        if isinstance(evidence, Ask):
            ask(entry, step, evidence.images, volume_status)
            return 0
        counted = isinstance(evidence, Absent) and counts
        return none_found(entry, step, volume_status, counts=counted) or 0
