"""Jobs as the journal would tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from evs_tui.exports.model import ErrorFacts, ImageRef, Job, JobState, Outcome, Place, Request, VolumeRef

MOMENT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PLACE = Place("p1", "otc", "https://iam.example.test", "eu-de", "a" * 32, "u1", "eu-de_prod", "exporter")
_ENDED = {outcome.value for outcome in Outcome}


def job(state: JobState, **changes: Any) -> Job:
    """A job in `state`."""
    plain = Job(
        id="J1",
        run_id="R1",
        state=state,
        outcome=Outcome(state.value) if state.value in _ENDED else None,
        attention=(),
        volume=VolumeRef("v1", "web-01-data", 40),
        request=Request("web-01", "zvhd2"),
        image=ImageRef(),
        place=PLACE,
        owner=None,
        phase=None,
        planned_at=MOMENT,
    )
    return replace(plain, **changes)


def error(exit_code: int) -> ErrorFacts:
    """An error that was recorded with a job."""
    return ErrorFacts(exit_code, "Signing in failed", "the password was refused")
