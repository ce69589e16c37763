"""The program, broken in a place where it holds secrets.

Nothing else differs from what a user runs. Each way puts a secret where a careless line of code would put it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from evs_tui.accounts import Wanted
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.transport import Transport
from evs_tui.failure import Failure
from evs_tui.hygiene import child_environment
from evs_tui.workspace import Workspace

UNREGISTERED = "gAAAA-canary-that-no-Secret-wraps"
_log = logging.getLogger("evs_tui.careless")
_exchange = Transport.exchange
_connect = Workspace.connect


async def _tells_the_log(self: Transport, prepared: PreparedRequest, **options: Any) -> Any:
    """Logs requests and answers with all their headers, and what a library would log by itself."""
    _log.debug("sending %r %r", prepared, prepared.body)
    _log.debug("bare %s", _bare(prepared))
    _log.debug("in a query: https://h.invalid/?limit=5&token=%s", UNREGISTERED)
    _log.debug("as a field: %s", {"securitytoken": UNREGISTERED})
    _log.debug("as a header: %s", {"X-Subject-Token": UNREGISTERED})
    reply = await _exchange(self, prepared, **options)
    _log.debug("answer %r", reply)
    return reply


async def _breaks(self: Transport, prepared: PreparedRequest, **_: Any) -> Any:
    """Raises what nobody foresaw, with the whole request in its message and in local variables."""
    held, local = dict(prepared.headers), UNREGISTERED
    raise RuntimeError(f"request {held} with {prepared.body!r}, bare {_bare(prepared)}, local {len(local)}")


def _bare(prepared: PreparedRequest) -> str:
    """All values of headers and body without the names that would give them away."""
    return " ".join([*dict(prepared.headers).values(), *re.findall(r'"([^"]*)"', (prepared.body or b"").decode())])


async def _breaks_after_sign_in(self: Transport, prepared: PreparedRequest, **options: Any) -> Any:
    if prepared.path.endswith(("/tokens", "/projects")):
        return await _exchange(self, prepared, **options)
    return await _breaks(self, prepared)


async def _starts_a_child(self: Workspace) -> Any:
    """Signs in and starts a child; the child tells its environment, and the process its own, under the home."""
    context = await _connect(self)
    home = Path(os.environ["HOME"])
    child = await asyncio.create_subprocess_exec("env", env=child_environment(os.environ), stdout=PIPE)
    told, _ = await child.communicate()
    (home / "child-environment").write_bytes(told)
    (home / "own-environment").write_text(repr(dict(os.environ)))
    return context


async def _shows_the_login(self: Workspace) -> Any:
    """Tells a person about the login as an object prints itself, past every filter."""
    identity = self.accounts.identity(Wanted())
    (Path(os.environ["HOME"]) / "printed").write_text(f"{identity} {identity!r} {identity.login!s}")
    raise Failure("The login", repr(identity.login))


def sabotage(how: str) -> None:
    """Break the program in one way; an empty one leaves it whole."""
    if how == "log":
        logging.getLogger().setLevel(logging.DEBUG)
        Transport.exchange = _tells_the_log  # type: ignore[method-assign]
    elif how == "break":
        Transport.exchange = _breaks  # type: ignore[method-assign]
    elif how == "break-late":
        Transport.exchange = _breaks_after_sign_in  # type: ignore[method-assign]
    elif how == "child":
        Workspace.connect = _starts_a_child  # type: ignore[method-assign]
    elif how == "show":
        Workspace.connect = _shows_the_login  # type: ignore[method-assign]
