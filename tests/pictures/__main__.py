"""`python -m tests.pictures [VIEW...]`: draws `assets/` and the snapshots of the tests from the running app.

Without names all views are drawn anew, and what no view draws any more is removed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.tui.snapshot import DIRECTORY, snapshot_of, snapshot_path
from tests.tui.views import VIEWS, View, resized, staged

ASSETS = Path(__file__).parents[2] / "assets"


async def draw(view: View) -> list[Path]:
    """Write the snapshots and pictures of one view; where."""
    written = []
    async with staged(view) as (app, pilot):
        for size in view.sizes:
            await resized(view, size, app, pilot)
            path = snapshot_path(view.name, size)
            path.write_text(snapshot_of(app), encoding="utf-8")
            written.append(path)
            if size in view.pictures:
                # Without it some viewers fold the blanks at the start of a run of text.
                drawn = app.export_screenshot(title="evs-tui").replace("<svg ", '<svg xml:space="preserve" ', 1)
                picture = ASSETS / f"{path.stem}.svg"
                picture.write_text(drawn, encoding="utf-8")
                written.append(picture)
    return written


<<<<<<< HEAD
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
=======
def main(names: Sequence[str]) -> None:
    """Draw the views with these names, or all."""
    unknown = set(names) - {view.name for view in VIEWS}
    if unknown:
        raise SystemExit(f"no such view: {', '.join(sorted(unknown))}; there are {', '.join(v.name for v in VIEWS)}")
    written: set[Path] = set()
    for view in VIEWS:
        if not names or view.name in names:
            written.update(asyncio.run(draw(view)))
            print(view.name, flush=True)
    if not names:
        for path in {*DIRECTORY.glob("*.txt"), *ASSETS.glob("*.svg")} - written:
            path.unlink()
>>>>>>> 94e2ef4 (Compare every screen with its snapshot, as text that shows what changed; draw pictures and snapshots from one table of views)


if __name__ == "__main__":
    main(sys.argv[1:])
