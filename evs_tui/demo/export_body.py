"""The body of an export, checked as strictly as the documentation and upstream Cinder's schema do.

Source: EVS API, Exporting EVS Disk Data as an Image (request parameters); Cinder API, Upload volume to image.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evs_tui.demo import refusals

if TYPE_CHECKING:
    from evs_tui.demo.account import Flavour
    from evs_tui.demo.exchange import Json, Request

ACTION = "os-volume_upload_image"
HUAWEI_FORMATS = ("vhd", "zvhd", "zvhd2", "raw", "qcow2")
PLAIN_FORMATS = ("raw", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ploop")
_HUAWEI_CONTAINERS = ("ami", "ari", "aki", "ovf", "bare")
_PLAIN_CONTAINERS = (None, "ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
_HUAWEI_NAME = re.compile(r"[A-Za-z0-9._ \u4e00-\u9fff-]{1,128}")
_TRUE = (True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t")
_FALSE = (False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f")
_MAX_BODY = 114_688
_VISIBILITIES = ("public", "private", "shared", "community")


@dataclass(frozen=True, slots=True)
class Export:
    """What was asked for."""

    name: str
    disk_format: str
    container_format: str
    force: bool
    os_type: str | None
    visibility: str
    protected: bool


def read(flavour: Flavour, request: Request, minor_version: int) -> Export:
    """The export in a request, or the refusal of it. `minor_version` is the 3.x that was asked for."""
    if len(request.body) > _MAX_BODY:
        raise refusals.glance(413, "Request is too large. Larger than max_request_body_size (%s).")
    if request.body and not request.is_json:
        raise refusals.cinder(415, "Unsupported Content-Type")
    if not request.body:
        raise refusals.cinder(
            400, "There is no such action: None. Verify the request body and Content-Type header and try again."
        )
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not body:
        raise (
            refusals.coded(400, "EVS.5400", "Malformed request body")
            if flavour == "huawei"
            else refusals.cinder(400, "Malformed request body")
        )
    action = next(iter(body))
    if action != ACTION:
        raise refusals.cinder(
            400, f"There is no such action: {action}. Verify the request body and Content-Type header and try again."
        )
    arguments = body[ACTION]
    if flavour == "huawei":
        return _huawei(body, arguments)
    return _plain(arguments, minor_version)


def _huawei(body: Json, arguments: Any) -> Export:
    if not isinstance(arguments, dict):
        raise refusals.coded(400, "EVS.1018", f"The type of {ACTION} is invalid.")
    allowed = {"image_name": str, "disk_format": str, "container_format": str, "force": bool, "__os_type": str}
    unknown = [*(key for key in arguments if key not in allowed), *(key for key in body if key != ACTION)]
    if unknown:
        raise refusals.coded(400, "EVS.5400", f"Additional properties are not allowed ({unknown[0]!r} was unexpected)")
    for key, kind in allowed.items():
        if key in arguments and not isinstance(arguments[key], kind):
            raise refusals.coded(400, "EVS.1018", f"The type of {key} is invalid.")
    if "image_name" not in arguments:
        raise refusals.coded(400, "EVS.5400", "'image_name' is a required property")
    name = arguments["image_name"]
    if _HUAWEI_NAME.fullmatch(name) is None or name != name.strip(" "):
        raise refusals.coded(400, "EVS.5400", refusals.field("image_name", name, "The image name is invalid."))
    export = Export(
        name=name,
        disk_format=arguments.get("disk_format", "vhd"),
        container_format=arguments.get("container_format", "bare"),
        force=arguments.get("force", False),
        os_type=arguments.get("__os_type"),
        visibility="private",
        protected=False,
    )
    _one_of("disk_format", export.disk_format, HUAWEI_FORMATS)
    _one_of("container_format", export.container_format, _HUAWEI_CONTAINERS)
    if export.os_type is not None:
        _one_of("__os_type", export.os_type, ("windows", "linux"))
    return export


def _one_of(key: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        reason = f"{value!r} is not one of {list(allowed)}"
        raise refusals.coded(400, "EVS.5400", refusals.field(key, value, reason))


def _plain(arguments: Any, minor_version: int) -> Export:
    if not isinstance(arguments, dict):
        raise refusals.cinder(400, refusals.field(ACTION, arguments, f"{arguments!r} is not of type 'object'"))
    allowed = ["image_name", "force", "disk_format", "container_format"]
    if minor_version >= 1:
        allowed += ["visibility", "protected"]
    for key in arguments:
        if key not in allowed:
            reason = f"Additional properties are not allowed ({key!r} was unexpected)"
            raise refusals.cinder(400, refusals.field(ACTION, arguments, reason))
    if "image_name" not in arguments:
        raise refusals.cinder(400, refusals.field(ACTION, arguments, "'image_name' is a required property"))
    name = _text("image_name", arguments["image_name"])
    if not name:
        raise refusals.cinder(400, refusals.field("image_name", name, "'' should be non-empty"))
    if len(name) > 255:
        raise refusals.cinder(400, refusals.field("image_name", name, f"{name!r} is too long"))
    disk_format = _text("disk_format", arguments.get("disk_format", "raw"))
    if disk_format not in PLAIN_FORMATS:
        reason = f"{disk_format!r} is not one of {list(PLAIN_FORMATS)}"
        raise refusals.cinder(400, refusals.field("disk_format", disk_format, reason))
    container = arguments.get("container_format", "bare")
    if container == "compressed":
        raise refusals.cinder(400, "Image compression upload disallowed, but container_format is compressed")
    if container not in _PLAIN_CONTAINERS:
        # Glance's own check, whose words Cinder passes on.
        reason = f"{container!r} is not one of {list(_PLAIN_CONTAINERS)}"
        raise refusals.cinder(400, f"Unable to set 'container_format' to {container!r}. Reason: {reason}")
    visibility = arguments.get("visibility", "private" if minor_version >= 1 else "shared")
    if visibility not in _VISIBILITIES:
        raise refusals.cinder(
            400, refusals.field("visibility", visibility, f"{visibility!r} is not one of {list(_VISIBILITIES)}")
        )
    return Export(
        name=name,
        disk_format=disk_format,
        container_format=container or "bare",
        force=_boolean("force", arguments.get("force", False)),
        os_type=None,
        visibility=visibility,
        protected=_boolean("protected", arguments.get("protected", False)),
    )


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise refusals.cinder(400, refusals.field(key, value, f"{value!r} is not of type 'string'"))
    return value


def _boolean(key: str, value: Any) -> bool:
    for meaning, words in ((True, _TRUE), (False, _FALSE)):
        if any(value == word and type(value) is type(word) for word in words):
            return meaning
    raise refusals.cinder(400, refusals.field(key, value, f"{value!r} is not one of {[*_TRUE, *_FALSE]}"))
