"""The images screen over the simulated cloud."""

from __future__ import annotations

from textual.pilot import Pilot

from evs_tui.tui.app import EvsTuiApp
from tests.tui.demo_app import demo_app, settled
from tests.tui.looking import lines, open_review


async def images_shown(app: EvsTuiApp, pilot: Pilot[None]) -> list[str]:
    """Go to the images and wait until they were read."""
    await pilot.press("3")
    for _ in range(200):
        if app.desk.images.as_of is not None and not app.desk.images.is_reading:
            break
        await pilot.pause(0.01)
    await settled(app, pilot, screen="ImagesScreen")
    return lines(app)


async def test_images_stand_newest_first_with_where_they_come_from() -> None:
    async with demo_app() as (app, pilot):
        shown = await images_shown(app, pilot)
        assert shown[1] == " 1 Volumes 40   2 Jobs 0   3 Images 3   4 Activity"
        assert shown[3].split() == ["Name", "State", "Size", "From"]
        assert shown[4].split() == [
            "›",
            "db-02-data-before-upgrade",
            "✓",
            "active",
            "400",
            "GiB",
            "not",
            "made",
            "here",
        ]
        assert shown[-2] == " - Not made by evs-tui from here."
        await pilot.press("slash", *"golden")
        assert "1 of 3" in lines(app)[2]
        await pilot.press("escape", "slash", *"ours:maybe")
        assert lines(app)[-2] == ' ✗ "maybe" is neither yes nor no: write ours:yes.'


async def test_an_image_that_is_being_made_stands_beside_its_volume_and_leads_to_its_job() -> None:
    async with demo_app() as (app, pilot):
        await images_shown(app, pilot)
        await pilot.press("1")
        await open_review(app, pilot, "web-cache-01")
        await pilot.press("tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        app.desk.images.as_of = None  # wait for the next reading
        shown = await images_shown(app, pilot)
        assert shown[4].split()[1:] == ["▪", "queued", "20", "GiB", "web-cache-01"]
        await pilot.press("home")
        await settled(app, pilot)
        assert lines(app)[-2] == " ▪ Being made from web-cache-01; the jobs (2) follow it."
        await pilot.press("enter")
        await settled(app, pilot)
        (job,) = app.desk.jobs
        assert f"   Job            {job.id}, exporting" in lines(app)
        await pilot.press("escape", "o")
        await settled(app, pilot, screen="JobsScreen")
        assert type(app.screen).__name__ == "JobsScreen"
