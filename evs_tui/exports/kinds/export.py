"""An export: the disk is read, the request announced and sent, its image looked for where the answer was lost.

Source: EVS API, Exporting EVS Disk Data as an Image. How a taken export ends is the watcher's: see `settling`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from evs_tui.cloud.answers import Answer, Taken
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import Server
from evs_tui.exports.consequences import stop_run
from evs_tui.exports.entry import Entry
from evs_tui.exports.kinds.kind import Around, Ask, Go, NoRoom, Reading
from evs_tui.exports.looks import candidate_of
from evs_tui.exports.ports import Cloud
from evs_tui.exports.readiness import objection
from evs_tui.exports.records import StepRow, Tick
from evs_tui.exports.statuses import IN_USE, UPLOADING
from evs_tui.exports.timing import Limits
from evs_tui.failure import ExitCode, Failure


class ExportAction:
    """See `kind.Action`."""

    def room(self, connection: sqlite3.Connection, step: StepRow, limits: Limits, tick: Tick) -> NoRoom | None:
        """So many exports of the project may be under way, counted over all processes, one second apart."""
        running = running_exports(connection, step)
        if running >= limits.in_flight:
            return NoRoom(running, None)
        last = connection.execute(
            "SELECT max(announced_elapsed) FROM step WHERE kind = 'export' AND origin = ? AND project = ?"
            " AND announced_boot = ?",
            (step.origin, step.project_id, tick.boot_id),
        ).fetchone()[0]
        if last is not None and tick.elapsed - last < limits.spacing:
            return NoRoom(running, min(limits.spacing, last + limits.spacing - tick.elapsed))
        return None

    async def read(self, cloud: Cloud, step: StepRow, around: Around) -> Reading:
        """Read the disk, its servers where it must be forced, and the images that bear the name already."""
        volume = await cloud.read_volume(step.target_id)
        servers: dict[str, Server | None] = {}
        if volume.status == IN_USE and step.request.force:
            for attachment in volume.attachments:
                servers[attachment.server_id] = await _server_or_none(cloud, attachment.server_id)
        same_name = await cloud.images_named(step.request.image_name)
        refusal = objection(step, volume, servers)
        if refusal is None:
            return Go(volume.status, tuple(image.id for image in same_name))
        ours = tuple(candidate_of(image) for image in same_name if image.id not in around.claimed)
        if volume.status == UPLOADING and ours:
            return Ask(ours, refusal)
        raise refusal

    async def send(self, cloud: Cloud, step: StepRow, *, deadline: float) -> Answer:
        """Send the request."""
        return await cloud.upload_image(step.target_id, step.request.body(), deadline=deadline)

    def taken(self, entry: Entry, step: StepRow, answer: Taken) -> Mapping[str, Any]:  # noqa: ARG002 - see Action
        """The image is being made; without an id it is looked for."""
        return {
            "state": "taken",
            "fact": None if answer.image_id else "accepted",
            "image_id": answer.image_id,
            "found_by": "answer" if answer.image_id else None,
            "answer": json.dumps({"request_id": answer.request_id, "image_id": answer.image_id}),
            # What the disk was before says nothing any more.
            "volume_status": None,
        }

    def may_pass(self, error: CloudError) -> bool:  # noqa: ARG002 - see Action
        """A refused export is never sent again by itself."""
        return False

    def refused(self, entry: Entry, step: StepRow, error: Failure) -> None:
        """Force refused after the stop: no other server is stopped for the same answer, and ours are started first."""
        missing = isinstance(error, CloudError) and error.kind is ErrorKind.MISSING
        if step.request.force and step.needs and not missing:
            why = f'the cloud refused the export of {step.target_name} with force: "{error.why}"'
            stop_run(entry, step.run_id, why, ExitCode.FAILED)


def running_exports(connection: sqlite3.Connection, step: StepRow) -> int:
    """How many exports of the project the cloud is working on."""
    found = connection.execute(
        "SELECT count(*) FROM step WHERE kind = 'export' AND origin = ? AND project = ? AND watched = 1"
        # One that waits for a person's decision must not keep the others waiting.
        " AND (state IN ('announced', 'taken') OR (state = 'unclear' AND candidates = '[]'))",
        (step.origin, step.project_id),
    )
    return int(found.fetchone()[0])


async def _server_or_none(cloud: Cloud, server_id: str) -> Server | None:
    try:
        return await cloud.read_server(server_id)
    except CloudError:
        return None
