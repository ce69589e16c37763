"""How a call about a server or an image is looked at whose answer was lost: its target is read."""

from __future__ import annotations

from evs_tui.exports.book import Book
from evs_tui.exports.consequences import ASKED, conclude
from evs_tui.exports.entry import Entry
from evs_tui.exports.kinds.kind import Around, Happened, Looked, Sight, Unaffected
from evs_tui.exports.kinds.table import LOOKED
from evs_tui.exports.looks import none_found, not_taken
from evs_tui.exports.model import StepState
from evs_tui.exports.ports import Cloud, Points
from evs_tui.exports.queries import server_steps
from evs_tui.exports.records import StepRow
from evs_tui.exports.timing import Timing


class CallLook:
    """Looks for one place."""

    def __init__(self, book: Book, cloud: Cloud, *, points: Points, timing: Timing) -> None:
        self._book = book
        self._cloud = cloud
        self._points = points
        self._timing = timing

    async def look_once(self, step: StepRow) -> None:
        """Look once, and record what that proves.

        Raises:
            CloudError: the look could not be made, so it is none.
            JournalFailure: what was seen could not be recorded.
        """
        kind = LOOKED[step.kind]
        age = self._book.since_announced(step)
        patience = self._timing.post_deadline + self._timing.look_after
        siblings = await self._book.read(lambda connection: server_steps(connection, [step.run_id])[step.run_id])
        around = Around(siblings=siblings, age_s=age, counts=age >= patience)
        sight = await kind.look(self._cloud, step, around)
        await self._book.enter(lambda entry: self._record(entry, step, kind, sight))
        self._points.reach(f"{step.kind}-looked")

    def _record(self, entry: Entry, step: StepRow, kind: Looked, sight: Sight) -> None:
        if isinstance(sight, Happened):
            _happened(entry, step, sight)
            return
        looks = none_found(entry, step, sight.status or "", counts=isinstance(sight, Unaffected))
        if looks is None or looks < self._timing.looks:
            return
        facts = kind.lost(step)
        if facts is not None:
            not_taken(entry, step, facts, "looking")
        elif entry.move(step, StepState.UNCLEAR, state="pending", fact=ASKED, looks=0):
            entry.log(step.run_id, step.id, "not_taken", **step.named)


def _happened(entry: Entry, step: StepRow, sight: Happened) -> None:
    columns = dict(sight.columns)
    if columns["state"] == "done":
        columns |= {"settled_at": entry.stamp, "error": None}
    if entry.move(step, StepState.UNCLEAR, **columns, answered_at=entry.stamp):
        entry.log(step.run_id, step.id, "found_taken", **step.named)
        conclude(entry, step.run_id)
