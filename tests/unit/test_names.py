from __future__ import annotations

import string
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evs_tui.cloud.dialects import DIALECTS, FLEXIBLE_ENGINE, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.exports.names import fit_name, has_undocumented_chinese, name_problem, suggested_name
from evs_tui.exports.problem import Problem
from evs_tui.exports.templates import expanded, is_template, name_or_template_problem
from evs_tui.text import clean
from tests.unit.volumes_for_tests import NOW, volume

QUICK = settings(max_examples=200, deadline=None)
dialects = st.sampled_from(list(DIALECTS.values()))
names = st.one_of(
    st.text(max_size=140),
    st.text(alphabet=string.ascii_letters + "-._ 生环ü/é", max_size=140),
    st.text(max_size=12).map(lambda text: text * 30),
)
ALLOWED = set(string.ascii_letters + string.digits + "-._ ") | {chr(code) for code in range(0x4E00, 0xA000)}


def allowed_by_the_pages(name: str, dialect: Dialect) -> bool:
    """The rule as the vendors write it, told in another way than the program does."""
    if dialect.huawei_style:
        return 1 <= len(name) <= 128 and set(name) <= ALLOWED and name == name.strip(" ")
    return 1 <= len(name) <= 255 and clean(name) == name and name == name.strip()


@QUICK
@given(names, dialects)
@example("a" * 128, OTC)
@example("a" * 129, OTC)
@example("a" * 255, OPENSTACK)
@example("a" * 256, OPENSTACK)
@example("\u4e00\u9fff", HUAWEICLOUD)
@example("\u4dff", HUAWEICLOUD)
@example("\ua000", HUAWEICLOUD)
@example(" a", OTC)
@example("a ", OTC)
@example("", OTC)
def test_a_name_is_accepted_exactly_when_the_rule_accepts_it(name: str, dialect: Dialect) -> None:
    assert (name_problem(name, dialect) is None) == allowed_by_the_pages(name, dialect)


@pytest.mark.parametrize(
    ("name", "dialect", "problem"),
    [
        (
            "web/shared-20261123",
            OTC,
            Problem('"/" at place 4: only letters, digits, - _ . and space', 4, "/", "/ → -"),
        ),
        (
            "web/shared",
            HUAWEICLOUD,
            Problem('"/" at place 4: only letters, digits, - _ . and space', 4, "/", "/ → -"),
        ),
        ("Büro", OTC, Problem('"ü" at place 2: only A-Z a-z, digits, - _ . and space', 2, "ü", "ü → ue")),
        ("caf\u00e9", OTC, Problem('"é" at place 4: only A-Z a-z, digits, - _ . and space', 4, "é", "é → e")),
        # An accent as a mark of its own, as macOS writes file names: the letter is named, not the mark.
        (
            "Bu\u0308ro",
            OTC,
            Problem('"u\u0308" at place 2: only A-Z a-z, digits, - _ . and space', 2, "u\u0308", "u\u0308 → ue"),
        ),
        (
            "a\u202eb",
            OTC,
            Problem("U+202E at place 2: only letters, digits, - _ . and space", 2, "\ufffd", "U+202E → -"),
        ),
        (
            "a\x1bb",
            OPENSTACK,
            Problem("U+001B at place 2: only characters that a terminal shows", 2, "␛", "U+001B → -"),
        ),
        (
            "a\u00a0b",
            OTC,
            Problem(
                "no-break space at place 2: only letters, digits, - _ . and space",
                2,
                "\u00a0",
                "no-break space → space",
            ),
        ),
        ('a"b', OTC, Problem('""" at place 2: only letters, digits, - _ . and space', 2, '"', '" → -')),
        (" web", OTC, Problem("space at the start: not allowed there", 1, " ", "remove it")),
        ("web ", OPENSTACK, Problem("space at the end: not allowed there", 4, " ", "remove it")),
        ("a" * 129, OTC, Problem("129 characters: at most 128 are allowed", 129)),
        ("a" * 300, OPENSTACK, Problem("300 characters: at most 255 are allowed", 256)),
        ("", OPENSTACK, Problem("a name is needed: 1 to 255 characters")),
    ],
)
def test_the_message_names_the_character_its_place_and_a_way_out(name: str, dialect: Dialect, problem: Problem) -> None:
    assert name_problem(name, dialect) == problem


def test_chinese_is_named_where_the_cloud_lists_it_and_a_letter_is_refused() -> None:
    problem = name_problem("Büro", HUAWEICLOUD)
    assert problem is not None
    assert problem.text == '"ü" at place 2: only A-Z a-z, Chinese, digits, - _ . and space'


def test_in_one_line_the_hint_stands_beside_the_character() -> None:
    assert str(name_problem("web/01", OTC)) == '"/" at place 4 (/ → -): only letters, digits, - _ . and space'
    assert str(name_problem("we:b", OTC)) == '":" at place 3 (: → -): only letters, digits, - _ . and space'
    assert str(name_problem(" web", OTC)) == "space at the start (remove it): not allowed there"


def test_chinese_is_told_of_only_where_the_clouds_own_pages_do_not_list_it() -> None:
    assert [has_undocumented_chinese("web-生产", one) for one in (OTC, HUAWEICLOUD, FLEXIBLE_ENGINE, OPENSTACK)] == [
        True,
        False,
        False,
        False,
    ]
    assert not has_undocumented_chinese("web", OTC)


@pytest.mark.parametrize(
    ("text", "fitted"),
    [
        ("web-01-data", "web-01-data"),
        ("Größe für Ärger", "Groesse fuer Aerger"),
        ("Bu\u0308ro", "Buero"),
        ("crème brûlée", "creme brulee"),
        ("Łódź", "Lodz"),
        ("生产/环境", "生产-环境"),
        ("[@click=app.quit]x[/]", "click-app.quit-x"),
        ("/srv//data/", "srv-data"),
        ("-own dash-", "-own dash-"),
        ("a\u3000b\tc", "a b c"),
        ("ﬁle №5", "file No5"),
        ("😀😀", ""),
        ("   ", ""),
        ("", ""),
    ],
)
def test_a_name_is_fitted_so_that_it_still_reads(text: str, fitted: str) -> None:
    assert fit_name(text, OTC, 128) == fitted


def test_plain_openstack_keeps_what_it_can_take() -> None:
    assert fit_name("Größe/生产 😀", OPENSTACK, 255) == "Größe/生产 😀"
    assert fit_name("a\x1b[31mb", OPENSTACK, 255) == "a-[31mb"


@QUICK
@given(names, dialects, st.integers(0, 140))
def test_fitting_yields_nothing_or_a_valid_name_within_the_limit_and_is_done_after_once(
    text: str, dialect: Dialect, limit: int
) -> None:
    limit = min(limit, dialect.name_limit)
    fitted = fit_name(text, dialect, limit)
    assert len(fitted) <= limit
    assert fitted == "" or name_problem(fitted, dialect) is None
    assert fit_name(fitted, dialect, limit) == fitted


@QUICK
@given(names, dialects)
def test_a_valid_name_is_never_altered_by_fitting(name: str, dialect: Dialect) -> None:
    if name_problem(name, dialect) is None:
        assert fit_name(name, dialect, dialect.name_limit) == name


@QUICK
@given(names, dialects, st.from_regex(r"[0-9A-Za-z_-]{1,64}", fullmatch=True))
def test_a_suggested_name_is_always_valid(name: str, dialect: Dialect, volume_id: str) -> None:
    assert name_problem(suggested_name(volume(volume_id, name), dialect, NOW), dialect) is None


def test_a_suggested_name_says_which_disk_and_when_in_utc() -> None:
    assert suggested_name(volume(), OTC, NOW) == "web-01-data-20261123-1402"
    assert suggested_name(volume(name=""), OTC, NOW) == "disk-c2d85f07-20261123-1402"
    in_berlin = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert suggested_name(volume(), OTC, in_berlin) == "web-01-data-20251231-2330"
    assert suggested_name(volume(name="x" * 255), OTC, NOW) == "x" * 114 + "-20261123-1402"


def test_a_template_is_replaced_once_and_other_braces_stay() -> None:
    one = volume(name="{date}{id8}")
    template = "{name} {id8} {date} {time} {index} {other} {} {{"
    assert expanded(template, one, OPENSTACK, NOW, index=7, count=120) == (
        "{date}{id8} c2d85f07 20261123 140233 007 {other} {} {{"
    )
    assert is_template("a{index}")
    assert not is_template("a{other}")


@pytest.mark.parametrize(("count", "shown"), [(1, "3"), (9, "3"), (10, "03"), (1000, "0003")])
def test_the_index_is_padded_to_the_length_of_the_list(count: int, shown: str) -> None:
    assert expanded("x{index}", volume(), OTC, NOW, index=3, count=count) == f"x{shown}"


def test_the_disks_name_is_fitted_to_the_rule_and_to_the_room_left() -> None:
    long = volume(name="ü" * 100)
    assert expanded("{name}-{date}", long, OTC, NOW) == "ue" * 59 + "u-20261123"
    assert expanded("{name}+{name}", volume(name="y" * 100), OPENSTACK, NOW) == "y" * 100 + "+" + "y" * 100
    assert expanded("{name}_{name}", volume(name="y" * 100), OTC, NOW) == "y" * 63 + "_" + "y" * 63
    assert expanded("{name}", volume(name="😀"), OTC, NOW) == "disk-c2d85f07"
    assert len(expanded("{name}" + "z" * 200, volume(), OTC, NOW)) == 200


def test_a_template_is_checked_as_typed_where_no_disk_could_make_it_right() -> None:
    assert name_or_template_problem("{name}/{date}", OTC) == Problem(
        '"/" at place 7: only letters, digits, - _ . and space', 7, "/", "/ → -"
    )
    assert name_or_template_problem("{name} ", OTC) == Problem(
        "space at the end: not allowed there", 7, " ", "remove it"
    )
    assert name_or_template_problem("{name}-{other}", OTC) == Problem(
        '"{" at place 8: only letters, digits, - _ . and space', 8, "{", "{ → -"
    )
    assert name_or_template_problem("{index}" * 20, OTC) is None
    assert name_or_template_problem("web-01", OTC) is None
    assert name_or_template_problem("web/01", OTC) == name_problem("web/01", OTC)


@QUICK
@given(names, names, dialects)
def test_any_template_can_be_expanded(template: str, name: str, dialect: Dialect) -> None:
    result = expanded(template + "{name}", volume(name=name), dialect, NOW)
    if len(template) <= 60 and name_or_template_problem(template + "{name}", dialect) is None:
        assert name_problem(result, dialect) is None
