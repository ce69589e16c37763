"""The receipt of an export: the image as it was read again after it became active, compared with the request.

What is proved was read from the cloud; nothing is copied there from the request. Differences are warnings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from evs_tui.clock import iso, iso_or_none
from evs_tui.cloud.models import Image
from evs_tui.exports.model import Job
from evs_tui.exports.records import StepRow, request_document
from evs_tui.files import write_private
from evs_tui.text import clean

_GIB = 1024**3
_FOUND = {"name": "the image was found by its name", "person": "a person said that this is the image"}
Facts = Mapping[str, Any]


def make_receipt(step: StepRow, image: Image, read_at: datetime) -> dict[str, Any]:
    """The receipt of a succeeded export, from the image as it was read at `read_at`."""
    return {
        "read_at": iso(read_at),
        "image": {
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
            "updated_at": iso_or_none(image.updated_at),
        },
        "found_by": step.found_by,
        "asked": request_document(step.request),
        "volume": {"id": step.volume_id, "name": step.volume_name, "size_gib": step.volume_size_gib},
        "times": {"announced_at": iso_or_none(step.announced_at), "accepted_at": iso_or_none(step.answered_at)},
        "warnings": [{"code": code, "text": text} for code, text in _differences(step, image)],
    }


def _differences(step: StepRow, image: Image) -> Iterator[tuple[str, str]]:
    asked = step.request
    if image.status != "active":
        yield "status", f'the image was active and is now "{image.status}"'
    if image.name != asked.image_name:
        yield "name", f'the image is called "{image.name}", asked was "{asked.image_name}"'
    for what, found, wanted in (
        ("disk format", image.disk_format, asked.disk_format),
        ("container format", image.container_format, asked.container_format),
    ):
        code = what.replace(" ", "_")
        if found is None:
            yield code, f"the cloud does not say the {what}; asked was {wanted}"
        elif found != wanted:
            yield code, f"the {what} is {found}, asked was {wanted}"
    if asked.os_type is not None and (image.os_type or "").lower() != asked.os_type.lower():
        yield "os_type", f"the system is {image.os_type or 'not said'}, asked was {asked.os_type}"
    yield from _different_sizes(step, image)
    if step.volume_encrypted and not image.encrypted:
        yield "encrypted", "the disk is encrypted, and the cloud does not say so of the image"
    if step.found_by in _FOUND:
        yield f"found_by_{step.found_by}", f"the answer of the cloud was lost; {_FOUND[step.found_by]}"


def _different_sizes(step: StepRow, image: Image) -> Iterator[tuple[str, str]]:
    size = step.volume_size_gib * _GIB
    if image.size_bytes is None:
        yield "size", "the cloud does not say the size of the image"
    elif step.request.disk_format == "raw" and image.size_bytes != size:
        yield "size", f"the image has {image.size_bytes} bytes, the disk {size}"
    if image.min_disk_gib is not None and image.min_disk_gib > step.volume_size_gib:
        yield "min_disk", f"the image needs {image.min_disk_gib} GiB, the disk has {step.volume_size_gib} GiB"


def full_receipt(job: Job) -> dict[str, Any]:
    """The stored receipt with what identifies its job, as it is written to a file."""
    place = job.place
    return {
        "schema": 1,
        "job_id": job.id,
        "place": {
            "cloud": place.cloud,
            "region": place.region,
            "project_id": place.project_id,
            "project_name": place.project_name,
            "user_name": place.user_name,
        },
        "request_ids": list(job.request_ids),
        **(job.receipt or {}),
    }


def markdown(receipt: Facts) -> str:
    """The receipt for people. Every value stands in a code span, whatever it contains."""
    image, asked, volume, place = (receipt[key] for key in ("image", "asked", "volume", "place"))
    lines = [
        f"# Export receipt {_span(receipt['job_id'])}",
        "",
        f"Image {_span(image['id'])} was read from the cloud at {receipt['read_at']}.",
        "",
        "## Proved",
        "",
        *_rows(image),
        "",
        "## Asked for",
        "",
        *_rows(asked),
        "",
        "## From",
        "",
        *_rows(volume),
        *_rows(place),
        *_rows(receipt["times"]),
        f"- request ids: {', '.join(_span(item) for item in receipt['request_ids']) or 'not known'}",
        "",
        "## Differences",
        "",
    ]
    lines += [f"- {warning['code']}: {_span(warning['text'])}" for warning in receipt["warnings"]] or ["None."]
    return "\n".join(lines) + "\n"


def write_receipt(directory: Path, job: Job) -> tuple[Path, Path]:
    """Write the receipt of `job` as JSON and Markdown (0600, each at once or not at all); the two paths.

    Raises:
        ConfigFailure: the directory cannot be written.
        ValueError: the job has no receipt.
    """
    if job.receipt is None:
        raise ValueError(job.id)
    receipt = full_receipt(job)
    as_json, as_markdown = directory / f"{job.id}.json", directory / f"{job.id}.md"
    write_private(as_json, (json.dumps(receipt, indent=2) + "\n").encode())
    write_private(as_markdown, markdown(receipt).encode())
    return as_json, as_markdown


def _rows(facts: Facts) -> list[str]:
    return [f"- {key}: {'not known' if value is None else _span(value)}" for key, value in facts.items()]


def _span(value: object) -> str:
    text = clean(str(value))
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
