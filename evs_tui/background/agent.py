"""What the process in the background does: sign in, hold its lock, take its run, and end when nobody needs it."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from evs_tui.background.line import Orders
from evs_tui.failure import Failure, RefusedFailure
from evs_tui.hygiene import prepare_process

_CLOSING_LIMIT = 45.0
_RUN_WITHIN_S = 60.0
_ASK_GAP_S = 0.25
Tell = Callable[[dict[str, Any]], None]


class _Asked(BaseException):
    """Somebody asked this process to end."""


def carry_out(line: bytes, tell: Tell) -> int:
    """Do what the orders in `line` say. `tell` is called once: with who this is, or with why it cannot work."""
    from evs_tui.config.paths import Paths
    from evs_tui.logs import start_logging

    prepare_process(os.environ)
    telling = _Once(tell)
    try:
        orders = Orders.of_line(line)
        start_logging(Paths.of(os.environ).log_file)
        return _work(orders, telling)
    except Failure as failure:
        telling.failure(failure)
        return int(failure.exit_code)
    except _Asked:
        return 128 + signal.SIGTERM
    except Exception as error:
        logging.getLogger(__name__).exception("unexpected")
        why = f"the process in the background failed ({type(error).__name__}); evs-tui.log has the details"
        telling.failure(RefusedFailure("Nothing was exported", why))
        return 1


def _work(orders: Orders, tell: _Once) -> int:
    from evs_tui.workspace import Options, Wiring, Workspace

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _on_signal)
    wiring = Wiring(timing=orders.timing)
    workspace = Workspace.open(Options(), os.environ, wiring, identity=orders.identity, in_flight=orders.in_flight)
    try:
        place = workspace.core.run(workspace.place)
        if place.id != orders.place_id:
            raise RefusedFailure("Nothing was exported", "the process in the background was signed in somewhere else")
        owner_id = workspace.core.run(_enrol, workspace)
        tell({"owner_id": owner_id, "pid": os.getpid()})
        workspace.core.run(_serve, workspace)
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        workspace.close(_CLOSING_LIMIT)
    return 0


async def _enrol(workspace: Any) -> str:
    exports = await workspace.exports()
    if exports.problem is not None:
        raise exports.problem
    return str(await exports.enrol())


async def _serve(workspace: Any) -> None:
    """Wait for the run, carry it out, and return when nothing of it changes by itself any more."""
    exports, clock = await workspace.exports(), workspace.clock
    end = clock.elapsed() + _RUN_WITHIN_S
    while not (runs := await exports.begin_handed()) and clock.elapsed() < end:
        await clock.sleep(_ASK_GAP_S)
    for run_id in runs:
        jobs = await exports.jobs(run_id=run_id)
        await exports.wait_settled([job.id for job in jobs], timeout=None)


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise _Asked


class _Once:
    """Says the one line that is waited for."""

    def __init__(self, tell: Tell) -> None:
        self._tell: Tell | None = tell

    def __call__(self, document: dict[str, Any]) -> None:
        tell, self._tell = self._tell, None
        if tell is not None:
            tell(document)

    def failure(self, failure: Failure) -> None:
        """Say why nothing will be done."""
        words = {"what": failure.what, "why": failure.why, "advice": failure.advice}
        self({**words, "exit_code": int(failure.exit_code)})
