from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest

from evs_tui.cloud.answers import NotSent, Refused, RefusedForNow, Taken, Unclear
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import TokenLogin
from evs_tui.cloud.operations import EXPORT, LIST_CLOUDVOLUMES
from evs_tui.cloud.services import CloudServices
from evs_tui.cloud.session import Session
from evs_tui.exports.ports import Cloud
from evs_tui.failure import ExitCode, UsageFailure
from evs_tui.secret import Secret
from tests import openstack_transcripts
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    IMAGE,
    OPENSTACK_CATALOG,
    PROJECT,
    VOLUME,
    NoAuth,
    Says,
    ScriptedCloud,
    Seen,
    identity,
    identity_at,
    password_login,
    raw_server,
)
from tests.simulator.client import Simulator
from tests.simulator.fixtures import StartCloud

OTHER = "5f0c1a2b-8d3e-4c6f-9a7b-1e2d3c4b5a69"
Body = Mapping[str, Mapping[str, str | bool]]


def body(name: str = "nightly", disk_format: str = "zvhd2", **fields: str | bool) -> Body:
    request = {"image_name": name, "disk_format": disk_format, "container_format": "bare", "force": False, **fields}
    return {"os-volume_upload_image": request}


@pytest.fixture
def huawei(connect: Connect, huawei_cloud: Simulator) -> CloudServices:
    return CloudServices(connect(identity_at(huawei_cloud)))


@pytest.fixture
def openstack(connect: Connect, openstack_cloud: Simulator) -> CloudServices:
    return CloudServices(connect(identity_at(openstack_cloud)))


def test_the_services_are_what_the_engine_asks_for(huawei: CloudServices) -> None:
    """The type checker compares the signatures; the loop sees to it that no method is forgotten."""
    port: Cloud = huawei
    for name in vars(Cloud):
        assert name.startswith("_") or callable(getattr(port, name))


# Reading


async def test_a_volume_as_richly_as_the_cloud_tells(huawei: CloudServices, huawei_cloud: Simulator) -> None:
    (dedicated, *_) = [row for row in huawei_cloud.volumes() if row["dedicated_storage"]] or huawei_cloud.volumes()
    huawei_cloud.patch_volume(dedicated["id"], dedicated_storage="d55", tags={"env": "prod"})
    volume = await huawei.read_volume(dedicated["id"])
    assert volume.dedicated
    assert volume.tags == {"env": "prod"}
    assert (volume.name, volume.size_gib, volume.status) == (dedicated["name"], dedicated["size"], dedicated["status"])
    assert huawei_cloud.counters()["get_vendor_volume"] == 1


async def test_a_volume_of_plain_cinder(openstack: CloudServices, openstack_cloud: Simulator) -> None:
    wanted = openstack_cloud.volumes()[0]
    volume = await openstack.read_volume(wanted["id"])
    assert (volume.id, volume.size_gib) == (wanted["id"], wanted["size"])
    assert openstack_cloud.counters()["get_volume"] == 1


async def test_a_cloud_without_the_richer_call_is_asked_the_plain_one(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        if "os-vendor-volumes" in seen.path:
            return Says(404, {"error_msg": "The API does not exist", "error_code": "APIGW.0101"})
        return Says(200, {"volume": {"id": VOLUME, "status": "available", "size": 1}})

    cloud = ScriptedCloud(says)
    volume = await CloudServices(connect(identity(), asgi=cloud)).read_volume(VOLUME)
    assert volume.status == "available"
    assert [seen.path for seen in cloud.seen[1:]] == [
        f"/v2/{PROJECT}/os-vendor-volumes/{VOLUME}",
        f"/v3/{PROJECT}/volumes/{VOLUME}",
    ]


async def test_a_volume_that_is_not_there(huawei: CloudServices, openstack: CloudServices) -> None:
    for services in (huawei, openstack):
        with pytest.raises(CloudError) as missing:
            await services.read_volume(OTHER)
        assert missing.value.kind is ErrorKind.MISSING
        assert missing.value.exit_code is ExitCode.FAILED
        assert missing.value.http_status == 404
        assert missing.value.request_id


@pytest.mark.parametrize("answer", [{"volume": {"id": OTHER}}, {"volume": None}, {}, [], {"volume": {"id": "../x"}}])
async def test_an_answer_about_something_else_is_nonsense(connect: Connect, answer: Any) -> None:
    services = CloudServices(connect(identity(), asgi=ScriptedCloud(lambda _: Says(200, answer))))
    with pytest.raises(CloudError) as failed:
        await services.read_volume(VOLUME)
    assert failed.value.kind is ErrorKind.NONSENSE


async def test_many_volumes_sixty_at_a_time(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="huawei", volumes=130, frozen=True)
    ids = cloud.volume_ids(plain=False)[:125]
    services = CloudServices(connect(identity_at(cloud)))
    found = await services.read_volumes([*ids, OTHER, ids[0]])
    assert set(found) == set(ids)
    queries = [unquote(call["query"]) for call in cloud.calls("list_cloudvolumes")]
    assert [query.count("'") // 2 for query in queries] == [60, 60, 6]
    assert queries[0].startswith(f"ids=['{ids[0]}','{ids[1]}',")
    assert await services.read_volumes([]) == {}
    assert len(cloud.calls("list_cloudvolumes")) == 3


async def test_many_volumes_of_plain_cinder_by_one_page_of_uploading_ones(
    openstack: CloudServices, openstack_cloud: Simulator
) -> None:
    first, second, third = openstack_cloud.volume_ids("available")[:3]
    for one in (first, third):
        openstack_cloud.patch_volume(one, status="uploading")
    assert set(await openstack.read_volumes([first, second])) == {first}
    (call,) = openstack_cloud.calls("list_volumes")
    assert dict(parse_qsl(call["query"])) == {"status": "uploading", "limit": "1000"}


@pytest.mark.parametrize("flavour", ["huawei", "openstack"])
async def test_volumes_again_and_which_of_them_are_gone(
    connect: Connect, start_cloud: StartCloud, flavour: str
) -> None:
    cloud = start_cloud(flavour=flavour, volumes=40, frozen=True)
    first, second = cloud.volume_ids("available")[:2]
    cloud.patch_volume(first, status="uploading")
    services = CloudServices(connect(identity_at(cloud)))
    found, gone = await services.read_again([first, second, OTHER])
    assert {one: volume.status for one, volume in found.items()} == {first: "uploading", second: "available"}
    assert gone == {OTHER}


async def test_rows_that_nobody_asked_for_are_left_out(connect: Connect) -> None:
    rows = [{"id": OTHER}, {"id": VOLUME}, {"id": None}]
    services = CloudServices(connect(identity(), asgi=ScriptedCloud(lambda _: Says(200, {"volumes": rows}))))
    assert set(await services.read_volumes([VOLUME])) == {VOLUME}


@pytest.mark.parametrize("hostile", ["x'],'y", "../x", "", "a b"])
async def test_hostile_ids_in_a_list_never_leave(huawei: CloudServices, huawei_cloud: Simulator, hostile: str) -> None:
    for call in (huawei.read_volumes, huawei.read_images):
        with pytest.raises(UsageFailure):
            await call([VOLUME, hostile])
    for single in (huawei.read_volume, huawei.read_image, huawei.read_server):
        with pytest.raises(UsageFailure):
            await single(hostile)
    assert huawei_cloud.counters() == {}


@pytest.mark.parametrize(
    "says",
    [
        Says(404, {"message": f"No image found with ID {IMAGE}<br />", "code": "404 Not Found", "title": "Not Found"}),
        Says(404, None, {"Content-Type": "text/html"}, raw=b"<html>No image found</html>"),
        Says(404, {"error": {"message": "The image does not exist.", "code": "IMG.0144"}}),
        Says(400, {"error": {"message": "The image does not exist.", "code": "IMG.0027"}}),
    ],
)
async def test_an_image_that_is_not_there_is_none(connect: Connect, says: Says) -> None:
    assert await CloudServices(connect(identity(), asgi=ScriptedCloud(lambda _: says))).read_image(IMAGE) is None


@pytest.mark.parametrize(
    "says", [Says(404, {"error_msg": "no API", "error_code": "APIGW.0101"}), Says(403, {}), Says(503), Says(200, {})]
)
async def test_what_does_not_say_that_an_image_is_gone_is_an_error(connect: Connect, says: Says) -> None:
    with pytest.raises(CloudError):
        await CloudServices(connect(identity(), asgi=ScriptedCloud(lambda _: says))).read_image(IMAGE)


async def test_the_life_of_an_export(huawei: CloudServices, huawei_cloud: Simulator) -> None:
    volume_id = huawei_cloud.volume_ids("available")[0]
    answer = await huawei.upload_image(volume_id, body("nightly-1"), deadline=30)
    assert isinstance(answer, Taken)
    assert answer.image_id is not None
    assert answer.request_id is not None
    (post,) = huawei_cloud.export_posts(volume_id)
    assert post["path"] == f"/v3/{PROJECT}/volumes/{volume_id}/action"
    assert (await huawei.read_volume(volume_id)).status == "uploading"
    assert set(await huawei.read_volumes([volume_id])) == {volume_id}
    image = await huawei.read_image(answer.image_id)
    assert image is not None
    assert image.status == "queued"
    # The IMS list hides it still; Glance does not.
    assert [found.id for found in await huawei.images_named("nightly-1")] == [answer.image_id]
    huawei_cloud.advance(120)
    done = await huawei.read_image(answer.image_id)
    assert done is not None
    assert (done.status, done.disk_format) == ("active", "zvhd2")
    assert done.size_bytes
    assert set(await huawei.read_images([answer.image_id, OTHER])) == {answer.image_id}


async def test_the_life_of_an_export_of_plain_openstack(openstack: CloudServices, openstack_cloud: Simulator) -> None:
    volume_id = openstack_cloud.volume_ids("available")[0]
    answer = await openstack.upload_image(volume_id, body("数据盘", "raw"), deadline=30)
    assert isinstance(answer, Taken)
    assert answer.image_id is not None
    assert [image.id for image in await openstack.images_named("数据盘")] == [answer.image_id]
    assert set(await openstack.read_images([answer.image_id, OTHER])) == {answer.image_id}
    openstack_cloud.advance(120)
    (image,) = (await openstack.read_images([answer.image_id])).values()
    assert image.status == "active"
    assert set(openstack_cloud.counters()) == {"create_token", "export", "list_images"}


async def test_images_by_name_are_exact_ours_and_from_both_lists(connect: Connect) -> None:
    rows = {
        "/v2/images": [
            {"id": "a", "name": "n", "status": "queued", "owner": PROJECT},
            {"id": "b", "name": "n", "owner": "somebody"},
            {"id": "c", "name": "N"},
            {"id": "d", "name": "n", "status": "active"},
        ],
        "/v2/cloudimages": [{"id": "d", "name": "n", "status": "active"}, {"id": "e", "name": "n"}],
    }
    cloud = ScriptedCloud(lambda seen: Says(200, {"images": rows[seen.path]}))
    found = await CloudServices(connect(identity(), asgi=cloud)).images_named("n")
    assert [image.id for image in found] == ["a", "d", "e"]
    assert [seen.target for seen in cloud.seen[1:]] == [
        f"/v2/images?name=n&owner={PROJECT}&limit=100",
        "/v2/cloudimages?__imagetype=private&name=n&limit=100",
    ]


async def test_a_name_that_glance_would_take_for_an_operator_is_looked_for_by_hand(connect: Connect) -> None:
    rows = [{"id": "a", "name": "in:x,y"}, {"id": "b", "name": "x"}]
    cloud = ScriptedCloud(lambda _: Says(200, {"images": rows}), catalog=OPENSTACK_CATALOG)
    found = await CloudServices(connect(identity(), asgi=cloud)).images_named("in:x,y")
    assert [image.id for image in found] == ["a"]
    assert cloud.seen[-1].target == f"/v2/images?owner={PROJECT}&limit=100"


async def test_half_a_look_is_an_error_and_no_answer(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        return (
            Says(403, {"forbidden": {"message": "no", "code": 403}})
            if "cloudimages" in seen.path
            else Says(200, {"images": []})
        )

    with pytest.raises(CloudError):
        await CloudServices(connect(identity(), asgi=ScriptedCloud(says))).images_named("n")


async def test_a_server(huawei: CloudServices, huawei_cloud: Simulator) -> None:
    known = huawei_cloud.servers()[0]
    huawei_cloud.patch_server(known["id"], status="SHUTOFF")
    server = await huawei.read_server(known["id"])
    assert (server.name, server.is_off) == (known["name"], True)
    with pytest.raises(CloudError) as missing:
        await huawei.read_server(OTHER)
    assert missing.value.kind is ErrorKind.MISSING


async def test_a_server_of_nova(connect: Connect) -> None:
    catalog = [*OPENSTACK_CATALOG, {"type": "compute", "endpoints": [_nova()]}]
    server = {"id": OTHER, "name": "web01", "status": "ACTIVE", "OS-EXT-STS:task_state": "powering-off"}
    cloud = ScriptedCloud(lambda _: Says(200, {"server": server}), catalog=catalog)
    found = await CloudServices(connect(identity(), asgi=cloud)).read_server(OTHER)
    assert (found.name, found.task_state) == ("web01", "powering-off")
    assert cloud.seen[-1].path == f"/v2.1/{PROJECT}/servers/{OTHER}"


def _nova() -> dict[str, str]:
    return {"interface": "public", "region": "eu-x", "url": f"https://nova.cloud.invalid/v2.1/{PROJECT}"}


async def test_projects_without_the_ones_that_are_no_use(huawei: CloudServices) -> None:
    assert [project.name for project in await huawei.projects()] == ["eu-demo", "eu-demo_shop"]


async def test_why_an_upload_failed(connect: Connect) -> None:
    recorded = openstack_transcripts.read("cinder-messages-after-failure")[0]
    cloud = ScriptedCloud(lambda _: Says(200, recorded.reply.json()), catalog=OPENSTACK_CATALOG)
    services = CloudServices(connect(identity(), asgi=cloud))
    uuid = recorded.reply.json()["messages"][0]["resource_uuid"]
    assert await services.failure_reason(uuid) == "copy volume to image:Failed to upload volume to image at backend."
    assert await services.failure_reason(OTHER) is None
    assert cloud.seen[-1].headers["openstack-api-version"] == "volume 3.3"
    assert cloud.seen[-1].path == f"/v3/{PROJECT}/messages"


async def test_the_newest_reason_counts_and_only_of_uploads(connect: Connect) -> None:
    def message(event: str, created: str, text: object) -> dict[str, object]:
        return {"resource_uuid": VOLUME, "event_id": event, "created_at": created, "user_message": text}

    messages = [
        message("VOLUME_VOLUME_003_004", "2026-01-01T00:00:00", "old"),
        message("VOLUME_VOLUME_003_004", "2026-01-03T00:00:00", "new\x1b[2J"),
        message("VOLUME_VOLUME_001_002", "2026-01-04T00:00:00", "create volume failed"),
        message("VOLUME_VOLUME_003_004", "2026-01-05T00:00:00", None),
        "junk",
    ]
    cloud = ScriptedCloud(lambda _: Says(200, {"messages": messages}))
    assert await CloudServices(connect(identity(), asgi=cloud)).failure_reason(VOLUME) == "new␛[2J"


@pytest.mark.parametrize("says", [Says(404), Says(200, []), Says(200, {"messages": None}), Says(503), Says(406, {})])
async def test_no_reason_is_no_failure(connect: Connect, says: Says) -> None:
    assert await CloudServices(connect(identity(), asgi=ScriptedCloud(lambda _: says))).failure_reason(VOLUME) is None


# Sending: each way that the answer to an export can come, over a real socket


@pytest.mark.parametrize(
    ("fault", "expected", "made"),
    [
        ({"drop": "before"}, Unclear, 0),
        ({"drop": "before", "reset": True}, Unclear, 0),
        ({"drop": "after"}, Unclear, 1),
        ({"drop": "body"}, Taken, 1),
        ({"preset": "garbled-after"}, Taken, 1),
        ({"preset": "no-image-id-after"}, Taken, 1),
        ({"preset": "bad-image-id-after"}, Taken, 1),
        ({"preset": "html-502"}, Unclear, 0),
        ({"preset": "text-503"}, Unclear, 0),
        ({"preset": "empty-504"}, Unclear, 0),
        ({"preset": "evs-500"}, Unclear, 0),
        ({"preset": "html-502", "process": True}, Unclear, 1),
        ({"preset": "redirect-302"}, Unclear, 0),
        ({"preset": "redirect-307"}, Unclear, 0),
        ({"status": 404, "body": "<html>x</html>", "content_type": "text/html"}, Unclear, 0),
        ({"preset": "huge-body"}, Taken, 0),
        ({"preset": "huge-body", "status": 400}, Unclear, 0),
        ({"preset": "apigw-429"}, RefusedForNow, 0),
        ({"preset": "overlimit-413"}, RefusedForNow, 0),
        ({"preset": "token-401"}, RefusedForNow, 0),
        ({"preset": "token-plain-401"}, RefusedForNow, 0),
        ({"preset": "token-EVS.0002"}, RefusedForNow, 0),
        ({"preset": "token-Common.0013"}, RefusedForNow, 0),
        ({"status": 400, "body": '{"error": {"message": "locked", "code": "EVS.2068"}}'}, Refused, 0),
    ],
)
async def test_every_answer_of_the_post_is_one_post(
    huawei: CloudServices, huawei_cloud: Simulator, fault: dict[str, Any], expected: type, made: int
) -> None:
    huawei_cloud.add_fault(**fault, operation="export")
    volume_id = huawei_cloud.volume_ids("available")[0]
    answer = await huawei.upload_image(volume_id, body(), deadline=30)
    assert type(answer) is expected
    if isinstance(answer, Taken):
        assert answer.image_id is None
    assert len(huawei_cloud.export_posts()) == 1
    assert len([image for image in huawei_cloud.images() if image["made_here"]]) == made


async def test_refusals_of_the_simulated_clouds(
    huawei: CloudServices, openstack: CloudServices, huawei_cloud: Simulator, openstack_cloud: Simulator
) -> None:
    for services, cloud, wrong in ((huawei, huawei_cloud, "ploop"), (openstack, openstack_cloud, "zvhd2")):
        volume_id = cloud.volume_ids("available")[0]
        in_use = cloud.volume_ids("in-use", plain=False)[0]
        for target, request, kind in (
            (OTHER, body(disk_format="raw"), ErrorKind.MISSING),
            (in_use, body(disk_format="raw"), ErrorKind.STATE),
            (volume_id, body(disk_format=wrong), None),
        ):
            answer = await services.upload_image(target, request, deadline=30)
            assert isinstance(answer, Refused)
            assert kind is None or answer.error.kind is kind
            assert answer.error.what == "The export was not accepted"
            assert answer.error.exit_code is ExitCode.FAILED


async def test_nothing_is_sent_where_nobody_listens(huawei: CloudServices, huawei_cloud: Simulator) -> None:
    volume_id = huawei_cloud.volume_ids("available")[0]
    await huawei.read_volume(volume_id)
    huawei_cloud.stop_listening()
    answer = await huawei.upload_image(volume_id, body(), deadline=5)
    assert isinstance(answer, NotSent)
    assert answer.error.kind is ErrorKind.UNREACHABLE
    assert answer.error.exit_code is ExitCode.UNREACHABLE
    huawei_cloud.listen_again()
    assert huawei_cloud.export_posts() == []


async def test_the_deadline_of_a_call_that_is_not_answered(huawei: CloudServices, huawei_cloud: Simulator) -> None:
    volume_id = huawei_cloud.volume_ids("available")[0]
    await huawei.read_volume(volume_id)
    huawei_cloud.add_fault(operation="export", hold="after")
    answer = await huawei.upload_image(volume_id, body(), deadline=0.3)
    huawei_cloud.release()
    assert isinstance(answer, Unclear)
    assert answer.error.exit_code is ExitCode.UNREACHABLE
    assert len(huawei_cloud.export_posts(volume_id)) == 1


async def test_a_sign_in_that_takes_too_long_leaves_the_export_unsent(connect: Connect) -> None:
    async def never(_: object) -> None:
        await asyncio.Event().wait()

    async with raw_server(never) as server:
        session = connect(identity(server.origin))
        answer = await CloudServices(session).upload_image(VOLUME, body(), deadline=0.1)
        assert isinstance(answer, NotSent)
        assert len(server.requests) == 1
        assert b"/v3/auth/tokens" in server.requests[0]


async def test_an_export_goes_over_a_connection_of_its_own(connect: Connect) -> None:
    lines: list[tuple[int, str]] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        mine = connections
        while head := await reader.read(65536):
            lines.append((mine, head.split(b" ")[0].decode()))
            writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        endpoints = {"iam": origin, "evs": origin, "ims": origin}
        session = connect(identity(origin, endpoints=endpoints, region="eu-x"), auth=NoAuth())
        for _ in range(2):
            await session.read(LIST_CLOUDVOLUMES)
            assert await session.send(EXPORT, ids={"volume_id": VOLUME}, body=body()) == Taken(None)
        await session.aclose()
    assert lines == [(1, "GET"), (2, "POST"), (1, "GET"), (3, "POST")]


async def test_a_cancelled_wait_does_not_cancel_the_post(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(identity_at(huawei_cloud))
    services = CloudServices(session)
    volume_id = huawei_cloud.volume_ids("available")[0]
    await services.read_volume(volume_id)
    huawei_cloud.add_fault(operation="export", hold="before")
    waiting = asyncio.create_task(services.upload_image(volume_id, body(), deadline=30))
    await asyncio.to_thread(huawei_cloud.wait_for_calls, "export")
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    closing = asyncio.create_task(session.aclose())
    done, _ = await asyncio.wait({closing}, timeout=0.2)
    assert done == set()  # closing waits for the call that was announced
    huawei_cloud.release()
    await closing
    assert huawei_cloud.volume(volume_id)["status"] == "uploading"
    assert [call.status for call in session.ring if call.operation == "export"] == [202]


async def test_read_only_refuses_before_anything_leaves(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(identity_at(huawei_cloud), read_only=True)
    volume_id = huawei_cloud.volume_ids("available")[0]
    answer = await CloudServices(session).upload_image(volume_id, body(), deadline=30)
    assert isinstance(answer, Refused)
    assert answer.error.exit_code is ExitCode.REFUSED
    assert "read-only" in answer.error.why
    assert huawei_cloud.counters() == {}
    assert await session.read(LIST_CLOUDVOLUMES)
    assert huawei_cloud.export_posts() == []


@pytest.mark.parametrize("hostile", ["../../v2/images", "a/b", "", "x" * 65])
async def test_a_hostile_id_of_an_export_never_leaves(
    huawei: CloudServices, huawei_cloud: Simulator, hostile: str
) -> None:
    answer = await huawei.upload_image(hostile, body(), deadline=30)
    assert isinstance(answer, Refused)
    assert answer.error.exit_code is ExitCode.USAGE
    assert huawei_cloud.counters() == {}


async def test_an_export_that_cannot_sign_in_is_not_sent(connect: Connect, huawei_cloud: Simulator) -> None:
    wrong = password_login(
        "not-the-password", user_name="exporter", user_domain_name=huawei_cloud.credential.user_domain
    )
    for login in (wrong, TokenLogin(Secret("dead"))):
        answer = await CloudServices(connect(identity_at(huawei_cloud, login))).upload_image(VOLUME, body(), deadline=9)
        assert isinstance(answer, NotSent)
        assert answer.error.exit_code is ExitCode.SIGN_IN
    assert huawei_cloud.export_posts() == []


async def test_reads_and_changes_have_their_own_doors(connect: Connect) -> None:
    session: Session = connect(identity(), asgi=ScriptedCloud())
    with pytest.raises(ValueError, match="not a read"):
        await session.read(EXPORT, ids={"volume_id": VOLUME})
    with pytest.raises(ValueError, match="changes nothing"):
        await session.send(LIST_CLOUDVOLUMES, body={})
