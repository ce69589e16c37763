from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evs_tui.cloud.dialects import OTC
from evs_tui.cloud.models import Page, Volume
from evs_tui.exports.model import VerdictState
from evs_tui.volumes.columns import COLUMNS, Sort, volume_row
from evs_tui.volumes.filtering import parse_filter
from evs_tui.volumes.listing import Counts, VolumeListing
from tests.unit.volumes_for_tests import NOW, known, off, server, volume

LATER = NOW + timedelta(minutes=5)


def disks(*names: str) -> list[Volume]:
    return [volume(f"id-{name}", name) for name in names]


def page(volumes: Sequence[Volume], skipped: int = 0, total: int | None = None) -> Page[Volume]:
    return Page(tuple(volumes), skipped, total)


def read(listing: VolumeListing, *pages: Sequence[Volume]) -> frozenset[str]:
    listing.begin()
    for each in pages:
        listing.append(page(each))
    return listing.finish(NOW)


def listed(*names: str) -> VolumeListing:
    listing = VolumeListing(OTC)
    read(listing, disks(*names))
    return listing


def shown(listing: VolumeListing) -> list[str]:
    return [listing.row(number).volume.name for number in listing.view]


def narrow(listing: VolumeListing, text: str) -> None:
    listing.filter_by(parse_filter(text, NOW))


def test_pages_show_as_they_come() -> None:
    listing = VolumeListing(OTC)
    assert (shown(listing), listing.counts, listing.as_of) == ([], Counts(0, 0, None, 0), None)
    listing.begin()
    assert listing.append(page(disks("b", "a"), skipped=1, total=5)) == {"id-b", "id-a"}
    assert shown(listing) == ["b", "a"]
    assert listing.is_reading
    assert listing.append(page(disks("c"), skipped=2)) == {"id-c"}
    assert listing.counts == Counts(3, 3, 5, 3)
    assert listing.finish(NOW) == frozenset()
    assert (listing.is_reading, listing.as_of, shown(listing)) == (False, NOW, ["b", "a", "c"])


def test_a_volume_that_comes_twice_is_listed_once_as_it_came_last() -> None:
    listing = VolumeListing(OTC)
    read(listing, disks("a", "b"), [volume("id-a", "a", "in-use"), *disks("c")])
    assert shown(listing) == ["a", "b", "c"]
    assert listing.row(0).volume.status == "in-use"


def test_pages_that_come_while_sorted_and_filtered_wait_at_the_end_until_it_settles() -> None:
    listing = VolumeListing(OTC)
    listing.sort_by(Sort("name"))
    narrow(listing, "x")
    listing.begin()
    listing.append(page(disks("x2", "y", "x3")))
    listing.append(page(disks("x1", "y2")))
    assert shown(listing) == ["x2", "x3", "x1"]
    assert listing.settle()
    assert shown(listing) == ["x1", "x2", "x3"]
    assert not listing.settle()
    listing.append(page(disks("x0")))
    assert shown(listing) == ["x1", "x2", "x3", "x0"]
    listing.finish(NOW)
    assert shown(listing) == ["x0", "x1", "x2", "x3"]


def test_a_refresh_keeps_filter_and_order_and_tells_what_is_gone() -> None:
    listing = listed("b", "a", "c", "ab")
    listing.sort_by(Sort("name", descending=True))
    narrow(listing, "name:a")
    assert shown(listing) == ["ab", "a"]
    assert read(listing, disks("new-a", "b", "a")) == {"id-c", "id-ab"}
    assert shown(listing) == ["new-a", "a"]
    assert listing.counts.total == 3
    assert listing.number_of("id-c") is None
    narrow(listing, "")
    listing.sort_by(None)
    assert shown(listing) == ["new-a", "b", "a"]


def test_a_refresh_takes_over_the_clouds_order() -> None:
    listing = listed("a", "b")
    read(listing, disks("c", "a", "b"))
    assert shown(listing) == ["c", "a", "b"]
    assert [listing.id_of(number) for number in listing.view] == ["id-c", "id-a", "id-b"]
    assert listing.number_of("id-c") == 0


def test_a_reading_that_breaks_off_loses_nothing_and_does_not_claim_to_be_new() -> None:
    listing = listed("a", "b", "c")
    listing.begin()
    listing.append(page([volume("id-b", "b", "error"), *disks("d")]))
    assert listing.finish(LATER, complete=False) == frozenset()
    assert shown(listing) == ["a", "b", "c", "d"]
    assert listing.row(1).volume.status == "error"
    assert listing.as_of == NOW


def test_a_reading_that_broke_off_goes_on_after_its_marker_and_is_then_whole() -> None:
    listing = listed("old", "a", "b", "c")
    listing.begin()
    listing.append(Page(tuple(disks("a", "b")), skipped=1, total=4, marker="unreadable"))
    listing.finish(LATER, complete=False)
    assert listing.marker == "unreadable"
    listing.begin(resumed=True)
    listing.append(Page(tuple(disks("c", "d")), skipped=1, marker="id-d"))
    assert listing.finish(LATER) == {"id-old"}
    assert (shown(listing), listing.counts.skipped, listing.as_of) == (["a", "b", "c", "d"], 2, LATER)
    assert listing.marker is None


def test_a_reading_that_begins_anew_forgets_the_marker() -> None:
    listing = listed("a")
    listing.begin()
    listing.append(Page(tuple(disks("a", "b")), skipped=3, marker="id-b"))
    listing.finish(LATER, complete=False)
    listing.begin()
    assert listing.marker is None
    listing.append(page(disks("b")))
    assert listing.finish(LATER) == {"id-a"}
    assert listing.counts.skipped == 0


def test_a_refresh_without_news_sorts_nothing_again() -> None:
    compared: list[str] = []

    class Watched(str):
        __slots__ = ()

        def casefold(self) -> str:
            compared.append(str(self))
            return super().casefold()

    listing = VolumeListing(OTC)
    rows = [volume("x", Watched("b")), volume("y", Watched("a"))]
    read(listing, rows)
    listing.sort_by(Sort("name"))
    compared.clear()
    assert read(listing, rows) == frozenset()
    assert (shown(listing), compared) == (["a", "b"], [])


def test_single_volumes_come_again_and_go() -> None:
    listing = listed("a", "b", "c")
    listing.put([volume("id-b", "b", "creating"), volume("id-c", "c", "uploading"), volume("id-d", "d", "maintenance")])
    assert listing.passing() == {"id-b", "id-c"}
    listing.set_exporting(["id-c"])
    assert listing.passing() == {"id-b"}, "the watcher of our own exports asks for that one"
    listing.remove(["id-b", "nobody"])
    assert shown(listing) == ["a", "c", "d"]
    assert listing.passing() == frozenset()


def test_hidden_ones_are_counted_in_any_view() -> None:
    listing = listed("a", "b", "c")
    wanted = ["id-a", "id-b", "nobody"]
    assert listing.hidden(wanted) == 1
    listing.sort_by(Sort("name", descending=True))
    assert listing.hidden(wanted) == 1
    narrow(listing, "name:b")
    assert listing.hidden(wanted) == 2
    assert listing.values(lambda one: one.name) == {"a", "b", "c"}


def test_only_what_differs_is_told_as_changed() -> None:
    listing = listed("a", "b", "c")
    assert listing.put([volume("id-a", "a"), volume("id-b", "b", "uploading")]) == {"id-b"}
    assert listing.row(1).verdict.label == "exporting now"


def test_what_changes_in_place_moves_only_when_it_settles() -> None:
    listing = listed("a", "b", "c")
    narrow(listing, "status:available")
    listing.put([volume("id-b", "b", "uploading")])
    assert shown(listing) == ["a", "b", "c"]
    assert listing.settle()
    assert shown(listing) == ["a", "c"]


def test_a_narrowing_after_a_change_looks_at_every_row_again() -> None:
    listing = listed("a1", "b1")
    narrow(listing, "name:a")
    listing.put([volume("id-b1", "a2")])
    narrow(listing, "name:a2")
    assert shown(listing) == ["a2"]


def test_servers_and_open_exports_change_the_rows_they_concern() -> None:
    listing = VolumeListing(OTC)
    first, second = volume("v1", "a", "in-use", servers=("s1",)), volume("v2", "b", "in-use", servers=("s2", "s3"))
    read(listing, [first, second, volume("v3", "c")])
    assert [listing.row(number).verdict.label for number in listing.view] == ["in use", "in use", "ready"]
    narrow(listing, "web")
    assert shown(listing) == []
    narrow(listing, "")
    one = known(off("s1", "web-01"))
    assert listing.set_servers(one) == {"v1"}
    assert listing.set_servers(one) == frozenset()
    assert listing.row(0).verdict.state is VerdictState.SERVERS_STOPPED
    assert listing.row(0).servers == ("web-01",)
    narrow(listing, "web")
    assert shown(listing) == ["a"]
    assert listing.set_servers({**one, "s3": None}) == {"v2"}
    assert listing.set_servers({}) == {"v1", "v2"}
    assert listing.row(0).verdict.label == "in use"
    assert listing.set_exporting({"v3", "not-listed"}) == {"v3"}
    assert listing.row(2).verdict.label == "exporting now"
    assert listing.set_exporting(()) == {"v3"}
    assert listing.row(2).verdict.label == "ready"


def test_only_another_last_export_changes_a_row() -> None:
    listing = listed("a", "b")
    assert listing.set_exported({"id-a": NOW, "nobody": NOW}) == {"id-a"}
    assert listing.set_exported({"id-a": NOW, "id-b": LATER}) == {"id-b"}
    assert listing.row(1).exported == LATER
    narrow(listing, "2026-11-23")
    assert shown(listing) == ["a", "b"]
    assert listing.set_exported({}) == {"id-a", "id-b"}
    narrow(listing, "2026-11-2")
    assert shown(listing) == []


def test_a_mapping_that_the_caller_goes_on_filling_is_noticed() -> None:
    listing = VolumeListing(OTC)
    read(listing, [volume("v1", "a", "in-use", servers=("s1",))])
    growing = known()
    listing.set_servers(growing)
    growing["s1"] = server("s1", "web-01")
    assert listing.set_servers(growing) == {"v1"}
    assert listing.row(0).verdict.label == "stop 1 server"


def test_places_and_volumes_by_id() -> None:
    listing = listed("c", "a", "b")
    listing.sort_by(Sort("name"))
    narrow(listing, "-name:b")
    assert [listing.index_of(f"id-{name}") for name in "abcd"] == [0, None, 1, None]
    assert [one.name for one in listing.volumes({"id-b", "id-c", "id-x"})] == ["c", "b"]


def test_equal_rows_keep_the_clouds_order() -> None:
    listing = listed("c", "a", "b")
    listing.sort_by(Sort("status"))
    assert shown(listing) == ["c", "a", "b"]


def test_a_filter_that_is_wrong_shows_nothing_and_forgets_nothing() -> None:
    listing = listed("a", "b")
    narrow(listing, "stauts:x")
    assert (shown(listing), listing.counts.total) == ([], 2)
    assert listing.filter.problem is not None
    listing.append(page(disks("c")))
    assert shown(listing) == []
    narrow(listing, "name:a")
    assert shown(listing) == ["a"]


def test_texts_can_be_prepared_in_slices_and_stay_right() -> None:
    listing = VolumeListing(OTC)
    read(listing, [volume(f"v{number}", f"n{number}") for number in range(10)])
    slices = 1
    while listing.prepare(3):
        slices += 1
    assert slices == 4
    listing.put([volume("v7", "other"), volume("v10", "late-other")])
    narrow(listing, "other")
    assert shown(listing) == ["other", "late-other"]
    read(listing, [volume("v3", "n3"), volume("v7", "third")])
    narrow(listing, "third")
    assert shown(listing) == ["third"]
    narrow(listing, "other")
    assert shown(listing) == []


names = st.sampled_from(["", "web-01", "web-02", "生产", "db", "my disk"])
some_volumes = st.lists(
    st.builds(
        lambda number, name, status, size, attached: volume(f"v{number}", name, status, size, servers=attached),
        st.integers(0, 12),
        names,
        st.sampled_from(["available", "in-use", "error", "uploading"]),
        st.sampled_from([10, 100, 2048]),
        st.sampled_from([(), ("s1",), ("s2",), ("s1", "s2")]),
    ),
    max_size=12,
)
SERVERS = known(server("s1", "web-01"), off("s2", "zeta"))
narrowing = ["", "w", "we", "web", "web-01", "web size>10", "web status:in", "d", "生", "stop"]
tokens = [
    "exported:yes",
    "exported<3d",
    "2026",
    "-web",
    "-we",
    "size>10",
    "size>100",
    "size<2000",
    "status:",
    "status:a",
    "status:av",
    "ready:yes",
    "nope:x",
]
filters = st.sampled_from([*narrowing, *tokens, "server:z", "server:zeta"])
sorts = st.sampled_from([None, *(Sort(key, descending=down) for key in COLUMNS for down in (False, True))])
actions = st.one_of(
    st.tuples(st.just("read"), some_volumes),
    st.tuples(st.just("put"), some_volumes),
    st.tuples(st.just("filter"), filters),
    st.tuples(st.just("sort"), sorts),
    st.tuples(st.just("servers"), st.sampled_from([{}, SERVERS, {"s1": None}])),
    st.tuples(st.just("exporting"), st.sampled_from([(), ("v1",), ("v2", "v3")])),
    st.tuples(st.just("exported"), st.sampled_from([{}, {"v1": NOW}, {"v1": LATER, "v2": NOW - timedelta(days=9)}])),
    st.tuples(st.just("remove"), st.sampled_from([(), ("v1",), ("v2", "v3", "nobody")])),
    st.tuples(st.just("prepare"), st.integers(1, 20)),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(actions, max_size=14))
def test_the_settled_view_equals_sorting_and_filtering_everything_afresh(todo: list[tuple[str, object]]) -> None:
    listing = VolumeListing(OTC)
    held: dict[str, Volume] = {}
    told: dict[str, Any] = {"servers": {}, "exporting": (), "exported": {}}
    text = ""
    sort: Sort | None = None
    for what, with_ in todo:
        match what, with_:
            case "read", list():
                listing.begin()
                listing.append(page(with_))
                assert listing.finish(NOW) == held.keys() - {one.id for one in with_}
                held = {one.id: one for one in with_}
            case "put", list():
                new = {one.id for one in with_} - held.keys()
                assert new <= listing.put(with_) <= {one.id for one in with_}
                held.update({one.id: one for one in with_})
            case "filter", str():
                text = with_
                narrow(listing, text)
            case "sort", _ if with_ is None or isinstance(with_, Sort):
                sort = with_
                listing.sort_by(sort)
            case "servers" | "exporting" | "exported", _:
                told[what] = with_
                getattr(listing, f"set_{what}")(with_)
            case "remove", tuple():
                listing.remove(with_)
                held = {one: there for one, there in held.items() if one not in with_}
            case "prepare", int():
                listing.prepare(with_)
    listing.settle()
    exporting, exported = told["exporting"], told["exported"]
    rows = [
        volume_row(one, OTC, told["servers"], exporting=one.id in exporting, exported=exported.get(one.id))
        for one in held.values()
    ]
    if sort is not None:
        rows.sort(key=COLUMNS[sort.key].sort_key)
        if sort.descending:
            rows.reverse()
    wanted = parse_filter(text, NOW)
    assert [listing.row(number) for number in listing.view] == [row for row in rows if wanted.matches(row)]


def test_a_keystroke_that_narrows_looks_at_the_rows_shown_alone() -> None:
    looked_at: list[str] = []

    class Watched(str):
        __slots__ = ()

        def casefold(self) -> str:
            looked_at.append(str(self))
            return super().casefold()

    listing = VolumeListing(OTC)
    read(listing, [volume(f"v{number}", Watched(f"n{number:05}")) for number in range(3000)])
    narrow(listing, "name:n0001")
    assert (listing.counts.shown, len(looked_at)) == (10, 3000)
    looked_at.clear()
    narrow(listing, "name:n00015")
    assert (shown(listing), len(looked_at)) == (["n00015"], 10)
