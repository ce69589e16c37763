"""Parts, lines and what differs between two of them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from evs_tui.text import clean
from evs_tui.tui.content import Laid, Line, changed_span, fit, fit_parts, heading, laid, lay, plain, shown, wrap
from tests.tui.stage import HOSTILE

TEXTS = st.text(st.sampled_from("ab -é生产环境\u0301\u2764\ufe0f\x1b[]"), max_size=30)


@pytest.mark.parametrize(
    ("text", "width", "align", "expected"),
    [
        ("web", 5, "left", "web  "),
        ("web", 5, "right", "  web"),
        ("web-staging", 6, "left", "web-s»"),
        ("生产环境", 8, "left", "生产环境"),
        ("生产环境", 7, "left", "生产环»"),
        ("生产环境", 6, "left", "生产» "),
        ("生产环境", 6, "right", " 生产»"),
        ("ab", 1, "left", "»"),
        ("ab", 0, "left", ""),
        ("a \u202e", 3, "left", "a \ufffd"),
    ],
)
def test_fit_cuts_visibly_and_never_halves_a_wide_character(text: str, width: int, align: str, expected: str) -> None:
    assert fit(text, width, align) == expected  # type: ignore[arg-type]


@given(TEXTS, st.integers(0, 40))
def test_fit_always_has_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, "right")) == width


@given(TEXTS, st.integers(2, 20))
def test_wrap_keeps_every_character_in_lines_that_fit(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown(text).split())


def test_wrap_breaks_at_blanks_and_divides_what_is_too_long() -> None:
    assert wrap("stop the server first", 10) == ["stop the", "server", "first"]
    assert wrap("a abcdefghijkl b", 5) == ["a", "abcde", "fghij", "kl b"]
    assert wrap("", 5) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_literally_and_obeys_nobody(text: str) -> None:
    assert plain(text).plain == shown(text)
    assert plain(text).spans == []
    bad = {character for character in shown(text) if unicodedata.category(character)[0] == "C"}
    assert not bad
    assert shown(text) == clean(text).replace("\ufe0f", "")


def test_a_line_has_a_blank_last_column_and_parts_at_the_right_edge() -> None:
    line = Line(((" ", "text"), ("title", "strong")), (((("500 GiB"), "muted"),), (("id", "muted"),)), gap=2)
    assert lay(line, 30).text == " title            500 GiB  id "
    assert lay(line, 19).text == " title     500 GiB "
    assert lay(line, 14).text == " ti»  500 GiB "


def test_a_line_without_right_parts_is_cut_before_the_last_column() -> None:
    assert lay(Line((("abcdef", "text"),)), 6).text == "abcd» "
    assert lay(Line((("abcde", "text"),)), 6).text == "abcde "


@given(st.lists(TEXTS, max_size=4), st.lists(TEXTS, max_size=3), st.integers(1, 60))
def test_a_line_is_always_as_wide_as_its_widget(left: list[str], right: list[str], width: int) -> None:
    line = Line(tuple((text, "text") for text in left), tuple(((text, "muted"),) for text in right))
    assert cell_len(lay(line, width).text) == width


def test_placed_texts_begin_at_their_columns_and_push_what_follows() -> None:
    assert (
        lay(Line.placed((1, "›", "key"), (3, "Label", "muted"), (18, "x", "text")), 21).text == " › Label          x  "
    )
    assert lay(Line.placed((3, "a long label", "muted"), (10, "x", "text")), 20).text == "   a long label x   "


def test_a_heading_has_the_hairline_over_its_full_width() -> None:
    line = lay(heading("Plan", ("2 steps", "muted")), 30)
    assert line.base == "head"
    assert line.text == " Plan   2 steps               "


def test_blanks_change_no_style_but_keep_it_where_it_shows() -> None:
    assert laid([("a", "text"), ("  ", "muted"), ("b", "good"), ("  ", "text"), ("c", "good")]).runs == (
        ("a  ", "text"),
        ("b  c", "good"),
    )
    assert laid([("a", "place"), ("  ", "text"), (" x ", "prod"), (" ", "text")]).runs == (
        ("a", "place"),
        ("  ", "text"),
        (" x ", "prod"),
        (" ", "text"),
    )


def test_the_cursor_band_is_one_run() -> None:
    assert laid([("a", "good"), (" b", "bad")], "cursor", 5).runs == (("a b  ", "cursor"),)


@pytest.mark.parametrize(
    ("before", "after", "span"),
    [
        ("abcdef", "abcdef", None),
        ("abcdef", "abXdeX", (2, 6)),
        ("a生产b", "a生境b", (3, 5)),
        ("a生cc", "abb产", (1, 5)),
        ("abb产", "a生cc", (1, 5)),
        ("xa产", "x生b", (1, 4)),
    ],
)
def test_only_cells_that_differ_are_repainted(before: str, after: str, span: tuple[int, int] | None) -> None:
    assert changed_span(laid([(before, "text")]), laid([(after, "text")])) == span


def test_a_change_of_colour_is_a_change_except_on_blanks() -> None:
    before = laid([("ab", "text"), ("  ", "muted"), ("c", "text")])
    assert changed_span(before, Laid("text", (("ab", "good"), ("  c", "text")))) == (0, 2)
    assert changed_span(Laid("text", (("ab  ", "muted"),)), Laid("text", (("ab", "muted"), ("  ", "text")))) is None


def test_another_base_repaints_the_whole_line() -> None:
    assert changed_span(laid([("ab", "text")]), laid([("ab", "text")], "here")) == (0, 2)


def test_fit_parts_keeps_colours_and_fills_the_width() -> None:
    assert fit_parts([("✓", "good"), (" ready", "text")], 9) == [("✓", "good"), (" ready", "text"), ("  ", "text")]
    assert fit_parts([("✓", "good"), (" ready", "text")], 4) == [("✓", "good"), (" r»", "text")]
    assert fit_parts([("ab", "good"), ("cd", "text")], 2) == [("a»", "good")]
