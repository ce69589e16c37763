"""How a volume is written: by the vendor's list, by Huawei's Cinder layer, by plain Cinder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json
    from evs_tui.demo.records import Attachment, Volume
    from evs_tui.demo.state import State


def _attachment(volume: Volume, attached: Attachment) -> Json:
    """`id` is the volume's, not the attachment's. Source: EVS API, Querying Details About a Disk (`attachments`)."""
    return {
        "server_id": attached.server_id,
        "attachment_id": attached.attachment_id,
        "attached_at": attached.attached_at,
        "host_name": None,
        "volume_id": volume.id,
        "device": attached.device,
        "id": volume.id,
    }


def _links(state: State, volume: Volume, project_id: str, version: str, kind: str) -> list[Json]:
    base = state.origins.evs
    return [
        {"rel": "self", "href": f"{base}/{version}/{project_id}/{kind}/{volume.id}"},
        {"rel": "bookmark", "href": f"{base}/{project_id}/{kind}/{volume.id}"},
    ]


def _finish(record: Json, volume: Volume) -> Json:
    if volume.changed:
        record.update(volume.changed)
    for key in volume.missing:
        record.pop(key, None)
    return record


def short_record(state: State, volume: Volume, project_id: str, version: str) -> Json:
    """Id, name and links, as `GET /volumes` gives them."""
    return {"id": volume.id, "name": volume.name, "links": _links(state, volume, project_id, version, "volumes")}


def plain_record(state: State, volume: Volume, project_id: str) -> Json:
    """As upstream Cinder writes it. Source: Cinder API, volumes (`volumes/detail`)."""
    record: Json = {
        "id": volume.id,
        "status": volume.status,
        "size": volume.size,
        "availability_zone": volume.availability_zone,
        "created_at": volume.created_at,
        "updated_at": volume.updated_at,
        "name": volume.name,
        "description": volume.description,
        "volume_type": volume.volume_type,
        "snapshot_id": None,
        "source_volid": None,
        "metadata": dict(volume.metadata or {}),
        "links": _links(state, volume, project_id, "v3", "volumes"),
        "user_id": state.credential.user_id,
        "bootable": "true" if volume.bootable else "false",
        "encrypted": volume.encrypted,
        "replication_status": None,
        "consistencygroup_id": None,
        "multiattach": volume.multiattach,
        "attachments": [_attachment(volume, attached) for attached in volume.attachments],
        "os-vol-tenant-attr:tenant_id": project_id,
    }
    if volume.image_metadata:
        record["volume_image_metadata"] = {
            key.removeprefix("__"): value for key, value in volume.image_metadata.items()
        }
    return _finish(record, volume)


def huawei_record(state: State, volume: Volume, project_id: str, version: str, *, vendor: bool) -> Json:
    """As the EVS service writes it; `vendor` adds what only the cloudvolumes and os-vendor-volumes calls know.

    Encryption stands in the metadata alone: the field `encrypted` is documented as not supported.
    Source: EVS API, Querying Details About All Disks; Querying Details About a Disk.
    """
    metadata = dict(volume.metadata or {})
    if volume.encrypted:
        metadata |= {"__system__encrypted": "1", "__system__cmkid": "f1f2f3f4-0a0b-4c0d-8e0f-101112131415"}
    record: Json = {
        "id": volume.id,
        "links": _links(state, volume, project_id, version, "os-vendor-volumes" if vendor else "volumes"),
        "name": volume.name,
        "status": volume.status,
        "attachments": [_attachment(volume, attached) for attached in volume.attachments],
        "availability_zone": volume.availability_zone,
        "os-vol-host-attr:host": "az1.dc1#0",
        "source_volid": None,
        "snapshot_id": "",
        "description": volume.description,
        "created_at": volume.created_at,
        "updated_at": volume.updated_at,
        "os-vol-tenant-attr:tenant_id": project_id,
        "volume_image_metadata": dict(volume.image_metadata or {}),
        "volume_type": volume.volume_type,
        "size": volume.size,
        "consistencygroup_id": None,
        "bootable": "true" if volume.bootable else "false",
        "metadata": metadata,
        "encrypted": False,
        "replication_status": "disabled",
        "shareable": "true" if volume.multiattach else "false",
        "user_id": state.credential.user_id,
        "multiattach": volume.multiattach,
    }
    if vendor:
        record |= {
            "service_type": "DSS" if volume.dedicated_storage else "EVS",
            "dedicated_storage_id": "6fd3b1d0-3f1c-4c65-9f0e-0d2a4b6c8e10" if volume.dedicated_storage else None,
            "dedicated_storage_name": volume.dedicated_storage,
            "tags": dict(volume.tags or {}),
            "wwn": f" 6888603{volume.id.replace('-', '')[:25]}",
            "enterprise_project_id": "0",
            "serial_number": None,
        }
    return _finish(record, volume)
