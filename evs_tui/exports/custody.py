"""Whose business a run is: which process looks after it, so that two do not ask the cloud the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from evs_tui.exports.owners import Liveness
from evs_tui.exports.queries import run_row
from evs_tui.exports.records import StepRow
from evs_tui.failure import ExitCode


class Custody:
    """Tells it from the journal and the locks. Asks files, so it runs on the journal's thread."""

    def __init__(self, liveness: Liveness, own_id: Callable[[], str | None]) -> None:
        self._liveness = liveness
        self._own_id = own_id
        self._signed_out: set[str] = set()

    def looked_after(self, connection: sqlite3.Connection, steps: Sequence[StepRow]) -> list[StepRow]:
        """Those of the steps that this process watches and looks at: its own, nobody's, or of a process that ended.

        Of a process on another host nobody knows whether it lives; watching its exports too costs a few reads.
        A living one that may no longer sign in watches nothing, so its exports are looked after here, to their end.
        """
        self._signed_out.update(step.id for step in steps if _is_signed_out(step))
        free: dict[str, bool] = {}
        for step in steps:
            if step.run_id not in free:
                free[step.run_id] = self._is_free(connection, step.run_id)
        return [step for step in steps if free[step.run_id] or step.id in self._signed_out]

    def _is_free(self, connection: sqlite3.Connection, run_id: str) -> bool:
        run = run_row(connection, run_id)
        if run is None:
            return False
        return run.owner is None or run.owner.id == self._own_id() or self._liveness(run.owner) is not True


def _is_signed_out(step: StepRow) -> bool:
    return step.error is not None and step.error.exit_code == ExitCode.SIGN_IN
