"""The words of an export as data: request, verdict, plan, run, step, job. Nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from evs_tui.cloud.models import Volume

FoundBy = Literal["answer", "name", "person"]
"""How the image of a job became known: the cloud's answer, its name, or a person who said so."""


class StepKind(StrEnum):
    """What one step of a run does. `DELETE_IMAGE` has no machinery yet; its name is kept free."""

    STOP = "stop"
    WAIT_STOPPED = "wait_stopped"
    EXPORT = "export"
    WAIT_VOLUME = "wait_volume"
    START = "start"
    DELETE_IMAGE = "delete_image"


class StepState(StrEnum):
    """The life of a step, the same for every kind: pending, announced, taken, then settled or unclear."""

    PENDING = "pending"
    ANNOUNCED = "announced"
    TAKEN = "taken"
    UNCLEAR = "unclear"
    DONE = "done"
    REFUSED = "refused"
    SKIPPED = "skipped"


class JobState(StrEnum):
    """What a person sees of an export."""

    PLANNED = "planned"
    PREPARING = "preparing"
    SUBMITTING = "submitting"
    UNCLEAR = "unclear"
    EXPORTING = "exporting"
    RESTORING = "restoring"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_SUBMITTED = "not_submitted"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How an export ended. Once settled it no longer changes."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOT_SUBMITTED = "not_submitted"
    CANCELLED = "cancelled"


class VerdictState(StrEnum):
    """Whether a volume can be exported, and what it takes."""

    READY = "ready"
    NEEDS_STOP = "needs_stop"
    SERVERS_STOPPED = "servers_stopped"
    BUSY = "busy"
    BLOCKED = "blocked"


class Sign(StrEnum):
    """The symbol that a verdict or a line of a timeline bears; the screens choose the character."""

    GOOD = "good"
    ACT = "act"
    BUSY = "busy"
    WAIT = "wait"
    BAD = "bad"
    ASK = "ask"
    WARN = "warn"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A volume's verdict: the state, a sign and at most 16 cells for a column, and the whole sentence.

    `servers_to_stop` are the ids of servers that must stop first.
    """

    state: VerdictState
    sign: Sign
    label: str
    reason: str
    servers_to_stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run happens: one project of one cloud, as one user. `origins` are the only ones ever spoken to."""

    id: str
    cloud: str
    """The dialect's name."""
    auth_origin: str
    region: str
    project_id: str
    user_id: str
    project_name: str | None = None
    user_name: str | None = None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the cloud for one volume. `os_type` is None where it must not be sent."""

    image_name: str
    disk_format: str
    container_format: str = "bare"
    force: bool = False
    os_type: str | None = None

    def body(self) -> dict[str, dict[str, str | bool]]:
        """The documented body and nothing else. Source: EVS API, Exporting EVS Disk Data as an Image."""
        fields: dict[str, str | bool] = {
            "image_name": self.image_name,
            "disk_format": self.disk_format,
            "container_format": self.container_format,
            "force": self.force,
        }
        if self.os_type is not None:
            fields["__os_type"] = self.os_type
        return {"os-volume_upload_image": fields}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person or a script chose for an export. None means: the default for this cloud and disk.

    `name` may be a template with `{name} {id8} {date} {time} {index}`. `stop_servers`: servers that run are stopped
    for their disks, and with `restart_servers` started again afterwards. `crash_consistent` are the last four
    characters of the one disk that may be exported with `force` although its server runs.
    """

    name: str
    disk_format: str | None = None
    container_format: str | None = None
    os_type: str | None = None
    force: bool = False
    skip_existing: bool = False
    stop_servers: bool = False
    restart_servers: bool = False
    crash_consistent: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before the plan is carried out. Red blocks it."""

    level: Literal["info", "yellow", "red"]
    code: str
    text: str


class Light(StrEnum):
    """How one check before the review came out. Red blocks; unknown says that nobody can know beforehand."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of what is around a plan: a stable code, what was found and why it matters, and what to do about it.

    `text` and `remedy` are sentences without a full stop.
    """

    light: Light
    code: str
    text: str
    remedy: str | None = None

    @property
    def is_news(self) -> bool:
        """Whether a person has to read it: everything but green."""
        return self.light is not Light.GREEN

    @property
    def sentence(self) -> str:
        """Finding and remedy in one, as a notice has them."""
        return self.text if self.remedy is None else f"{self.text}; {self.remedy}"


_LEVELS: Mapping[Light, Literal["info", "yellow", "red"]] = {
    Light.YELLOW: "yellow",
    Light.RED: "red",
    Light.UNKNOWN: "info",
}


@dataclass(frozen=True, slots=True)
class PlannedExport:
    """One volume of a plan. `request` is None where it is left out: `blocked` or `skipped` then says why."""

    volume: Volume
    verdict: Verdict
    request: Request | None
    blocked: str | None = None
    skipped: str | None = None
    crash_consistent: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What the review fixed about a step beyond its request.

    `servers` must be off for an export; `was` is the status of a server as it was reviewed. `kept_off`: the server
    is started again only if nothing was exported meanwhile. `crash_consistent`: the disk of a running server is
    exported as it is, because a person confirmed the danger.
    """

    servers: tuple[str, ...] = ()
    was: str | None = None
    kept_off: bool = False
    crash_consistent: bool = False


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step as it will be carried out: what it changes and how that is undone (None: it cannot be).

    `needs` are the numbers of the steps that must be settled before.
    """

    no: int
    kind: StepKind
    target_id: str
    target_name: str
    changes: str
    undo: str | None = None
    needs: tuple[int, ...] = ()
    request: Request | None = None
    terms: Terms = Terms()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen, said before it happens."""

    exports: tuple[PlannedExport, ...]
    steps: tuple[PlannedStep, ...]
    notices: tuple[Notice, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def refusal(self) -> Check | None:
        """The first red check: with it nothing of the plan may be sent."""
        return next((check for check in self.checks if check.light is Light.RED), None)

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """All that is to be known beforehand, the gravest first: the notices, and the checks that are not green."""
        found = [Notice(_LEVELS[check.light], check.code, check.sentence) for check in self.checks if check.is_news]
        return tuple(sorted([*found, *self.notices], key=lambda each: ("red", "yellow", "info").index(each.level)))

    @property
    def to_do(self) -> tuple[PlannedExport, ...]:
        """The volumes that will be exported."""
        return tuple(item for item in self.exports if item.request is not None)

    @property
    def stops(self) -> tuple[PlannedStep, ...]:
        """The steps that stop a server."""
        return tuple(step for step in self.steps if step.kind is StepKind.STOP)

    @property
    def blocked(self) -> tuple[PlannedExport, ...]:
        """The volumes that cannot be exported."""
        return tuple(item for item in self.exports if item.blocked is not None)


@dataclass(frozen=True, slots=True)
class VolumeRef:
    """The volume of a job, as it was when the job was planned."""

    id: str
    name: str
    size_gib: int


@dataclass(frozen=True, slots=True)
class ImageRef:
    """The image of a job, as far as it is known."""

    id: str | None = None
    status: str | None = None
    found_by: FoundBy | None = None


@dataclass(frozen=True, slots=True)
class OwnerRef:
    """The process that carries out a run. `alive` is None where this host cannot know."""

    host: str
    pid: int
    alive: bool | None = None


@dataclass(frozen=True, slots=True)
class Attention:
    """What still needs a person: a stable code, the fact, and what to do about it."""

    code: str
    text: str
    action: str


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """An error that was recorded with a job; the fields of `Failure`."""

    exit_code: int
    what: str
    why: str
    advice: str | None = None
    code: str | None = None
    http_status: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """In which range exports of the same format and volume type ended before, in seconds from the announcement.

    `samples` of them were taken together, at least three.
    """

    low_s: int
    high_s: int
    samples: int

    def left(self, elapsed_s: int) -> tuple[int, int] | None:
        """The range of what is left after `elapsed_s` seconds; None when it takes longer than all before it."""
        return None if elapsed_s > self.high_s else (max(0, self.low_s - elapsed_s), self.high_s - elapsed_s)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's timeline. `data` holds facts only, never a secret."""

    at: datetime
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image that may be the one an unclear export made."""

    id: str
    status: str
    disk_format: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Job:
    """An export step with its image: what a person watches. Read from the journal alone."""

    id: str
    run_id: str
    state: JobState
    outcome: Outcome | None
    attention: tuple[Attention, ...]
    volume: VolumeRef
    request: Request
    image: ImageRef
    place: Place
    owner: OwnerRef | None
    phase: str | None
    """What goes on now, in a few words, e.g. "disk is uploading"."""
    planned_at: datetime
    announced_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    last_error: ErrorFacts | None = None
    request_ids: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    receipt: Mapping[str, Any] | None = None
    estimate: Estimate | None = None
    stopped: tuple[str, ...] = ()
    """The names of the servers that its run stopped for it, or is about to."""
    stays_off: bool = False
    """Whether they shall stay off afterwards."""

    @property
    def is_open(self) -> bool:
        """Whether anything is still to happen or to be found out."""
        return self.outcome is None or self.state is JobState.RESTORING

    def elapsed_s(self, now: datetime) -> int | None:
        """Whole seconds from the announcement (else the plan) to the end, or to `now` while it is open."""
        start = self.announced_at or self.planned_at
        return max(0, int(((self.ended_at or now) - start).total_seconds()))
