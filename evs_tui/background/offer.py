"""Whether a plan may run in the background, and what to know of that, asked before anybody chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evs_tui.background.handing import objection
from evs_tui.background.logout import killed_at_logout

if TYPE_CHECKING:
    from evs_tui.workspace import Workspace

HERE = "stay until it ends; what waits then goes on at the next start"
BACKGROUND = "a process without a terminal, which goes on when the line drops"


@dataclass(frozen=True, slots=True)
class Offer:
    """`refusal`: why there can be no background. `warning`: what would end it there. `preselected`: it is better."""

    refusal: str | None = None
    warning: str | None = None
    preselected: bool = False


async def offer(workspace: Workspace, environ: Mapping[str, str]) -> Offer:
    """What to offer here; over SSH the background is preselected. Runs on the core's loop."""
    refusal = await objection(workspace)
    if refusal is not None:
        return Offer(refusal.why)
    warning = await asyncio.to_thread(killed_at_logout, environ)
    return Offer(None, warning, preselected=bool(environ.get("SSH_CONNECTION")) and warning is None)
