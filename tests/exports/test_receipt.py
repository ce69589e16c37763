"""Receipts: proved from the image, compared with the request, safe to read and to write."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evs_tui.exports.model import Job
from evs_tui.exports.receipt import full_receipt, markdown, write_receipt
from evs_tui.failure import RefusedFailure
from tests.exports.engine import Engine
from tests.exports.scripted import image

GIB = 1024**3


async def _succeeded(engine: Engine, **fields: Any) -> Job:
    job_id = await engine.submit("v1")
    engine.cloud.finish("v1", "i-1")
    engine.cloud.set_image("i-1", "active", **fields)
    await engine.clock.advance(6)
    return await engine.job(job_id)


async def test_what_is_proved_comes_from_the_image(engine: Engine) -> None:
    job = await _succeeded(
        engine, size_bytes=7 * GIB, min_disk_gib=10, created_at=datetime(2026, 1, 15, 9, 31, tzinfo=UTC)
    )
    assert job.receipt is not None
    assert job.receipt["image"] == {
        "id": "i-1",
        "name": "image-v1",
        "status": "active",
        "disk_format": "zvhd2",
        "container_format": "bare",
        "size_bytes": 7 * GIB,
        "min_disk_gib": 10,
        "os_type": "Linux",
        "encrypted": False,
        "created_at": "2026-01-15T09:31:00Z",
        "updated_at": None,
    }
    assert job.receipt["read_at"] == "2026-01-15T09:30:05Z"
    assert job.receipt["warnings"] == []


@pytest.mark.parametrize(
    ("fields", "code", "text"),
    [
        ({"disk_format": "vhd"}, "disk_format", "the disk format is vhd, asked was zvhd2"),
        ({"disk_format": None}, "disk_format", "the cloud does not say the disk format; asked was zvhd2"),
        ({"container_format": "ovf"}, "container_format", "the container format is ovf, asked was bare"),
        ({"name": "other"}, "name", 'the image is called "other", asked was "image-v1"'),
        ({"os_type": "Windows"}, "os_type", "the system is Windows, asked was linux"),
        ({"os_type": None}, "os_type", "the system is not said, asked was linux"),
        ({"size_bytes": None}, "size", "the cloud does not say the size of the image"),
        ({"min_disk_gib": 11}, "min_disk", "the image needs 11 GiB, the disk has 10 GiB"),
    ],
)
async def test_differences_are_warnings_and_nothing_is_copied_from_the_request(
    engine: Engine, fields: dict[str, Any], code: str, text: str
) -> None:
    job = await _succeeded(engine, **fields)
    assert job.receipt is not None
    assert job.receipt["warnings"] == [{"code": code, "text": text}]
    for key, value in fields.items():
        assert job.receipt["image"][key] == value


async def test_only_success_has_a_receipt(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    with pytest.raises(RefusedFailure, match="only an export that succeeded has one"):
        await engine.exports.receipt(job_id)


async def test_files_are_private_whole_and_the_same_as_the_job(engine: Engine, tmp_path: Path) -> None:
    job = await _succeeded(engine)
    as_json, as_markdown = write_receipt(tmp_path / "receipts", job)
    assert stat.S_IMODE((tmp_path / "receipts").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (as_json, as_markdown)} == {0o600}
    assert json.loads(as_json.read_text()) == full_receipt(job)
    assert full_receipt(job)["job_id"] == job.id
    text = as_markdown.read_text()
    assert "Image `i-1` was read from the cloud at 2026-01-15T09:30:05Z." in text
    assert "request ids: `req-post`" in text
    assert sorted(path.name for path in (tmp_path / "receipts").iterdir()) == [f"{job.id}.json", f"{job.id}.md"]
    assert write_receipt(tmp_path / "receipts", job) == (as_json, as_markdown), "written again in place"


async def test_hostile_names_stay_inside_their_code_span(engine: Engine) -> None:
    job = await _succeeded(engine, name="``` [x](javascript:1) `` | \x1b[31m")
    text = markdown(full_receipt(job))
    assert "- name: ```` ``` [x](javascript:1) `` | \N{SYMBOL FOR ESCAPE}[31m ````" in text
    assert "\x1b" not in text


async def test_job_without_receipt_writes_none(engine: Engine, tmp_path: Path) -> None:
    job = await engine.job(await engine.submit("v1"))
    with pytest.raises(ValueError, match=job.id):
        write_receipt(tmp_path / "receipts", job)
    assert not (tmp_path / "receipts").exists()


async def test_raw_image_must_have_the_disks_size(engine: Engine) -> None:
    from evs_tui.exports.model import Request
    from evs_tui.exports.queries import step_row
    from evs_tui.exports.receipt import make_receipt

    job_id = await engine.submit("v1")
    step = await engine.journal.read(lambda connection: step_row(connection, job_id))
    assert step is not None
    from dataclasses import replace

    raw = replace(step, request=Request("image-v1", "raw"))
    exact = image("i", status="active", disk_format="raw", container_format="bare", size_bytes=10 * GIB)
    assert make_receipt(raw, exact, engine.clock.now())["warnings"] == []
    short = replace(exact, size_bytes=10 * GIB - 1)
    assert [item["code"] for item in make_receipt(raw, short, engine.clock.now())["warnings"]] == ["size"]


async def test_encryption_that_got_lost_is_told(engine: Engine) -> None:
    from dataclasses import replace

    engine.cloud.volumes["v1"] = replace(engine.cloud.volumes["v1"], encrypted=True)
    job = await _succeeded(engine)
    assert job.receipt is not None
    assert [item["code"] for item in job.receipt["warnings"]] == ["encrypted"]
