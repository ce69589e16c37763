"""The journal's rows as typed records, read with care: every string is cleaned again on the way in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from evs_tui.clock import parse_time
from evs_tui.exports.model import Candidate, ErrorFacts, Place, Request, StepKind, StepState, Terms
from evs_tui.exports.owners import OwnerFacts
from evs_tui.text import clean

OPEN = ("pending", "announced", "taken", "unclear")
"""The states of a step that is not settled."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on one boot's own clock, in seconds; see `Clock.elapsed`. Two boots' ticks cannot be compared."""

    boot_id: str
    elapsed: float


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run: its place, and who carries it out. None: nobody does. The plan as it was reviewed stays in its column."""

    id: str
    place: Place
    owner: OwnerFacts | None
    epoch: int
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a run, as far as it has come."""

    id: str
    run_id: str
    no: int
    kind: StepKind
    origin: str
    project_id: str
    target_id: str
    target_name: str
    volume_size_gib: int
    volume_encrypted: bool
    needs: tuple[int, ...]
    request: Request
    terms: Terms
    state: StepState
    outcome: str | None
    attempt: int
    before: tuple[str, ...]
    announced_at: datetime | None
    announced: Tick | None
    answered_at: datetime | None
    answer: Mapping[str, Any] | None
    fact: str | None
    image_id: str | None
    found_by: str | None
    image_status: str | None
    image_size_bytes: int | None
    volume_status: str | None
    candidates: tuple[Candidate, ...]
    looks: int
    looked: Tick | None
    watched: bool
    error: ErrorFacts | None
    receipt: Mapping[str, Any] | None
    settled_at: datetime | None

    @property
    def volume_id(self) -> str:
        """The target of an export."""
        return self.target_id

    @property
    def volume_name(self) -> str:
        """The name of the target of an export."""
        return self.target_name

    @property
    def named(self) -> dict[str, str]:
        """What a line of a timeline names beyond the job's own disk: the step and its target; nothing of an export."""
        return {} if self.kind is StepKind.EXPORT else {"step": str(self.kind), "target": self.target_name}

    @property
    def is_settled(self) -> bool:
        """Whether nothing happens to this step any more by itself."""
        return self.outcome is not None


def terms_document(terms: Terms) -> dict[str, Any]:
    """Terms as they are stored; what is usual is left out."""
    usual, stored = asdict(Terms()), asdict(terms)
    return {name: value for name, value in stored.items() if value != usual[name]}


def request_document(request: Request) -> dict[str, str | bool | None]:
    """A request as it is stored."""
    return {
        "image_name": request.image_name,
        "disk_format": request.disk_format,
        "container_format": request.container_format,
        "force": request.force,
        "os_type": request.os_type,
    }


def error_document(error: ErrorFacts) -> dict[str, str | int | None]:
    """An error as it is stored and shown: the fields of a failure on the command line."""
    return {
        "exit_code": error.exit_code,
        "what": error.what,
        "why": error.why,
        "advice": error.advice,
        "code": error.code,
        "http_status": error.http_status,
        "request_id": error.request_id,
    }


def candidate_document(candidate: Candidate) -> dict[str, str | None]:
    """A candidate as it is stored."""
    return {
        "id": candidate.id,
        "status": candidate.status,
        "disk_format": candidate.disk_format,
        "created_at": None if candidate.created_at is None else candidate.created_at.isoformat(),
    }


def run_from(row: sqlite3.Row) -> RunRow:
    """A run from its row joined with its place and owner."""
    return RunRow(
        id=clean(row["id"]),
        place=_place(row),
        owner=owner_from(row),
        epoch=row["epoch"],
        made_at=moment(row["made_at"]),
        ended_at=parse_time(row["ended_at"]),
    )


def _place(row: sqlite3.Row) -> Place:
    return Place(
        id=clean(row["place_id"]),
        cloud=clean(row["cloud"]),
        auth_origin=clean(row["auth_origin"]),
        region=clean(row["region"]),
        project_id=clean(row["project_id"]),
        user_id=clean(row["user_id"]),
        project_name=_text(row["project_name"]),
        user_name=_text(row["user_name"]),
        origins=_strings(row["origins"]),
    )


def owner_from(row: sqlite3.Row) -> OwnerFacts | None:
    """The process that a row names as its `owner`, or None."""
    if row["owner"] is None or row["host"] is None:
        return None
    return OwnerFacts(
        id=clean(row["owner"]),
        host=clean(row["host"]),
        boot_id=clean(row["boot_id"]),
        pid=row["pid"],
        lock_file=clean(row["lock_file"]),
        version=clean(row["version"]),
    )


def step_from(row: sqlite3.Row) -> StepRow:
    """A step from its row."""
    return StepRow(
        id=clean(row["id"]),
        run_id=clean(row["run"]),
        no=row["no"],
        kind=StepKind(row["kind"]),
        origin=clean(row["origin"]),
        project_id=clean(row["project"]),
        target_id=clean(row["target"]),
        target_name=clean(row["target_name"]),
        volume_size_gib=row["target_size_gib"],
        volume_encrypted=bool(row["target_encrypted"]),
        needs=tuple(int(no) for no in json.loads(row["needs"])),
        request=request_from(row["request"]),
        # A journal that another, older process still works with is read as it is.
        terms=terms_from(row["terms"]) if "terms" in row.keys() else Terms(),  # noqa: SIM118 - a Row is no mapping
        state=StepState(row["state"]),
        outcome=_text(row["outcome"]),
        attempt=row["attempt"],
        before=_strings(row["before"]),
        announced_at=parse_time(row["announced_at"]),
        announced=_tick(row["announced_boot"], row["announced_elapsed"]),
        answered_at=parse_time(row["answered_at"]),
        answer=None if row["answer"] is None else stored_object(row["answer"]),
        fact=_text(row["fact"]),
        image_id=_text(row["image_id"]),
        found_by=_text(row["found_by"]),
        image_status=_text(row["image_status"]),
        image_size_bytes=row["image_size_bytes"],
        volume_status=_text(row["volume_status"]),
        candidates=_candidates(row["candidates"]),
        looks=row["looks"],
        looked=_tick(row["looked_boot"], row["looked_elapsed"]),
        watched=bool(row["watched"]),
        error=_error(row["error"]),
        receipt=None if row["receipt"] is None else stored_object(row["receipt"]),
        settled_at=parse_time(row["settled_at"]),
    )


def request_from(stored: str) -> Request:
    """A request as `request_document` stored it."""
    fields = stored_object(stored)
    return Request(
        image_name=str(fields.get("image_name", "")),
        disk_format=str(fields.get("disk_format", "")),
        container_format=str(fields.get("container_format", "")),
        force=fields.get("force") is True,
        os_type=fields.get("os_type"),
    )


def terms_from(stored: str) -> Terms:
    """Terms as `terms_document` stored them."""
    fields = stored_object(stored)
    servers = fields.get("servers")
    return Terms(
        servers=tuple(str(item) for item in servers) if isinstance(servers, list) else (),
        was=fields.get("was"),
        kept_off=fields.get("kept_off") is True,
        crash_consistent=fields.get("crash_consistent") is True,
    )


def _error(stored: str | None) -> ErrorFacts | None:
    if stored is None:
        return None
    fields = stored_object(stored)
    return ErrorFacts(
        exit_code=int(fields.get("exit_code", 1)),
        what=str(fields.get("what", "")),
        why=str(fields.get("why", "")),
        advice=fields.get("advice"),
        code=fields.get("code"),
        http_status=fields.get("http_status"),
        request_id=fields.get("request_id"),
    )


def _candidates(stored: str) -> tuple[Candidate, ...]:
    entries = _cleaned(json.loads(stored))
    return tuple(
        Candidate(entry["id"], entry["status"], entry.get("disk_format"), parse_time(entry.get("created_at")))
        for entry in entries
    )


def _strings(stored: str) -> tuple[str, ...]:
    return tuple(str(item) for item in _cleaned(json.loads(stored)))


def stored_object(stored: str) -> dict[str, Any]:
    """A stored object, its strings cleaned again."""
    value = _cleaned(json.loads(stored))
    return value if isinstance(value, dict) else {}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


def _text(value: str | None) -> str | None:
    return None if value is None else clean(value)


def _tick(boot_id: str | None, elapsed: float | None) -> Tick | None:
    return None if boot_id is None or elapsed is None else Tick(clean(boot_id), elapsed)


def moment(stored: str) -> datetime:
    """A stored moment; one that cannot be read was long ago."""
    return parse_time(stored) or _LONG_AGO
