"""The journal file: one connection, one thread that uses it, and commits that have reached the disk when they return.

`journal_mode=PERSIST` with `synchronous=EXTRA`: a commit ends with a sync of the zeroed rollback journal, no file is
unlinked whose directory would have to be synced as well, and it works where a write-ahead log does not (a home on
NFS). What cannot be had there is found out when the journal is opened; exports are then refused with the reason.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from evs_tui.exports.faults import JournalFailure, damaged, failure_of
from evs_tui.exports.schema import APPLICATION_ID, MIGRATIONS, migrate
from evs_tui.failure import ConfigFailure
from evs_tui.files import private_directory

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
_BUSY_S = 10.0
_EXTRA = 3


class Journal:
    """An open journal. `problem` says why nothing may be exported with it, or is None."""

    def __init__(
        self, connection: sqlite3.Connection | None, problem: JournalFailure | None, executor: Executor
    ) -> None:
        self._connection = connection
        self._executor = executor
        self._closed = False
        self.problem = problem

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        executor: Executor | None = None,
        others_live: Callable[[], bool] = lambda: False,
        migrations: Sequence[Callable[[sqlite3.Connection], None]] = MIGRATIONS,
    ) -> Journal:
        """Open the journal at `path`, making it and its directory (0600, 0700) where there is none.

        Never raises for the state of the file or its file system: see `problem`. An older file is brought up to
        date unless `others_live`: another process that still works with it in its old form.
        """
        worker = executor or _thread()
        connection: sqlite3.Connection | None = None
        try:
            _make_private(path)
            connection = _connect(f"{path.absolute().as_uri()}?mode=rw")
            _prepare(connection, path)
            _check_version(connection, path, others_live, migrations)
        except JournalFailure as failure:
            return cls(connection, failure, worker)
        except ConfigFailure as failure:
            refused = JournalFailure("Nothing can be exported from here", str(failure), failure.advice)
            return cls(connection, refused, worker)
        except (sqlite3.Error, OSError) as error:
            return cls(connection, failure_of(error, path), worker)
        return cls(connection, None, worker)

    @classmethod
    def open_to_read(cls, path: Path, *, executor: Executor | None = None) -> Journal | None:
        """Open the journal at `path` for reading alone, or None where there is none.

        Raises:
            JournalFailure: it is there and cannot be read.
        """
        if not path.exists():
            return None
        try:
            connection = _connect_to_read(path)
            _check_readable(connection, path)
        except (sqlite3.Error, OSError) as error:
            raise failure_of(error, path) from error
        return cls(connection, None, executor or _thread())

    @classmethod
    def in_memory(cls, *, executor: Executor | None = None) -> Journal:
        """A journal that leaves nothing behind, with the same rules."""
        connection = _connect("file::memory:")
        connection.execute("BEGIN IMMEDIATE")
        migrate(connection, 0, MIGRATIONS)
        connection.execute("COMMIT")
        return cls(connection, None, executor or _thread())

    async def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction on the journal's thread; when this returns, it is on the disk.

        The work is done even if the one who asked is cancelled meanwhile.

        Raises:
            JournalFailure: nothing of it was recorded.
        """
        return await self._on_thread(lambda: self.write_now(work))

    def write_now(self, work: Work[T]) -> T:
        """`write` on the calling thread, for plain code that owns this journal alone."""
        if self.problem is not None:
            raise self.problem
        return self._transact("BEGIN IMMEDIATE", work)

    async def read(self, work: Work[T]) -> T:
        """Run `work`, which only reads, on one consistent state of the journal.

        Raises:
            JournalFailure: it cannot be read.
        """
        return await self._on_thread(lambda: self.read_now(work))

    def read_now(self, work: Work[T]) -> T:
        """`read` on the calling thread, for plain code that owns this journal alone."""
        return self._transact("BEGIN", work)

    async def version(self) -> int:
        """A number that changes when another process has committed."""
        return await self._on_thread(lambda: _pragma(self._usable(), "data_version"))

    def close(self) -> None:
        """Wait for what the thread still does and close the file. May be called twice."""
        self._closed = True
        self._executor.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _on_thread(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise JournalFailure("The journal cannot be used", "it is closed")
        # Shielded: work that is only queued yet would be dropped with the one who asked for it.
        return await asyncio.shield(asyncio.wrap_future(self._executor.submit(work)))

    def _usable(self) -> sqlite3.Connection:
        if self._connection is None:
            raise self.problem or JournalFailure("The journal cannot be used", "it is closed")
        return self._connection

    def _transact(self, begin: str, work: Work[T]) -> T:
        connection = self._usable()
        try:
            connection.execute(begin)
            result = work(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            _roll_back(connection)
            raise failure_of(error, None) from error
        except (ValueError, KeyError) as error:
            # A row that cannot be understood: somebody else wrote it.
            _roll_back(connection)
            raise damaged(None, str(error)) from error
        except BaseException:
            _roll_back(connection)
            raise
        return result


def _thread() -> Executor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="evs-tui journal")


def _make_private(path: Path) -> None:
    private_directory(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        # Only looked at, never opened: closing a descriptor of its own would drop the locks SQLite holds on the file.
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _connect(uri: str) -> sqlite3.Connection:
    # One thread uses the connection, but not the one that opened it.
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _connect_to_read(path: Path) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    try:
        # A commit that was cut short is rolled back by the next reader, who must be able to write for that.
        connection = _connect(f"{uri}?mode=rw")
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError:
        connection = _connect(f"{uri}?mode=ro")
    connection.execute("PRAGMA query_only = ON")
    return connection


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    mode = str(connection.execute("PRAGMA journal_mode = PERSIST").fetchone()[0]).lower()
    connection.execute("PRAGMA synchronous = EXTRA")
    # Without it a Mac reports a commit before the drive has it.
    connection.execute("PRAGMA fullfsync = ON")
    if mode != "persist" or _pragma(connection, "synchronous") != _EXTRA:
        raise JournalFailure(
            "Nothing can be exported from here",
            f"the journal {path} cannot be written safely: its file system does not take the needed settings",
            "put the state directory on a local disk (XDG_STATE_HOME)",
        )
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")


def _check_version(
    connection: sqlite3.Connection,
    path: Path,
    others_live: Callable[[], bool],
    migrations: Sequence[Callable[[sqlite3.Connection], None]],
) -> None:
    if _pragma(connection, "user_version") == len(migrations):
        _check_readable(connection, path)
        _check_sound(connection, path)
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _pragma(connection, "user_version")
        _check_readable(connection, path)
        _refuse_version(path, found, len(migrations), others_live)
        if found < len(migrations):
            migrate(connection, found, migrations)
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _refuse_version(path: Path, found: int, ours: int, others_live: Callable[[], bool]) -> None:
    if found > ours:
        raise JournalFailure(
            "Nothing can be exported from here",
            f"the journal {path} was written by a newer evs-tui",
            "update evs-tui; until then its jobs can be read as far as they are understood",
        )
    if 0 < found < ours and others_live():
        raise JournalFailure(
            "Nothing can be exported from here",
            f"the journal {path} must be brought up to date, and another, older evs-tui still works with it",
            "end the other evs-tui first",
        )


def _check_readable(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is not ours. An empty file may become ours."""
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and _pragma(connection, "application_id") != APPLICATION_ID:
        raise JournalFailure(
            "The journal cannot be used",
            f"{path} is a database of another program",
            f"move it away: mv {path} {path}.other",
        )


def _check_sound(connection: sqlite3.Connection, path: Path) -> None:
    found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if found != "ok":
        raise damaged(path, found)


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            # The transaction that failed is undone by whoever opens the journal next.
            return
