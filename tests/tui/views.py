"""Every view of the program: how it is reached, and what stands on it. A new screen gets a line in `VIEWS`.

The snapshots of `tests/tui/test_snapshots.py` and the pictures of `assets/` are both made of this table, anew by
`python -m tests.pictures`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from evs_tui.demo import Fault, SimulatedCloud
from evs_tui.tui.app import EvsTuiApp
from evs_tui.tui.screens.passcode import PasscodeDrawer
from evs_tui.tui.theme import ASCII, UNICODE, Face
from evs_tui.workspace import Options
from tests.tui.demo_app import (
    DARK,
    HeldClock,
    all_read,
    app_of,
    beside_read,
    nothing_by_chance,
    settled,
    still_cloud,
)
from tests.tui.looking import shows

Size = tuple[int, int]
SMALL, WIDE, NARROW = (80, 24), (120, 40), (60, 18)

LIGHT = replace(DARK, theme="evs-light")
NO_COLOR = Face("ansi-dark", ansi=True, symbols=UNICODE, quiet=True)
IN_ASCII = replace(DARK, symbols=ASCII)


@dataclass(frozen=True)
class View:
    """One state of the program.

    `keys` lead to it from the list that was read; "~Name" among them waits for the screen of this class, "+9" moves the
    cloud's time on by so many seconds; `over` is laid over them where no key leads to it. `words` stand on it when it
    is ready. `sizes`: it is reached in the first, and then the window is resized. `pictures`: of these sizes there is
    a picture in `assets/`.
    """

    name: str
    screen: str
    words: str
    keys: tuple[str, ...] = ()
    sizes: tuple[Size, ...] = (SMALL, WIDE)
    pictures: tuple[Size, ...] = ()
    face: Face = DARK
    volumes: int | None = None
    fault: Fault | None = None
    signed_in: bool = True
    over: Callable[[], Screen[Any]] | None = None


_FORM = (*["down"] * 4, "enter", "~ExportForm")
_SERVER = ("slash", *"web-01-root", "enter", "enter", "~ExportForm")
_REVIEW = (*_FORM, "f2", "~ReviewScreen")
_JOBS = (*_REVIEW, "tab", "enter", "~JobsScreen")
_LIST = "as of 14:03:12"
_RUNNING = "disk is uploading"

VIEWS = (
    View("volumes", "VolumesScreen", _LIST, ("down", "space", "space"), pictures=(SMALL, WIDE)),
    View("volumes-narrow", "VolumesScreen", _LIST, ("down", "space", "space"), (NARROW,)),
    View("volumes-light", "VolumesScreen", _LIST, ("down", "space", "space"), (SMALL,), face=LIGHT),
    View("volumes-no-color", "VolumesScreen", _LIST, ("down", "space", "space"), (SMALL,), face=NO_COLOR),
    View("volumes-ascii", "VolumesScreen", _LIST, ("down", "space", "space"), (SMALL,), face=IN_ASCII),
    View("filter", "VolumesScreen", "of 40", ("slash", *"web -type:sata", "down"), pictures=(SMALL,)),
    View("filter-error", "VolumesScreen", "did you mean", ("slash", *"stauts:x")),
    View("details", "DetailsDrawer", "Details of", ("down", "down", "i"), pictures=(SMALL,)),
    View("form", "ExportForm", "Image name", _FORM, pictures=(SMALL, WIDE)),
    View("form-several", "ExportForm", "2 volumes", ("space", "space", "enter", "~ExportForm")),
    View("form-error", "ExportForm", "at place", (*_FORM, "slash"), pictures=(SMALL,)),
    View("review", "ReviewScreen", "Nothing has been sent yet.", _REVIEW, pictures=(SMALL,)),
    View("command", "CommandPage", "What is sent", (*_FORM, "f3", "~CommandPage"), pictures=(SMALL,)),
    View("form-server", "ExportForm", "it stops in the plan", _SERVER),
    View("review-server", "ReviewScreen", "Stop 1 server", (*_SERVER, "f2", "~ReviewScreen"), pictures=(SMALL,)),
    View(
        "danger",
        "ReviewScreen",
        "To confirm",
        (*_SERVER, "tab", "tab", "right", "right", "f2", "~ReviewScreen"),
        pictures=(SMALL,),
    ),
    View("review-many", "ReviewScreen", "To confirm", ("a", "enter", "~ExportForm", "f2", "~ReviewScreen")),
    View("jobs", "JobsScreen", _RUNNING, _JOBS, pictures=(SMALL, WIDE)),
    View("jobs-none", "JobsScreen", "No exports yet.", ("2",)),
    View("jobs-ended", "JobsScreen", "succeeded", (*_JOBS, "+600")),
    View("job", "JobPage", "taken by the cloud", (*_JOBS, "enter", "~JobPage")),
    View("jobs-filter", "JobsScreen", "0 of 1", (*_JOBS, "slash", *"state:failed"), sizes=(SMALL,)),
    View("images", "ImagesScreen", "golden-ubuntu", (*_JOBS, "3", "~ImagesScreen"), pictures=(SMALL,)),
    View("activity", "ActivityScreen", "GET", ("4",)),
    View("help", "HelpDrawer", "Keys", ("question_mark",), pictures=(SMALL,)),
    View("quit", "QuitDrawer", "Quit", (*_JOBS, "q", "~QuitDrawer"), pictures=(SMALL,)),
    View("small", "SmallWindow", "Exports go on.", sizes=((40, 10),)),
    View("empty", "VolumesScreen", "This project has no volumes.", volumes=0),
    View("loading", "VolumesScreen", "Reading volumes.", fault=Fault(operation="list_cloudvolumes", hold="before")),
    View("list-failed", "VolumesScreen", "Happened", fault=Fault(operation="list_cloudvolumes", status=403, body="{}")),
    View("passcode", "PasscodeDrawer", "one-time passcode", over=lambda: PasscodeDrawer("exporter")),
    View(
        "sign-in-failed",
        "SignInScreen",
        "asked for at every start",
        fault=Fault(operation="create_token", status=401, body="{}"),
    ),
    View("no-credentials", "SignInScreen", "asked for at every start", signed_in=False, pictures=(SMALL,)),
    View("sign-in", "SignInScreen", "asked for at every start", ("p", "~SignInScreen"), pictures=(SMALL,)),
    View("sign-in-test", "ConnectionTest", "Everything that was tried works.", ("p", "~SignInScreen", "ctrl+t")),
)


@asynccontextmanager
async def staged(view: View) -> AsyncIterator[tuple[EvsTuiApp, Pilot[None]]]:
    """The app in the state of this view, in the first of its sizes."""
    cloud = still_cloud(view.volumes) if view.signed_in else None
    if cloud is not None and view.fault is not None:
        cloud.faults.append(replace(view.fault))
    options = Options(demo=view.signed_in)
    clock = HeldClock()
    with nothing_by_chance():
        begun = app_of(view.sizes[0], options=options, environ=_HOMELESS, cloud=cloud, clock=clock, face=view.face)
        async with begun as (app, pilot):
            if view.keys:
                await all_read(app, pilot)
            for key in view.keys:
                await _press(key, app, pilot, cloud, clock)
            await beside_read(app, pilot)
            if view.over is not None:
                await app.push_screen(view.over())
            await settled(app, pilot, screen=view.screen)
            await shows(app, pilot, view.words)
            yield app, pilot


_HOMELESS = {"HOME": "/nonexistent"}
"""An environment with nothing to sign in with."""


async def _press(key: str, app: EvsTuiApp, pilot: Pilot[None], cloud: SimulatedCloud | None, clock: HeldClock) -> None:
    if key.startswith("~"):
        await settled(app, pilot, screen=key[1:])
    elif key.startswith("+"):
        assert cloud is not None
        cloud.clock.advance(float(key[1:]))
        clock.go_on()
    else:
        await pilot.press(key)


async def resized(view: View, size: Size, app: EvsTuiApp, pilot: Pilot[None]) -> None:
    """Bring the window of a view to this size."""
    if tuple(app.size) != size:
        await pilot.resize_terminal(*size)
        await shows(app, pilot, view.words)
