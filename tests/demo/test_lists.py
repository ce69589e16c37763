from __future__ import annotations

from typing import Any

import pytest

from evs_tui.demo import Inventory, Server, Volume, hostile_volumes
from tests.demo.caller import Caller


async def _walk(caller: Caller, path: str, limit: int) -> list[str]:
    ids: list[str] = []
    marker = ""
    while True:
        rows = (await caller.get(f"{path}?limit={limit}{marker}")).json()["volumes"]
        ids += [row["id"] for row in rows]
        if len(rows) < limit:
            return ids
        marker = f"&marker={ids[-1]}"


@pytest.mark.parametrize("limit", [1, 7, 10, 20, 1000])
@pytest.mark.parametrize("path", ["/v2/{p}/cloudvolumes/detail", "/v3/{p}/volumes/detail", "/v3/{p}/volumes"])
async def test_markers_lead_through_all_volumes_newest_first(huawei: Caller, path: str, limit: int) -> None:
    newest_first = sorted(huawei.cloud.state.volumes.values(), key=lambda v: (v.created_at, v.id), reverse=True)
    assert await _walk(huawei, path, limit) == [volume.id for volume in newest_first]


async def test_count_is_of_all_that_match_and_the_next_link_names_an_internal_host(huawei: Caller) -> None:
    body = (await huawei.get("/v2/{p}/cloudvolumes/detail?limit=5&status=available")).json()
    available = [v for v in huawei.cloud.state.volumes.values() if v.status == "available"]
    assert (body["count"], len(body["volumes"])) == (len(available), 5)
    last = body["volumes"][-1]["id"]
    assert body["volumes_links"] == [
        {
            "rel": "next",
            "href": f"https://volume.localdomain.com:8776/v2/{huawei.project}/os-vendor-volumes/detail"
            f"?limit=5&status=available&marker={last}",
        }
    ]
    onward = (await huawei.get(f"/v2/{{p}}/cloudvolumes/detail?limit=5&status=available&marker={last}")).json()
    assert onward["count"] == body["count"]


async def test_a_page_that_is_exactly_full_has_a_next_link_to_an_empty_one(huawei: Caller) -> None:
    body = (await huawei.get("/v2/{p}/cloudvolumes/detail?limit=20")).json()
    assert len(body["volumes_links"]) == 1
    onward = (await huawei.get(f"/v2/{{p}}/cloudvolumes/detail?limit=20&marker={body['volumes'][-1]['id']}")).json()
    assert (onward["volumes"], onward["volumes_links"], onward["count"]) == ([], [], 20)


async def test_sixty_ids_at_a_time_unknown_ones_are_skipped_silently() -> None:
    async with Caller(volumes=100) as caller:
        ids = list(caller.cloud.state.volumes)[:59]
        wanted = [*ids, "00000000-dead-4eef-8000-000000000000"]
        query = {"ids": str(wanted)}
        rows = (await caller.get("/v2/{p}/cloudvolumes/detail", params=query)).json()["volumes"]
        assert sorted(row["id"] for row in rows) == sorted(ids)
        too_many = {"ids": str(list(caller.cloud.state.volumes)[:61])}
        assert (await caller.get("/v2/{p}/cloudvolumes/detail", params=too_many)).status_code == 400


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "EVS.1023"),
        ("limit=abc", "EVS.1023"),
        ("limit=1001", "EVS.2142"),
        ("marker=abc", "EVS.1024"),
        ("sort_key=name", "EVS.1039"),
        ("sort_dir=up", "EVS.1040"),
        ("status=nope", "EVS.1031"),
        ("ids=abc", "EVS.1002"),
    ],
)
async def test_the_vendors_list_refuses_a_bad_query(huawei: Caller, query: str, code: str) -> None:
    answer = await huawei.get(f"/v2/{{p}}/cloudvolumes/detail?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=-1", "limit param must be positive"),
        ("limit=abc", "limit param must be an integer"),
        ("offset=-1", "offset must be >= 0"),
        ("sort=nope:asc", "Invalid input received: Invalid sort key"),
        ("sort=name:up", "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'."),
    ],
)
async def test_cinder_refuses_a_bad_query(openstack: Caller, query: str, message: str) -> None:
    answer = await openstack.get(f"/v3/{{p}}/volumes/detail?{query}")
    assert (answer.status_code, answer.json()) == (400, {"badRequest": {"code": 400, "message": message}})


async def test_cinder_takes_what_the_vendor_would_refuse(openstack: Caller) -> None:
    for query, count in (("limit=0", 0), ("status=nope", 0), ("nope=1", 20), ("limit=100000", 20), ("offset=100", 0)):
        assert len((await openstack.get(f"/v3/{{p}}/volumes/detail?{query}")).json()["volumes"]) == count


async def test_a_marker_that_is_gone_is_404_for_volumes_and_400_for_images(huawei: Caller, openstack: Caller) -> None:
    gone = "00000000-dead-4eef-8000-000000000000"
    for caller, path in ((huawei, "/v2/{p}/cloudvolumes/detail"), (openstack, "/v3/{p}/volumes/detail")):
        answer = await caller.get(f"{path}?marker={gone}")
        assert (answer.status_code, list(answer.json())) == (404, ["itemNotFound"])
    answer = await openstack.get(f"/v2/images?marker={gone}")
    assert answer.status_code == 400
    assert answer.json()["message"] == f"No image found with ID {gone}<br /><br />\n\n\n"


async def test_the_two_kinds_of_record_say_different_things(huawei: Caller, openstack: Caller) -> None:
    secret = huawei.first()
    huawei.cloud.state.volumes[secret].encrypted = True
    vendor = (await huawei.get(f"/v2/{{p}}/os-vendor-volumes/{secret}")).json()["volume"]
    cinder = (await huawei.get(f"/v3/{{p}}/volumes/{secret}")).json()["volume"]
    assert (vendor["encrypted"], vendor["metadata"]["__system__encrypted"]) == (False, "1")
    assert set(vendor) - set(cinder) == {
        *("service_type", "dedicated_storage_id", "dedicated_storage_name", "tags", "wwn"),
        *("enterprise_project_id", "serial_number"),
    }
    attached = openstack.first("in-use")
    plain = (await openstack.get(f"/v3/{{p}}/volumes/{attached}")).json()["volume"]
    assert plain["attachments"][0]["id"] == attached
    assert plain["bootable"] in ("true", "false")
    assert "tags" not in plain


async def test_hostile_records_come_out_as_they_are() -> None:
    async with Caller(volumes=Inventory(hostile_volumes(), [])) as caller:
        rows: list[dict[str, Any]] = (await caller.get("/v2/{p}/cloudvolumes/detail")).json()["volumes"]
        by_name = {row["name"]: row for row in rows}
        assert "[@click=app.quit]x[/]" in by_name
        assert "\x1b[2J\x1b]0;owned\x07red\x1b[31m" in by_name
        assert by_name["null-lists"]["attachments"] is None
        assert "attachments" not in by_name["missing-keys"]
        assert by_name["numbers-as-strings"]["size"] == "10"
        assert by_name["bad-id"]["id"] == "../../auth/tokens?x=1"


async def test_images_come_in_pages_of_25_with_next_and_by_ids(openstack: Caller) -> None:
    made = []
    for _ in range(26):
        made.append((await openstack.export(openstack.first())).json()["os-volume_upload_image"]["image_id"])
        openstack.clock.advance(13)
    first = (await openstack.get("/v2/images")).json()
    assert ([row["id"] for row in first["images"]], first["next"]) == (
        made[:0:-1],
        f"/v2/images?marker={made[1]}",
    )
    rest = (await openstack.get(first["next"])).json()
    assert ([row["id"] for row in rest["images"]], "next" in rest) == ([made[0]], False)
    some = (await openstack.get(f"/v2/images?id=in:{made[0]},{made[5]}")).json()["images"]
    assert [row["id"] for row in some] == [made[5], made[0]]


async def test_the_vendors_public_images_stand_among_ones_own(huawei: Caller) -> None:
    assert {row["__imagetype"] for row in (await huawei.get("/v2/images")).json()["images"]} == {"gold"}
    assert (await huawei.get("/v2/cloudimages?__imagetype=private")).json() == {"images": []}
    assert (await huawei.get("/v2/cloudimages?__imagetype=nope")).json()["error"]["code"] == "IMG.0024"
    quota = (await huawei.get("/v1/cloudimages/quota")).json()["quotas"]["resources"]
    assert quota == [{"type": "image", "used": 0, "quota": 100, "min": 1, "max": 1000}]


async def test_servers_come_by_page_number() -> None:
    servers = [Server(f"{n:08d}-0000-4000-8000-000000000000", f"web-{n}") for n in range(30)]
    disk = Volume("10000000-0000-4000-8000-000000000000", "d", 1, "2026-01-01T00:00:00.000000")
    async with Caller(volumes=Inventory([disk], servers)) as caller:
        for query, first, length in (
            ("", 0, 25),
            ("?offset=0", 0, 25),
            ("?offset=2", 25, 5),
            ("?limit=10&offset=3", 20, 10),
        ):
            body = (await caller.get(f"/v1/{{p}}/cloudservers/detail{query}")).json()
            assert (body["count"], body["servers"][0]["name"], len(body["servers"])) == (30, f"web-{first}", length)
        body = (await caller.get("/v1/{p}/cloudservers/detail?offset=3")).json()
        assert body == {"count": 30, "servers": []}
        unknown = "99999999-0000-4000-8000-000000000000"
        rows = (await caller.get(f"/v1/{{p}}/cloudservers/detail?server_id={servers[4].id},{unknown}")).json()[
            "servers"
        ]
        assert [(row["id"], row["name"]) for row in rows] == [(servers[4].id, "web-4"), (unknown, None)]
