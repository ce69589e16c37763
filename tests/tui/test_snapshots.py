"""Every screen looks as it did when somebody last looked at it and found it good."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from difflib import unified_diff
from pathlib import Path

import pytest
from textual.screen import Screen

from evs_tui.tui import screens
from evs_tui.tui.screens.main import MainScreen
from evs_tui.tui.screens.passcode import PasscodeDrawer
from tests.tui.snapshot import DIRECTORY, snapshot_of, snapshot_path
from tests.tui.views import VIEWS, View, resized, staged


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_the_screen_looks_as_it_did(view: View, tmp_path: Path) -> None:
    differences: list[str] = []
    async with staged(view) as (app, pilot):
        for size in view.sizes:
            await resized(view, size, app, pilot)
            path = snapshot_path(view.name, size)
            kept = path.read_text(encoding="utf-8") if path.exists() else ""
            now = snapshot_of(app)
            if now != kept:
                picture = tmp_path / f"{path.stem}.svg"
                picture.write_text(app.export_screenshot(title="evs-tui"), encoding="utf-8")
                differences += unified_diff(kept.splitlines(), now.splitlines(), path.name, str(picture), "", "", 1, "")
    assert not differences, "\n".join(
        ["the screen has changed; if it is meant to look like this: python -m tests.pictures", *differences]
    )


def test_every_screen_has_a_view() -> None:
    modules = [
        importlib.import_module(f"{screens.__name__}.{found.name}") for found in pkgutil.iter_modules(screens.__path__)
    ]
    classes = {
        name
        for module in modules
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and issubclass(kind, Screen) and kind.__module__ == module.__name__
    }
    # The question for a passcode comes only from a cloud that asks for one: test_signing_in has its lines.
    elsewhere = {MainScreen.__name__, PasscodeDrawer.__name__}
    assert classes - elsewhere - {view.screen for view in VIEWS} == set()


def test_every_snapshot_belongs_to_a_view() -> None:
    kept = {path.name for path in DIRECTORY.iterdir()}
    assert kept == {snapshot_path(view.name, size).name for view in VIEWS for size in view.sizes}
