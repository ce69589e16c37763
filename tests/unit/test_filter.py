from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evs_tui.cloud.dialects import OTC
from evs_tui.cloud.models import Volume
from evs_tui.exports.problem import Problem
from evs_tui.volumes.columns import VolumeRow, volume_row
from evs_tui.volumes.filtering import FILTER_WORDS, parse_filter
from tests.unit.volumes_for_tests import NOW, known, off, server, volume

SERVERS = known(server("srv-aaaa1111", "web-01"), off("srv-bbbb2222", "Db-Main"))


EXPORTED = {"11111111-aaaa": NOW - timedelta(days=40), "22222222-bbbb": NOW - timedelta(hours=2)}


def row(one: Volume) -> VolumeRow:
    return volume_row(one, OTC, SERVERS, exported=EXPORTED.get(one.id))


ROWS = {
    one.name or one.id: row(one)
    for one in [
        volume(
            "11111111-aaaa",
            "web-01-data",
            "in-use",
            200,
            servers=("srv-aaaa1111",),
            tags={"env": "prod", "team": "Web"},
            created_at=NOW - timedelta(days=3),
        ),
        volume(
            "22222222-bbbb",
            "Web-Root",
            "available",
            40,
            bootable=True,
            os_type="linux",
            metadata={"__os_version": "Ubuntu 24.04"},
            created_at=NOW - timedelta(hours=5),
        ),
        volume("33333333-cccc", "日志-生产", "available", 2048, shared=True, volume_type="SAS", zone="eu-de-02"),
        volume("44444444-dddd", "db", "in-use", 100, servers=("srv-bbbb2222",), encrypted=True, volume_type=None),
        volume("55555555-eeee", "", "error_restoring", 10, created_at=NOW - timedelta(days=800)),
        volume("66666666-ffff", "my disk: -old", "available", 1024, encrypted=True),
    ]
}


def matching(text: str) -> set[str]:
    wanted = parse_filter(text, NOW)
    assert wanted.problem is None, wanted.problem
    return {name for name, one in ROWS.items() if wanted.matches(one)}


ALL = set(ROWS)
NAMELESS = "55555555-eeee"
WEB, ROOT, LOGS, DB, OLD = "web-01-data", "Web-Root", "日志-生产", "db", "my disk: -old"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ALL),
        ("   ", ALL),
        ("web", {WEB, ROOT}),
        ("WEB root", {ROOT}),
        ("root web", {ROOT}),
        ("生产", {LOGS}),
        ("eu-de-02", {LOGS}),
        ("db-main", {DB}),
        ("2,048", {LOGS}),
        ("2048", {LOGS}),
        ("44444444-dd", {DB}),
        ("no name", {NAMELESS, *()}),
        ("encrypted", {OLD}),
        ("stop", {WEB}),
        ('"my disk"', {OLD}),
        ('"disk: -old"', {OLD}),
        ('"disk my"', set()),
        ('-"my disk"', ALL - {OLD}),
        ("-web", ALL - {WEB, ROOT}),
        ("web -root", {WEB}),
        ("status:in-use", {WEB, DB}),
        ("STATUS:IN-USE", {WEB, DB}),
        ("status:error", {NAMELESS}),
        ("-status:available", {WEB, DB, NAMELESS}),
        ("type:sas", {LOGS}),
        ("-type:s", {DB}),
        ("az:de-02", {LOGS}),
        ("server:web", {WEB}),
        ("server:MAIN", {DB}),
        ("server:srv-bbbb2222", {DB}),
        ("os:ubuntu", {ROOT}),
        ("os:linux", {ROOT}),
        ("name:web", {WEB, ROOT}),
        ('name:"my disk"', {OLD}),
        ("id:3333", {LOGS}),
        ("tag:env=prod", {WEB}),
        ("tag:web", {WEB}),
        ("-tag:env", ALL - {WEB}),
        ("size>200", {LOGS, OLD}),
        ("size>=200", {WEB, LOGS, OLD}),
        ("size<40", {NAMELESS}),
        ("size<=40", {ROOT, NAMELESS}),
        ("size>1t", {LOGS}),
        ("size>=1TiB", {LOGS, OLD}),
        ("size>1.5tb", {LOGS}),
        ("size>1,000", {LOGS, OLD}),
        ("size>10 size<100", {ROOT}),
        ("-size>200", ALL - {LOGS, OLD}),
        ("age<1", {ROOT}),
        ("age<6h", {ROOT}),
        ("age>2d", {WEB, NAMELESS}),
        ("age>2", {WEB, NAMELESS}),
        ("age>1y", {NAMELESS}),
        ("age>1w", {NAMELESS}),
        ("age<100m", set()),
        ("-age>2d", ALL - {WEB, NAMELESS}),
        ("exported>30d", {WEB}),
        ("exported<30d", {ROOT}),
        ("exported<=2h", {ROOT}),
        ("-exported<30d", ALL - {ROOT}),
        ("exported:yes", {WEB, ROOT}),
        ("exported:no", ALL - {WEB, ROOT}),
        ("2026-10-14", {WEB}),
        ("ready:yes", {ROOT, LOGS, OLD}),
        ("ready:no", {WEB, DB, NAMELESS}),
        ("shared:yes", {LOGS}),
        ("encrypted:true", {DB, OLD}),
        ("-encrypted:yes", ALL - {DB, OLD}),
        ("bootable:y", {ROOT}),
        ("status:available -encrypted:yes size>100 生产", {LOGS}),
    ],
)
def test_what_each_word_finds(text: str, names: set[str]) -> None:
    assert matching(text) == names


@pytest.mark.parametrize(
    "text",
    [
        *(word for word in FILTER_WORDS),
        *("-" + word for word in FILTER_WORDS),
        "-",
        '"',
        '-"',
        'name:"',
        "size>=",
        "--",
    ],
)
def test_a_half_typed_word_neither_filters_nor_errs(text: str) -> None:
    if text == "--":  # a word of its own: something without a dash
        assert parse_filter(text, NOW).problem is None
        return
    assert matching(text) == ALL
    assert matching("web " + text) == {WEB, ROOT}


def test_an_open_quote_filters_by_what_it_holds_so_far() -> None:
    assert matching('"my di') == {OLD}
    assert matching('name:"my di') == {OLD}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "web stauts:in-use",
            Problem('"stauts:" is not a filter word; did you mean status: ?', 5),
        ),
        ("-encypted:yes", Problem('"encypted:" is not a filter word; did you mean encrypted: ?', 2)),
        ("size:10", Problem('"size:" is not a filter word; did you mean size> ?', 1)),
        ("status>x", Problem('"status>" is not a filter word; did you mean status: ?', 1)),
        ("xyzzy:1", Problem('"xyzzy:" is not a filter word; in quotes it is plain text', 1)),
        ("size>abc", Problem('"abc" is no size: write size>100 for GiB, size>2t for TiB', 1)),
        ("size>1q", Problem('"1q" is no size: write size>100 for GiB, size>2t for TiB', 1)),
        ("a size>" + "9" * 30, Problem(f'"{"9" * 30}" is no size: write size>100 for GiB, size>2t for TiB', 3)),
        ("age>soon", Problem('"soon" is no age: write age>7d, with m, h, d, w or y', 1)),
        ("exported>soon", Problem('"soon" is no age: write exported>7d, with m, h, d, w or y', 1)),
        ("exported:soon", Problem('"soon" is neither yes nor no: write exported:yes', 1)),
        ("ready:maybe", Problem('"maybe" is neither yes nor no: write ready:yes', 1)),
        ("shared:\x1b", Problem('"␛" is neither yes nor no: write shared:yes', 1)),
    ],
)
def test_what_cannot_be_understood_is_explained_and_matches_nothing(text: str, problem: Problem) -> None:
    wanted = parse_filter(text, NOW)
    assert wanted.problem == problem
    assert not any(wanted.matches(one) for one in ROWS.values())
    assert not wanted.is_empty


def test_a_name_with_a_colon_is_found_in_quotes_and_a_time_of_day_without() -> None:
    assert parse_filter("db:main", NOW).problem is not None
    assert parse_filter('"db:main"', NOW).problem is None
    assert parse_filter("10:30", NOW).problem is None


def test_accents_match_in_either_spelling() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    assert parse_filter(composed, NOW).matches(row(volume(name=decomposed)))
    assert parse_filter("name:" + decomposed, NOW).matches(row(volume(name=composed)))


def test_an_age_beyond_all_time_is_still_an_age() -> None:
    assert matching("age>999999y") == set()
    assert parse_filter("age<999999y", NOW).problem is None


words = st.one_of(
    st.sampled_from(["web", "WEB-01", "生产", "e", '"my disk"', '"a:b"', "200"]),
    st.builds(
        lambda name, value: name + value,
        st.sampled_from(list(FILTER_WORDS)),
        st.sampled_from(["in-use", "a", "yes", "no", "100", "2t", "7d", "1"]),
    ),
)
texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet='-":<>= asizegetatus019', max_size=30),
    st.lists(st.builds(lambda sign, word: sign + word, st.sampled_from(["", "-"]), words), max_size=4).map(" ".join),
)
rows = st.builds(
    lambda name, status, size, attached, tags, days: row(
        volume(
            "v1",
            name,
            status,
            size,
            servers=attached,
            tags=tags,
            created_at=None if days is None else NOW - timedelta(days=days),
        )
    ),
    st.sampled_from(["", "web-01", "生产", "my disk", "a"]),
    st.sampled_from(["available", "in-use", "error"]),
    st.sampled_from([1, 100, 2048, 4096]),
    st.sampled_from([(), ("srv-aaaa1111",), ("srv-bbbb2222", "srv-x")]),
    st.sampled_from([{}, {"env": "a"}]),
    st.sampled_from([None, 0, 7, 400]),
)


@settings(max_examples=400, deadline=None)
@given(texts, rows, st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 1, 1)))  # noqa: DTZ001
@example("age>999999y", ROWS[WEB], datetime(1, 1, 1))  # noqa: DTZ001
@example("size>" + "9" * 5000, ROWS[WEB], datetime(2026, 1, 1))  # noqa: DTZ001
def test_no_text_makes_it_raise(text: str, one: VolumeRow, moment: datetime) -> None:
    wanted = parse_filter(text, moment.replace(tzinfo=UTC))
    assert wanted.matches(one) in {True, False}
    assert wanted.problem is None or not wanted.matches(one)


@settings(max_examples=300, deadline=None)
@given(words, rows)
def test_a_dash_turns_a_word_round(word: str, one: VolumeRow) -> None:
    plain, negated = parse_filter(word, NOW), parse_filter("-" + word, NOW)
    assert (plain.problem is None) == (negated.problem is None)
    if plain.problem is None:
        assert plain.matches(one) is not negated.matches(one)


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=4), rows)
def test_words_must_all_match(several: list[str], one: VolumeRow) -> None:
    wanted = parse_filter(" ".join(several), NOW)
    if wanted.problem is None:
        assert wanted.matches(one) == all(parse_filter(word, NOW).matches(one) for word in several)


@settings(max_examples=600, deadline=None)
@given(texts, texts, rows)
@example("size>1", "size>10", ROWS[WEB])
@example("size<1", "size<1000", ROWS[WEB])
@example("-we", "-web", ROWS[WEB])
@example("-size>1000", "-size>100", ROWS[WEB])
@example("age>7", "age>7h", ROWS[WEB])
@example("stat", "status:a", ROWS[DB])
def test_what_narrows_another_filter_never_finds_more(old: str, new: str, one: VolumeRow) -> None:
    for wide, narrow in ((old, new), (old, old + new), (old, f"{old} {new}")):
        before, after = parse_filter(wide, NOW), parse_filter(narrow, NOW)
        if after.narrows(before) and after.matches(one):
            assert before.matches(one)


@pytest.mark.parametrize(
    ("old", "new", "narrows"),
    [
        ("", "w", True),
        ("w", "we", True),
        ("we", "w", False),
        ("we", "we b", True),
        ("we b", "we", False),
        ("-w", "-we", False),
        ("-we", "-w", True),
        ("size>1", "size>10", True),
        ("size<1", "size<10", False),
        ("size<10", "size<1", True),
        ("age>1d", "age>2d", True),
        ("age>1", "age>1h", False),
        ("exported<30d", "exported<7d", True),
        ("exported<7d", "exported:yes", False),
        ("status:", "status:a", True),
        ("status:a", "status:av", True),
        ("ready:yes", "ready:no", False),
        ("stauts:a", "stauts:ab", False),
        ("web", "web status:in", True),
    ],
)
def test_when_a_filter_narrows_another(old: str, new: str, narrows: bool) -> None:
    assert parse_filter(new, NOW).narrows(parse_filter(old, NOW)) is narrows
