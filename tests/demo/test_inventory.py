from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import httpx

from evs_tui.demo import DEMO_CREDENTIAL, SettableClock, SimulatedCloud, volumes
from tests.demo.caller import NOON, Caller

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}")


def test_the_same_seed_gives_the_same_volumes_and_another_one_others() -> None:
    one, two, other = volumes(200, 5), volumes(200, 5), volumes(200, 6)
    assert [asdict(v) for v in one.volumes] == [asdict(v) for v in two.volumes]
    assert {v.id for v in one.volumes}.isdisjoint(v.id for v in other.volumes)


def test_ten_thousand_volumes_are_of_realistic_variety() -> None:
    held = volumes(10_000)
    rows = held.volumes
    servers = {server.id: server for server in held.servers}
    assert len({v.id for v in rows}) == 10_000
    assert all(_UUID.fullmatch(v.id) for v in rows)
    assert [v.created_at for v in rows] == sorted((v.created_at for v in rows), reverse=True)
    attached = [v for v in rows if v.attachments]
    assert {v.status for v in attached} == {"in-use"}
    assert 4_000 < len(attached) < 5_000
    assert {servers[a.server_id].status for v in attached for a in v.attachments} == {"ACTIVE", "SHUTOFF"}
    assert all(v.multiattach == (len(v.attachments) == 2) for v in rows)
    for few in (
        [v for v in rows if len(v.attachments) == 2],
        [v for v in rows if v.encrypted],
        [v for v in rows if v.dedicated_storage],
        [v for v in rows if v.name == ""],
        [v for v in rows if v.volume_type is None],
        [v for v in rows if v.status not in ("available", "in-use")],
        [v for v in rows if v.size > 1024],
    ):
        assert 10 < len(few) < 1_500
    assert any(v.name.startswith("生产环境") for v in rows)
    assert {(v.image_metadata or {}).get("__os_type") for v in rows if v.bootable} == {"Linux", "Windows"}


def test_none_and_one() -> None:
    assert (volumes(0).volumes, volumes(0).servers) == ([], [])
    assert len(volumes(1).volumes) == 1


async def test_the_demo_is_believable_harmless_and_reaches_nobody() -> None:
    cloud = SimulatedCloud(clock=SettableClock(frozen=True, start=NOON))
    rows = list(cloud.state.volumes.values())
    assert 35 <= len(rows) <= 45
    named = [v.name for v in rows if v.name]
    assert len(set(named)) == len(named) == len(rows) - 1
    assert all(name.isprintable() and "[" not in name for name in named)
    assert {"web-01-root", "web-shared-cluster", "web-logs-生产环境", "db-02-data"} <= set(named)
    assert {v.outcome for v in rows} == {"normal", "fail", "killed"}
    assert all(v.created_at < "2026-01-15T12:00:00" and (v.updated_at or "") < "2026-01-15T12:00:00" for v in rows)
    assert cloud.auth_url == "https://iam.demo.invalid/v3"
    known = DEMO_CREDENTIAL
    user = {"name": known.username, "password": known.password, "domain": {"name": known.user_domain}}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"id": known.project_id}},
        }
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=cloud)) as client:
        answer = await client.post(f"{cloud.auth_url}/auth/tokens", json=body)
        catalog: list[dict[str, Any]] = answer.json()["token"]["catalog"]
        hosts = {httpx.URL(entry["endpoints"][0]["url"]).host for entry in catalog}
        assert hosts == {f"{service}.demo.invalid" for service in ("iam", "evs", "ims", "ecs", "obs")}


async def test_the_demos_exports_take_seconds_by_size() -> None:
    async with Caller() as caller:
        cloud = SimulatedCloud(clock=caller.clock)
        phases = cloud.state.phases
        assert [phases.saving_for(size) for size in (0, 250, 500, 2048)] == [8.0, 24.0, 40.0, 40.0]
        assert (phases.queued, phases.settle) == (3.0, 0.5)


async def test_a_list_of_many_is_paged_from_one_order_kept_between_pages() -> None:
    async with Caller(volumes=3_000) as caller:
        first = (await caller.get("/v2/{p}/cloudvolumes/detail?limit=1000")).json()
        caller.cloud.state.volumes.pop(first["volumes"][0]["id"])
        caller.cloud.state.changed()
        marker = first["volumes"][-1]["id"]
        second = (await caller.get(f"/v2/{{p}}/cloudvolumes/detail?limit=1000&marker={marker}")).json()
        assert (first["count"], second["count"]) == (3_000, 2_999)
        assert {row["id"] for row in first["volumes"]}.isdisjoint(row["id"] for row in second["volumes"])
