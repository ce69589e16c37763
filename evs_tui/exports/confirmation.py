"""What has to be typed before a plan is carried out: for danger, and where a mistake would be a large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evs_tui.exports.model import Plan, PlannedExport

MANY = 20
"""More disks than this are exported from the screens only after their number was typed."""
_LAST = 4


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A word to be typed. `what` says what it is, as a sentence has it."""

    wanted: str
    what: str

    def is_met(self, typed: str) -> bool:
        """Whether exactly this was typed; blanks around it do not count."""
        return typed.strip() == self.wanted


def endangered(plan: Plan) -> tuple[PlannedExport, ...]:
    """The exports of disks whose servers run on meanwhile."""
    return tuple(item for item in plan.to_do if item.crash_consistent)


def confirmation_of_danger(exports: Sequence[PlannedExport]) -> Confirmation | None:
    """What is typed for the first of these disks; None where there is none."""
    if not exports:
        return None
    return Confirmation(exports[0].volume.id[-_LAST:], f"the last {_LAST} characters of the id")


def confirmation_of_number(plan: Plan) -> Confirmation | None:
    """The number of disks, where there are many; else None."""
    count = len(plan.to_do)
    return Confirmation(str(count), "the number of volumes") if count > MANY else None
