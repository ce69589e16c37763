"""Several sessions in one process, as switching profile or project makes them: none reaches another's host."""

from __future__ import annotations

import asyncio

import pytest

from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import Scope, TokenLogin
from evs_tui.cloud.operations import LIST_CLOUDVOLUMES
from evs_tui.secret import Secret
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    PASSWORD,
    Says,
    ScriptedCloud,
    Seen,
    grant,
    identity,
    identity_at,
    key_identity_at,
    password_login,
    service,
)
from tests.cloud.test_access_key import Now
from tests.simulator.fixtures import StartCloud


async def test_two_clouds_and_three_ways_never_see_each_others_tokens(
    connect: Connect, start_cloud: StartCloud
) -> None:
    one, other = start_cloud(volumes=5), start_cloud(volumes=7)
    for cloud in (one, other):
        cloud.add_fault(operation="create_token", process=True, headers={"Set-Cookie": "sid=1; Domain=127.0.0.1"})
    sessions = [
        connect(identity_at(one)),
        connect(identity_at(other)),
        connect(identity_at(one, scope=Scope(project_name=one.credential.region))),
        connect(key_identity_at(other), clock=Now()),
    ]
    for _ in range(2):
        answers = await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for session in sessions))
        assert [len(answer["volumes"]) for answer in answers] == [5, 7, 0, 7]
        one.expire_tokens()
        other.expire_tokens()
    tokens = {cloud.url: set(cloud.tokens()) for cloud in (one, other)}
    assert not tokens[one.url] & tokens[other.url]
    for cloud in (one, other):
        seen = {call["token"] for call in cloud.calls()} - {None}
        assert seen
        assert seen <= tokens[cloud.url]
        assert not [call for call in cloud.calls() if "cookie" in call["header_names"]]
    assert {call["access_key"] for call in one.calls()} == {None}
    projects = {call["token"]: call["params"]["project"] for call in one.calls("list_cloudvolumes")}
    assert len(set(projects.values())) == 2


async def test_a_redirect_to_the_other_profiles_host_is_not_followed(connect: Connect, start_cloud: StartCloud) -> None:
    one, other = start_cloud(volumes=1), start_cloud(volumes=1)
    here, there = connect(identity_at(one)), connect(identity_at(other))
    await asyncio.gather(here.sign_in(), there.sign_in())
    one.add_fault(status=307, body="", headers={"Location": f"{other.url}/v2/x/cloudvolumes/detail"})
    other.forget_calls()
    with pytest.raises(CloudError) as refused:
        await here.read(LIST_CLOUDVOLUMES)
    assert refused.value.kind is ErrorKind.UNTRUSTED
    assert other.calls() == []


@pytest.mark.parametrize("login", ["password", "token"])
async def test_a_public_cloud_whose_catalog_leads_elsewhere_gets_no_token_there(connect: Connect, login: str) -> None:
    catalog = [
        service("evs", "https://evs.eu-de.otc.t-systems.com.evil.invalid/v2/p"),
        service("image", "https://ims.eu-de.otc.t-systems.com"),
    ]
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: grant(status=201 if login == "password" else 200, catalog=catalog)
    how = password_login() if login == "password" else TokenLogin(Secret("ready-made"))
    session = connect(identity("https://iam.eu-de.otc.t-systems.com/v3", how), asgi=cloud)
    with pytest.raises(CloudError, match=r"outside otc\.t-systems\.com"):
        await session.read(LIST_CLOUDVOLUMES)
    assert {seen.origin for seen in cloud.seen} == {"https://iam.eu-de.otc.t-systems.com"}


async def test_a_service_that_the_catalog_lacks_is_not_sought_at_the_public_clouds_hosts(connect: Connect) -> None:
    def says(seen: Seen) -> Says:
        return Says(200, {"volumes": []})

    cloud = ScriptedCloud(
        says, catalog=[service("evs", "https://evs.cloud.invalid"), service("image", "https://ims.cloud.invalid")]
    )
    place = await connect(identity(dialect="otc", region="eu-x"), asgi=cloud).sign_in()
    assert place.origins == ("https://evs.cloud.invalid", "https://iam.cloud.invalid", "https://ims.cloud.invalid")
    assert "ecs" not in place.endpoints
    assert not [
        seen for seen in cloud.seen if PASSWORD.encode() in seen.body and seen.origin != "https://iam.cloud.invalid"
    ]
