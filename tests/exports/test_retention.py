"""Forgetting ended jobs, and the history as a table for other programs."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from evs_tui.exports.history import HEADS, csv_lines, write_history
from evs_tui.exports.model import JobState
from evs_tui.failure import RefusedFailure, UsageFailure
from tests.exports.engine import Engine
from tests.exports.scripted import ScriptedCloud, volume


async def _two(directory: Path | None = None) -> tuple[Engine, list[str]]:
    """A run of two exports of which the first has succeeded."""
    engine = await Engine(ScriptedCloud().add(volume("v1"), volume("v2")), directory=directory).begin()
    await engine.submit("v1", "v2")
    await engine.clock.advance(5)
    jobs = await engine.exports.jobs()
    engine.cloud.finish("v1", jobs[0].image.id or "")
    await engine.clock.advance(120)
    return engine, [job.id for job in jobs]


async def test_a_job_is_forgotten_with_its_run_only_when_the_run_has_ended() -> None:
    engine, (first, second) = await _two()
    assert (await engine.job(first)).state is JobState.SUCCEEDED
    for job_id in (first, second):
        with pytest.raises(RefusedFailure, match="it, or another job of its run, is open"):
            await engine.exports.forget(job_id)
    engine.cloud.finish("v2", (await engine.job(second)).image.id or "")
    await engine.clock.advance(120)
    await engine.exports.forget(first[:6])
    with pytest.raises(UsageFailure):
        await engine.job(first)
    assert [job.id for job in await engine.exports.jobs()] == [second]
    await engine.exports.forget(second)
    rows = await engine.journal.read(
        lambda connection: [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("run", "step", "event")
        ]
    )
    assert rows == [0, 0, 0]


async def test_what_an_open_run_did_cannot_be_removed_by_anybody(tmp_path: Path) -> None:
    await _two(tmp_path)
    with sqlite3.connect(tmp_path / "journal.sqlite3") as other, pytest.raises(sqlite3.IntegrityError, match="never"):
        other.execute("DELETE FROM event")


async def test_the_history_is_a_table_that_no_spreadsheet_obeys(tmp_path: Path) -> None:
    engine, (first, _) = await _two()
    job = await engine.job(first)
    hostile = replace(job, volume=replace(job.volume, name='=HYPERLINK("https://example.org","x")'))
    now = engine.clock.now()
    heads, *rows = csv.reader(io.StringIO("\n".join(csv_lines([job, hostile], now))))
    assert tuple(heads) == HEADS
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    assert (found[0]["job_id"], found[0]["state"], found[0]["image_id"]) == (first, "succeeded", "i-1")
    assert found[1]["volume_name"] == '\'=HYPERLINK("https://example.org","x")'
    path = write_history(tmp_path / "history", [job], now, "json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one["id"] for one in json.loads(path.read_text())["jobs"]] == [first]
