"""`python -m tests.pictures`: draws every picture of `assets/` from the app, running on the demo's cloud."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.tui.demo_app import demo_app, settled

ASSETS = Path(__file__).parents[2] / "assets"
FORM = ("down", "down", "down", "down", "enter", "~")
REVIEW = (*FORM, "f2", "~ReviewScreen")
JOBS = (*REVIEW, "tab", "enter", "~JobsScreen")


@dataclass(frozen=True)
class Picture:
    """One picture: its name, the keys that lead to it, and in which sizes it is drawn."""

    name: str
    keys: tuple[str, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ((80, 24),)


PICTURES = (
    Picture("volumes", ("down", "space", "space"), ((80, 24), (120, 40))),
    Picture("filter", ("slash", *"web -type:sata", "down")),
    Picture("details", ("down", "down", "i")),
    Picture("form", FORM, ((80, 24), (120, 40))),
    Picture("form-error", (*FORM, "slash")),
    Picture("review", REVIEW),
    Picture("jobs", JOBS, ((80, 24), (120, 40))),
    Picture("images", (*JOBS, "3", "~ImagesScreen")),
    Picture("help", ("question_mark",)),
    Picture("quit", (*JOBS, "q", "~QuitDrawer")),
)


async def draw(picture: Picture, size: tuple[int, int]) -> str:
    """The picture as SVG text."""
    async with demo_app(size) as (app, pilot):
        for key in picture.keys:
            if key.startswith("~"):
                await settled(app, pilot, screen=key[1:] or None)
            else:
                await pilot.press(key)
        await settled(app, pilot)
        # Without it some viewers fold the blanks at the start of a run of text.
        return app.export_screenshot(title="evs-tui").replace("<svg ", '<svg xml:space="preserve" ', 1)


def main() -> None:
    """Draw them all."""
    ASSETS.mkdir(exist_ok=True)
    for picture in PICTURES:
        for size in picture.sizes:
            path = ASSETS / f"{picture.name}-{size[0]}x{size[1]}.svg"
            path.write_text(asyncio.run(draw(picture, size)), encoding="utf-8")
            print(path.name)


if __name__ == "__main__":
    main()
