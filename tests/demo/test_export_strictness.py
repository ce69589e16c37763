from __future__ import annotations

from typing import Any

import pytest

from evs_tui.demo import Settings
from tests.demo.caller import Caller

_HUAWEI = [
    ({"nope": 1}, 400, "EVS.5400", "Additional properties are not allowed ('nope' was unexpected)"),
    ({"visibility": "private"}, 400, "EVS.5400", "Additional properties are not allowed ('visibility' was unexpected)"),
    ({"force": "true"}, 400, "EVS.1018", "The type of force is invalid."),
    ({"force": 1}, 400, "EVS.1018", "The type of force is invalid."),
    ({"image_name": None}, 400, "EVS.1018", "The type of image_name is invalid."),
    ({"disk_format": None}, 400, "EVS.1018", "The type of disk_format is invalid."),
    (
        {"disk_format": "vhdx"},
        400,
        "EVS.5400",
        (
            "Invalid input for field/attribute disk_format. Value: vhdx. "
            "'vhdx' is not one of ['vhd', 'zvhd', 'zvhd2', 'raw', 'qcow2']"
        ),
    ),
    (
        {"container_format": "ova"},
        400,
        "EVS.5400",
        (
            "Invalid input for field/attribute container_format. Value: ova. "
            "'ova' is not one of ['ami', 'ari', 'aki', 'ovf', 'bare']"
        ),
    ),
    (
        {"__os_type": "Linux"},
        400,
        "EVS.5400",
        "Invalid input for field/attribute __os_type. Value: Linux. 'Linux' is not one of ['windows', 'linux']",
    ),
]


@pytest.mark.parametrize(("arguments", "status", "code", "message"), _HUAWEI)
async def test_huawei_refuses(huawei: Caller, arguments: dict[str, Any], status: int, code: str, message: str) -> None:
    volume = huawei.first()
    answer = await huawei.export(volume, **arguments)
    assert (answer.status_code, answer.json()) == (status, {"error": {"message": message, "code": code}})
    assert await huawei.volume_status(volume) == "available"
    assert huawei.cloud.state.made_images == []


@pytest.mark.parametrize("name", ["", " a", "a ", "a/b", "a:b", "ü", "n" * 129, "a\nb", "a\n", "①"])
async def test_huawei_refuses_a_name_outside_its_rule(huawei: Caller, name: str) -> None:
    answer = await huawei.export(huawei.first(), image_name=name)
    message = f"Invalid input for field/attribute image_name. Value: {name}. The image name is invalid."
    assert (answer.status_code, answer.json()) == (400, {"error": {"message": message, "code": "EVS.5400"}})


@pytest.mark.parametrize("name", ["a", "n" * 128, "A-z_0.9 b", "生产环境-1"])
async def test_huawei_takes_a_name_inside_its_rule(huawei: Caller, name: str) -> None:
    assert (await huawei.export(huawei.first(), image_name=name)).status_code == 202


_NOT_ALLOWED = "Additional properties are not allowed ({!r} was unexpected)"
_FIELD = "Invalid input for field/attribute {}. Value: {}. {}"
_WORDS = (
    "[True, 'True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't', "
    "False, 'False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f']"
)
_PLAIN_FORMATS = "['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop']"
_OPENSTACK = [
    (
        {"__os_type": "linux"},
        _FIELD.format(
            "os-volume_upload_image",
            "{'image_name': 'nightly', '__os_type': 'linux'}",
            _NOT_ALLOWED.format("__os_type"),
        ),
    ),
    (
        {"visibility": "private"},
        _FIELD.format(
            "os-volume_upload_image",
            "{'image_name': 'nightly', 'visibility': 'private'}",
            _NOT_ALLOWED.format("visibility"),
        ),
    ),
    ({"disk_format": "zvhd2"}, _FIELD.format("disk_format", "zvhd2", f"'zvhd2' is not one of {_PLAIN_FORMATS}")),
    ({"disk_format": "QCOW2"}, _FIELD.format("disk_format", "QCOW2", f"'QCOW2' is not one of {_PLAIN_FORMATS}")),
    ({"disk_format": None}, _FIELD.format("disk_format", "None", "None is not of type 'string'")),
    ({"force": "maybe"}, _FIELD.format("force", "maybe", f"'maybe' is not one of {_WORDS}")),
    ({"force": 1}, _FIELD.format("force", "1", f"1 is not one of {_WORDS}")),
    ({"image_name": ""}, _FIELD.format("image_name", "", "'' should be non-empty")),
    ({"image_name": 7}, _FIELD.format("image_name", "7", "7 is not of type 'string'")),
    ({"image_name": "n" * 256}, _FIELD.format("image_name", "n" * 256, f"'{'n' * 256}' is too long")),
    ({"container_format": "compressed"}, "Image compression upload disallowed, but container_format is compressed"),
]


@pytest.mark.parametrize(("arguments", "message"), _OPENSTACK)
async def test_cinder_refuses(openstack: Caller, arguments: dict[str, Any], message: str) -> None:
    volume = openstack.first()
    answer = await openstack.export(volume, **arguments)
    assert (answer.status_code, answer.json()) == (400, {"badRequest": {"code": 400, "message": message}})
    assert await openstack.volume_status(volume) == "available"


@pytest.mark.parametrize(
    ("content", "kind", "status", "body"),
    [
        (b"{}", "application/json", 400, {"badRequest": {"code": 400, "message": "Malformed request body"}}),
        (b'{"os-v', "application/json", 400, {"badRequest": {"code": 400, "message": "Malformed request body"}}),
        (
            b'{"os-nope": {}}',
            "application/json",
            400,
            {
                "badRequest": {
                    "code": 400,
                    "message": "There is no such action: os-nope. "
                    "Verify the request body and Content-Type header and try again.",
                }
            },
        ),
        (b"{}", "text/plain", 415, {"badMediaType": {"code": 415, "message": "Unsupported Content-Type"}}),
    ],
)
async def test_cinder_refuses_a_body_that_is_none(
    openstack: Caller, content: bytes, kind: str, status: int, body: dict[str, Any]
) -> None:
    path = f"/v3/{openstack.project}/volumes/{openstack.first()}/action"
    answer = await openstack.http.post(path, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()) == (status, body)


async def test_visibility_is_taken_from_microversion_3_1_on(openstack: Caller) -> None:
    headers = {"OpenStack-API-Version": "volume 3.1"}
    answer = await openstack.export(openstack.first(), headers=headers, visibility="community")
    assert answer.status_code == 202
    assert answer.json()["os-volume_upload_image"]["visibility"] == "community"
    assert answer.headers["OpenStack-API-Version"] == "volume 3.1"


async def test_a_microversion_out_of_range_is_406(openstack: Caller) -> None:
    answer = await openstack.get("/v3/{p}/volumes/detail", headers={"OpenStack-API-Version": "volume 3.999"})
    message = "Version 3.999 is not supported by the API. Minimum is 3.0 and maximum is 3.71."
    assert (answer.status_code, answer.json()) == (406, {"computeFault": {"code": 406, "message": message}})


@pytest.mark.parametrize(
    ("status", "force", "needed"),
    [
        ("in-use", False, "available"),
        ("error", False, "available"),
        ("error", True, "available or in-use"),
        ("uploading", True, "available or in-use"),
    ],
)
async def test_a_wrong_status_is_refused_in_cinders_words(
    huawei: Caller, openstack: Caller, status: str, force: bool, needed: str
) -> None:
    for caller in (huawei, openstack):
        volume = caller.first()
        caller.cloud.state.volumes[volume].status = status
        answer = await caller.export(volume, force=force)
        message = f"Invalid volume: Volume {volume} status must be {needed}"
        assert (answer.status_code, answer.json()) == (400, {"badRequest": {"code": 400, "message": message}})


async def test_an_operator_may_switch_force_off() -> None:
    async with Caller(settings=Settings(force_allowed=False)) as caller:
        volume = caller.first("in-use")
        answer = await caller.export(volume, force=True)
        assert answer.json()["badRequest"]["message"] == f"Invalid volume: Volume {volume} status must be available"


async def test_unknown_and_malformed_ids(huawei: Caller, openstack: Caller) -> None:
    unknown = "00000000-dead-beef-0000-000000000000"
    for caller in (huawei, openstack):
        answer = await caller.export(unknown)
        message = f"Volume {unknown} could not be found."
        assert (answer.status_code, answer.json()) == (404, {"itemNotFound": {"code": 404, "message": message}})
    assert (await huawei.export("not-a-uuid")).json()["error"]["code"] == "EVS.1002"
    assert (await openstack.export("not-a-uuid")).status_code == 404


async def test_a_disk_on_dedicated_storage_and_a_full_quota_are_refused(huawei: Caller) -> None:
    volume = huawei.first()
    huawei.cloud.state.volumes[volume].dedicated_storage = "pool"
    assert (await huawei.export(volume)).json()["error"]["code"] == "EVS.2093"
    async with Caller(settings=Settings(image_quota=0)) as caller:
        assert (await caller.export(caller.first())).json()["error"]["code"] == "IMG.0015"


async def test_tokens_and_projects_are_checked(huawei: Caller, openstack: Caller) -> None:
    path = f"/v3/{huawei.project}/volumes/detail"
    for token, why in ((None, "x-auth-token not found"), ("bad", "decrypt token fail")):
        headers = {} if token is None else {"X-Auth-Token": token}
        huawei.http.headers.pop("X-Auth-Token", None)
        answer = await huawei.http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error_code"]) == (401, "APIGW.0301")
        assert answer.json()["error_msg"] == f"Incorrect IAM authentication information: {why}"
    answer = await openstack.get("/v3/{p}/volumes", headers={"X-Auth-Token": "bad"})
    message = "The request you have made requires authentication."
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, message)
    answer = await openstack.get("/v3/f511c0355c57433b96f2082bfb718be0/volumes")
    assert answer.json() == {"badRequest": {"code": 400, "message": "Malformed request url"}}


@pytest.mark.parametrize(("answer", "status"), [("401", 401), ("EVS.0002", 400), ("Common.0013", 400)])
async def test_an_expired_token_is_a_401_or_one_of_its_twins(huawei: Caller, answer: Any, status: int) -> None:
    huawei.cloud.state.expire_tokens(answer)
    reply = await huawei.get("/v2/{p}/cloudvolumes/detail")
    assert reply.status_code == status
    assert reply.json().get("error", {}).get("code", "401") == answer
    assert (await huawei.get("/v2/images")).status_code == 401


async def test_a_token_ends_with_its_day_and_another_project_is_refused(huawei: Caller) -> None:
    other = await huawei.get("/v2/11111111111111111111111111111111/cloudvolumes/detail")
    assert (other.status_code, other.json()["error"]["code"]) == (400, "EVS.0001")
    huawei.clock.advance(86_399)
    assert (await huawei.get("/v2/{p}/cloudvolumes/detail")).status_code == 200
    huawei.clock.advance(1)
    assert (await huawei.get("/v2/{p}/cloudvolumes/detail")).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v2/{p}/nope"), ("PUT", "/v3/{p}/volumes"), ("GET", "/v3/nope"), ("POST", "/v2/images")],
)
async def test_an_unknown_call_is_the_gateways_404(huawei: Caller, openstack: Caller, method: str, path: str) -> None:
    answer = await huawei.http.request(method, path.replace("{p}", huawei.project))
    assert (answer.status_code, answer.json()["error_code"]) == (404, "APIGW.0101")
    assert (await openstack.http.request(method, path.replace("{p}", openstack.project))).status_code == 404


@pytest.mark.parametrize(
    "path", ["/v2/{p}/cloudvolumes/detail", "/v2/{p}/volumes/detail", "/v2/cloudimages", "/v1/{p}/cloudservers/detail"]
)
async def test_plain_openstack_has_none_of_the_vendors_calls(openstack: Caller, path: str) -> None:
    answer = await openstack.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == "The resource could not be found.<br /><br />\n\n\n"


async def test_every_answer_has_a_request_id(huawei: Caller, openstack: Caller) -> None:
    assert (await huawei.get("/v2/{p}/nope")).headers["X-Request-Id"].startswith("req-")
    answer = await openstack.get("/v3/{p}/volumes")
    assert answer.headers["x-openstack-request-id"] == answer.headers["x-compute-request-id"]
