"""What the filter of the volumes offers to complete: its words, and values that the list has."""

from __future__ import annotations

from collections.abc import Collection

from evs_tui.volumes.completing import YES_NO, completed
from evs_tui.volumes.filter_terms import FLAG_WORDS, VALUE_WORDS
from evs_tui.volumes.filtering import FILTER_WORDS
from evs_tui.volumes.listing import VolumeListing


def completed_filter(text: str, listing: VolumeListing | None) -> str | None:
    """`text` with its last word completed, or None."""

    def values(word: str) -> Collection[str]:
        if word in FLAG_WORDS:
            return YES_NO
        return () if listing is None or word not in VALUE_WORDS else listing.values(VALUE_WORDS[word])

    return completed(text, FILTER_WORDS, values)
