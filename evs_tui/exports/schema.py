"""The journal's tables, and how older ones become these."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

APPLICATION_ID = 0x65767374
"""Marks the file as a journal of evs-tui ("evst")."""

_TABLES = """
CREATE TABLE place (
    id TEXT PRIMARY KEY,
    cloud TEXT NOT NULL,
    auth_origin TEXT NOT NULL,
    region TEXT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    project_name TEXT,
    user_name TEXT,
    origins TEXT NOT NULL
) STRICT;

CREATE TABLE owner (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    lock_file TEXT NOT NULL,
    version TEXT NOT NULL,
    began_at TEXT NOT NULL
) STRICT;

CREATE TABLE run (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL REFERENCES place (id),
    plan TEXT NOT NULL,
    owner TEXT REFERENCES owner (id),
    epoch INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;

CREATE TABLE step (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id),
    no INTEGER NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    project TEXT NOT NULL,
    target TEXT NOT NULL,
    target_name TEXT NOT NULL,
    target_size_gib INTEGER NOT NULL,
    target_encrypted INTEGER NOT NULL,
    needs TEXT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    before TEXT NOT NULL DEFAULT '[]',
    announced_at TEXT,
    announced_boot TEXT,
    announced_elapsed REAL,
    answered_at TEXT,
    answer TEXT,
    fact TEXT,
    image_id TEXT,
    found_by TEXT,
    image_status TEXT,
    image_size_bytes INTEGER,
    volume_status TEXT,
    candidates TEXT NOT NULL DEFAULT '[]',
    looks INTEGER NOT NULL DEFAULT 0,
    looked_boot TEXT,
    looked_elapsed REAL,
    watched INTEGER NOT NULL DEFAULT 1,
    error TEXT,
    receipt TEXT,
    settled_at TEXT,
    UNIQUE (run, no)
) STRICT;

-- One open export per volume, whoever asks: this is what makes a second one impossible.
CREATE UNIQUE INDEX step_open_export ON step (origin, project, target)
    WHERE kind = 'export' AND state IN ('pending', 'announced', 'taken', 'unclear');
CREATE INDEX step_unsettled ON step (state) WHERE state IN ('pending', 'announced', 'taken', 'unclear');
CREATE INDEX step_announced ON step (origin, project, announced_elapsed);
CREATE INDEX step_settled ON step (settled_at);
CREATE INDEX step_image ON step (image_id) WHERE image_id IS NOT NULL;

CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL REFERENCES run (id),
    step TEXT REFERENCES step (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX event_step ON event (step, seq);
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_is_never_removed BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
"""


def _first(connection: sqlite3.Connection) -> None:
    for statement in _statements(_TABLES):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


_SERVERS = """
-- `terms`: what the review fixed about a step beyond its request. `policy`: where its run is carried out.
ALTER TABLE step ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';
ALTER TABLE run ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';

-- One run at a time may be about to stop a server.
CREATE UNIQUE INDEX step_open_stop ON step (origin, project, target)
    WHERE kind = 'stop' AND state IN ('pending', 'announced', 'taken', 'unclear');
CREATE INDEX step_by_run ON step (run, kind);
"""


def _servers(connection: sqlite3.Connection) -> None:
    for statement in _statements(_SERVERS):
        connection.execute(statement)


_FORGETTING = """
-- A person may have ended runs forgotten; what a run that goes on did is never removed.
DROP TRIGGER event_is_never_removed;
CREATE TRIGGER event_of_an_open_run_is_never_removed BEFORE DELETE ON event
    WHEN EXISTS (SELECT 1 FROM run WHERE id = OLD.run AND ended_at IS NULL)
    BEGIN SELECT RAISE(ABORT, 'events of an open run are never removed'); END;
CREATE INDEX event_run ON event (run, seq);
"""


def _forgetting(connection: sqlite3.Connection) -> None:
    for statement in _statements(_FORGETTING):
        connection.execute(statement)


def _statements(script: str) -> list[str]:
    """Split a script into statements; `executescript` would commit the transaction it runs in."""
    found: list[str] = []
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found


MIGRATIONS: Sequence[Callable[[sqlite3.Connection], None]] = (_first, _servers, _forgetting)
"""Entry n makes version n + 1 out of version n; version 0 is the empty file. Entries are only ever added."""


def migrate(
    connection: sqlite3.Connection, found: int, migrations: Sequence[Callable[[sqlite3.Connection], None]]
) -> None:
    """Bring a journal of version `found` up to date, inside the transaction that is open."""
    for step in migrations[found:]:
        step(connection)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")
