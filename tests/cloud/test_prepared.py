from __future__ import annotations

import pytest

from evs_tui.cloud.operations import EXPORT, GET_IMAGE, LIST_CLOUDVOLUMES, OPERATIONS
from evs_tui.cloud.origins import Endpoint
from evs_tui.cloud.prepared import prepare
from evs_tui.failure import ExitCode, UsageFailure
from tests.cloud.conftest import Connect
from tests.cloud.support import PROJECT, VOLUME, NoAuth, ScriptedCloud, identity, raw_server, with_length

EVS = Endpoint("https://evs.example.com")


def test_path_query_and_body_are_the_documented_bytes() -> None:
    body = {"os-volume_upload_image": {"image_name": "数据盘", "force": False, "__os_type": "linux"}}
    prepared = prepare(EXPORT, EVS, ids={"project_id": PROJECT, "volume_id": VOLUME}, body=body)
    assert prepared.method == "POST"
    assert prepared.url == f"https://evs.example.com/v3/{PROJECT}/volumes/{VOLUME}/action"
    assert prepared.body == (
        b'{"os-volume_upload_image":{"image_name":"\\u6570\\u636e\\u76d8","force":false,"__os_type":"linux"}}'
    )
    assert dict(prepared.headers) == {"Accept": "application/json", "Content-Type": "application/json"}


def test_a_query_is_encoded_down_to_the_unreserved_characters() -> None:
    query = (("ids", "['a','b']"), ("name", "a b/ü~+&=.-_"))
    prepared = prepare(LIST_CLOUDVOLUMES, Endpoint("https://x", "/volume"), ids={"project_id": PROJECT}, query=query)
    assert prepared.target == (
        f"/volume/v2/{PROJECT}/cloudvolumes/detail?ids=%5B%27a%27%2C%27b%27%5D&name=a%20b%2F%C3%BC~%2B%26%3D.-_"
    )


async def test_the_bytes_on_the_wire_are_the_prepared_ones(connect: Connect) -> None:
    async with raw_server(with_length(b"{}")) as server:
        endpoints = {"iam": server.origin, "evs": server.origin, "ims": server.origin}
        session = connect(identity(server.origin, endpoints=endpoints, region="eu-x"), auth=NoAuth())
        await session.read(LIST_CLOUDVOLUMES, query=(("ids", "['a','b']"), ("name", "ü~ x+'")))
        line = server.requests[0].split(b"\r\n")[0].decode()
        wire = prepare(
            LIST_CLOUDVOLUMES, EVS, ids={"project_id": PROJECT}, query=(("ids", "['a','b']"), ("name", "ü~ x+'"))
        )
        assert line == f"GET {wire.target} HTTP/1.1"


HOSTILE = ["../../v2/images", "a/b", "a?b=c", "", "a" * 65, "..", "%2e%2e", "a b", "a\r\nX: y", "é", "a'],'b"]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_hostile_id_never_leaves(connect: Connect, hostile: str) -> None:
    cloud = ScriptedCloud()
    session = connect(identity(), asgi=cloud)
    with pytest.raises(UsageFailure) as refused:
        await session.read(GET_IMAGE, ids={"image_id": hostile})
    assert refused.value.exit_code is ExitCode.USAGE
    assert cloud.seen == []


def test_every_operation_names_its_page_and_its_failure() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    for operation in OPERATIONS:
        assert operation.path.startswith("/v")
        assert operation.page
        assert operation.failed
        # What changes something is never sent twice by the session.
        assert operation.effect == "read" or not operation.retry
    assert [operation.name for operation in OPERATIONS if operation.effect != "read"] == [
        "export",
        "stop_cloudserver",
        "start_cloudserver",
        "stop_server",
        "start_server",
    ]
