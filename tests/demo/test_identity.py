from __future__ import annotations

from typing import Any

import pytest

from tests.demo.caller import Caller

_MALFORMED = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect. "
    "The client is assumed to be in error."
)


async def test_a_project_token_carries_project_times_and_catalog(huawei: Caller) -> None:
    answer = await huawei.sign_in()
    token = answer.json()["token"]
    assert answer.status_code == 201
    assert answer.headers["X-Subject-Token"]
    assert (token["issued_at"], token["expires_at"]) == ("2026-01-15T12:00:00.000000Z", "2026-01-16T12:00:00.000000Z")
    assert token["project"]["id"] == huawei.project
    urls = {entry["type"]: entry["endpoints"][0]["url"] for entry in token["catalog"]}
    assert urls["volumev3"] == f"http://cloud/v3/{huawei.project}"
    assert urls["evs"] == f"http://cloud/v2/{huawei.project}"
    assert urls["image"] == "http://cloud"
    assert urls["ecs"] == f"http://cloud/v1/{huawei.project}"


async def test_plain_openstack_has_cinder_glance_and_keystone_alone(openstack: Caller) -> None:
    catalog = (await openstack.get("/v3/auth/catalog")).json()["catalog"]
    assert [entry["type"] for entry in catalog] == ["block-storage", "image", "volumev3", "identity"]


@pytest.mark.parametrize(("query", "there"), [("?nocatalog=true", False), ("?nocatalog=", True), ("", True)])
async def test_only_a_value_drops_the_catalog(huawei: Caller, query: str, there: bool) -> None:
    assert ("catalog" in (await huawei.sign_in(query=query)).json()["token"]) is there


@pytest.mark.parametrize(
    "user", [{"password": "wrong"}, {"name": "nobody"}, {"domain": {"name": "elsewhere"}}, {"id": "0" * 32}]
)
async def test_a_wrong_sign_in_is_told_nothing_more(huawei: Caller, openstack: Caller, user: dict[str, Any]) -> None:
    answer = await huawei.sign_in(huawei.password_body(**user))
    expected = {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    assert (answer.status_code, answer.json()) == (401, {"error": expected})
    answer = await openstack.sign_in(openstack.password_body(**user))
    expected["message"] = "The request you have made requires authentication."
    assert (answer.status_code, answer.json()) == (401, {"error": expected})
    assert answer.headers["WWW-Authenticate"] == 'Keystone uri="http://cloud/v3"'


async def test_an_unknown_or_disabled_project_is_refused(huawei: Caller) -> None:
    for name in ("nope", "eu-demo_old"):
        scope = {"project": {"name": name}}
        assert (await huawei.sign_in(huawei.password_body(scope=scope))).status_code == 401


async def test_a_passcode_is_needed_by_who_has_one_and_is_good_once(huawei: Caller) -> None:
    known = huawei.cloud.credential
    body = huawei.password_body(name=known.mfa_username)
    assert (await huawei.sign_in(body)).json()["error"]["message"] == "The username or password is wrong."
    body["auth"]["identity"]["methods"] = ["password", "totp"]
    body["auth"]["identity"]["totp"] = {"user": {"id": known.mfa_user_id, "passcode": known.passcode}}
    assert (await huawei.sign_in(body)).status_code == 201
    assert (await huawei.sign_in(body)).status_code == 401
    huawei.clock.advance(30)
    assert (await huawei.sign_in(body)).status_code == 201


async def test_an_application_credential_brings_its_project(openstack: Caller) -> None:
    known = openstack.cloud.credential
    given = {"id": known.application_credential_id, "secret": known.application_credential_secret}
    body = {"auth": {"identity": {"methods": ["application_credential"], "application_credential": given}}}
    assert (await openstack.sign_in(body)).json()["token"]["project"]["id"] == openstack.project
    given["secret"] = "wrong"
    assert (await openstack.sign_in(body)).status_code == 401


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b'{"auth": ', "application/json", f"Expecting to find valid JSON in request body. {_MALFORMED}"),
        (b"{}", "application/json", f"Expecting to find auth in request body. {_MALFORMED}"),
        (b"{}", "text/plain", f"Expecting to find application/json in Content-Type header. {_MALFORMED}"),
    ],
)
async def test_keystone_names_what_is_wrong_with_a_body(
    openstack: Caller, content: bytes, kind: str, message: str
) -> None:
    answer = await openstack.http.post("/v3/auth/tokens", content=content, headers={"Content-Type": kind})
    assert answer.json() == {"error": {"code": 400, "message": message, "title": "Bad Request"}}
    assert answer.status_code == 400


async def test_a_token_is_checked_ends_and_is_revoked(openstack: Caller) -> None:
    token = openstack.http.headers["X-Auth-Token"]
    assert (await openstack.get("/v3/auth/tokens", headers={"X-Subject-Token": token})).status_code == 200
    unknown = await openstack.get("/v3/auth/tokens", headers={"X-Subject-Token": "bad"})
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (404, "Could not recognize Fernet token")
    await openstack.http.delete("/v3/auth/tokens", headers={"X-Subject-Token": token})
    assert (await openstack.get("/v3/auth/projects")).status_code == 401


async def test_projects_hide_nothing_and_keystone_refuses_the_full_list(huawei: Caller, openstack: Caller) -> None:
    rows = (await huawei.get("/v3/auth/projects")).json()["projects"]
    assert [(row["name"], row["enabled"]) for row in rows] == [
        ("eu-demo_shop", True),
        ("eu-demo", True),
        ("MOS", True),
        ("eu-demo_old", False),
    ]
    answer = await openstack.get("/v3/projects")
    assert answer.status_code == 403
    assert answer.json()["error"]["message"].endswith("identity:list_projects.")
