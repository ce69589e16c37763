"""How long an export may take: a range, from three or more own past exports of the same format and volume type.

No service tells how far an export is. Without such a past there is no estimate, and it is never a single number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evs_tui.clock import parse_time
from evs_tui.exports.model import Estimate, StepState
from evs_tui.exports.queries import marks
from evs_tui.exports.records import StepRow, moment, request_from, stored_object

LEAST_SAMPLES = 3
_MOST_SAMPLES = 20
_LOOKED_AT = 300
_SIMILAR = 4.0
"""Exports of disks up to so many times larger or smaller tell something; far smaller ones are mostly waiting."""

Sort = tuple[str, str | None]
"""The format of the image and the type of the volume."""


@dataclass(frozen=True, slots=True)
class Past:
    """One export that succeeded: what it was, how large the disk, how long it took."""

    sort: Sort
    size_gib: int
    seconds: float


def estimate_of(sort: Sort, size_gib: int, past: Iterable[Past]) -> Estimate | None:
    """The range in which an export of this sort ended before, by size; None where too little is known.

    `past` comes newest first. The time is taken as growing with the size, and what did not grow with it stays
    within the range: each of the past exports counts with its own time and with its time scaled to this size.
    """
    if size_gib <= 0:
        return None
    similar = [one for one in past if one.sort == sort and size_gib / _SIMILAR <= one.size_gib <= size_gib * _SIMILAR][
        :_MOST_SAMPLES
    ]
    if len(similar) < LEAST_SAMPLES:
        return None
    spans = [span for one in similar for span in (one.seconds, one.seconds * size_gib / one.size_gib)]
    return Estimate(int(min(spans)), int(max(spans)) + 1, len(similar))


def estimates(connection: sqlite3.Connection, steps: Sequence[StepRow]) -> Mapping[str, Estimate]:
    """The estimates of those of the steps that the cloud is carrying out, by id."""
    going = [step for step in steps if step.state is StepState.TAKEN and step.outcome is None]
    if not going:
        return {}
    types = _volume_types(connection, [step.id for step in going])
    past = {origin: _past(connection, origin) for origin in {step.origin for step in going}}
    found: dict[str, Estimate] = {}
    for step in going:
        if step.id in types:
            sort = step.request.disk_format, types[step.id]
            estimate = estimate_of(sort, step.volume_size_gib, past[step.origin])
            if estimate is not None:
                found[step.id] = estimate
    return found


def _past(connection: sqlite3.Connection, origin: str) -> list[Past]:
    rows = connection.execute(
        "SELECT request, target_size_gib, announced_at, settled_at, receipt, event.data FROM step"
        " JOIN event ON event.step = step.id AND event.kind = 'planned'"
        " WHERE step.kind = 'export' AND outcome = 'succeeded' AND origin = ? AND announced_at IS NOT NULL"
        " ORDER BY settled_at DESC LIMIT ?",
        (origin, _LOOKED_AT),
    )
    found = []
    for row in rows:
        planned = stored_object(row["data"])
        if "volume_type" in planned and row["target_size_gib"] > 0:
            sort = request_from(row["request"]).disk_format, planned["volume_type"]
            found.append(Past(sort, row["target_size_gib"], _seconds(row)))
    return found


def _seconds(row: sqlite3.Row) -> float:
    """How long it took. By the cloud's own times of the image where they say less: nobody may have watched its end."""
    watched = (moment(row["settled_at"]) - moment(row["announced_at"])).total_seconds()
    image = {} if row["receipt"] is None else stored_object(row["receipt"]).get("image", {})
    made, ended = parse_time(image.get("created_at")), parse_time(image.get("updated_at"))
    if made is not None and ended is not None and ended > made:
        watched = min(watched, (ended - made).total_seconds())
    return max(1.0, watched)


def _volume_types(connection: sqlite3.Connection, step_ids: Sequence[str]) -> dict[str, str | None]:
    rows = connection.execute(
        f"SELECT step, data FROM event WHERE kind = 'planned' AND step IN ({marks(step_ids)})",  # noqa: S608
        step_ids,
    )
    planned = {row["step"]: stored_object(row["data"]) for row in rows}
    return {step_id: data["volume_type"] for step_id, data in planned.items() if "volume_type" in data}
