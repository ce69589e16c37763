"""The JSON of the command line as strict schemas: every key is there, none is unknown, unknown values are null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_ANY_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_ID: Schema = {"type": "string", "pattern": r"^[0-9A-Za-z_-]{1,64}$"}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(*values: Any) -> Schema:
    return {"enum": list(values)}


def _context(*, place: Schema) -> Schema:
    return _object(
        source=_TEXT,
        profile=_maybe(_TEXT),
        cloud=place,
        region=place,
        project_id=place,
        project_name=_maybe(_TEXT),
        user=_maybe(_TEXT),
        demo=_FLAG,
        read_only=_FLAG,
    )


def _envelope(context: Schema, **payload: Schema) -> Schema:
    return _object(schema=_one_of(1), context=context, warnings=_list(_TEXT), **payload)


_SIGNED_IN = _context(place=_TEXT)
# Nobody signs in to read the journal, and its jobs may lie in several places.
_JOURNAL = {**_context(place={"type": "null"})}
_JOURNAL["properties"] = {**_JOURNAL["properties"], "source": _one_of("journal")}

ERROR = _object(
    exit_code={"type": "integer", "minimum": 1, "maximum": 8},
    what=_TEXT,
    why=_TEXT,
    advice=_maybe(_TEXT),
    code=_maybe(_TEXT),
    http_status=_maybe({"type": "integer", "minimum": 100, "maximum": 599}),
    request_id=_maybe(_TEXT),
)
FAILURE = _object(schema=_one_of(1), error=ERROR)

VERDICT = _object(
    state=_one_of("ready", "needs_stop", "servers_stopped", "busy", "blocked"),
    servers_to_stop=_list(_ID),
    reason=_TEXT,
)
VOLUME = _object(
    id=_ID,
    name=_ANY_TEXT,
    status=_TEXT,
    size_gib=_COUNT,
    volume_type=_maybe(_TEXT),
    availability_zone=_maybe(_TEXT),
    bootable=_FLAG,
    shared=_FLAG,
    encrypted=_FLAG,
    created_at=_maybe(_TIME),
    updated_at=_maybe(_TIME),
    attachments=_list(
        _object(server_id=_ID, server_name=_maybe(_TEXT), server_status=_maybe(_TEXT), device=_maybe(_TEXT))
    ),
    os_type=_maybe(_TEXT),
    tags={"type": "object", "additionalProperties": _ANY_TEXT},
    verdict=VERDICT,
)
VOLUMES = _envelope(_SIGNED_IN, count=_COUNT, skipped=_COUNT, complete=_FLAG, volumes=_list(VOLUME))
END = _object(end=_one_of(True), count=_COUNT, skipped=_COUNT)

_BODY = _object(
    **{
        "os-volume_upload_image": {
            "type": "object",
            "properties": {
                "image_name": _TEXT,
                "disk_format": _TEXT,
                "container_format": _TEXT,
                "force": _FLAG,
                "__os_type": _one_of("linux", "windows"),
            },
            "required": ["image_name", "disk_format", "container_format", "force"],
            "additionalProperties": False,
        }
    }
)
PLAN = _object(
    volumes=_list(_object(id=_ID, name=_ANY_TEXT, verdict=VERDICT, skipped=_FLAG)),
    steps=_list(
        _object(
            no=_COUNT,
            kind=_one_of("stop", "wait_stopped", "export", "wait_volume", "start", "delete_image"),
            target_id=_ID,
            target_name=_TEXT,
            changes=_TEXT,
            undo=_maybe(_TEXT),
            needs=_list(_COUNT),
        )
    ),
    warnings=_list(_object(level=_one_of("info", "yellow", "red"), code=_TEXT, text=_TEXT)),
    requests=_list(_object(volume_id=_ID, method=_one_of("POST"), path=_TEXT, body=_BODY)),
)
JOB = _object(
    id=_ID,
    run_id=_ID,
    state=_one_of(
        "planned",
        "preparing",
        "submitting",
        "unclear",
        "exporting",
        "restoring",
        "succeeded",
        "failed",
        "not_submitted",
        "cancelled",
    ),
    outcome=_one_of("succeeded", "failed", "not_submitted", "cancelled", None),
    attention=_list(_object(code=_TEXT, text=_TEXT, action=_TEXT)),
    volume=_object(id=_ID, name=_ANY_TEXT, size_gib=_COUNT),
    request=_object(
        image_name=_TEXT,
        disk_format=_TEXT,
        container_format=_TEXT,
        force=_FLAG,
        os_type=_one_of("linux", "windows", None),
    ),
    image=_object(id=_maybe(_ID), status=_maybe(_TEXT), found_by=_one_of("answer", "name", "person", None)),
    place=_object(cloud=_TEXT, region=_TEXT, project_id=_TEXT),
    owner=_maybe(_object(host=_TEXT, pid=_COUNT, alive=_maybe(_FLAG))),
    phase=_maybe(_TEXT),
    planned_at=_TIME,
    announced_at=_maybe(_TIME),
    accepted_at=_maybe(_TIME),
    ended_at=_maybe(_TIME),
    elapsed_s=_maybe(_COUNT),
    estimate=_maybe(_object(low_s=_COUNT, high_s=_COUNT, **{"from": _COUNT})),
    last_error=_maybe(ERROR),
    request_ids=_list(_TEXT),
    events=_maybe(_list(_object(at=_TIME, kind=_TEXT, data={"type": "object"}))),
    receipt=_maybe({"type": "object"}),
)
IMAGE = _object(
    id=_ID,
    name=_ANY_TEXT,
    status=_TEXT,
    disk_format=_maybe(_TEXT),
    container_format=_maybe(_TEXT),
    size_bytes=_maybe(_COUNT),
    min_disk_gib=_maybe(_COUNT),
    os_type=_maybe(_TEXT),
    encrypted=_maybe(_FLAG),
    created_at=_maybe(_TIME),
    job_id=_maybe(_ID),
    volume_id=_maybe(_ID),
)
_OFFLINE = _context(place={"type": "null"})
PROFILE = _object(
    name=_TEXT,
    id={"type": "string", "pattern": "^[0-9a-f]{16}$"},
    default=_FLAG,
    cloud=_maybe(_one_of("otc", "huaweicloud", "flexible-engine", "openstack")),
    auth_url=_maybe(_TEXT),
    region=_maybe(_TEXT),
    project=_maybe(_TEXT),
    method=_one_of("password", "application-credential", "token", "access-key"),
    user=_maybe(_TEXT),
    read_only=_FLAG,
    production=_FLAG,
    secret=_object(place=_one_of("keyring", "session", "file"), state=_one_of("ready", "locked", "absent", "silent")),
)
PROFILES = _envelope(_OFFLINE, profiles=_list(PROFILE))
CHECK = _object(
    id=_TEXT,
    title=_TEXT,
    state=_one_of("ok", "warn", "fail", "skipped", "unknown"),
    found=_TEXT,
    remedy=_maybe(_TEXT),
    ms=_maybe(_COUNT),
)
CHECKS = _envelope(_OFFLINE, ok=_FLAG, checks=_list(CHECK))
IMAGES = _envelope(_SIGNED_IN, images=_list(IMAGE))
EXPORT = _envelope(_SIGNED_IN, run_id=_maybe(_ID), dry_run=_FLAG, plan=PLAN, results=_list(JOB))
JOBS = _envelope(_SIGNED_IN, jobs=_list(JOB))
JOURNAL_JOBS = _envelope(_JOURNAL, jobs=_list(JOB))


def check(document: Any, schema: Mapping[str, Any]) -> None:
    """Fail with every place at which `document` is not what `schema` says."""
    errors = [
        f"{'/'.join(map(str, error.path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(document)
    ]
    assert not errors, "\n".join(errors)
