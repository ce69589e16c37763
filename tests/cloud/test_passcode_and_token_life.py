"""A passcode is asked for when it is needed, sent once and kept nowhere; and how long a ready token still serves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evs_tui.cloud.auth.passcode import PasscodeNeeded
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import AgencyLogin, PasswordLogin, Scope, TokenLogin
from evs_tui.cloud.operations import LIST_CLOUDVOLUMES
from evs_tui.failure import ConfigFailure, ExitCode
from evs_tui.secret import Secret
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    PROJECT,
    Impatient,
    Says,
    ScriptedCloud,
    Seen,
    grant,
    identity,
    identity_at,
    key_identity_at,
    password_login,
)
from tests.cloud.test_access_key import Now
from tests.simulator.client import Simulator

TOKENS = "/v3/auth/tokens"


async def test_without_its_passcode_nothing_is_sent_and_with_it_one_request(
    connect: Connect, huawei_cloud: Simulator
) -> None:
    known = huawei_cloud.credential
    login = PasswordLogin(Secret(known.password), user_id=known.mfa_user_id, needs_passcode=True)
    scope = Scope(project_name=known.project, project_domain_name=known.user_domain)
    session = connect(identity_at(huawei_cloud, login, scope=scope))
    for _ in range(2):
        with pytest.raises(PasscodeNeeded) as needed:
            await session.sign_in()
        assert needed.value.user == known.mfa_user_id
        assert needed.value.exit_code is ExitCode.SIGN_IN
    assert huawei_cloud.calls() == []
    session.give_passcode(Secret(known.passcode))
    assert (await session.sign_in()).user_id == known.mfa_user_id
    assert huawei_cloud.counters() == {"create_token": 1}


async def test_the_session_goes_on_with_a_new_passcode_when_its_token_ended(
    connect: Connect, huawei_cloud: Simulator
) -> None:
    known = huawei_cloud.credential
    login = PasswordLogin(Secret(known.password), user_id=known.mfa_user_id, passcode=Secret(known.passcode))
    scope = Scope(project_name=known.project, project_domain_name=known.user_domain)
    session = connect(identity_at(huawei_cloud, login, scope=scope))
    await session.read(LIST_CLOUDVOLUMES)
    huawei_cloud.expire_tokens()
    with pytest.raises(PasscodeNeeded, match="A new passcode is needed"):
        await session.read(LIST_CLOUDVOLUMES)
    huawei_cloud.advance(31)
    session.give_passcode(Secret(known.passcode))
    assert len((await session.read(LIST_CLOUDVOLUMES))["volumes"]) == 50
    assert huawei_cloud.counters()["create_token"] == 2


async def test_a_wrong_passcode_is_one_attempt_and_the_next_one_a_persons(connect: Connect) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: Says(401, {"error": {"code": 401, "message": "The username or password is wrong."}})
    session = connect(identity(login=password_login(needs_passcode=True)), asgi=cloud)
    session.give_passcode(Secret("111111"))
    for _ in range(3):
        with pytest.raises(CloudError) as refused:
            await session.sign_in()
        assert refused.value.kind is ErrorKind.CREDENTIALS
    assert len(cloud.seen) == 1
    cloud.sign_in = lambda _: grant()
    session.give_passcode(Secret("222222"))
    assert (await session.sign_in()).project_id == PROJECT
    assert [seen.json()["auth"]["identity"]["totp"]["user"]["passcode"] for seen in cloud.seen] == ["111111", "222222"]


async def test_keystone_that_wants_more_methods_asks_for_a_passcode(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        if "totp" in seen.json()["auth"]["identity"]["methods"]:
            return grant()
        receipt = {"receipt": {"methods": ["password"]}, "required_auth_methods": [["password", "totp"]]}
        return Says(401, receipt, {"Openstack-Auth-Receipt": "gAAAA-receipt"})

    cloud = ScriptedCloud()
    cloud.sign_in = says
    session = connect(identity(), asgi=cloud)
    with pytest.raises(PasscodeNeeded, match="A passcode is needed"):
        await session.sign_in()
    session.give_passcode(Secret("123456"))
    assert (await session.sign_in()).project_id == PROJECT
    assert len(cloud.seen) == 2


async def test_a_ready_token_tells_how_long_it_still_serves(connect: Connect, impatient: Impatient) -> None:
    cloud = ScriptedCloud()
    hour_before_its_end = {"Date": "Fri, 16 Jan 2026 08:30:00 GMT"}
    cloud.sign_in = lambda _: Says(200, grant().body, hour_before_its_end)
    session = connect(identity(login=TokenLogin(Secret("ready"))), asgi=cloud)
    assert (session.renewable, session.token_seconds_left) == (False, None)
    await session.sign_in()
    assert session.token_seconds_left == timedelta(hours=1).total_seconds()
    impatient.tick(600)
    assert session.token_seconds_left == 3000.0


@pytest.mark.parametrize("by", ["password", "key"])
async def test_an_agency_is_taken_on_by_password_or_by_key(connect: Connect, huawei_cloud: Simulator, by: str) -> None:
    known = huawei_cloud.credential
    base = identity_at(huawei_cloud).login if by == "password" else key_identity_at(huawei_cloud).login
    assert not isinstance(base, AgencyLogin)
    login = AgencyLogin(base, known.agency_name, domain_name=known.agency_domain)
    scope = Scope(project_name=known.agency_project)
    session = connect(identity_at(huawei_cloud, login, scope=scope), clock=Now())
    place = await session.sign_in()
    assert (place.project_name, place.user_name) == (
        known.agency_project,
        f"{known.agency_domain}/{known.username}",
    )
    assert (await session.read(LIST_CLOUDVOLUMES))["volumes"] == []
    huawei_cloud.expire_tokens()
    await session.read(LIST_CLOUDVOLUMES)
    assert huawei_cloud.counters()["create_token"] == (4 if by == "password" else 2)


async def test_an_agency_that_cannot_be_taken_on_says_why_and_stops(connect: Connect, huawei_cloud: Simulator) -> None:
    base = identity_at(huawei_cloud).login
    assert isinstance(base, PasswordLogin)
    login = AgencyLogin(base, "another", domain_name=huawei_cloud.credential.agency_domain)
    session = connect(identity_at(huawei_cloud, login, scope=Scope(project_name="x")))
    for _ in range(2):
        with pytest.raises(CloudError) as refused:
            await session.sign_in()
        assert refused.value.what == "The agency another cannot be taken on"
        assert refused.value.exit_code is ExitCode.SIGN_IN
    assert huawei_cloud.counters() == {"create_token": 2}


async def test_a_half_named_agency_sends_nothing(connect: Connect) -> None:
    cloud = ScriptedCloud()
    with pytest.raises(ConfigFailure, match="The agency is not fully named"):
        await connect(identity(login=AgencyLogin(password_login(), "a")), asgi=cloud).sign_in()
    assert cloud.seen == []
