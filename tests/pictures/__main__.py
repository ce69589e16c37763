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


if __name__ == "__main__":
    main(sys.argv[1:])
