"""The program with short waits: nothing else differs from what a user runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from evs_tui.cli.main import main as real_main
from evs_tui.exports.timing import Timing
from evs_tui.workspace import Wiring

QUICK = Timing(
    post_deadline=3.0,
    retry_first=0.05,
    retry_cap=0.1,
    retry_after_cap=0.2,
    look_first=0.5,
    look_gap=0.05,
    poll_steps=((60.0, 0.05),),
    poll_last=0.05,
    poll_error_cap=0.1,
    image_rarely=0.2,
    seen_grace=0.3,
    room_gap=0.05,
    server_gap=0.05,
    settled_after=0.5,
    feed_gap=0.05,
)


def main(argv: Sequence[str] | None = None, *, timing: Timing = QUICK) -> int:
    """`evs-tui` with short waits."""
    return real_main(argv, wiring=Wiring(timing=timing))


if __name__ == "__main__":
    sys.exit(main())
