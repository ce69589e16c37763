from __future__ import annotations

from typing import Any

import pytest

from evs_tui.demo import Settings
from evs_tui.demo.account import Flavour
from tests.demo.caller import Caller


async def test_the_answer_to_an_export_has_the_documented_shape(huawei: Caller) -> None:
    volume = huawei.first()
    record = huawei.cloud.state.volumes[volume]
    record.volume_type, before = "SSD", record.updated_at
    answer = await huawei.export(volume, disk_format="zvhd2", container_format="bare", force=False, __os_type="linux")
    assert answer.status_code == 202
    body = answer.json()["os-volume_upload_image"]
    kind = body.pop("volume_type")
    image_id = body.pop("image_id")
    assert body == {
        "status": "uploading",
        "size": record.size,
        "id": volume,
        "image_name": "nightly",
        "container_format": "bare",
        "disk_format": "zvhd2",
        "display_description": "",
        "updated_at": before,
    }
    assert (kind["name"], kind["description"], kind["deleted"]) == ("SSD", "None", False)
    assert "XX:availability_zone" in kind["extra_specs"]
    assert huawei.cloud.state.made_images == [image_id]
    assert huawei.cloud.log.of("export")[0].image_id == image_id


@pytest.mark.parametrize(("form", "expected"), [("null", None), ("name", "SSD")])
async def test_the_volume_type_comes_in_three_forms(form: Any, expected: str | None) -> None:
    async with Caller(settings=Settings(volume_type_form=form)) as caller:
        volume = caller.first()
        caller.cloud.state.volumes[volume].volume_type = "SSD"
        assert (await caller.export(volume)).json()["os-volume_upload_image"]["volume_type"] == expected


@pytest.mark.parametrize("flavour", ["huawei", "openstack"])
@pytest.mark.parametrize("status", ["available", "in-use"])
async def test_an_export_goes_well(flavour: Flavour, status: str) -> None:
    async with Caller(flavour) as caller:
        volume = caller.first(status)
        force = status == "in-use"
        image = (await caller.export(volume, disk_format="raw", force=force)).json()["os-volume_upload_image"][
            "image_id"
        ]
        seen = []
        for seconds in (0, 1.9, 0.1, 9.9, 0.1, 0.5):
            caller.clock.advance(seconds)
            seen.append((await caller.volume_status(volume), await caller.image_status(image)))
        assert seen == [
            ("uploading", "queued"),
            ("uploading", "queued"),
            ("uploading", "saving"),
            ("uploading", "saving"),
            ("uploading", "active"),
            (status, "active"),
        ]
        second = await caller.export(volume, force=force)
        assert second.status_code == 202


async def test_the_size_of_an_image_is_known_once_it_is_active(huawei: Caller) -> None:
    volume = huawei.first()
    image = (await huawei.export(volume, disk_format="raw")).json()["os-volume_upload_image"]["image_id"]
    huawei.clock.advance(11.9)
    assert "__image_size" not in (await huawei.get(f"/v2/images/{image}")).json()
    huawei.clock.advance(0.1)
    row = (await huawei.get(f"/v2/images/{image}")).json()
    assert row["__image_size"] == str(huawei.cloud.state.volumes[volume].size * 2**30)
    assert (row["size"], row["active_at"], row["created_at"]) == (0, "2026-01-15T12:00:12Z", "2026-01-15T12:00:00Z")
    assert row["__data_origin"] == f"volume,{volume}"


@pytest.mark.parametrize("flavour", ["huawei", "openstack"])
async def test_a_failure_in_the_backend_takes_the_image_away_and_leaves_a_note(flavour: Flavour) -> None:
    async with Caller(flavour) as caller:
        volume = caller.first()
        caller.cloud.state.volumes[volume].outcome = "fail"
        image = (await caller.export(volume)).json()["os-volume_upload_image"]["image_id"]
        caller.clock.advance(6.9)
        assert (await caller.volume_status(volume), await caller.image_status(image)) == ("uploading", "saving")
        caller.clock.advance(0.1)
        assert (await caller.volume_status(volume), await caller.image_status(image)) == ("available", 404)
        path = f"/v3/{{p}}/messages?resource_uuid={volume}"
        assert (await caller.get(path)).status_code == 404
        notes = (await caller.get(path, headers={"OpenStack-API-Version": "volume 3.3"})).json()["messages"]
        assert [(note["event_id"], note["user_message"]) for note in notes] == [
            ("VOLUME_VOLUME_003_004", "copy volume to image:Failed to upload volume to image at backend.")
        ]


async def test_an_image_may_end_killed(huawei: Caller) -> None:
    volume = huawei.first()
    huawei.cloud.state.volumes[volume].outcome = "killed"
    image = (await huawei.export(volume)).json()["os-volume_upload_image"]["image_id"]
    huawei.clock.advance(12)
    assert (await huawei.volume_status(volume), await huawei.image_status(image)) == ("available", "killed")


async def test_a_stuck_export_never_ends_until_it_is_freed(huawei: Caller) -> None:
    volume = huawei.first()
    huawei.cloud.state.volumes[volume].outcome = "stuck"
    image = (await huawei.export(volume)).json()["os-volume_upload_image"]["image_id"]
    huawei.clock.advance(80_000)
    assert (await huawei.volume_status(volume), await huawei.image_status(image)) == ("uploading", "saving")
    huawei.cloud.state.volumes[volume].outcome = "normal"
    assert (await huawei.volume_status(volume), await huawei.image_status(image)) == ("available", "active")


async def test_glance_deletes_an_image_in_mid_upload_and_the_volume_stays_until_the_end(openstack: Caller) -> None:
    volume = openstack.first()
    image = (await openstack.export(volume)).json()["os-volume_upload_image"]["image_id"]
    openstack.clock.advance(3)
    assert (await openstack.http.delete(f"/v2/images/{image}")).status_code == 204
    assert (await openstack.volume_status(volume), await openstack.image_status(image)) == ("uploading", 404)
    again = await openstack.http.delete(f"/v2/images/{image}")
    assert again.json()["message"] == f"Failed to find image {image} to delete<br /><br />\n\n\n"
    openstack.clock.advance(9.5)
    assert (await openstack.volume_status(volume), await openstack.image_status(image)) == ("available", 404)


async def test_the_vendor_refuses_to_delete_an_unfinished_image(huawei: Caller) -> None:
    image = (await huawei.export(huawei.first())).json()["os-volume_upload_image"]["image_id"]
    answer = await huawei.http.delete(f"/v2/images/{image}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "IMG.0090")
    huawei.clock.advance(60)
    assert (await huawei.http.delete(f"/v2/images/{image}")).status_code == 204
    gone = await huawei.get(f"/v2/images/{image}")
    assert (gone.status_code, gone.headers["content-type"]) == (404, "text/html; charset=UTF-8")


async def test_the_vendors_list_hides_unfinished_images_unless_set_otherwise(huawei: Caller) -> None:
    image = (await huawei.export(huawei.first())).json()["os-volume_upload_image"]["image_id"]
    path = "/v2/cloudimages?__imagetype=private&name=nightly"
    assert (await huawei.get(path)).json() == {"images": []}
    assert [row["id"] for row in (await huawei.get("/v2/images?name=nightly")).json()["images"]] == [image]
    huawei.clock.advance(12)
    assert [row["id"] for row in (await huawei.get(path)).json()["images"]] == [image]
    async with Caller(settings=Settings(hide_unfinished=False)) as caller:
        await caller.export(caller.first())
        assert len((await caller.get(path)).json()["images"]) == 1


@pytest.mark.parametrize(
    ("status", "own", "asked", "expected"),
    [
        ("available", None, "windows", "Windows"),
        ("available", None, None, "Linux"),
        ("available", "Windows", "linux", "Windows"),
        ("in-use", None, "windows", "Linux"),
        ("in-use", "Windows", "linux", "Windows"),
    ],
)
async def test_the_os_type_counts_only_for_an_available_disk_that_inherits_none(
    huawei: Caller, status: str, own: str | None, asked: str | None, expected: str
) -> None:
    volume = huawei.first(status)
    huawei.cloud.state.volumes[volume].image_metadata = {"__os_type": own} if own else None
    arguments: dict[str, Any] = {"force": status == "in-use"} | ({"__os_type": asked} if asked else {})
    image = (await huawei.export(volume, **arguments)).json()["os-volume_upload_image"]["image_id"]
    assert (await huawei.get(f"/v2/images/{image}")).json()["__os_type"] == expected


async def test_v2_and_v3_take_an_export_alike(huawei: Caller) -> None:
    assert (await huawei.export(huawei.first(), version="v2")).status_code == 202
