from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.demo.caller import Caller


async def _act(caller: Caller, kind: str, *ids: str, **options: Any) -> httpx.Response:
    body = {kind: {"servers": [{"id": one} for one in ids], **options}}
    return await caller.http.post(f"/v1/{caller.project}/cloudservers/action", json=body)


async def _server(caller: Caller, server_id: str) -> tuple[str, str | None, int]:
    row = (await caller.get(f"/v1/{{p}}/cloudservers/{server_id}")).json()["server"]
    return row["status"], row["OS-EXT-STS:task_state"], row["OS-EXT-STS:power_state"]


async def _job(caller: Caller, answer: httpx.Response) -> dict[str, Any]:
    job: dict[str, Any] = (await caller.get(f"/v1/{{p}}/jobs/{answer.json()['job_id']}")).json()
    return job


def _first(caller: Caller, status: str) -> str:
    return next(server.id for server in caller.cloud.state.servers.values() if server.status == status)


async def test_a_stop_is_active_powering_off_then_shutoff(huawei: Caller) -> None:
    server = _first(huawei, "ACTIVE")
    answer = await _act(huawei, "os-stop", server, type="SOFT")
    assert answer.status_code == 200
    assert await _server(huawei, server) == ("ACTIVE", "powering-off", 1)
    assert (await _job(huawei, answer))["status"] == "RUNNING"
    huawei.clock.advance(6)
    assert await _server(huawei, server) == ("SHUTOFF", None, 4)
    job = await _job(huawei, answer)
    assert (job["status"], job["end_time"]) == ("SUCCESS", "2026-01-15T12:00:06.000Z")


async def test_a_start_is_shutoff_powering_on_then_active(huawei: Caller) -> None:
    server = _first(huawei, "SHUTOFF")
    await _act(huawei, "os-start", server)
    assert await _server(huawei, server) == ("SHUTOFF", "powering-on", 4)
    huawei.clock.advance(8)
    assert await _server(huawei, server) == ("ACTIVE", None, 1)


async def test_a_start_fails_while_a_disk_is_being_exported(huawei: Caller) -> None:
    state = huawei.cloud.state
    volume = next(v for v in state.volumes.values() if v.status == "in-use" and v.dedicated_storage is None)
    server = volume.attachments[0].server_id
    state.servers[server].status = "SHUTOFF"
    volume.outcome = "stuck"
    await huawei.export(volume.id, force=True)
    answer = await _act(huawei, "os-start", server)
    huawei.clock.advance(8)
    job = await _job(huawei, answer)
    assert (job["status"], job["entities"]["sub_jobs"][0]["error_code"]) == ("FAIL", "Ecs.0100")
    assert await _server(huawei, server) == ("SHUTOFF", None, 4)


async def test_a_batch_fails_in_part(huawei: Caller) -> None:
    on, off = _first(huawei, "ACTIVE"), _first(huawei, "SHUTOFF")
    answer = await _act(huawei, "os-stop", on, off)
    huawei.clock.advance(6)
    job = await _job(huawei, answer)
    assert job["status"] == "FAIL"
    assert [part["status"] for part in job["entities"]["sub_jobs"]] == ["SUCCESS", "FAIL"]
    assert await _server(huawei, on) == ("SHUTOFF", None, 4)


@pytest.mark.parametrize(
    ("kind", "options", "status", "code"),
    [
        ("os-stop", {"type": "ROUGH"}, 400, "Ecs.0005"),
        ("os-nap", {}, 400, "Ecs.0005"),
        ("os-start", {}, 400, "Ecs.0100"),
        ("os-stop", {"servers": []}, 400, "Ecs.0005"),
        ("os-stop", {"servers": [{"id": "nope"}]}, 404, "Ecs.0114"),
        ("os-stop", {"servers": [{"id": "nope"}] * 1001}, 400, "Ecs.0118"),
    ],
)
async def test_what_is_refused_at_once(
    huawei: Caller, kind: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = await _act(huawei, kind, _first(huawei, "ACTIVE"), **options)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_a_locked_server_and_a_foreign_project_are_refused(huawei: Caller) -> None:
    server = _first(huawei, "ACTIVE")
    huawei.cloud.state.servers[server].locked = True
    assert (await _act(huawei, "os-stop", server)).json()["error"]["code"] == "Ecs.0605"
    answer = await huawei.get(f"/v1/11111111111111111111111111111111/cloudservers/{server}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Ecs.0023")
