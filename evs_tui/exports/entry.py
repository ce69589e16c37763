"""One entry into the journal: the open transaction and the moment it is made. A step changes through it alone."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from evs_tui.exports.model import ErrorFacts, Outcome, StepState
from evs_tui.exports.records import OPEN, StepRow, Tick, error_document
from evs_tui.failure import ExitCode, Failure

OPEN_STATES = ", ".join(f"'{state}'" for state in OPEN)
"""For `state IN (...)`."""


class Lost(Exception):
    """The run is no longer ours, or the step is not where we left it. Whoever sees this stops at once."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The right to carry out a run: who, and the run's epoch when it was gained. It is lost when the epoch moves on."""

    run_id: str
    owner_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written here is committed together or not at all."""

    connection: sqlite3.Connection
    now: datetime
    tick: Tick

    @property
    def stamp(self) -> str:
        """This moment as the journal stores it."""
        return stamp(self.now)

    def log(self, run_id: str, step_id: str | None, kind: str, **data: Any) -> None:
        """Append an event. Every change that a person can see writes one: the events are also the change feed."""
        self.connection.execute(
            "INSERT INTO event (run, step, at, kind, data) VALUES (?, ?, ?, ?, ?)",
            (run_id, step_id, self.stamp, kind, json.dumps(data)),
        )

    def move(self, step: StepRow, expected: StepState, **columns: Any) -> bool:
        """Change a step that is still in the expected state; False if it is not."""
        assignments = ", ".join(f"{name} = ?" for name in columns)
        done = self.connection.execute(
            f"UPDATE step SET {assignments} WHERE id = ? AND state = ?",  # noqa: S608 - names from our code alone
            (*columns.values(), step.id, str(expected)),
        )
        return done.rowcount == 1

    def move_held(self, hold: Hold, step: StepRow, expected: StepState, **columns: Any) -> None:
        """Change a step as the owner of its run.

        Raises:
            Lost: we are not, or the step is not in the expected state.
        """
        held = self.connection.execute(
            "SELECT 1 FROM run WHERE id = ? AND owner = ? AND epoch = ?", (step.run_id, hold.owner_id, hold.epoch)
        ).fetchone()
        if held is None or step.run_id != hold.run_id or not self.move(step, expected, **columns):
            raise Lost

    def settled(self, state: StepState, outcome: Outcome, error: ErrorFacts | None) -> dict[str, Any]:
        """The columns of a step that ends now."""
        return {
            "state": str(state),
            "outcome": str(outcome),
            "error": None if error is None else json.dumps(error_document(error)),
            "settled_at": self.stamp,
            "candidates": "[]",
        }


def stamp(moment: datetime) -> str:
    """A moment as the journal stores it: UTC, always of the same length, so that text sorts like time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def error_facts(failure: Failure, exit_code: ExitCode | None = None) -> ErrorFacts:
    """A failure as facts to store; with another exit code where the step's rule says so."""
    return ErrorFacts(
        exit_code=int(failure.exit_code if exit_code is None else exit_code),
        what=failure.what,
        why=failure.why,
        advice=failure.advice,
        code=failure.code,
        http_status=failure.http_status,
        request_id=failure.request_id,
    )
