from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evs_tui.clock import SystemClock, iso, iso_or_none, parse_time
from tests.fakes import FakeClock

MOMENT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-15T09:30:00.000000",
        "2026-01-15T09:30:00Z",
        "2026-01-15T09:30:00.000000Z",
        "2026-01-15T09:30:00+00:00",
        "2026-01-15T10:30:00+01:00",
        "2026-01-15 09:30:00",
    ],
)
def test_times_as_clouds_write_them(value: str) -> None:
    moment = parse_time(value)
    assert moment == MOMENT
    assert moment is not None
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", 5, "2026-13-01T00:00:00", "0001-01-01T00:00:00+05:00", [], "\x1b"]
)
def test_times_that_nobody_can_read(value: object) -> None:
    assert parse_time(value) is None


@given(st.text(max_size=40))
def test_reading_a_time_never_fails(value: str) -> None:
    moment = parse_time(value)
    assert moment is None or moment.tzinfo is UTC


def test_times_as_we_write_them() -> None:
    assert iso(MOMENT.replace(microsecond=999999)) == "2026-01-15T09:30:00Z"
    assert iso(datetime(2026, 1, 15, 10, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-01-15T09:30:00Z"
    assert iso_or_none(None) is None
    assert iso_or_none(MOMENT) == "2026-01-15T09:30:00Z"


async def test_the_systems_clock() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    before = clock.elapsed()
    await clock.sleep(0)
    assert clock.elapsed() >= before


async def test_the_fake_clock_wakes_sleepers_in_their_order() -> None:
    clock = FakeClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep(nap)
            woken.append((name, clock.elapsed()))

    tasks = [asyncio.create_task(sleeper("a", 2, 2)), asyncio.create_task(sleeper("b", 3))]
    await clock.asleep(2)
    await clock.advance(1.5)
    assert woken == []
    await clock.advance(8.5)
    assert woken == [("a", 1002), ("b", 1003), ("a", 1004)]
    assert clock.elapsed() == 1010
    assert clock.now() == MOMENT + timedelta(seconds=10)
    assert clock.slept == [2, 3, 2]
    await asyncio.gather(*tasks)


async def test_the_fake_clock_forgets_a_sleeper_that_gave_up() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.asleep()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert clock.sleepers == 0


async def test_nobody_is_woken_while_the_machine_is_suspended() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.asleep()
    clock.suspend(3600)
    await asyncio.sleep(0)
    assert not task.done()
    assert clock.elapsed() == 4600
    await clock.advance(0)
    assert task.done()
