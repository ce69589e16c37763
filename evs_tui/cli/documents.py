"""Volumes, images and plans as the stable JSON shapes of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evs_tui.clock import iso_or_none
from evs_tui.cloud.models import Attachment, Image, Server, Volume
from evs_tui.cloud.operations import EXPORT
from evs_tui.exports.model import Job, Plan, PlannedExport, PlannedStep, Verdict, VerdictState

Servers = Mapping[str, Server | None]


def volume_document(volume: Volume, verdict: Verdict, servers: Servers) -> dict[str, Any]:
    """One volume of a list, with what `servers` knows of the servers it is attached to."""
    return {
        "id": volume.id,
        "name": volume.name,
        "status": volume.status,
        "size_gib": volume.size_gib,
        "volume_type": volume.volume_type,
        "availability_zone": volume.availability_zone,
        "bootable": volume.bootable,
        "shared": volume.shared,
        "encrypted": volume.encrypted,
        "created_at": iso_or_none(volume.created_at),
        "updated_at": iso_or_none(volume.updated_at),
        "attachments": [_attachment(attachment, servers) for attachment in volume.attachments],
        "os_type": volume.os_type,
        "tags": dict(volume.tags),
        "verdict": verdict_document(verdict),
    }


def image_document(image: Image, job: Job | None) -> dict[str, Any]:
    """One image of a list, with the export of ours that made it, if one did."""
    return {
        "id": image.id,
        "name": image.name,
        "status": image.status,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "size_bytes": image.size_bytes,
        "min_disk_gib": image.min_disk_gib,
        "os_type": image.os_type,
        "encrypted": image.encrypted,
        "created_at": iso_or_none(image.created_at),
        "job_id": None if job is None else job.id,
        "volume_id": image.origin_volume_id if job is None else job.volume.id,
    }


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """A verdict."""
    return {
        "state": verdict.state.value,
        "servers_to_stop": list(verdict.servers_to_stop),
        "reason": verdict.reason,
    }


def plan_document(plan: Plan, project_id: str) -> dict[str, Any]:
    """A plan: the volumes, the steps, what to know, and each request as it goes out."""
    return {
        "volumes": [_planned(item) for item in plan.exports],
        "steps": [_step(step) for step in plan.steps],
        "warnings": [{"level": notice.level, "code": notice.code, "text": notice.text} for notice in plan.warnings],
        "requests": [
            {
                "volume_id": item.volume.id,
                "method": EXPORT.method,
                "path": request_path(item.volume.id, project_id),
                "body": item.request.body(),
            }
            for item in plan.exports
            if item.request is not None
        ],
    }


def request_path(volume_id: str, project_id: str) -> str:
    """The path that an export is sent to. Source: EVS API, Exporting EVS Disk Data as an Image."""
    return EXPORT.path.format(project_id=project_id, volume_id=volume_id)


def _attachment(attachment: Attachment, servers: Servers) -> dict[str, Any]:
    server = servers.get(attachment.server_id)
    return {
        "server_id": attachment.server_id,
        "server_name": (server.name or None) if server is not None else None,
        "server_status": server.status if server is not None else None,
        "device": attachment.device,
    }


def _planned(item: PlannedExport) -> dict[str, Any]:
    return {
        "id": item.volume.id,
        "name": item.volume.name,
        "verdict": verdict_document(_told(item)),
        "skipped": item.request is None,
    }


def _told(item: PlannedExport) -> Verdict:
    """The verdict as this plan has it: what leaves a volume out may lie in the request, not in the volume."""
    reason = item.blocked or item.skipped or item.verdict.reason
    ready_but_blocked = item.blocked is not None and item.verdict.state is VerdictState.READY
    state = VerdictState.BLOCKED if ready_but_blocked else item.verdict.state
    return replace(item.verdict, state=state, reason=reason)


def _step(step: PlannedStep) -> dict[str, Any]:
    return {
        "no": step.no,
        "kind": step.kind.value,
        "target_id": step.target_id,
        "target_name": step.target_name,
        "changes": step.changes,
        "undo": step.undo,
        "needs": list(step.needs),
    }
