from __future__ import annotations

from collections.abc import Collection

import pytest

from evs_tui.volumes.completing import completed
from evs_tui.volumes.filter_terms import FLAG_WORDS, VALUE_WORDS
from evs_tui.volumes.filtering import FILTER_WORDS

VALUES: dict[str, Collection[str]] = {
    "status:": {"in-use", "available", "error"},
    "ready:": ("yes", "no"),
    "type:": {"high speed", "SSD"},
}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("st", "status:"),
        ("web st", "web status:"),
        ("web -enc", "web -encrypted:"),
        ("ST", "STatus:"),
        ("si", "size>"),
        ("ex", "exported>"),
        ("exported<", None),
        ("exported", "exported>"),
        ("status:", "status:available"),
        ("status:in", "status:in-use"),
        ("-status:e", "-status:error"),
        ("status:IN", "status:IN-use"),
        ("status:in-use", None),
        ("ready:", "ready:no"),
        ("ready:y", "ready:yes"),
        ("type:", "type:SSD"),
        ("type:high", None),
        ("name:x", None),
        ("size>1", None),
        ("", None),
        ("web ", None),
        ("-", None),
        ('"st', None),
        ('"my" st', '"my" status:'),
        ("生产", None),
    ],
)
def test_what_is_offered(text: str, whole: str | None) -> None:
    assert completed(text, FILTER_WORDS, lambda word: VALUES.get(word, ())) == whole


def test_every_word_with_known_values_is_a_filter_word() -> None:
    assert FLAG_WORDS | VALUE_WORDS.keys() <= FILTER_WORDS.keys()
    assert "exported:" in FLAG_WORDS
