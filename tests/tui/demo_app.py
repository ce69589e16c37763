"""The whole app over the simulated cloud of the demo, headless, with the wall clock held still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from textual.pilot import Pilot

from evs_tui.clock import SystemClock
from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.theme import UNICODE, Face
from evs_tui.workspace import Options, Wiring, Workspace

NOON = datetime(2026, 11, 23, 14, 3, 12, tzinfo=UTC)
DARK = Face("evs-dark", ansi=False, symbols=UNICODE, quiet=False)
_ROUNDS = 400


class StillClock(SystemClock):
    """The wall clock stands; what is waited for still comes."""

    def now(self) -> datetime:
        """Always the same moment."""
        return NOON


@asynccontextmanager
async def demo_app(
    size: tuple[int, int] = (80, 24), *, face: Face = DARK, volume_id: str | None = None, filter_text: str = ""
) -> AsyncIterator[tuple[EvsTuiApp, Pilot[None]]]:
    """The app with its volumes read, and its pilot."""
    workspace = Workspace.open(Options(demo=True), {}, Wiring(clock=StillClock()))
    app = EvsTuiApp(workspace, face, volume_id=volume_id, filter_text=filter_text)
    try:
        async with app.run_test(size=size) as pilot:
            for _ in range(_ROUNDS):
                await pilot.pause(0.01)
                listing = app.desk.listing
                if listing is not None and listing.as_of is not None and app.desk.servers:
                    break
            await settled(app, pilot)
            yield app, pilot
    finally:
        workspace.close(5)


async def settled(app: EvsTuiApp, pilot: Pilot[None], *, screen: str | None = None) -> None:
    """Wait until a screen of this class is shown, if one is named, and until what follows the cursor has followed."""
    for _ in range(_ROUNDS):
        if screen is None or type(app.screen).__name__ == screen:
            break
        await pilot.pause(0.01)
    await pilot.pause(0.2)
