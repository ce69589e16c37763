"""What runner, sender, looker and observer ask of a kind of step, whatever it does.

An *action* sends one call that changes something: it is read before, announced, answered, and looked at where the
answer was lost. What is *observed* needs no further call: reads alone tell how it ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from evs_tui.cloud.answers import Answer, Taken
from evs_tui.cloud.errors import CloudError
from evs_tui.exports.entry import Entry
from evs_tui.exports.model import Candidate, ErrorFacts, Outcome
from evs_tui.exports.ports import Cloud
from evs_tui.exports.records import StepRow, Tick
from evs_tui.exports.timing import Limits, Timing
from evs_tui.failure import Failure


@dataclass(frozen=True, slots=True)
class NoRoom:
    """Not now. `running` counts what is under way; `wait` is the seconds until it may work, None: until one ends."""

    running: int
    wait: float | None


@dataclass(frozen=True, slots=True)
class Go:
    """The call may be made. Stored with the announcement: the target's status, and what was there `before`."""

    status: str | None
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotYet:
    """The target is on its way from one state to another; read again soon."""

    status: str | None


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing need be sent: what the step wants is so already. `fact` says how that came."""

    fact: str
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Only a person can say what this means; nothing is sent."""

    candidates: tuple[Candidate, ...]
    failure: Failure


Reading = Go | NotYet | Over | Ask


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a step that is read, looked at or observed.

    `siblings` are the steps of its run that are no exports; `age_s` are the seconds since it was announced or begun.
    `counts`: the call can no longer be on its way, so that a look may count. `claimed` are images of other jobs.
    """

    siblings: tuple[StepRow, ...] = ()
    age_s: float = 0.0
    counts: bool = False
    claimed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Happened:
    """The look proves that the call took effect; `columns` of the step then change."""

    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unaffected:
    """The look finds the target as if the call had never been made."""

    status: str | None


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The look proves nothing either way."""

    status: str | None


Sight = Happened | Unaffected | CannotTell


@dataclass(frozen=True, slots=True)
class Still:
    """It goes on; `status` is the target's as it is now. `fact` is what a person must know of it, if anything."""

    status: str | None
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """It ended so. `again` allows the call to be announced once more, if attempts are left."""

    outcome: Outcome
    status: str | None = None
    fact: str | None = None
    error: ErrorFacts | None = None
    again: bool = False


Observation = Still | Ended


class Action(Protocol):
    """A kind that sends a call."""

    def room(self, connection: sqlite3.Connection, step: StepRow, limits: Limits, tick: Tick) -> NoRoom | None:
        """Why the call may not be announced now, or None. Asked again in the transaction that announces it."""

    async def read(self, cloud: Cloud, step: StepRow, around: Around) -> Reading:
        """Read the target right before the announcement, in the same session.

        Raises:
            CloudError: it cannot be read; a later try may work.
            RefusedFailure: it is no longer what the review took it for; nothing may be sent.
        """

    async def send(self, cloud: Cloud, step: StepRow, *, deadline: float) -> Answer:
        """Make the call, once. Never raises."""

    def taken(self, entry: Entry, step: StepRow, answer: Taken) -> Mapping[str, Any]:
        """The columns of a step that the cloud took."""

    def may_pass(self, error: CloudError) -> bool:
        """Whether the refusal is one for now, because repeating this call does no harm."""

    def refused(self, entry: Entry, step: StepRow, error: Failure) -> None:
        """What a refusal means for other steps of the run."""


class Looked(Protocol):
    """A kind whose call may have been lost. Exports are looked at by rules of their own: see `looker`."""

    async def look(self, cloud: Cloud, step: StepRow, around: Around) -> Sight:
        """Whether the call took effect, from reads alone. `CloudError`: no look could be made."""

    def lost(self, step: StepRow) -> ErrorFacts | None:
        """What it means that the call never took effect; None: it may be announced anew, for it does no harm twice."""


class Observed(Protocol):
    """A kind that is watched to its end."""

    async def observe(self, cloud: Cloud, step: StepRow, around: Around, timing: Timing) -> Observation:
        """How it stands, from reads alone. `CloudError`: it cannot be told now."""


def sibling(around: Around, kind: str, target_id: str) -> StepRow | None:
    """The step of this kind and target in the same run."""
    found: Sequence[StepRow] = [step for step in around.siblings if (step.kind, step.target_id) == (kind, target_id)]
    return found[0] if found else None
