"""The journal file: what it promises, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from evs_tui.exports.faults import JournalFailure
from evs_tui.exports.journal import Journal
from evs_tui.exports.model import Terms
from evs_tui.exports.queries import step_row
from evs_tui.exports.schema import MIGRATIONS
from evs_tui.exports.service import open_exports, read_job, read_jobs
from evs_tui.failure import UsageFailure
from tests.exports.conftest import MakeEngine
from tests.exports.scripted import Inline
from tests.fakes import FakeClock


def _value(journal: Journal, pragma: str) -> object:
    return journal.read_now(lambda connection: connection.execute(f"PRAGMA {pragma}").fetchone()[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite3"


def test_pragmas_are_what_a_commit_needs(path: Path) -> None:
    journal = Journal.open(path, executor=Inline())
    assert journal.problem is None
    assert _value(journal, "journal_mode") == "persist"
    assert _value(journal, "synchronous") == 3
    assert _value(journal, "foreign_keys") == 1
    assert _value(journal, "user_version") == len(MIGRATIONS) == 3
    journal.close()


def test_files_belong_to_their_owner_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        path.parent.mkdir(mode=0o777)
        Journal.open(path, executor=Inline()).close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name("journal.sqlite3-journal").stat().st_mode) == 0o600
    path.chmod(0o644)
    Journal.open(path, executor=Inline()).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.terminal
def test_commit_reaches_the_disk_without_an_unlinked_file(path: Path) -> None:
    assert shutil.which("strace"), "strace is needed"
    script = (
        "import sys, pathlib\n"
        "from evs_tui.exports.journal import Journal\n"
        "journal = Journal.open(pathlib.Path(sys.argv[1]))\n"
        "pathlib.Path(sys.argv[2]).touch()\n"
        "journal._transact('BEGIN IMMEDIATE', lambda c: c.execute('PRAGMA user_version = 1'))\n"
    )
    mark = path.parent.parent / "mark"
    trace = subprocess.run(
        [
            "strace",
            "-f",
            "-y",
            "-e",
            "trace=fsync,fdatasync,unlink,openat",
            sys.executable,
            "-c",
            script,
            str(path),
            str(mark),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    after = trace[trace.index(str(mark)) :]
    synced = [line for line in after.splitlines() if "sync(" in line]
    assert "unlink(" not in after
    assert "journal.sqlite3-journal>" in synced[0]
    assert any("journal.sqlite3>" in line for line in synced)
    # PERSIST with EXTRA: the last thing of a commit is the sync of the zeroed rollback journal.
    assert "journal.sqlite3-journal>" in synced[-1]


def _problem(path: Path) -> JournalFailure:
    journal = Journal.open(path, executor=Inline())
    problem = journal.problem
    journal.close()
    assert problem is not None
    assert problem.exit_code == 6
    return problem


def test_newer_journal_is_only_read(path: Path) -> None:
    Journal.open(path, executor=Inline()).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    before = path.read_bytes()
    problem = _problem(path)
    assert "was written by a newer evs-tui" in problem.why
    assert "update evs-tui" in str(problem.advice)
    assert read_jobs(path, everything=True) == []
    assert path.read_bytes() == before


async def test_nothing_is_written_to_a_journal_with_a_problem(path: Path) -> None:
    Journal.open(path, executor=Inline()).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    journal = Journal.open(path, executor=Inline())
    with pytest.raises(JournalFailure, match="newer"):
        await journal.write(lambda connection: connection.execute("DELETE FROM step"))
    assert await journal.read(lambda connection: connection.execute("SELECT 1").fetchone()[0]) == 1
    journal.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be looked at" * 20, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_damaged_journal_is_left_alone_and_told(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    problem = _problem(path)
    assert "is damaged" in problem.why
    assert f"mv {path} {path}.damaged" in str(problem.advice)
    assert path.read_bytes() == content
    with pytest.raises(JournalFailure, match="damaged"):
        read_jobs(path, everything=False)


def test_damaged_page_is_found_when_opened(path: Path) -> None:
    journal = Journal.open(path, executor=Inline())
    journal._transact("BEGIN IMMEDIATE", lambda c: c.execute("CREATE TABLE ballast AS SELECT randomblob(100000) AS b"))
    journal.close()
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\x5a" * 4096
    path.write_bytes(content)
    assert "is damaged" in _problem(path).why


def test_database_of_another_program_is_not_touched(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    assert "is a database of another program" in _problem(path).why
    connection = sqlite3.connect(path)
    assert [row[0] for row in connection.execute("SELECT name FROM sqlite_schema")] == ["theirs"]
    connection.close()


def test_older_journal_is_brought_up_to_date_unless_others_work_with_it(path: Path) -> None:
    Journal.open(path, executor=Inline()).close()
    newer = (*MIGRATIONS, lambda connection: connection.execute("ALTER TABLE run ADD COLUMN note TEXT"))
    refused = Journal.open(path, executor=Inline(), others_live=lambda: True, migrations=newer)
    assert refused.problem is not None
    assert "another, older evs-tui still works with it" in refused.problem.why
    assert _value(refused, "user_version") == len(MIGRATIONS)
    refused.close()
    journal = Journal.open(path, executor=Inline(), migrations=newer)
    assert journal.problem is None
    assert _value(journal, "user_version") == len(newer)
    assert journal.read_now(lambda c: c.execute("SELECT note FROM run").fetchall()) == []
    journal.close()


def test_migration_that_fails_leaves_the_old_version(path: Path) -> None:
    Journal.open(path, executor=Inline()).close()
    newer = (*MIGRATIONS, lambda connection: connection.execute("ALTER TABLE nothing ADD COLUMN x"))
    journal = Journal.open(path, executor=Inline(), migrations=newer)
    assert journal.problem is not None
    assert _value(journal, "user_version") == len(MIGRATIONS)
    journal.close()


def test_exports_of_the_first_version_are_read_before_and_after_the_journal_is_brought_up_to_date(path: Path) -> None:
    Journal.open(path, executor=Inline(), migrations=MIGRATIONS[:1]).close()
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO place VALUES ('p', 'otc', 'https://iam', 'eu-de', 'p1', 'u1', NULL, NULL, '[]')")
    connection.execute("INSERT INTO run VALUES ('r', 'p', '{}', NULL, 1, '2026-01-15T09:30:00.000+00:00', NULL)")
    connection.execute(
        "INSERT INTO step (id, run, no, kind, origin, project, target, target_name, target_size_gib, target_encrypted,"
        " needs, request, state) VALUES ('s', 'r', 1, 'export', 'https://iam', 'p1', 'v1', 'disk', 10, 0, '[]',"
        " '{\"image_name\": \"old\"}', 'pending')"
    )
    connection.commit()
    connection.close()
    assert [job.request.image_name for job in read_jobs(path, everything=True)] == ["old"]
    journal = Journal.open(path, executor=Inline())
    assert (journal.problem, _value(journal, "user_version")) == (None, len(MIGRATIONS))
    step = journal.read_now(lambda connection: step_row(connection, "s"))
    assert step is not None
    assert (step.terms, step.needs) == (Terms(), ())
    journal.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="another user's file can only be made by root")
def test_directory_of_somebody_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    os.chown(path.parent, 65534, 65534)
    assert "belongs to user id 65534" in _problem(path).why


def test_place_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _problem(tmp_path / "file" / "journal.sqlite3").what == "Nothing can be exported from here"


async def test_transaction_that_fails_leaves_nothing(path: Path) -> None:
    journal = Journal.open(path, executor=Inline())

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO place VALUES ('p','c','o','r','j','u',NULL,NULL,'[]')")
        raise UsageFailure("no", "a test says so")

    with pytest.raises(UsageFailure):
        await journal.write(work)
    assert journal.read_now(lambda c: c.execute("SELECT count(*) FROM place").fetchone()[0]) == 0
    journal.close()


async def test_write_is_done_even_if_nobody_waits_for_it(path: Path) -> None:
    journal = Journal.open(path)
    journal._executor.submit(lambda: None).result()
    waiting = asyncio.Event()

    async def write() -> None:
        waiting.set()
        await journal.write(
            lambda c: c.execute("INSERT INTO place VALUES ('p','c','o','r','j','u',NULL,NULL,'[]')").rowcount
        )

    task = asyncio.create_task(write())
    await waiting.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    journal.close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM place").fetchone()[0] == 1
    connection.close()


def _execute(statement: str, connection: sqlite3.Connection) -> None:
    connection.execute(statement)


async def test_events_are_only_appended(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    await engine.submit("v1")
    for statement in ("UPDATE event SET kind = 'x'", "DELETE FROM event"):
        with pytest.raises(JournalFailure, match="never"):
            await engine.journal.write(partial(_execute, statement))


async def test_index_makes_a_second_open_export_impossible(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    await engine.submit("v1")
    copy = (
        "INSERT INTO step (id, run, no, kind, origin, project, target, target_name, target_size_gib, target_encrypted,"
        " needs, request, state) SELECT 'other', run, 99, kind, origin, project, target, target_name, target_size_gib,"
        " 0, needs, request, 'pending' FROM step"
    )
    with pytest.raises(JournalFailure, match="UNIQUE"):
        await engine.journal.write(lambda c: c.execute(copy))


async def test_strings_are_cleaned_again_when_read(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    job_id = await engine.submit("v1")
    await engine.journal.write(lambda c: c.execute("UPDATE step SET target_name = 'a' || char(27) || '[31mb'"))
    assert (await engine.job(job_id)).volume.name == "a\N{SYMBOL FOR ESCAPE}[31mb"


async def test_row_that_makes_no_sense_is_damage_not_a_traceback(make_engine: MakeEngine) -> None:
    engine = await make_engine()
    job_id = await engine.submit("v1")
    await engine.journal.write(lambda c: c.execute("UPDATE step SET request = '{', state = 'taken'"))
    with pytest.raises(JournalFailure, match="damaged"):
        await engine.job(job_id)
    await engine.kill()


def test_no_journal_means_no_jobs_and_none_is_made(path: Path) -> None:
    assert read_jobs(path, everything=True) == []
    with pytest.raises(UsageFailure, match="abc"):
        read_job(path, "abc")
    assert not path.parent.exists()


async def test_read_without_a_loop_tells_the_same(make_engine: MakeEngine, tmp_path: Path) -> None:
    engine = await make_engine(directory=tmp_path)
    job_id = await engine.submit("v1")
    (listed,) = read_jobs(tmp_path / "journal.sqlite3", everything=True)
    assert listed.id == job_id
    assert read_job(tmp_path / "journal.sqlite3", job_id[:6]).events == (await engine.job(job_id)).events


async def test_demo_leaves_nothing_behind(own_environment: Path) -> None:
    before = sorted(own_environment.parent.rglob("*"))
    exports = await open_exports(None, clock=FakeClock(), jitter=lambda: 0.5)
    await exports.start()
    assert await exports.jobs() == []
    await exports.close()
    assert sorted(own_environment.parent.rglob("*")) == before
