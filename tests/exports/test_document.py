"""The JSON shape of a job: every key, always."""

from __future__ import annotations

import json

from evs_tui.cloud.answers import Refused
from evs_tui.cloud.errors import ErrorKind
from evs_tui.exports.document import job_document
from tests.exports.engine import Engine
from tests.exports.scripted import cloud_error

KEYS = [
    "id",
    "run_id",
    "state",
    "outcome",
    "attention",
    "volume",
    "request",
    "image",
    "place",
    "owner",
    "phase",
    "planned_at",
    "announced_at",
    "accepted_at",
    "ended_at",
    "elapsed_s",
    "estimate",
    "last_error",
    "request_ids",
    "events",
    "receipt",
]


async def test_running_job(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    await engine.clock.advance(10)
    job = await engine.job(job_id)
    document = job_document(job, engine.clock.now())
    assert list(document) == KEYS
    assert document == {
        "id": job_id,
        "run_id": job.run_id,
        "state": "exporting",
        "outcome": None,
        "attention": [],
        "volume": {"id": "v1", "name": "disk-v1", "size_gib": 10},
        "request": {
            "image_name": "image-v1",
            "disk_format": "zvhd2",
            "container_format": "bare",
            "force": False,
            "os_type": "linux",
        },
        "image": {"id": "i-1", "status": None, "found_by": "answer"},
        "place": {"cloud": "otc", "region": "eu-de", "project_id": "p1"},
        "owner": {"host": "here", "pid": job.owner.pid if job.owner else None, "alive": True},
        "phase": "disk is uploading",
        "planned_at": "2026-01-15T09:30:00Z",
        "announced_at": "2026-01-15T09:30:00Z",
        "accepted_at": "2026-01-15T09:30:00Z",
        "ended_at": None,
        "elapsed_s": 10,
        "estimate": None,
        "last_error": None,
        "request_ids": ["req-post"],
        "events": None,
        "receipt": None,
    }


async def test_failed_job_with_its_error_and_events(engine: Engine) -> None:
    engine.answer(Refused(cloud_error(ErrorKind.STATE, code="EVS.5400", http_status=400)))
    job = await engine.job(await engine.submit("v1"))
    document = job_document(job, engine.clock.now(), full=True)
    assert list(document) == KEYS
    assert (document["state"], document["outcome"], document["owner"]) == ("failed", "failed", None)
    assert document["last_error"] == {
        "exit_code": 1,
        "what": "The call did not work",
        "why": "a test said state",
        "advice": None,
        "code": "EVS.5400",
        "http_status": 400,
        "request_id": "req-1",
    }
    assert [event["kind"] for event in document["events"]] == ["planned", "announced", "refused"]
    assert document["events"][0]["at"] == "2026-01-15T09:30:00Z"
    json.dumps(document)


async def test_ended_job_has_its_whole_time_and_receipt(engine: Engine) -> None:
    job_id = await engine.submit("v1")
    engine.cloud.finish("v1", "i-1")
    await engine.clock.advance(600)
    document = job_document(await engine.job(job_id), engine.clock.now(), full=True)
    assert (document["state"], document["outcome"], document["elapsed_s"]) == ("succeeded", "succeeded", 5)
    assert document["receipt"]["image"]["id"] == "i-1"
