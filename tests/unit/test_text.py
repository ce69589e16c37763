from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evs_tui.text import REPLACEMENT, clean, excerpt, is_id

EVERYTHING = st.text(st.characters(codec=None, categories=None), max_size=200)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

CORPUS = [
    ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
    ("\x1b]0;title\x07", "␛]0;title␇"),
    ("\x1b]52;c;cHduZWQ=\x07", "␛]52;c;cHduZWQ=␇"),
    ("\x1bP+q544e\x1b\\", "␛P+q544e␛\\"),
    ("\x9b31m", f"{REPLACEMENT}31m"),
    ("\x9d0;t\x9c", f"{REPLACEMENT}0;t{REPLACEMENT}"),
    ("a\x00b\tc\nd\re\x7f", f"a␀b␉c␊d␍e{REPLACEMENT}"),
    ("\u202eexe.txt\u202c", f"{REPLACEMENT}exe.txt{REPLACEMENT}"),
    ("a\u200bb\u200dc\ufeffd\u2028e\u2029", REPLACEMENT.join("abcde") + REPLACEMENT),
    ("\ud800\udcff\ue000\U000e0041", REPLACEMENT * 4),
    ("生产环境 数据盘-01", "生产环境 数据盘-01"),
    ("Müller – naïve\u00a0café e\u0301", "Müller – naïve\u00a0café e\u0301"),
    ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ("", ""),
]


@pytest.mark.parametrize(("value", "cleaned"), CORPUS)
def test_what_becomes_of_it(value: str, cleaned: str) -> None:
    assert clean(value) == cleaned


@given(EVERYTHING)
def test_nothing_a_terminal_could_obey_is_left(value: str) -> None:
    cleaned = clean(value)
    assert not {unicodedata.category(character) for character in cleaned} & FORBIDDEN
    assert len(cleaned) == len(value)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")


@given(EVERYTHING)
def test_every_other_character_stays(value: str) -> None:
    for before, after in zip(value, clean(value), strict=True):
        assert (before == after) == (unicodedata.category(before) not in FORBIDDEN)


@given(EVERYTHING, st.integers(1, 50))
def test_an_excerpt_is_clean_and_short(value: str, limit: int) -> None:
    cut = excerpt(value, limit)
    assert len(cut) <= limit
    assert cut == clean(cut)
    assert cut == cut.strip()


def test_an_excerpt_says_that_it_was_cut() -> None:
    assert excerpt("a  b\n\tc", 5) == "a b c"
    assert excerpt("abcdef", 6) == "abcdef"
    assert excerpt("abcdefg", 6) == "abcde»"
    assert excerpt("abcd fgh", 6) == "abcd»"


@pytest.mark.parametrize("value", ["a", "16369c5d-384d-4e64-b37a-56d898769362", "A_b-9", "x" * 64])
def test_an_id(value: str) -> None:
    assert is_id(value)


@pytest.mark.parametrize(
    "value", ["", "x" * 65, "a/b", "..", "a b", "a\n", "a?b", "ä", "٣", "a%2fb", None, 5, b"abc", ["a"]]
)
def test_no_id(value: object) -> None:
    assert not is_id(value)
