"""The disk service: lists, one disk, the export, and the notes about failed ones.

Source: EVS API, Querying Details About All Disks; Querying Details About a Disk; Exporting EVS Disk Data as an Image;
Cinder API, volumes and messages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import NAMESPACE_OID, uuid4, uuid5

from evs_tui.demo import export_body, refusals, uploads, volume_lists, volume_views
from evs_tui.demo.callers import caller
from evs_tui.demo.exchange import Refusal, Reply
from evs_tui.demo.records import Image

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json, Request
    from evs_tui.demo.records import Volume
    from evs_tui.demo.state import State

_MAX_MINOR = {"huawei": 50, "openstack": 71}


class VolumeService:
    """The calls on volumes."""

    def __init__(self) -> None:
        self._listing = volume_lists.Listing()

    def list_cloudvolumes(self, state: State, request: Request) -> Reply:
        """The vendor's list, with `count`; its next link names a host that only the cloud itself can reach."""
        project = require_project(state, request)
        query = request.query
        order = volume_lists.vendor_query(query)
        shown, total = self._page(state, request, order, vendor=True)
        version = request.path[1:3]
        rows = [volume_views.huawei_record(state, volume, project, version, vendor=True) for volume in shown]
        path = f"/{version}/{project}/os-vendor-volumes/detail"
        links = volume_lists.next_link(volume_lists.INTERNAL_HOST, path, query, shown, order[2])
        return Reply(200, {"count": total, "volumes": rows, "volumes_links": links})

    def list_volumes(self, state: State, request: Request) -> Reply:
        """Cinder's list with details: no count, and links only where a page is full."""
        return self._cinder_list(state, request, detailed=True)

    def list_volume_names(self, state: State, request: Request) -> Reply:
        """Cinder's short list."""
        return self._cinder_list(state, request, detailed=False)

    def _cinder_list(self, state: State, request: Request, *, detailed: bool) -> Reply:
        project = require_project(state, request)
        microversion(state, request)
        order = volume_lists.cinder_query(request.query)
        shown, _total = self._page(state, request, order, vendor=False)
        version = request.path[1:3]
        if detailed:
            rows = [_record(state, volume, project, version) for volume in shown]
        else:
            rows = [volume_views.short_record(state, volume, project, version) for volume in shown]
        body: Json = {"volumes": rows}
        base = state.origins.evs if state.flavour == "openstack" else volume_lists.INTERNAL_HOST
        links = volume_lists.next_link(base, request.path, request.query, shown, order[2])
        if links:
            body["volumes_links"] = links
        return Reply(200, body)

    def _page(
        self, state: State, request: Request, order: tuple[str, bool, int], *, vendor: bool
    ) -> tuple[list[Volume], int]:
        if request.params["project"] != state.projects[0].id:
            return [], 0
        return volume_lists.page(state, self._listing, request.query, order, vendor=vendor)


def require_project(state: State, request: Request) -> str:
    """The path's project, which must be the token's; else the refusal of the flavour."""
    token = caller(state, request)
    if token is None or token.expires_at <= state.now():
        raise _unauthorized(state, request, expired=token is not None)
    project = request.params["project"]
    if token.project is not None and token.project.id == project:
        return project
    if state.flavour == "openstack":
        raise refusals.cinder(400, "Malformed request url")
    if token.project is None:
        raise refusals.coded(403, "EVS.0003", "The token has no role in a project.")
    raise refusals.coded(400, "EVS.0001", "Invalid project ID in the URL.")


def _unauthorized(state: State, request: Request, *, expired: bool) -> Refusal:
    if state.flavour == "openstack":
        return refusals.keystone_unauthorized(state.origins.iam)
    if expired and state.expired_answer != "401":
        text = "Invalid token in the header." if state.expired_answer == "Common.0013" else "Token is invalid."
        return refusals.coded(400, state.expired_answer, text)
    return gateway_unauthorized(request, expired=expired)


def gateway_unauthorized(request: Request, *, expired: bool) -> Refusal:
    """The API gateway's answer to a missing, unknown or expired token. Source: EVS API, Error Codes (APIGW.0301)."""
    known = "token expires" if expired else "decrypt token fail"
    why = "x-auth-token not found" if request.token is None else known
    return refusals.gateway(401, "APIGW.0301", f"Incorrect IAM authentication information: {why}")


def microversion(state: State, request: Request) -> int:
    """The x of `OpenStack-API-Version: volume 3.x`, 0 without the header. Source: Cinder API, Microversions."""
    header = request.headers.get("openstack-api-version", "")
    version = next(
        (
            piece.split()[1]
            for piece in header.split(",")
            if piece.split()[:1] == ["volume"] and len(piece.split()) == 2
        ),
        "3.0",
    )
    highest = _MAX_MINOR[state.flavour]
    if version == "latest":
        return highest
    match = re.fullmatch(r"(\d+)\.(\d+)", version)
    if match is None:
        raise refusals.cinder(
            400, f"API Version String {version} is of invalid format. Must be of format MajorNum.MinorNum."
        )
    if match[1] != "3" or int(match[2]) > highest:
        raise refusals.cinder(
            406, f"Version {version} is not supported by the API. Minimum is 3.0 and maximum is 3.{highest}."
        )
    return int(match[2])


def _record(state: State, volume: Volume, project: str, version: str) -> Json:
    if state.flavour == "openstack":
        return volume_views.plain_record(state, volume, project)
    return volume_views.huawei_record(state, volume, project, version, vendor=False)


def _volume_of(state: State, request: Request) -> Volume:
    volume_id = request.params["volume"]
    if state.flavour == "huawei" and volume_lists.UUID.fullmatch(volume_id) is None:
        raise refusals.coded(400, "EVS.1002", "The disk ID is invalid.")
    volume = state.volumes.get(volume_id) if request.params["project"] == state.projects[0].id else None
    if volume is None:
        raise refusals.cinder(404, f"Volume {volume_id} could not be found.")
    return volume


def get_volume(state: State, request: Request) -> Reply:
    """One disk, Cinder style."""
    project = require_project(state, request)
    microversion(state, request)
    return Reply(200, {"volume": _record(state, _volume_of(state, request), project, request.path[1:3])})


def get_vendor_volume(state: State, request: Request) -> Reply:
    """One disk with all the vendor knows of it."""
    project = require_project(state, request)
    volume = _volume_of(state, request)
    return Reply(200, {"volume": volume_views.huawei_record(state, volume, project, request.path[1:3], vendor=True)})


def messages(state: State, request: Request) -> Reply:
    """The notes about failures, from microversion 3.3 on. Source: Cinder API, Messages."""
    require_project(state, request)
    if microversion(state, request) < 3:
        raise refusals.glance(404, "The resource could not be found.")
    wanted = request.query.get("resource_uuid")
    return Reply(200, {"messages": [note for note in state.messages if wanted in (None, note["resource_uuid"])]})


def export(state: State, request: Request) -> Reply:
    """Take an export: 202, the volume flips to `uploading`, an image is made. Not idempotent."""
    project = require_project(state, request)
    minor = microversion(state, request)
    asked = export_body.read(state.flavour, request, minor)
    volume = _volume_of(state, request)
    _check_volume(state, volume, asked)
    now = state.now()
    inherited = volume.inherited_os_type
    typed = (asked.os_type or "linux").capitalize() if volume.status == "available" else "Linux"
    image = Image(
        id=str(uuid4()),
        name=asked.name,
        status="queued",
        disk_format=asked.disk_format,
        container_format=asked.container_format,
        owner=project,
        created_at=now,
        updated_at=now,
        min_disk=volume.size,
        volume_id=volume.id,
        os_type=inherited or typed,
        encrypted=volume.encrypted,
        bootable=volume.bootable,
        protected=asked.protected,
        visibility=asked.visibility,
    )
    before = volume.updated_at
    uploads.begin(state, volume, image, request.headers["x-simulated-request-id"])
    answer: Json = {
        "status": "uploading",
        "size": volume.size,
        "id": volume.id,
        "image_id": image.id,
        "image_name": image.name,
        "volume_type": _volume_type(state, volume),
        "container_format": image.container_format,
        "disk_format": image.disk_format,
        "display_description": volume.description if state.flavour == "openstack" else volume.description or "",
        "updated_at": before,
    }
    if state.flavour == "openstack":
        answer |= {"protected": image.protected, "visibility": image.visibility}
    return Reply(202, {export_body.ACTION: answer})


def _check_volume(state: State, volume: Volume, asked: export_body.Export) -> None:
    if state.flavour == "huawei":
        if volume.dedicated_storage is not None:
            raise refusals.coded(400, "EVS.2093", "The disk is not an EVS disk.")
        if sum(1 for image in state.images.values() if not image.public) >= state.settings.image_quota:
            raise refusals.coded(400, "IMG.0015", "The number of private images has reached the quota.")
    elif volume.encrypted and (asked.disk_format, asked.container_format) != ("raw", "bare"):
        raise refusals.cinder(
            400,
            "Invalid volume: An encrypted volume can only be uploaded with disk_format raw and container_format bare.",
        )
    allowed = ("available", "in-use") if asked.force and state.settings.force_allowed else ("available",)
    if volume.status not in allowed:
        raise refusals.cinder(400, f"Invalid volume: Volume {volume.id} status must be {' or '.join(allowed)}")


def _volume_type(state: State, volume: Volume) -> Json | str | None:
    """An object with oddities of its own: the word "None" as description, a key with two leading capitals."""
    name = volume.volume_type
    form = state.settings.volume_type_form
    if name is None or form == "null":
        return None
    if form == "name":
        return name
    plain = state.flavour == "openstack"
    return {
        "id": str(uuid5(NAMESPACE_OID, name)),
        "name": name,
        "description": f"{name} volumes" if plain else "None",
        "is_public": True,
        "extra_specs": {}
        if plain
        else {"volume_backend_name": f"<or> iaas blockstorage_{name}", "XX:availability_zone": "az-dc-1"},
        "created_at": "2015-05-24T14:47:22.132268",
        "updated_at": "2017-07-29T11:29:33.730076",
        "deleted_at": None,
        "deleted": False,
    }
