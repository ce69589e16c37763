"""A disk whose name is markup or a command for the terminal is shown literally on every screen, and obeyed on none."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from evs_tui.demo.faults import Preset
from evs_tui.tui.app import EvsTuiApp
from evs_tui.workspace import Options
from tests.cli.program import variables_of
from tests.simulator import Simulator
from tests.simulator.fixtures import StartCloud
from tests.tui.demo_app import app_of, settled
from tests.tui.looking import lines, shows

MARKUP = "[@click=app.quit]x[/]"
ESCAPES = "␛[2J␛]0;owned␇red␛[31m"
WIDE = (120, 40)


@asynccontextmanager
async def app_at(cloud: Simulator) -> AsyncIterator[tuple[EvsTuiApp, Pilot[None]]]:
    """The app, signed in at a cloud in another process."""
    environ = {**os.environ, **variables_of(cloud)}
    async with app_of(WIDE, options=Options(), environ=environ) as (app, pilot):
        yield app, pilot


@pytest.mark.parametrize("name", [MARKUP, ESCAPES])
async def test_a_hostile_name_is_literal_everywhere(start_cloud: StartCloud, name: str) -> None:
    cloud = start_cloud(volumes=0, hostile=True, frozen=True)
    async with app_at(cloud) as (app, pilot):
        await shows(app, pilot, "as of")

        async def reached(words: str, *keys: str) -> None:
            await pilot.press(*keys)
            await shows(app, pilot, words)
            shown = "\n".join(lines(app))
            assert not [sign for sign in shown if not sign.isprintable() and sign != "\n"]
            assert app.is_running

        at = [line.find(name[:8]) > 0 for line in lines(app)].index(True)
        first = next(y for y, line in enumerate(lines(app)) if line.startswith("›"))
        await reached(name, *["down"] * (at - first))
        await reached(f"Details of {name}", "i")
        await reached(f"Export {name}", "escape", "enter")
        await reached(f"Export {name}", "f2")
        await reached(name, "tab", "enter")
        await settled(app, pilot, screen="JobsScreen")
        await reached(name, "enter")
        await reached(name, "escape", "q")
        await reached("Quit", "escape", "ctrl+p")
        assert len(cloud.export_posts()) == 1


ANSWERS: dict[Preset, str] = {
    "redirect-302": "the server points to evil.invalid",
    "wrong-content-type": "the answer is text/html instead of JSON",
    "truncated-json": "the answer is not valid JSON or was cut",
    "huge-body": "the answer is larger than 8 MiB",
}


@pytest.mark.parametrize("preset", ANSWERS)
async def test_an_answer_that_is_no_answer_is_said_and_asked_for_again(start_cloud: StartCloud, preset: Preset) -> None:
    cloud = start_cloud(volumes=3, frozen=True)
    cloud.add_fault(preset, operation="list_cloudvolumes")
    async with app_at(cloud) as (app, pilot):
        await shows(app, pilot, ANSWERS[preset])
        assert any("The volumes could not be listed" in line for line in lines(app))
        cloud.clear_faults()
        await pilot.press("r")
        await shows(app, pilot, "as of 14:03:12")
