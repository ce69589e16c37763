"""The last check before a request is announced: is the disk still what the reviewed plan took it for?"""

from __future__ import annotations

from collections.abc import Mapping

from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.evidence import UPLOADING
from evs_tui.exports.records import StepRow
from evs_tui.failure import RefusedFailure

_WHAT = "Nothing was sent"


def objection(step: StepRow, volume: Volume, servers: Mapping[str, Server | None]) -> RefusedFailure | None:
    """Why the request must not be sent now, or None. A server that could not be read (None) counts as running."""
    if volume.status == UPLOADING:
        return RefusedFailure(_WHAT, "the disk is being exported already, by somebody else", "wait until it is free")
    if volume.status not in {"available", "in-use"}:
        return RefusedFailure(_WHAT, f'the disk is now "{volume.status}"', "wait or repair it, then export it again")
    return None if volume.status == "available" else _objection_in_use(step, volume, servers)


def _objection_in_use(step: StepRow, volume: Volume, servers: Mapping[str, Server | None]) -> RefusedFailure | None:
    if not step.request.force:
        return RefusedFailure(
            _WHAT, "the disk is now attached to a server", "detach it, or stop the server and export with --force"
        )
    if step.terms.crash_consistent:
        return None
    if not volume.attachments:
        return RefusedFailure(_WHAT, "the disk is in use, and the cloud does not say by which server", "detach it")
    objections = (
        _objection_to_server(step, attachment.server_id, servers.get(attachment.server_id))
        for attachment in volume.attachments
    )
    return next((found for found in objections if found is not None), None)


def _objection_to_server(step: StepRow, server_id: str, server: Server | None) -> RefusedFailure | None:
    if step.terms.servers and server_id not in step.terms.servers:
        why = f"the disk is now attached to another server too: {server_id}"
        return RefusedFailure(_WHAT, why, "review the export again")
    if server is None:
        why = f"the state of server {server_id} cannot be read, so it counts as running"
        return RefusedFailure(_WHAT, why, "detach the disk, or have the server's state made readable to this user")
    if not server.is_off:
        return RefusedFailure(_WHAT, f'server "{server.name or server.id}" is running', "stop it first")
    return None
