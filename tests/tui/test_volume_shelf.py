"""The readings behind the volumes screen: what stays, what is said, what is asked for again, and what never is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from evs_tui.cloud.dialects import OTC
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import Page, Server, Volume
from evs_tui.exports.model import JobState, VolumeRef
from evs_tui.tui.marks import MarkedIds
from evs_tui.tui.volume_shelf import PASSING_S, VolumeShelf
from evs_tui.workspace import Workspace
from tests.cli.jobs_for_tests import MOMENT, PLACE, job
from tests.fakes import FakeClock
from tests.unit.volumes_for_tests import server, volume

NO_RIGHT = CloudError(ErrorKind.RIGHTS, "The servers could not be listed", "forbidden", http_status=403)
BROKEN = CloudError(ErrorKind.SERVER, "The volumes could not be listed", "502", http_status=502)


class Here:
    """A core on the loop of the asker."""

    async def ask(self, function: Callable[..., Any], *args: object) -> Any:
        return await function(*args)

    async def stream(self, function: Callable[..., AsyncIterator[Any]], *args: object) -> AsyncIterator[Any]:
        async for item in function(*args):
            yield item


class Script:
    """A workspace whose lists are given page by page; an error ends one."""

    def __init__(self) -> None:
        self.core = Here()
        self.clock = FakeClock()
        self.volumes: list[Sequence[Page[Volume] | Exception]] = []
        self.servers: list[Page[Server] | Exception] = []
        self.again: dict[str, Volume | None] = {}
        self.asked_after: list[str | None] = []
        self.asked_again: list[list[str]] = []

    async def volume_pages(self, after: str | None = None) -> AsyncIterator[Page[Volume]]:
        self.asked_after.append(after)
        for page in self.volumes.pop(0):
            yield given(page)

    async def server_pages(self) -> AsyncIterator[Page[Server]]:
        for page in self.servers:
            yield given(page)

    async def volumes_again(self, ids: Sequence[str]) -> tuple[Mapping[str, Volume], frozenset[str]]:
        self.asked_again.append(list(ids))
        found = {one: there for one in ids if (there := self.again.get(one)) is not None}
        return found, frozenset(one for one in ids if self.again.get(one, 0) is None)


def given(page: Any) -> Any:
    if isinstance(page, Exception):
        raise page
    return page


def page(*names: str, status: str = "available", total: int | None = None) -> Page[Volume]:
    volumes = tuple(volume(f"id-{name}", name, status) for name in names)
    return Page(volumes, total=total, marker=volumes[-1].id)


def shelf_of(script: Script) -> tuple[VolumeShelf, MarkedIds, list[tuple[str, frozenset[str]]]]:
    marks = MarkedIds()
    told: list[tuple[str, frozenset[str]]] = []
    shelf = VolumeShelf(cast(Workspace, script), marks, lambda topic, ids: told.append((topic, ids)))
    shelf.open(OTC)
    return shelf, marks, told


def names(shelf: VolumeShelf) -> list[str]:
    assert shelf.listing is not None
    return [shelf.listing.row(number).volume.name for number in shelf.listing.view]


async def test_when_a_page_fails_what_came_stays_and_the_next_reading_goes_on_there() -> None:
    script = Script()
    script.volumes = [[page("a", "b", total=6), page("c", "d"), BROKEN], [BROKEN], [page("e", "f")]]
    shelf, marks, _ = shelf_of(script)
    marks.mark(["id-a", "id-f"])
    await shelf.read()
    assert (names(shelf), shelf.reading.pages, shelf.reading.failure) == (["a", "b", "c", "d"], 2, BROKEN)
    assert shelf.listing is not None
    assert shelf.listing.as_of is None
    began = script.clock.now()
    await script.clock.advance(60)
    await shelf.read()
    assert (names(shelf), shelf.reading.failure) == (["a", "b", "c", "d"], BROKEN)
    await shelf.read()
    assert script.asked_after == [None, "id-d", "id-d"]
    assert names(shelf) == ["a", "b", "c", "d", "e", "f"]
    assert shelf.listing.as_of == began, "the first page is as old as that"
    assert shelf.reading.failure is None
    assert marks.ids == {"id-a", "id-f"}


async def test_after_ten_minutes_a_reading_that_broke_off_begins_anew() -> None:
    script = Script()
    script.volumes = [[page("a"), BROKEN], [page("a", "b")]]
    shelf, _, _ = shelf_of(script)
    await shelf.read()
    await script.clock.advance(601)
    await shelf.read()
    assert script.asked_after == [None, None]
    assert names(shelf) == ["a", "b"]


async def test_a_refresh_drops_the_marks_of_what_is_gone_and_of_nothing_else() -> None:
    script = Script()
    script.volumes = [[page("a", "b", "c")], [page("c", "a")], [page("c"), BROKEN]]
    shelf, marks, _ = shelf_of(script)
    await shelf.read()
    marks.mark(["id-a", "id-b"])
    await shelf.read()
    assert (names(shelf), set(marks.ids)) == (["c", "a"], {"id-a"})
    await shelf.read()
    assert (names(shelf), set(marks.ids)) == (["c", "a"], {"id-a"})


async def test_what_comes_quickly_is_told_at_most_five_times_a_second() -> None:
    script = Script()
    script.volumes = [[page(f"n{number}") for number in range(50)]]
    shelf, _, told = shelf_of(script)
    await shelf.read()
    assert 3 <= len(told) <= 5
    assert frozenset().union(*(ids for _, ids in told)) == {f"id-n{number}" for number in range(50)}


async def test_servers_that_no_list_tells_of_count_as_running_and_the_reason_is_said_once() -> None:
    script = Script()
    attached = Page((volume("v1", "a", "in-use", servers=("s1",)), volume("v2", "b", "in-use", servers=("s2",))))
    script.volumes = [[attached]]
    script.servers = [Page((server("s1", "web-01"),)), NO_RIGHT]
    shelf, _, _ = shelf_of(script)
    await shelf.read()
    assert shelf.listing is not None
    assert shelf.listing.row(0).verdict.label == "in use"
    await shelf.read_servers()
    assert shelf.listing.row(0).servers == ("web-01",)
    assert shelf.listing.row(1).verdict.label == "state unreadable"
    assert shelf.servers_failure is NO_RIGHT
    assert shelf.take_remark() == "No right to list servers: ids stay, and count as running."
    assert shelf.take_remark() is None


async def test_a_server_is_joined_whichever_list_comes_first() -> None:
    script = Script()
    script.servers = [Page((server("s1", "web-01"),))]
    script.volumes = [[Page((volume("v1", "a", "in-use", servers=("s1", "s2")),))]]
    shelf, _, _ = shelf_of(script)
    await shelf.read_servers()
    await shelf.read()
    assert shelf.listing is not None
    assert shelf.listing.row(0).servers == ("web-01", "s2")
    assert shelf.servers["s2"] is None


async def test_a_newer_job_wins_and_an_older_one_changes_nothing() -> None:
    script = Script()
    script.volumes = [[page("a", "b", "c")]]
    hours = [MOMENT + timedelta(hours=number) for number in range(4)]
    shelf, _, told = shelf_of(script)
    await shelf.read()
    shelf.take_exported({"id-a": hours[1], "id-b": hours[2]}, None)
    assert shelf.listing is not None
    assert [shelf.listing.row(number).exported for number in range(3)] == [hours[1], hours[2], None]
    newer = [
        job(JobState.SUCCEEDED, volume=VolumeRef("id-a", "a", 1), accepted_at=hours[3]),
        job(JobState.SUCCEEDED, volume=VolumeRef("id-b", "b", 1), accepted_at=hours[0]),
    ]
    told.clear()
    shelf.jobs_changed(newer, PLACE, ())
    assert [shelf.listing.row(number).exported for number in range(3)] == [hours[3], hours[2], None]
    assert [ids for _, ids in told if ids] == [{"id-a"}]


async def test_without_the_right_for_images_the_reason_is_said_once() -> None:
    shelf, _, _ = shelf_of(Script())
    failure = CloudError(ErrorKind.RIGHTS, "The images could not be listed", "forbidden", http_status=403)
    for _ in range(2):
        shelf.take_exported({}, failure)
    assert shelf.take_remark() == "No right to list images: only own exports are known."
    assert shelf.take_remark() is None
    assert shelf.images_failure is failure


async def test_only_volumes_in_a_passing_status_are_asked_for_again_and_else_nothing() -> None:
    script = Script()
    script.volumes = [[page("a", "b"), page("c", status="creating"), page("d", status="uploading")]]
    shelf, marks, told = shelf_of(script)
    await shelf.read()
    shelf.jobs_changed((), PLACE, ["id-d"])
    marks.mark(["id-c"])
    told.clear()
    following = asyncio.ensure_future(shelf.follow_passing(script.clock.sleep))
    await script.clock.asleep()
    script.again = {"id-c": volume("id-c", "c", "available")}
    await script.clock.advance(PASSING_S)
    assert script.asked_again == [["id-c"]], "our own export has a watcher of its own"
    assert told == [("volumes", frozenset({"id-c"}))]
    await script.clock.advance(10 * PASSING_S)
    assert script.asked_again == [["id-c"]], "nothing is passing any more"
    assert len(told) == 1
    following.cancel()
    assert marks.ids == {"id-c"}


async def test_a_passing_volume_that_is_gone_leaves_with_its_mark() -> None:
    script = Script()
    script.volumes = [[page("a"), page("b", status="deleting")]]
    script.again = {"id-b": None}
    shelf, marks, told = shelf_of(script)
    await shelf.read()
    marks.mark(["id-a", "id-b"])
    assert await shelf.read_again(["id-b"])
    assert (names(shelf), set(marks.ids)) == (["a"], {"id-a"})
    assert told[-1][0] == "volumes"
