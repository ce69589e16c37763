"""Volume statuses and what each means for an export. Source: EVS API, EVS Disk Status; Cinder API, volumes."""

from __future__ import annotations

AVAILABLE = "available"
IN_USE = "in-use"
UPLOADING = "uploading"
MISSING = "missing"
"""No status of any cloud: stands for a volume that was asked for by its id and is not there."""

PASSING = {
    "creating": "creating",
    "downloading": "downloading",
    "attaching": "attaching",
    "detaching": "detaching",
    "extending": "extending",
    "deleting": "deleting",
    "rollbacking": "rollbacking",
    "restoring-backup": "restoring backup",
    "backing-up": "backup runs",
    "retyping": "retyping",
    "reserved": "reserved",
    "managing": "managing",
    # These two end when somebody ends them.
    "awaiting-transfer": "transfer waits",
    "maintenance": "maintenance",
}
"""Statuses that end, each with its words for a narrow column."""

ENDED_BY = {
    "awaiting-transfer": "until that is accepted or called off",
    "maintenance": "until the operator ends that",
}
"""Passing statuses that do not pass by themselves."""

TRANSIENT = frozenset({*PASSING, UPLOADING} - ENDED_BY.keys())
"""Statuses that another one follows without anybody's doing."""


def is_error(status: str) -> bool:
    """Whether the disk failed: `error`, `error_restoring`, `error_backing-up` and their like."""
    return status == "error" or status.startswith("error_")
