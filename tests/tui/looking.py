"""What stands on the screen, and the ways to the places that several tests begin at."""

from __future__ import annotations

from textual.pilot import Pilot

from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.widgets.table import VirtualTable
from tests.tui.demo_app import settled

_LOOKS = 150
_QUIET_S = 0.12
"""Longer than the cursor must rest before note and details follow it."""


def lines(app: EvsTuiApp) -> list[str]:
    """What stands on the screen, line by line, without the blanks at the ends."""
    strips = app.screen._compositor.render_strips(app.size)
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def shows(app: EvsTuiApp, pilot: Pilot[None], words: str) -> None:
    """Wait until these words stand on the screen and nothing on it changes any more.

    Raises:
        TimeoutError: they do not come; with what is shown instead.
    """
    before = None
    for _ in range(_LOOKS):
        now = painted(app)
        if now == before and any(words in line for line in lines(app)):
            return
        before = now
        await pilot.pause(_QUIET_S)
    raise TimeoutError("\n".join([f'"{words}" does not come; this does:', *lines(app)]))


def painted(app: EvsTuiApp) -> str:
    """All that is on the screen, looks included."""
    return repr([list(strip) for strip in app.screen._compositor.render_strips(app.size)])


async def go_to(app: EvsTuiApp, name: str) -> None:
    """Put the cursor on the volume of this name."""
    listing = app.desk.listing
    assert listing is not None
    row_id = next(listing.id_of(number) for number in listing.view if listing.row(number).volume.name == name)
    assert app.screen.query_one(VirtualTable).go_to(row_id)


async def open_form(app: EvsTuiApp, pilot: Pilot[None], name: str) -> None:
    """From the list to the form of the volume of this name."""
    await go_to(app, name)
    await pilot.press("enter")
    await settled(app, pilot, screen="ExportForm")


async def open_review(app: EvsTuiApp, pilot: Pilot[None], name: str) -> None:
    """From the list to the review of the volume of this name."""
    await open_form(app, pilot, name)
    await pilot.press("f2")
    await settled(app, pilot, screen="ReviewScreen")
