"""A journal on a slow disk: whoever draws is never kept waiting by it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from evs_tui.core import Core
from evs_tui.exports.journal import Journal


async def test_the_loop_of_the_screens_goes_on_while_a_commit_does_not_come_back(tmp_path: Path) -> None:
    executor = ThreadPoolExecutor(max_workers=1)
    journal = Journal.open(tmp_path / "state" / "journal.sqlite3", executor=executor)
    committing, released = threading.Event(), threading.Event()

    def stuck(_: object) -> str:
        committing.set()
        assert released.wait(20)
        return "written"

    core = Core()
    try:
        writing = asyncio.ensure_future(core.ask(journal.write, stuck))
        reading = asyncio.ensure_future(core.ask(journal.version))
        await asyncio.to_thread(committing.wait, 20)
        # Both loops answer at once, the screens' and the core's; only who asks the journal waits.
        for _ in range(20):
            assert await asyncio.wait_for(core.ask(_answer), 5) == "here"
        assert (writing.done(), reading.done()) == (False, False)
        released.set()
        assert await asyncio.wait_for(writing, 20) == "written"
        await asyncio.wait_for(reading, 20)
    finally:
        released.set()
        core.close(5)
        journal.close()


async def _answer() -> str:
    return "here"
