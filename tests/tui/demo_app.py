"""The whole app over the simulated cloud of the demo, headless, with the wall clock held still."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from unittest.mock import patch
from uuid import UUID

from textual.pilot import Pilot

from evs_tui.clock import SystemClock
from evs_tui.demo import SettableClock, SimulatedCloud
from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.theme import UNICODE, Face
from evs_tui.workspace import Options, Wiring, Workspace

NOON = datetime(2026, 11, 23, 14, 3, 12, tzinfo=UTC)
DARK = Face("evs-dark", ansi=False, symbols=UNICODE, quiet=False)
_ROUNDS = 1000
_LONGEST_SLEEP_S = 0.1
_MOMENT_S = 2.0


class StillClock(SystemClock):
    """The wall clock stands, and no wait is long. The other clock goes on by waiting alone: no call takes time."""

    def __init__(self) -> None:
        self._waited = 1000.0

    def now(self) -> datetime:
        """Always the same moment."""
        return NOON

    def elapsed(self) -> float:
        """So many seconds were waited in all."""
        return self._waited

    async def sleep(self, seconds: float) -> None:
        """Return soon."""
        shortened = min(seconds, _LONGEST_SLEEP_S)
        await asyncio.sleep(shortened)
        self._waited += shortened


class HeldClock(StillClock):
    """What waits for more than a moment, as between two looks at the cloud, waits until it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self._held = True

    def go_on(self) -> None:
        """Let what waits go on, and wait briefly from now on."""
        self._held = False

    async def sleep(self, seconds: float) -> None:
        """Return soon, or once it may go on."""
        # An event would belong to one loop; this is asked and let go from two.
        while self._held and seconds > _MOMENT_S:  # noqa: ASYNC110
            await asyncio.sleep(_LONGEST_SLEEP_S)
        await super().sleep(seconds)


def still_cloud(volumes: int | None = None) -> SimulatedCloud:
    """A cloud whose time stands still at noon, so that its disks are as old in every picture."""
    return SimulatedCloud(volumes=volumes, clock=SettableClock(frozen=True, start=NOON.timestamp()))


@contextmanager
def nothing_by_chance() -> Iterator[None]:
    """In UTC, and with ids that count up from one where the program and the simulated cloud would draw them."""
    numbers = itertools.count(1)
    image_numbers = itertools.count(1)
    try:
        with (
            patch.dict(os.environ, {"TZ": "UTC"}),
            patch("secrets.token_hex", lambda size: f"{next(numbers):0{2 * size}x}"),
            patch("evs_tui.demo.evs.uuid4", lambda: UUID(int=next(image_numbers))),
            patch("evs_tui.demo.services.uuid4", lambda: UUID(int=0)),
        ):
            time.tzset()
            yield
    finally:
        time.tzset()


@asynccontextmanager
async def app_of(
    size: tuple[int, int] = (80, 24),
    *,
    options: Options,
    environ: Mapping[str, str],
    cloud: SimulatedCloud | None = None,
    clock: StillClock | None = None,
    face: Face = DARK,
    volume_id: str | None = None,
    filter_text: str = "",
) -> AsyncIterator[tuple[EvsTuiApp, Pilot[None]]]:
    """The app as it begins, and its pilot."""
    workspace = Workspace.open(options, dict(environ), Wiring(clock=clock or StillClock(), demo=cloud))
    app = EvsTuiApp(workspace, face, volume_id=volume_id, filter_text=filter_text)
    try:
        async with app.run_test(size=size) as pilot:
            yield app, pilot
    finally:
        if cloud is not None:
            cloud.release()
        workspace.close(5)


@asynccontextmanager
async def demo_app(
    size: tuple[int, int] = (80, 24),
    *,
    face: Face = DARK,
    volume_id: str | None = None,
    filter_text: str = "",
    read_only: bool = False,
) -> AsyncIterator[tuple[EvsTuiApp, Pilot[None]]]:
    """The app with its volumes read, and its pilot."""
    begun = app_of(
        size,
        options=Options(demo=True, read_only=read_only),
        environ={},
        face=face,
        volume_id=volume_id,
        filter_text=filter_text,
    )
    async with begun as (app, pilot):
        await all_read(app, pilot)
        yield app, pilot


async def all_read(app: EvsTuiApp, pilot: Pilot[None]) -> None:
    """Wait until the volumes have been read, and what is joined with them."""
    for _ in range(_ROUNDS):
        await pilot.pause(0.01)
        listing = app.desk.listing
        if listing is not None and listing.as_of is not None and app.desk.servers:
            break
    await beside_read(app, pilot)
    await settled(app, pilot)


async def beside_read(app: EvsTuiApp, pilot: Pilot[None]) -> None:
    """Wait until the images have been read, which come last, or until nothing more can come."""
    for _ in range(_ROUNDS):
        if app.desk.images.as_of is not None or app.desk.images.failure or app.desk.failure:
            break
        await pilot.pause(0.01)


async def settled(app: EvsTuiApp, pilot: Pilot[None], *, screen: str | None = None) -> None:
    """Wait until a screen of this class is shown, if one is named, and until what follows the cursor has followed."""
    for _ in range(_ROUNDS):
        if screen is None or type(app.screen).__name__ == screen:
            break
        await pilot.pause(0.01)
    await pilot.pause(0.2)
