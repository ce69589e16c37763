"""Hands a reviewed plan to a process in the background."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evs_tui.background.line import Orders
from evs_tui.background.spawning import spawn
from evs_tui.cloud.identity import AgencyLogin, PasswordLogin
from evs_tui.failure import Failure, RefusedFailure

if TYPE_CHECKING:
    from evs_tui.cloud.identity import Login
    from evs_tui.exports.model import Plan
    from evs_tui.workspace import Workspace

_READY_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Handed:
    """A run, and the process that carries it out."""

    run_id: str
    owner_id: str
    pid: int


async def objection(workspace: Workspace) -> Failure | None:
    """Why nothing can be done in the background from here, or None. Runs on the core's loop."""
    what = "Nothing was exported"
    if workspace.options.demo:
        return RefusedFailure(what, "the demo ends with its process", "stay with --wait")
    if (await workspace.connect()).read_only:
        return RefusedFailure(what, "this run is read-only", "leave out --read-only to export")
    if _needs_passcode((await workspace.identity()).login):
        return RefusedFailure(
            what,
            "a passcode is good for one sign-in, so a process in the background could not sign in",
            "stay with --wait, or use an application credential or an access key",
        )
    return None


async def submit_in_background(workspace: Workspace, plan: Plan) -> Handed:
    """Begin a process, and record the plan as its run once it holds its lock. Runs on the core's loop.

    Raises:
        Failure: nothing was recorded and nothing is sent.
    """
    refusal = await objection(workspace)
    if refusal is not None:
        raise refusal
    exports, place = await workspace.exports(), await workspace.place()
    if exports.problem is not None:
        raise exports.problem
    orders = Orders(await workspace.identity(), place.id, workspace.settings.in_flight, workspace.timing)
    spawned = await asyncio.to_thread(spawn, orders, dict(os.environ), seconds=_READY_WITHIN_S)
    run_id = await exports.hand_over(plan, place, spawned.owner_id)
    return Handed(run_id, spawned.owner_id, spawned.pid)


def _needs_passcode(login: Login) -> bool:
    inner = login.base if isinstance(login, AgencyLogin) else login
    return isinstance(inner, PasswordLogin) and (inner.needs_passcode or inner.passcode is not None)
