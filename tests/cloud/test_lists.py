from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from evs_tui.cloud.ecs import list_servers
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.evs import list_volumes
from evs_tui.cloud.ims import list_images
from evs_tui.cloud.models import Page, Volume, volume_from
from evs_tui.cloud.operations import LIST_CLOUDVOLUMES
from evs_tui.cloud.paging import RawPage, pages
from evs_tui.cloud.session import Session
from evs_tui.cloud.wire import BodyTooLarge
from evs_tui.failure import Failure
from tests.cloud.conftest import Connect
from tests.cloud.support import OPENSTACK_CATALOG, Says, ScriptedCloud, Seen, identity, identity_at
from tests.simulator.client import Simulator
from tests.simulator.fixtures import StartCloud

HUAWEI_LIST, OPENSTACK_LIST = "list_cloudvolumes", "list_volumes"


async def whole(session: Session) -> list[Page[Volume]]:
    return [page async for page in list_volumes(session)]


def ids_of(found: list[Page[Volume]]) -> list[str]:
    return [volume.id for page in found for volume in page.items]


def queries_of(cloud: Simulator, operation: str) -> list[dict[str, str]]:
    return [dict(parse_qsl(call["query"])) for call in cloud.calls(operation)]


@pytest.mark.parametrize(("flavour", "operation"), [("huawei", HUAWEI_LIST), ("openstack", OPENSTACK_LIST)])
async def test_a_long_list_comes_as_a_hundred_and_then_thousands(
    connect: Connect, start_cloud: StartCloud, flavour: str, operation: str
) -> None:
    cloud = start_cloud(flavour=flavour, volumes=2300, frozen=True)
    found = await whole(connect(identity_at(cloud)))
    assert [len(page.items) for page in found] == [100, 1000, 1000, 200]
    assert sum(page.skipped for page in found) == 0
    expected = cloud.volume_ids(plain=False)
    assert ids_of(found) == expected
    assert {page.total for page in found} == {2300 if flavour == "huawei" else None}
    queries = queries_of(cloud, operation)
    assert queries == [
        {"limit": "100"},
        {"limit": "1000", "marker": expected[99]},
        {"limit": "1000", "marker": expected[1099]},
        {"limit": "1000", "marker": expected[2099]},
    ]


@pytest.mark.parametrize("flavour", ["huawei", "openstack"])
@pytest.mark.parametrize("count", [0, 1, 99])
async def test_a_short_list_is_one_request(connect: Connect, start_cloud: StartCloud, flavour: str, count: int) -> None:
    cloud = start_cloud(flavour=flavour, volumes=count, frozen=True)
    found = await whole(connect(identity_at(cloud)))
    assert ids_of(found) == cloud.volume_ids(plain=False)
    assert cloud.counters() == {"create_token": 1, HUAWEI_LIST if flavour == "huawei" else OPENSTACK_LIST: 1}


async def test_an_exactly_full_page_may_be_the_last(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="openstack", volumes=100, frozen=True)
    assert len(ids_of(await whole(connect(identity_at(cloud))))) == 100


@pytest.mark.parametrize(("flavour", "operation"), [("huawei", HUAWEI_LIST), ("openstack", OPENSTACK_LIST)])
@pytest.mark.parametrize("rewrite", ["null-lists", "missing-keys", "numbers-as-strings", "duplicate-ids"])
async def test_odd_records_are_read_all_the_same(
    connect: Connect, start_cloud: StartCloud, flavour: str, operation: str, rewrite: str
) -> None:
    cloud = start_cloud(flavour=flavour, volumes=120, frozen=True)
    cloud.add_fault(operation=operation, rewrite=rewrite)
    found = await whole(connect(identity_at(cloud)))
    assert ids_of(found) == cloud.volume_ids(plain=False)
    assert sum(page.skipped for page in found) == 0


async def test_bad_records_are_skipped_and_counted(connect: Connect) -> None:
    rows: list[Any] = [{"id": f"v{n}", "name": None, "size": "7"} for n in range(150)]
    rows[3], rows[50], rows[70], rows[98] = {"id": "../../etc"}, {"id": None}, "no object", {"name": "no id"}

    def says(seen: Seen) -> Says:
        marker = seen.target.partition("marker=")[2]
        start = int(marker[1:]) + 1 if marker else 0
        limit = int(seen.target.partition("limit=")[2].partition("&")[0])
        return Says(200, {"volumes": rows[start : start + limit], "count": 150})

    found = await whole(connect(identity(), asgi=ScriptedCloud(says)))
    assert ids_of(found) == [f"v{n}" for n in range(150) if n not in {3, 50, 70, 98}]
    assert [page.skipped for page in found] == [4, 0]
    assert {volume.size_gib for page in found for volume in page.items} == {7}


@pytest.mark.parametrize(("flavour", "operation"), [("huawei", HUAWEI_LIST), ("openstack", OPENSTACK_LIST)])
async def test_a_next_link_to_another_host_is_not_followed(
    connect: Connect, start_cloud: StartCloud, flavour: str, operation: str
) -> None:
    cloud = start_cloud(flavour=flavour, volumes=150, frozen=True)
    cloud.add_fault(operation=operation, rewrite="hostile-next-link")
    session = connect(identity_at(cloud))
    assert ids_of(await whole(session)) == cloud.volume_ids(plain=False)
    assert {call.origin for call in session.ring} == {cloud.url}
    assert all("stolen" not in call.target for call in session.ring)


@pytest.mark.parametrize(("flavour", "operation"), [("huawei", HUAWEI_LIST), ("openstack", OPENSTACK_LIST)])
async def test_a_marker_that_vanishes_is_stepped_over(
    connect: Connect, start_cloud: StartCloud, flavour: str, operation: str
) -> None:
    cloud = start_cloud(flavour=flavour, volumes=1250, frozen=True)
    before = cloud.volume_ids(plain=False)
    cloud.add_fault(operation=operation, after=1, count=3, delete_marker=True)
    found = await whole(connect(identity_at(cloud)))
    assert ids_of(found) == before
    assert len(cloud.volume_ids(plain=False)) == 1247


async def test_when_too_many_markers_vanish_the_list_starts_over(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="openstack", volumes=250, frozen=True)
    before = cloud.volume_ids(plain=False)
    cloud.add_fault(operation=OPENSTACK_LIST, after=1, count=4, delete_marker=True)
    found = await whole(connect(identity_at(cloud)))
    assert ids_of(found) == before
    markers = [query.get("marker") for query in queries_of(cloud, OPENSTACK_LIST)]
    assert markers[:6] == [None, before[99], before[98], before[97], before[96], None]


async def test_a_list_that_always_loses_its_marker_ends_in_the_error(connect: Connect) -> None:
    gone = Says(404, {"itemNotFound": {"code": 404, "message": "Volume x could not be found."}})

    def says(seen: Seen) -> Says:
        if "marker" in seen.target:
            return gone
        return Says(200, {"volumes": [{"id": f"v{n}"} for n in range(int(seen.target.partition("limit=")[2]))]})

    cloud = ScriptedCloud(says, catalog=OPENSTACK_CATALOG)
    with pytest.raises(CloudError) as failed:
        await whole(connect(identity(), asgi=cloud))
    assert failed.value.kind is ErrorKind.MISSING
    assert len(cloud.seen) < 12


async def test_a_page_beyond_the_cap_is_asked_for_again_with_half(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="huawei", volumes=900, frozen=True)
    cloud.add_fault("huge-body", operation=HUAWEI_LIST, path="", after=1, count=2)
    found = await whole(connect(identity_at(cloud)))
    assert ids_of(found) == cloud.volume_ids(plain=False)
    limits = [query["limit"] for query in queries_of(cloud, HUAWEI_LIST)]
    assert limits == ["100", "1000", "500", "250", "250", "250", "250"]


async def test_an_error_in_the_middle_gives_the_pages_before_it(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="huawei", volumes=300, frozen=True)
    cloud.add_fault(operation=HUAWEI_LIST, after=1, status=403, body='{"forbidden": {"code": 403, "message": "No."}}')
    source = list_volumes(connect(identity_at(cloud)))
    assert len((await anext(source)).items) == 100
    with pytest.raises(CloudError) as failed:
        await anext(source)
    assert failed.value.kind is ErrorKind.RIGHTS


# The pager by itself

Answer = list[Any] | Failure | RawPage


def script(*answers: Answer) -> tuple[Callable[[str | None, int], Any], list[tuple[str | None, int]]]:
    """A `fetch` that gives the answers in turn, and what it was asked."""
    asked: list[tuple[str | None, int]] = []
    left = list(answers)

    async def fetch(marker: str | None, limit: int) -> RawPage:
        asked.append((marker, limit))
        await asyncio.sleep(0)
        answer = left.pop(0)
        if isinstance(answer, Failure):
            raise answer
        return answer if isinstance(answer, RawPage) else RawPage(answer)

    return fetch, asked


def records(*ids: str) -> list[dict[str, str]]:
    return [{"id": one} for one in ids]


def listed(
    fetch: Any, first: int = 2, following: int = 3, after: str | None = None
) -> AsyncGenerator[Page[Volume], None]:
    return pages(LIST_CLOUDVOLUMES, fetch, volume_from, first_limit=first, next_limit=following, after=after)


async def all_ids(source: AsyncGenerator[Page[Volume], None]) -> list[str]:
    return [volume.id async for page in source for volume in page.items]


async def test_a_cloud_that_gives_less_than_asked_says_so_by_link_or_count() -> None:
    by_link, _ = script(RawPage(records("a"), more=True), RawPage(records("b"), more=False))
    assert await all_ids(listed(by_link)) == ["a", "b"]
    by_count, _ = script(RawPage(records("a"), total=2), RawPage(records("b"), total=2))
    assert await all_ids(listed(by_count)) == ["a", "b"]
    short, asked = script(records("a"))
    assert await all_ids(listed(short)) == ["a"]
    assert asked == [(None, 2)]


async def test_each_page_names_its_marker_also_where_that_record_cannot_be_read() -> None:
    fetch, _ = script([*records("a", "b"), {"id": "../x"}], [*records("c"), "no record"], [])
    found = [(page.marker, page.skipped) async for page in listed(fetch, 3, 2)]
    assert found == [("b", 1), ("c", 1), (None, 0)]


async def test_a_list_goes_on_after_a_marker_and_starts_over_where_that_is_gone() -> None:
    fetch, asked = script(records("c", "d"), records("e"))
    assert await all_ids(listed(fetch, after="b")) == ["c", "d", "e"]
    assert asked == [("b", 2), ("d", 3)]
    gone = CloudError(ErrorKind.MISSING, "what", "why", http_status=404)
    fetch, asked = script(gone, records("a"))
    assert await all_ids(listed(fetch, after="b")) == ["a"]
    assert asked == [("b", 2), (None, 2)]


async def test_the_next_page_is_asked_for_before_the_last_is_used() -> None:
    fetch, asked = script(records("a", "b"), records("c"))
    source = listed(fetch)
    first = await anext(source)
    assert [volume.id for volume in first.items] == ["a", "b"]
    assert asked == [(None, 2), ("b", 3)]
    await source.aclose()


async def test_leaving_a_list_early_gives_up_the_request_that_is_under_way() -> None:
    given_up = asyncio.Event()

    async def fetch(marker: str | None, _: int) -> RawPage:
        if marker is None:
            return RawPage(records("a", "b"))
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()
        raise AssertionError

    source = listed(fetch)
    await anext(source)
    await source.aclose()
    assert given_up.is_set()


async def test_a_list_that_goes_round_in_a_circle_ends() -> None:
    fetch, asked = script(*[records("a", "b")] * 10)
    with pytest.raises(CloudError, match="circle"):
        await all_ids(listed(fetch, following=2))
    assert asked == [(None, 2), ("b", 2)]


async def test_a_full_page_without_a_usable_id_ends() -> None:
    fetch, _ = script([{"id": None}, {"id": "../x"}], records("a"))
    with pytest.raises(CloudError):
        await all_ids(listed(fetch))


async def test_one_record_beyond_the_cap_ends() -> None:
    async def fetch(_: str | None, limit: int) -> RawPage:
        asked.append(limit)
        raise BodyTooLarge(ErrorKind.NONSENSE, "x", "too large")

    asked: list[int] = []
    with pytest.raises(BodyTooLarge):
        await all_ids(listed(fetch, first=100))
    assert asked == [100, 50, 25, 12, 6, 3, 1]


@pytest.mark.parametrize("body", [{}, {"volumes": None}, {"volumes": {}}, [], "x", None])
async def test_an_answer_without_a_list_is_nonsense(connect: Connect, body: Any) -> None:
    with pytest.raises(CloudError) as failed:
        await whole(connect(identity(), asgi=ScriptedCloud(lambda _: Says(200, body, raw=None if body else b"null"))))
    assert failed.value.kind is ErrorKind.NONSENSE


# Images and servers


@pytest.mark.parametrize("flavour", ["huawei", "openstack"])
async def test_the_images_of_the_project(connect: Connect, start_cloud: StartCloud, flavour: str) -> None:
    cloud = start_cloud(flavour=flavour, volumes=5, frozen=True)
    found = [image async for page in list_images(connect(identity_at(cloud))) for image in page.items]
    expected = {image["id"] for image in cloud.images() if image["status"] == "active"}
    assert {image.id for image in found} == expected


async def test_foreign_images_are_left_out_and_not_counted_as_bad(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        assert "__imagetype=private" in seen.target
        return Says(200, {"images": [{"id": "a"}, {"id": "b", "owner": "somebody"}, {"name": "no id"}]})

    (page,) = [page async for page in list_images(connect(identity(), asgi=ScriptedCloud(says)))]
    assert [image.id for image in page.items] == ["a"]
    assert page.skipped == 1


async def test_servers_by_page_number(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        number = int(seen.target.partition("offset=")[2])
        rows = range((number - 1) * 200, min(number * 200, 450))
        return Says(200, {"count": 450, "servers": [{"id": f"s{n}", "name": "x", "status": "ACTIVE"} for n in rows]})

    cloud = ScriptedCloud(says)
    found = [server.id async for page in list_servers(connect(identity(), asgi=cloud)) for server in page.items]
    assert found == [f"s{n}" for n in range(450)]
    assert [seen.target.partition("?")[2] for seen in cloud.seen[1:]] == [
        "limit=200&offset=1",
        "limit=200&offset=2",
        "limit=200&offset=3",
    ]


async def test_servers_of_the_simulated_cloud(connect: Connect, huawei_cloud: Simulator) -> None:
    found = {
        server.id: (server.name, server.status)
        async for page in list_servers(connect(identity_at(huawei_cloud)))
        for server in page.items
    }
    assert found == {server["id"]: (server["name"], server["status"]) for server in huawei_cloud.servers()}
