"""Stopping and starting servers: jobs, and the states in between.

While it stops, a server is still `ACTIVE` with task state `powering-off`; while it starts, `SHUTOFF` with
`powering-on`.
Source: ECS API, ECS Statuses; Stopping ECSs in a Batch; Querying Task Execution Status.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

if TYPE_CHECKING:
    from evs_tui.demo.records import Server
    from evs_tui.demo.state import State

Kind = Literal["stop", "start"]
WRONG_STATUS = "The ECS status does not meet requirements. Make the ECS in the required status and try again."


@dataclass(slots=True)
class SubJob:
    """What a job does to one server. Times are seconds since 1970."""

    id: str
    server_id: str
    status: str
    begin: float
    end: float | None = None
    fail_reason: str | None = None


@dataclass(slots=True)
class Job:
    """One batch call's job."""

    id: str
    kind: Kind
    begin: float
    parts: list[SubJob] = field(default_factory=list)

    @property
    def status(self) -> str:
        """RUNNING until every part has ended; FAIL if one of them failed."""
        if any(part.end is None for part in self.parts):
            return "RUNNING"
        return "FAIL" if any(part.status == "FAIL" for part in self.parts) else "SUCCESS"

    @property
    def end(self) -> float | None:
        """When the last part ended."""
        ends = [part.end for part in self.parts if part.end is not None]
        return max(ends) if len(ends) == len(self.parts) else None


@dataclass(slots=True)
class Move:
    """A server on its way from one state to the other."""

    server_id: str
    kind: Kind
    due: float
    part: SubJob


def may(kind: Kind, server: Server) -> bool:
    """Whether the server's state allows it."""
    return (
        server.task_state is None and not server.locked and server.status == ("ACTIVE" if kind == "stop" else "SHUTOFF")
    )


def begin(state: State, kind: Kind, servers: list[Server], *, hard: bool) -> Job:
    """Start a job for `servers`; those in a wrong state fail in it at once."""
    now = state.now()
    job = Job(uuid4().hex, kind, now)
    for server in servers:
        part = SubJob(uuid4().hex, server.id, "RUNNING", now)
        job.parts.append(part)
        if may(kind, server):
            server.task_state = "powering-off" if kind == "stop" else "powering-on"
            state.moves.append(Move(server.id, kind, now + _seconds(state, kind, server, hard=hard), part))
        else:
            part.status, part.end, part.fail_reason = "FAIL", now, WRONG_STATUS
    state.jobs[job.id] = job
    return job


def _seconds(state: State, kind: Kind, server: Server, *, hard: bool) -> float:
    if kind == "start":
        return state.phases.starting if server.starting is None else server.starting
    return (state.phases.stopping if server.stopping is None else server.stopping) / (3 if hard else 1)


def settle(state: State) -> None:
    """Let every stop and start end that is due."""
    now = state.now()
    for move in [move for move in state.moves if move.due <= now]:
        state.moves.remove(move)
        move.part.end = move.due
        server = state.servers.get(move.server_id)
        if server is None:
            move.part.status, move.part.fail_reason = "FAIL", "The ECS does not exist."
            continue
        server.task_state = None
        too_early = move.kind == "start" and _disk_is_uploading(state, server.id)
        if too_early or server.outcome in {"refuses", f"refuses_{move.kind}"}:
            move.part.status, move.part.fail_reason = "FAIL", WRONG_STATUS
        else:
            move.part.status = "SUCCESS"
            server.status = "SHUTOFF" if move.kind == "stop" else "ACTIVE"


def _disk_is_uploading(state: State, server_id: str) -> bool:
    """Whether a disk of the server is being exported: the start then fails. Undocumented; the harder reading."""
    return any(
        a.server_id == server_id
        for upload in state.uploads.values()
        for a in state.volumes[upload.volume_id].attachments
    )
