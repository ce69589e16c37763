"""The image service: Glance's own calls, and the vendor's list and quota beside them.

Source: IMS API, Querying Images; Querying Image Details; Deleting an Image; Querying the Image Quota; Glance v2 API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from evs_tui.demo import refusals
from evs_tui.demo.callers import caller
from evs_tui.demo.clock import glance_time
from evs_tui.demo.evs import gateway_unauthorized
from evs_tui.demo.exchange import Refusal, Reply
from evs_tui.demo.records import Image

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json, Request
    from evs_tui.demo.state import State

_UNFINISHED = ("queued", "saving")
_GLANCE_PAGE = 25
_IMS_PAGE = 500
_MAX_PAGE = 1000
_NOT_AUTHORIZED = (
    "This server could not verify that you are authorized to access the document you requested. Either "
    "you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the "
    "credentials required."
)


def public_images(now: float) -> list[Image]:
    """Two of the vendor's images, which every project sees in the lists beside its own."""
    made = now - 90 * 86_400
    names = ("Standard_Ubuntu_24.04_latest", "Standard_Windows_2022_latest")
    return [
        Image(
            id=f"{n:08d}-9e0f-4e76-bb1c-2c6f0f2f6a11",
            name=name,
            status="active",
            disk_format="zvhd2",
            container_format="bare",
            owner="c90c1f9be1b84ab2b6e4b3f2f9ac2d6f",
            created_at=made,
            updated_at=made,
            active_at=made,
            min_disk=(10, 40)[n],
            size=2**30,
            os_type=("Linux", "Windows")[n],
            bootable=True,
            public=True,
            visibility="public",
        )
        for n, name in enumerate(names)
    ]


def _project_of(state: State, request: Request) -> str:
    """The project of the caller's token, or the refusal of a call without a good one."""
    token = caller(state, request)
    if token is None or token.expires_at <= state.now():
        if state.flavour == "huawei":
            raise gateway_unauthorized(request, expired=token is not None)
        refusal = refusals.glance(401, _NOT_AUTHORIZED)
        refusal.reply.headers["WWW-Authenticate"] = f'Keystone uri="{state.origins.iam}"'
        raise refusal
    if token.project is None:
        raise (
            refusals.coded(403, "IMG.0026", "No permission.")
            if state.flavour == "huawei"
            else refusals.glance(403, "Not allowed.")
        )
    return token.project.id


def _record(state: State, image: Image) -> Json:
    own = f"/v2/images/{image.id}"
    record: Json = {
        "id": image.id,
        "name": image.name,
        "status": image.status,
        "owner": image.owner,
        "visibility": image.visibility,
        "protected": image.protected,
        "container_format": image.container_format,
        "disk_format": image.disk_format,
        "min_ram": 0,
        "checksum": None,
        "tags": [],
        "created_at": glance_time(image.created_at),
        "updated_at": glance_time(image.updated_at),
        "self": own,
        "file": f"{own}/file",
        "schema": "/v2/schemas/image",
    }
    if state.flavour == "openstack":
        virtual = image.min_disk * 2**30 if image.size is not None else None
        record |= {"min_disk": 0, "size": image.size, "virtual_size": virtual, "os_hidden": False}
        record |= {"os_hash_algo": None, "os_hash_value": None}
        return record | image.extra
    record |= {
        "min_disk": image.min_disk,
        "size": 0,
        "virtual_size": None,
        "__imagetype": "gold" if image.public else "private",
        "__isregistered": "true",
        "__image_source_type": "uds",
        "__os_type": image.os_type,
        "__os_bit": "64",
        "__platform": "Windows" if image.os_type == "Windows" else "Other",
        "__os_version": "Other(64 bit)",
        "virtual_env_type": "FusionCompute" if image.bootable else "DataImage",
        "hw_firmware_type": "bios",
        "enterprise_project_id": "0",
    }
    if image.volume_id is not None:
        record["__data_origin"] = f"volume,{image.volume_id}"
    if image.encrypted:
        record["__system__cmkid"] = "f1f2f3f4-0a0b-4c0d-8e0f-101112131415"
    if image.size is not None and image.active_at is not None:
        record |= {"__image_size": str(image.size), "active_at": glance_time(image.active_at)}
    return record | image.extra


def _seen_by(state: State, project: str) -> list[Image]:
    mine = [image for image in state.images.values() if image.public or image.owner == project]
    return sorted(mine, key=lambda image: (image.created_at, image.id), reverse=True)


def _matches(value: str, wanted: str) -> bool:
    """Glance's equality, or membership with `in:`. Source: Glance v2 API, List images (in operator)."""
    if wanted.startswith("in:"):
        return value in [piece.strip('"') for piece in wanted[3:].split(",")]
    return value == wanted


def _filtered(images: list[Image], query: dict[str, str]) -> list[Image]:
    for name in ("id", "name", "status", "disk_format", "container_format", "visibility", "owner"):
        if name in query:
            images = [image for image in images if _matches(getattr(image, name), query[name])]
    return images


def list_images(state: State, request: Request) -> Reply:
    """Glance's list: 25 a page, `next` whenever a page is full."""
    project = _project_of(state, request)
    query = request.query
    limit_text = query.get("limit", str(_GLANCE_PAGE))
    if not limit_text.lstrip("-").isdecimal():
        raise refusals.glance(400, "limit param must be an integer")
    if int(limit_text) < 0:
        raise refusals.glance(400, "limit param must be positive")
    limit = min(int(limit_text), _MAX_PAGE)
    images = _filtered(_seen_by(state, project), query)
    if "marker" in query:
        images = _after(images, query["marker"], refusals.glance(400, f"No image found with ID {query['marker']}"))
    shown = images[:limit]
    rest = {name: value for name, value in query.items() if name != "marker"}
    first = f"/v2/images?{urlencode(rest)}" if rest else "/v2/images"
    body: Json = {"images": [_record(state, image) for image in shown], "first": first, "schema": "/v2/schemas/images"}
    if shown and len(shown) == limit:
        body["next"] = f"/v2/images?{urlencode({**rest, 'marker': shown[-1].id})}"
    return Reply(200, body)


def _after(images: list[Image], marker: str, unknown: Refusal) -> list[Image]:
    places = [place for place, image in enumerate(images) if image.id == marker]
    if not places:
        raise unknown
    return images[places[0] + 1 :]


def list_cloudimages(state: State, request: Request) -> Reply:
    """The vendor's list: no count, no next link; unfinished images are left out unless the cloud is set otherwise."""
    project = _project_of(state, request)
    query = request.query
    kind = query.get("__imagetype")
    if kind not in (None, "gold", "private", "shared", "market"):
        raise refusals.coded(400, "IMG.0024", "The imagetype is invalid.")
    limit = query.get("limit", str(_IMS_PAGE))
    if not limit.isdecimal():
        raise refusals.coded(400, "IMG.0001", "The limit is invalid.")
    images = _filtered(_seen_by(state, project), query)
    if state.settings.hide_unfinished:
        images = [image for image in images if image.status not in _UNFINISHED]
    if kind is not None:
        images = [image for image in images if kind == ("gold" if image.public else "private")]
    if "marker" in query:
        images = _after(images, query["marker"], refusals.coded(400, "IMG.0027", "The marker image does not exist."))
    return Reply(200, {"images": [_record(state, image) for image in images[: int(limit)]]})


def _image_of(state: State, request: Request) -> Image:
    image = state.images.get(request.params["image"])
    if image is None or not (image.public or image.owner == _project_of(state, request)):
        text = f"No image found with ID {request.params['image']}"
        raise refusals.html(404, text) if state.flavour == "huawei" else refusals.glance(404, text)
    return image


def get_image(state: State, request: Request) -> Reply:
    """One image in whatever status; under the vendor's gateway an unknown one is a page of HTML."""
    _project_of(state, request)
    return Reply(200, _record(state, _image_of(state, request)))


def delete_image(state: State, request: Request) -> Reply:
    """Delete: plain Glance does so in any status, the vendor refuses an image that is still being made."""
    _project_of(state, request)
    if state.flavour == "openstack" and request.params["image"] not in state.images:
        raise refusals.glance(404, f"Failed to find image {request.params['image']} to delete")
    image = _image_of(state, request)
    huawei = state.flavour == "huawei"
    if image.public:
        raise (
            refusals.coded(400, "IMG.0092", "Only the owner can delete the image.")
            if huawei
            else refusals.glance(403, "You are not permitted to delete this image.")
        )
    if image.protected:
        text = f"Image {image.id} is protected and cannot be deleted."
        raise refusals.coded(400, "IMG.0028", text) if huawei else refusals.glance(403, text)
    if huawei and image.status in _UNFINISHED:
        raise refusals.coded(400, "IMG.0090", "The image is being created and cannot be deleted.")
    del state.images[image.id]
    return Reply(204)


def image_quota(state: State, request: Request) -> Reply:
    """How many private images there are and may be."""
    project = _project_of(state, request)
    used = sum(1 for image in state.images.values() if image.owner == project)
    row = {"type": "image", "used": used, "quota": state.settings.image_quota, "min": 1, "max": 1000}
    return Reply(200, {"quotas": {"resources": [row]}})
