from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evs_tui.exports.wording import cells, listed, sentence, shortened


@pytest.mark.parametrize(("text", "width"), [("", 0), ("web", 3), ("生产", 4), ("e\u0301", 1), ("Größe", 5), ("ｗ", 2)])
def test_the_cells_of_a_text(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("web", 3, "web"),
        ("web-01", 5, "web-»"),
        ("生产环境", 8, "生产环境"),
        ("生产环境", 7, "生产环»"),
        ("生产", 2, "»"),
    ],
)
def test_what_is_cut_off_shows(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60), st.integers(1, 60))
def test_a_shortened_text_fits_and_a_short_one_stays(text: str, limit: int) -> None:
    assert cells(shortened(text, limit)) <= limit
    if cells(text) <= limit:
        assert shortened(text, limit) == text


def test_names_give_way_to_the_sentence_and_the_longest_first() -> None:
    assert sentence("{} and {}: both.", "a", "b" * 30, limit=30) == "a and " + "b" * 16 + "»: both."
    assert sentence("{} and {}.", "a" * 30, "b" * 30, limit=26) == "a" * 9 + "» and " + "b" * 9 + "»."
    assert sentence("{} runs.", "{0.__class__}", limit=56) == "{0.__class__} runs."


def test_lists_of_names() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
