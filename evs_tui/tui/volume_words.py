"""What the volumes screen says beside its rows: the facts over the list and the one sentence below it."""

from __future__ import annotations

from collections.abc import Iterator

from evs_tui.exports.model import Sign
from evs_tui.failure import Failure
from evs_tui.tui.content import Part
from evs_tui.tui.volume_shelf import Reading
from evs_tui.volumes.columns import VolumeRow
from evs_tui.volumes.listing import Counts, VolumeListing

FIRST_PAGE, NEXT_PAGES = 100, 1000
"""How many volumes a page brings. Source: `cloud.paging`."""

Sentence = tuple[str, Sign]


def list_facts(listing: VolumeListing, reading: Reading, marked: frozenset[str]) -> Iterator[tuple[Part, ...]]:
    """Groups of facts about the list: how much is shown, marked and unreadable; its age comes last."""
    counts = listing.counts
    if not listing.filter.is_empty:
        yield (f"{counts.shown:,}", "strong"), (f" of {counts.total:,}", "muted")
    elif counts.expected and (listing.is_reading or reading.failure is not None):
        yield ((f"{counts.total:,} of {counts.expected:,}", "muted"),)
    if marked:
        hidden = 0 if listing.filter.is_empty else listing.hidden(marked)
        yield ((f"{len(marked):,} marked" + (f", {hidden:,} hidden" if hidden else ""), "mark"),)
    if counts.skipped:
        yield ((f"{counts.skipped:,} unreadable", "warn"),)
    if listing.is_reading:
        yield ((f"reading, page {_page_words(reading, counts)}", "muted"),)
    elif reading.failure is not None:
        since = f", from {listing.as_of.astimezone():%H:%M:%S}" if listing.as_of else ""
        yield ((f"incomplete{since}", "warn"),)
    elif listing.as_of is not None:
        yield ((f"as of {listing.as_of.astimezone():%H:%M:%S}", "muted"),)


def _page_words(reading: Reading, counts: Counts) -> str:
    page = reading.pages + 1
    if not counts.expected:
        return str(page)
    pages = 1 + max(0, -(-(counts.expected - FIRST_PAGE) // NEXT_PAGES))
    return f"{page} of {pages}" if page <= pages else str(page)


def broken_off(failure: Failure, reading: Reading, listing: VolumeListing) -> Sentence:
    """That the list was not read to its end, and what `r` does about it."""
    then = f"r goes on at page {reading.pages + 1}" if listing.marker is not None else "r asks again"
    return f"{failure.what}; {then}.", Sign.BAD


def about_list(listing: VolumeListing, row: VolumeRow | None) -> Sentence | None:
    """The sentence about the filter or the row under the cursor, the most urgent one; None where all is said."""
    if listing.filter.problem is not None:
        words = str(listing.filter.problem)
        return (words if words.endswith(("?", ")")) else f"{words}."), Sign.BAD
    if row is not None:
        return row.verdict.reason, row.verdict.sign
    if listing.is_reading:
        return "Reading volumes.", Sign.BUSY
    if not listing.filter.is_empty:
        return "No volume matches; esc clears the filter.", Sign.NONE
    return None
