"""The user's command for an export that ended: what it gets, and that it can disturb nobody."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from evs_tui.exports.endings import Endings
from evs_tui.exports.hook import Hook
from evs_tui.exports.model import Job, JobState
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, volume

_WRITES = """
import json, os, sys
job = json.load(sys.stdin)
with open(sys.argv[1] + ".part", "w") as file:
    json.dump({"job": job, "environ": dict(os.environ), "cwd": os.getcwd(), "session": os.getsid(0)}, file)
os.rename(sys.argv[1] + ".part", sys.argv[1])
"""


def _awaited(path: Path) -> dict[str, object]:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, "the command did not write"
        time.sleep(0.01)
    found: dict[str, object] = json.loads(path.read_text())
    return found


def test_the_command_gets_the_job_without_a_shell_and_without_secrets(tmp_path: Path) -> None:
    out = tmp_path / "told; touch x"
    environ = {"OS_PASSWORD": "hunter2", "PATH": "/usr/bin:/bin", "HOME": "/nowhere"}
    hook = Hook([sys.executable, "-I", "-c", _WRITES, str(out)], environ)
    hook.start({"id": "j1", "volume": {"name": "$(reboot)"}})
    hook.close()
    told = _awaited(out)
    assert told["job"] == {"id": "j1", "volume": {"name": "$(reboot)"}}
    assert "OS_PASSWORD" not in dict(told["environ"])  # type: ignore[call-overload]
    assert (told["cwd"], told["session"] != os.getsid(0)) == ("/", True)


def test_a_command_that_is_missing_or_never_ends_holds_nobody_up(tmp_path: Path) -> None:
    began = time.monotonic()
    for command in (["/nonexistent/command"], ["/bin/sleep", "60"]):
        hook = Hook(command, {}, limit=0.1)
        hook.start({"id": "j" * 1000})
        hook.close()
    assert time.monotonic() - began < 10


async def test_of_two_processes_that_see_the_end_one_tells_it(tmp_path: Path) -> None:
    first = await Engine(ScriptedCloud().add(volume()), directory=tmp_path).begin()
    second = await Engine(first.cloud, clock=first.clock, directory=tmp_path).begin()
    told: list[tuple[str, Job]] = []
    endings = [
        Endings(engine.exports._book, lambda _: True, lambda job, name=name: told.append((name, job)))  # type: ignore[misc]
        for name, engine in (("first", first), ("second", second))
    ]
    for one in endings:
        await one.catch_up()
    job_id = await first.submit()
    first.cloud.finish("v1", (await first.job(job_id)).image.id or "")
    await first.clock.advance(120)
    for one in (*reversed(endings), *endings):
        await one.catch_up()
    assert [(name, job.id, job.state) for name, job in told] == [("second", job_id, JobState.SUCCEEDED)]
    await second.exports.close()


async def test_what_ends_while_the_engine_closes_is_told_too() -> None:
    engine = await Engine().begin()
    told: list[Job] = []
    await engine.exports.tell_ends(told.append)
    await engine.submit()
    job = await engine.only()
    engine.cloud.finish("v1", job.image.id or "")
    await engine.clock.advance(120)
    await engine.exports.close()
    assert [one.id for one in told] == [job.id]
