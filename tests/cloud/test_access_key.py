"""Signing in by access key at a cloud that checks every signature, and what a refused one costs and says."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evs_tui.clock import SystemClock
from evs_tui.cloud.answers import NotSent, RefusedForNow, Taken
from evs_tui.cloud.auth.key_refusal import key_refusal
from evs_tui.cloud.dialects import OTC
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import KeyLogin, Scope
from evs_tui.cloud.ims import images_named
from evs_tui.cloud.operations import EXPORT, FIND_PROJECTS, LIST_CLOUDSERVERS, LIST_CLOUDVOLUMES
from evs_tui.cloud.origins import Endpoint
from evs_tui.cloud.prepared import prepare
from evs_tui.demo.account import AccessKey
from evs_tui.failure import ConfigFailure, ExitCode
from evs_tui.secret import Secret
from tests.cloud.conftest import Connect
from tests.cloud.support import PROJECT, Says, ScriptedCloud, Seen, identity, key_identity_at, reply
from tests.simulator.client import Simulator

CHINESE = "夜间备份 01"
BODY = {
    "os-volume_upload_image": {
        "image_name": CHINESE,
        "disk_format": "zvhd2",
        "container_format": "bare",
        "force": False,
    }
}


class Now(SystemClock):
    """The machine's clock, off by so many seconds; its waits are over at once."""

    def __init__(self, off: float = 0.0) -> None:
        self.off = off

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.off)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("kind", ["permanent", "temporary"])
async def test_a_key_lists_and_exports_with_strict_checks_chinese_names_and_query_strings(
    connect: Connect, huawei_cloud: Simulator, kind: str
) -> None:
    known = huawei_cloud.credential
    key = known.access_key if kind == "permanent" else known.temporary_key
    session = connect(key_identity_at(huawei_cloud, key), clock=Now())
    place = await session.sign_in()
    assert (place.project_id, place.project_name, place.dialect) == (known.project_id, known.project, OTC)
    assert (place.user_id, place.user_name) == ("", f"access key {key.access[:4]}..{key.access[-4:]}")
    query = (("limit", "5"), ("name", CHINESE), ("status", "available"))
    assert (await session.read(LIST_CLOUDVOLUMES, query=query))["volumes"] == []
    assert len((await session.read(LIST_CLOUDVOLUMES))["volumes"]) == 50
    assert isinstance((await session.read(LIST_CLOUDSERVERS))["servers"], list)
    volume_id = huawei_cloud.volume_ids("available")[0]
    answer = await session.send(EXPORT, ids={"volume_id": volume_id}, body=BODY)
    assert isinstance(answer, Taken)
    assert [image.id for image in await images_named(session, CHINESE)] == [answer.image_id]
    calls = huawei_cloud.calls()
    assert {call["access_key"] for call in calls} == {key.access}
    assert {call["token"] for call in calls} == {None}
    assert "create_token" not in huawei_cloud.counters()
    assert [call["operation"] for call in calls if "x-project-id" not in call["header_names"]] == ["projects"]
    assert huawei_cloud.key_record(key) == {"in_a_row": 0, "failures": 0, "locked_until": 0.0}


@pytest.mark.parametrize("with_project_id", [False, True])
async def test_six_first_requests_at_once_with_a_bad_key_are_one_failed_attempt(
    connect: Connect, huawei_cloud: Simulator, with_project_id: bool
) -> None:
    bad = dataclasses.replace(huawei_cloud.credential.access_key, secret="NotTheSecretKey")
    scope = {"scope": Scope(project_id=huawei_cloud.project_id)} if with_project_id else {}
    session = connect(key_identity_at(huawei_cloud, bad, **scope), clock=Now())
    failures = await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for _ in range(6)), return_exceptions=True)
    assert [getattr(failure, "kind", failure) for failure in failures] == [ErrorKind.CREDENTIALS] * 6
    assert huawei_cloud.key_record()["failures"] == 1
    assert len(huawei_cloud.calls()) == 1
    refusal = failures[0]
    assert isinstance(refusal, CloudError)
    assert (refusal.exit_code, refusal.code, refusal.http_status) == (ExitCode.SIGN_IN, "APIGW.0301", 401)
    assert str(refusal) == (
        "The signature was refused: the cloud saw the same request as we signed, "
        "so the secret key does not belong to the access key DEMO..0001"
    )
    with pytest.raises(CloudError, match="does not belong"):
        await session.read(LIST_CLOUDVOLUMES)
    answer = await session.send(EXPORT, ids={"volume_id": huawei_cloud.volume_ids()[0]}, body=BODY)
    assert isinstance(answer, NotSent)
    assert huawei_cloud.key_record()["failures"] == 1


async def test_six_first_requests_at_once_with_a_good_key_all_go(connect: Connect, huawei_cloud: Simulator) -> None:
    who = key_identity_at(huawei_cloud, scope=Scope(project_id=huawei_cloud.project_id))
    session = connect(who, clock=Now())
    await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for _ in range(6)))
    assert huawei_cloud.counters() == {"list_cloudvolumes": 6}


async def test_the_first_request_goes_alone_until_it_proved_the_key(connect: Connect) -> None:
    asked, gate = asyncio.Event(), asyncio.Event()

    async def slow(_: Seen) -> Says:
        asked.set()
        await gate.wait()
        return Says(200, {"volumes": []})

    cloud = ScriptedCloud(slow)
    endpoints = {name: f"https://{name}.private.invalid" for name in ("iam", "evs", "ims")}
    who = identity(None, KeyLogin("AK1", Secret("sk")), endpoints=endpoints, scope=Scope(project_id=PROJECT))
    session = connect(who, asgi=cloud)
    reads = [asyncio.create_task(session.read(LIST_CLOUDVOLUMES)) for _ in range(3)]
    await asked.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(cloud.seen) == 1
    gate.set()
    await asyncio.gather(*reads)
    assert len(cloud.seen) == 3


async def test_a_key_that_is_refused_in_mid_work_is_not_sent_again(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(key_identity_at(huawei_cloud), clock=Now())
    await session.read(LIST_CLOUDVOLUMES)
    volume_id = huawei_cloud.volume_ids("available")[0]
    huawei_cloud.add_fault(
        operation="export", status=401, body='{"error_msg": "ak not exist", "error_code": "APIGW.0301"}'
    )
    first = await session.send(EXPORT, ids={"volume_id": volume_id}, body=BODY)
    assert isinstance(first, RefusedForNow)
    assert first.error.kind is ErrorKind.CREDENTIALS
    again = await session.send(EXPORT, ids={"volume_id": volume_id}, body=BODY)
    assert isinstance(again, NotSent)
    with pytest.raises(CloudError, match=r"The access key DEMO\.\.0001 was refused: ak not exist"):
        await session.read(LIST_CLOUDVOLUMES)
    assert len(huawei_cloud.export_posts()) == 1


async def test_a_locked_key_is_told_to_wait(connect: Connect, huawei_cloud: Simulator) -> None:
    bad = dataclasses.replace(huawei_cloud.credential.access_key, secret="NotTheSecretKey")
    for _ in range(6):
        with pytest.raises(CloudError):
            await connect(key_identity_at(huawei_cloud, bad), clock=Now()).sign_in()
    with pytest.raises(CloudError) as locked:
        await connect(key_identity_at(huawei_cloud), clock=Now()).sign_in()
    assert locked.value.what == "The access key DEMO..0001 is locked"
    assert (locked.value.advice or "").startswith("Wait five minutes")
    assert locked.value.exit_code is ExitCode.SIGN_IN
    huawei_cloud.advance(301)
    assert (await connect(key_identity_at(huawei_cloud), clock=Now(301)).sign_in()).project_id


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (-1020.0, "this machine's clock is 17 minutes behind the cloud's, and a signature is good for 15 minutes"),
        (7300.0, "this machine's clock is 2 hours ahead of the cloud's, and a signature is good for 15 minutes"),
    ],
)
async def test_a_wrong_clock_is_named(connect: Connect, huawei_cloud: Simulator, off: float, words: str) -> None:
    session = connect(key_identity_at(huawei_cloud), clock=Now(off))
    with pytest.raises(CloudError) as refused:
        await session.sign_in()
    assert refused.value.why == words
    assert refused.value.advice == "Set this machine's clock, then try again"
    assert session.clock_difference == pytest.approx(-off, abs=5)


async def test_a_small_difference_is_a_warning_and_known_to_who_asks(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(key_identity_at(huawei_cloud), clock=Now(-600))
    assert session.clock_difference is None
    place = await session.sign_in()
    assert session.clock_difference == pytest.approx(600, abs=5)
    assert (
        "This machine's clock is 10 minutes behind the cloud's; from 15 minutes on signatures are refused"
        in place.warnings
    )


ECHO = (
    "GET|/v2/p/cloudvolumes/detail/|limit=1000&name=a%20b|content-type:application/json|host:evs.invalid"
    "|x-sdk-date:20260115T093000Z|x-security-token:gQpSECRET||content-type;host;x-sdk-date;x-security-token|abc"
)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("limit=1000", "limit=100"), "another query than we signed: we signed limit=1000&name=a%20b, it saw limit="),
        (("GET|", "POST|"), "another method than we signed: we signed GET, it saw POST"),
        (
            ("/detail/", "/DETAIL/"),
            "another path than we signed: we signed /v2/p/cloudvolumes/detail/, it saw /v2",
        ),
        (("host:evs.invalid", "host:inner"), "another header host than we signed: we signed evs.invalid, it saw inner"),
        (("json|host", "x|host"), "another header content-type than we signed: we signed application/json, it saw"),
        (("gQpSECRET", "gQpOTHER"), "another header x-security-token than we signed"),
        (("|abc", "|def"), "another body than we signed"),
        (("content-type;host", "host"), "another list of signed headers than we signed"),
    ],
)
def test_the_part_that_differs_is_named(change: tuple[str, str], words: str) -> None:
    token = Secret("gQpSECRET")
    prepared = prepare(
        FIND_PROJECTS, Endpoint("https://evs.invalid"), ids={}, query=(("name", "a b"), ("limit", "1000"))
    )
    prepared = dataclasses.replace(prepared, path="/v2/p/cloudvolumes/detail")
    names = "content-type;host;x-sdk-date;x-security-token"
    sent = prepared.with_headers(
        {
            "Host": "evs.invalid",
            "X-Sdk-Date": "20260115T093000Z",
            "X-Security-Token": token.reveal(),
            "Content-Type": "application/json",
            "Authorization": f"SDK-HMAC-SHA256 Access=AK, SignedHeaders={names}, Signature=00",
        }
    )
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    echo = ECHO.replace("|abc", f"|{empty if change[0] != '|abc' else 'abc'}")
    echo = echo.replace(*change)
    said = {"error_code": "APIGW.0301", "error_msg": f"verify aksk signature fail, canonicalRequest:{echo}"}
    refusal = key_refusal(reply(401, said), sent, shown="access key AK", is_temporary=True, clock_difference=None)
    assert refusal is not None
    assert words in refusal.why
    assert "gQp" not in f"{refusal.why} {refusal.advice}"


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "what"),
    [
        (401, "APIGW.0301", "ak not exist", ErrorKind.CREDENTIALS, "The access key AK was refused"),
        (403, "IAM.0081", "console only", ErrorKind.CREDENTIALS, "The access key AK may not be used"),
        (403, "EVS.0003", "no rights", None, ""),
        (401, "EVS.2143", "no agency", None, ""),
        (400, "Common.0013", "Invalid token", ErrorKind.CREDENTIALS, "The access key AK was refused"),
        (404, "EVS.5404", "gone", None, ""),
        (500, "EVS.2002", "broken", None, ""),
        (429, "APIGW.0308", "slower", None, ""),
    ],
)
def test_which_answers_are_about_the_key(
    status: int, code: str, message: str, kind: ErrorKind | None, what: str
) -> None:
    sent = prepare(FIND_PROJECTS, Endpoint("https://iam.invalid"), ids={})
    said = {"error_code": code, "error_msg": message}
    found = key_refusal(reply(status, said), sent, shown="access key AK", is_temporary=False, clock_difference=None)
    assert (None if found is None else (found.kind, found.what)) == (None if kind is None else (kind, what))


async def test_a_temporary_key_that_has_ended_says_what_to_do(connect: Connect, huawei_cloud: Simulator) -> None:
    known = huawei_cloud.credential.temporary_key
    stale = dataclasses.replace(known, security_token="gQpOldToken")
    with pytest.raises(CloudError) as refused:
        await connect(key_identity_at(huawei_cloud, stale), clock=Now()).sign_in()
    assert refused.value.kind is ErrorKind.EXPIRED
    assert refused.value.exit_code is ExitCode.SIGN_IN
    assert refused.value.what == "The temporary access key DEMO..0001 is not accepted"


@pytest.mark.parametrize(
    "key", [AccessKey("", "sk"), AccessKey("A K", "sk"), AccessKey("AK\r\nX: y", "sk"), AccessKey("AK", "")]
)
async def test_a_key_that_no_header_can_carry_sends_nothing(connect: Connect, key: AccessKey) -> None:
    cloud = ScriptedCloud()
    who = identity(None, KeyLogin(key.access, Secret(key.secret)), dialect="otc", region="eu-de", scope=Scope())
    with pytest.raises(ConfigFailure):
        await connect(who, asgi=cloud).sign_in()
    assert cloud.seen == []


async def _origins(connect: Connect, auth_url: str | None, region: str, **fields: Any) -> tuple[str, ...]:
    projects = {"projects": [{"id": PROJECT, "name": region}]}
    who = identity(auth_url, KeyLogin("AK1", Secret("sk")), region=region, scope=Scope(), **fields)
    return (await connect(who, asgi=ScriptedCloud(lambda _: Says(200, projects))).sign_in()).origins


async def test_without_a_catalog_the_hosts_follow_the_clouds_pattern(connect: Connect) -> None:
    otc = await _origins(connect, None, "eu-nl", dialect="otc")
    assert otc == tuple(f"https://{name}.eu-nl.otc.t-systems.com" for name in ("ecs", "evs", "iam", "ims"))
    swiss = await _origins(connect, None, "eu-ch2", dialect="otc")
    assert swiss == tuple(f"https://{name}.eu-ch2.sc.otc.t-systems.com" for name in ("ecs", "evs", "iam-pub", "ims"))
    europe = await _origins(connect, "https://iam.eu-west-101.myhuaweicloud.eu/v3", "eu-west-101")
    assert europe == tuple(f"https://{name}.eu-west-101.myhuaweicloud.eu" for name in ("ecs", "evs", "iam", "ims"))
    world = await _origins(connect, "https://iam.myhuaweicloud.com/v3", "cn-north-4")
    assert world[:2] == ("https://ecs.cn-north-4.myhuaweicloud.com", "https://evs.cn-north-4.myhuaweicloud.com")


async def test_a_key_for_a_host_that_nobody_knows_is_not_shown_to_the_public_cloud(connect: Connect) -> None:
    with pytest.raises(ConfigFailure, match="No evs endpoint was found"):
        await _origins(connect, "https://iam.private.invalid/v3", "eu-de", dialect="otc")
