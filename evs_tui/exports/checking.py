"""Reads the facts around a plan and checks them: quota, other exports, how long it may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import ImageQuota
from evs_tui.exports.model import Place, Plan
from evs_tui.exports.preflight import SessionFacts, Surroundings, checks_of


class Record(Protocol):
    """What the journal knows of other exports."""

    async def open_counts(self, place: Place) -> tuple[int, int]:
        """How many exports of this project are under way, and how many wait to be sent."""

    async def past_exports(self, place: Place, disk_format: str) -> Sequence[tuple[int, int]]:
        """Earlier exports of this project in this format: the seconds they took, and GiB."""


class QuotaSource(Protocol):
    """The part of a cloud that is asked here."""

    async def image_quota(self) -> ImageQuota | None:
        """How many images there are and may be; None where the cloud does not tell."""


async def with_checks(
    plan: Plan,
    *,
    dialect: Dialect,
    cloud: QuotaSource,
    record: Record,
    place: Place,
    session: SessionFacts,
    at_once: int,
) -> Plan:
    """The plan with its checks. A quota that cannot be read makes that check unknown, and nothing else."""
    requests = [item.request for item in plan.to_do if item.request is not None]
    if not requests:
        return plan
    quota, problem = await _quota(cloud)
    running, waiting = await record.open_counts(place)
    around = Surroundings(
        session=session,
        quota=quota,
        quota_problem=problem,
        running=running,
        waiting=waiting,
        at_once=at_once,
        past=await record.past_exports(place, requests[0].disk_format),
    )
    return replace(plan, checks=checks_of(plan, dialect, around))


async def _quota(cloud: QuotaSource) -> tuple[ImageQuota | None, str | None]:
    try:
        return await cloud.image_quota(), None
    except CloudError as error:
        return None, error.why
