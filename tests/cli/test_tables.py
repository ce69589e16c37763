"""Tables: aligned by cells, and what gives way on a narrow terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evs_tui.cli.tables import Column, fitted, table
from evs_tui.exports.wording import cells

COLUMNS = (Column("ID"), Column("Name", narrowest=6), Column("Size", right=True, leaves=1), Column("AZ", leaves=2))
ROWS = [["a1", "web-01-data", "40 GiB", "eu-de-01"], ["b2", "生产数据盘", "2,048 GiB", "-"]]


def test_columns_are_aligned_by_cells_not_by_characters() -> None:
    assert table(COLUMNS, ROWS) == [
        "ID  Name              Size  AZ",
        "a1  web-01-data     40 GiB  eu-de-01",
        "b2  生产数据盘   2,048 GiB  -",
    ]


def test_the_least_important_column_leaves_first() -> None:
    assert table(COLUMNS, ROWS, width=30) == [
        "ID  Name              Size",
        "a1  web-01-data     40 GiB",
        "b2  生产数据盘   2,048 GiB",
    ]


def test_then_the_next_one_leaves_and_what_may_be_cut_is_cut() -> None:
    assert table(COLUMNS, ROWS, width=12, cut="~") == ["ID  Name", "a1  web-01-~", "b2  生产数~"]


def test_nothing_is_cut_where_nobody_limits_the_line() -> None:
    long = ["c3", "n" * 255, "1 GiB", "eu-de-03"]
    assert table(COLUMNS, [long])[1].split() == [*long[:2], "1", "GiB", "eu-de-03"]


def test_what_never_leaves_stays_even_if_the_line_is_too_long() -> None:
    assert table(COLUMNS, ROWS, width=3, cut="~")[1] == "a1  web-0~"


@given(st.lists(st.text(st.sampled_from("ab生\u0301"), max_size=12), min_size=1, max_size=4), st.integers(8, 40))
def test_a_line_never_exceeds_the_width_it_can_keep(names: list[str], width: int) -> None:
    columns = (Column("N", narrowest=3), Column("X", leaves=1))
    for line in table(columns, [[name, "fact"] for name in names], width=width):
        assert cells(line) <= width


@given(st.text(st.sampled_from("ab生\u0301 "), max_size=20), st.integers(1, 20))
def test_a_fitted_text_fits_and_says_so(text: str, width: int) -> None:
    shown = fitted(text, width, "»")
    assert cells(shown) <= width
    assert shown == text or (shown.endswith("»") and text.startswith(shown[:-1]))
