from __future__ import annotations

import asyncio
from typing import Any

import pytest

from evs_tui.cloud.answers import RefusedForNow, Taken
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.evs import list_volumes
from evs_tui.cloud.identity import PasswordLogin, Scope, TokenLogin
from evs_tui.cloud.operations import EXPORT, GET_IMAGE, LIST_CLOUDVOLUMES
from evs_tui.failure import ExitCode
from evs_tui.secret import Secret
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    IMAGE,
    PROJECT,
    TOKEN,
    Impatient,
    Says,
    ScriptedCloud,
    Seen,
    grant,
    identity,
    identity_at,
    password_login,
)
from tests.simulator.client import Simulator
from tests.simulator.fixtures import StartCloud

DAY = 86_400.0
UNAUTHORIZED = Says(401, {"error": {"code": 401, "message": "No.", "title": "Unauthorized"}})
TOKENS = "/v3/auth/tokens"


@pytest.mark.parametrize("answer", ["401", "EVS.0002", "Common.0013"])
async def test_a_token_that_ends_in_mid_list_is_renewed_once_and_the_list_goes_on(
    connect: Connect, start_cloud: StartCloud, answer: str
) -> None:
    cloud = start_cloud(flavour="huawei", volumes=250, frozen=True)
    session = connect(identity_at(cloud))
    ids: list[str] = []
    async for page in list_volumes(session):
        if not ids:
            cloud.expire_tokens(answer)
        ids += [volume.id for volume in page.items]
    assert ids == cloud.volume_ids(plain=False)
    assert cloud.counters()["create_token"] == 2


async def test_five_expiries_at_once_are_one_renewal(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(identity_at(huawei_cloud))
    await session.sign_in()
    huawei_cloud.expire_tokens()
    answers = await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for _ in range(5)))
    assert [len(answer["volumes"]) for answer in answers] == [50] * 5
    assert huawei_cloud.counters()["create_token"] == 2


async def test_the_token_is_renewed_ahead_of_its_end_without_the_catalog(
    connect: Connect, impatient: Impatient
) -> None:
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}))
    session = connect(identity(), asgi=cloud)
    await session.read(LIST_CLOUDVOLUMES)
    impatient.tick(DAY - 301)
    await session.read(LIST_CLOUDVOLUMES)
    assert cloud.tokens == 1
    impatient.tick(2)
    await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for _ in range(3)))
    assert cloud.tokens == 2
    assert [seen.target for seen in cloud.of(TOKENS)] == [TOKENS, f"{TOKENS}?nocatalog=true"]
    assert cloud.seen[-1].headers["x-auth-token"] == f"{TOKEN}-2"


async def test_a_short_life_is_renewed_at_nine_tenths(connect: Connect, impatient: Impatient) -> None:
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}), expires_at="2026-01-15T09:40:00.000000Z")
    session = connect(identity(), asgi=cloud)
    await session.read(LIST_CLOUDVOLUMES)
    impatient.tick(539)
    await session.read(LIST_CLOUDVOLUMES)
    assert cloud.tokens == 1
    impatient.tick(2)
    await session.read(LIST_CLOUDVOLUMES)
    assert cloud.tokens == 2


async def test_a_wrong_wall_clock_does_not_matter(connect: Connect, impatient: Impatient) -> None:
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}))
    impatient.set_now(impatient.now().replace(year=2031))
    session = connect(identity(), asgi=cloud)
    for _ in range(3):
        await session.read(LIST_CLOUDVOLUMES)
    assert cloud.tokens == 1


async def test_a_renewal_ahead_that_fails_leaves_the_old_token_in_use(connect: Connect, impatient: Impatient) -> None:
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}))
    session = connect(identity(), asgi=cloud)
    await session.sign_in()
    cloud.sign_in = lambda _: Says(503)
    impatient.tick(DAY - 200)
    await session.read(LIST_CLOUDVOLUMES)
    await session.read(LIST_CLOUDVOLUMES)
    assert len(cloud.of(TOKENS)) == 2
    impatient.tick(31)
    await session.read(LIST_CLOUDVOLUMES)
    assert len(cloud.of(TOKENS)) == 3
    assert cloud.seen[-1].headers["x-auth-token"] == f"{TOKEN}-1"


async def test_a_password_that_was_changed_ends_in_one_refusal(connect: Connect, impatient: Impatient) -> None:
    good = True
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}) if good else UNAUTHORIZED)
    session = connect(identity(), asgi=cloud)
    await session.read(LIST_CLOUDVOLUMES)
    cloud.sign_in = lambda _: UNAUTHORIZED
    impatient.tick(DAY - 100)
    await session.read(LIST_CLOUDVOLUMES)  # refused ahead of the end: the old token still serves
    good = False
    for _ in range(4):
        with pytest.raises(CloudError) as failed:
            await session.read(LIST_CLOUDVOLUMES)
        assert failed.value.kind is ErrorKind.CREDENTIALS
        assert failed.value.exit_code is ExitCode.SIGN_IN
        assert "MFA" in (failed.value.advice or "")
    assert len(cloud.of(TOKENS)) == 2


async def test_a_service_that_refuses_every_token_is_not_a_loop(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        return UNAUTHORIZED if "cloudvolumes" in seen.path else Says(200, {"id": IMAGE})

    cloud = ScriptedCloud(says)
    session = connect(identity(), asgi=cloud)
    for _ in range(5):
        with pytest.raises(CloudError) as failed:
            await session.read(LIST_CLOUDVOLUMES)
        assert failed.value.kind is ErrorKind.EXPIRED
        assert "MFA" in (failed.value.advice or "")
    assert cloud.tokens == 2
    # The other services are not concerned.
    assert (await session.read(GET_IMAGE, ids={"image_id": IMAGE}))["id"] == IMAGE


@pytest.mark.parametrize(
    "says",
    [
        Says(401, {"error": {"message": "No agency.", "code": "EVS.2143"}}),
        Says(401, {"error_msg": "AK access failed to reach the limit,forbidden", "error_code": "APIGW.0301"}),
        Says(403, {"error": {"message": "No.", "code": "EVS.0003"}}),
    ],
)
async def test_what_a_new_token_does_not_cure_renews_nothing(connect: Connect, says: Says) -> None:
    cloud = ScriptedCloud(lambda _: says)
    session = connect(identity(), asgi=cloud)
    with pytest.raises(CloudError):
        await session.read(LIST_CLOUDVOLUMES)
    assert cloud.tokens == 1
    assert len(cloud.seen) == 2


async def test_a_ready_token_that_ends_says_so(connect: Connect) -> None:
    alive = True
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}) if alive else UNAUTHORIZED)
    cloud.sign_in = lambda _: grant(status=200)
    session = connect(identity(login=TokenLogin(Secret("ready"))), asgi=cloud)
    await session.read(LIST_CLOUDVOLUMES)
    alive = False
    for _ in range(2):
        with pytest.raises(CloudError) as failed:
            await session.read(LIST_CLOUDVOLUMES)
        assert failed.value.kind is ErrorKind.EXPIRED
        assert failed.value.exit_code is ExitCode.SIGN_IN
        assert failed.value.http_status == 401
        assert "new token" in (failed.value.advice or "")
    assert len(cloud.of(TOKENS)) == 1


async def test_a_session_with_a_passcode_ends_with_its_token(connect: Connect, huawei_cloud: Simulator) -> None:
    known = huawei_cloud.credential
    login = PasswordLogin(Secret(known.password), user_id=known.mfa_user_id, passcode=Secret(known.passcode))
    scope = Scope(project_name=known.project, project_domain_name=known.user_domain)
    session = connect(identity_at(huawei_cloud, login, scope=scope))
    await session.read(LIST_CLOUDVOLUMES)
    huawei_cloud.expire_tokens()
    with pytest.raises(CloudError) as failed:
        await session.read(LIST_CLOUDVOLUMES)
    assert failed.value.kind is ErrorKind.EXPIRED
    assert "new passcode" in (failed.value.advice or "")
    assert huawei_cloud.counters()["create_token"] == 1


@pytest.mark.parametrize("fields", [{"project": {"id": "other", "name": "x"}}, {"user": {"id": "other", "name": "x"}}])
async def test_a_renewed_token_for_somebody_else_is_refused(connect: Connect, fields: dict[str, Any]) -> None:
    refused_once = iter([UNAUTHORIZED])
    cloud = ScriptedCloud(lambda _: next(refused_once, Says(200, {"volumes": []})))
    session = connect(identity(login=password_login()), asgi=cloud)
    await session.sign_in()
    cloud.sign_in = lambda _: grant("stranger", **fields)
    with pytest.raises(CloudError) as failed:
        await session.read(LIST_CLOUDVOLUMES)
    assert failed.value.kind is ErrorKind.UNTRUSTED
    assert (await session.sign_in()).project_id == PROJECT


async def test_a_catalog_that_moves_later_changes_nothing(connect: Connect) -> None:
    first = iter([UNAUTHORIZED])
    cloud = ScriptedCloud(lambda _: next(first, Says(200, {"volumes": []})))
    session = connect(identity(), asgi=cloud)
    await session.sign_in()
    elsewhere = [{"type": "evs", "endpoints": [{"interface": "public", "url": "https://evil.invalid", "region": "*"}]}]
    cloud.sign_in = lambda _: grant("new", catalog=elsewhere)
    await session.read(LIST_CLOUDVOLUMES)
    assert {seen.origin for seen in cloud.seen} == {"https://iam.cloud.invalid", "https://evs.cloud.invalid"}


async def test_an_export_with_a_dead_token_is_refused_for_now_and_the_next_one_has_a_new_token(
    connect: Connect, huawei_cloud: Simulator
) -> None:
    volume_id = huawei_cloud.volume_ids("available")[0]
    session = connect(identity_at(huawei_cloud))
    await session.sign_in()
    huawei_cloud.expire_tokens()
    fields = {"image_name": "x", "disk_format": "zvhd2", "container_format": "bare", "force": False}
    body = {"os-volume_upload_image": fields}
    first = await session.send(EXPORT, ids={"volume_id": volume_id}, body=body)
    assert isinstance(first, RefusedForNow)
    assert first.error.exit_code is ExitCode.SIGN_IN
    assert len(huawei_cloud.export_posts()) == 1
    second = await session.send(EXPORT, ids={"volume_id": volume_id}, body=body)
    assert isinstance(second, Taken)
    assert second.image_id in {image["id"] for image in huawei_cloud.images() if image["made_here"]}
    assert huawei_cloud.counters()["create_token"] == 2
    assert len(huawei_cloud.export_posts(volume_id)) == 2
