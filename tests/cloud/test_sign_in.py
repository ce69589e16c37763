from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from evs_tui.cloud.auth.strategy import Grant
from evs_tui.cloud.dialects import HUAWEICLOUD, OPENSTACK, OTC
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.identity import ApplicationCredentialLogin, Login, PasswordLogin, Scope, TokenLogin
from evs_tui.cloud.operations import LIST_CLOUDVOLUMES, LIST_VOLUMES, OWN_PROJECTS
from evs_tui.cloud.transport import Timeouts
from evs_tui.failure import ConfigFailure, ExitCode, Failure
from evs_tui.secret import Secret
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    PASSWORD,
    PROJECT,
    TOKEN,
    USER,
    Says,
    ScriptedCloud,
    Seen,
    grant,
    identity,
    identity_at,
    password_login,
    raw_server,
    service,
)
from tests.simulator.client import Simulator
from tests.simulator.fixtures import StartCloud

TOKENS = "/v3/auth/tokens"
WRONG = Says(401, {"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}})


async def test_a_password_gets_a_project_token_and_tells_where_we_are(connect: Connect) -> None:
    cloud = ScriptedCloud()
    session = connect(identity(), asgi=cloud)
    before = session.signed_in
    place = await session.sign_in()
    assert (before, session.signed_in) == (None, place)
    assert place.dialect is HUAWEICLOUD
    assert (place.region, place.project_id, place.project_name) == ("eu-x", PROJECT, "eu-x")
    assert (place.user_id, place.user_name) == (USER, "exporter")
    assert place.auth_origin == "https://iam.cloud.invalid"
    assert place.origins == (
        "https://ecs.cloud.invalid",
        "https://evs.cloud.invalid",
        "https://iam.cloud.invalid",
        "https://ims.cloud.invalid",
    )
    assert place.endpoints["evs"] == "https://evs.cloud.invalid"
    assert place.expires_at == datetime(2026, 1, 16, 9, 30, tzinfo=UTC)
    assert (place.source, place.secret_place) == ("environment OS_*", "environment")
    assert (place.plain_http, place.proxy, place.warnings) == (False, None, ())
    assert await session.sign_in() is place
    assert [seen.target for seen in cloud.seen] == [TOKENS]


USER_BY_NAME = {"name": "exporter", "domain": {"name": "acme"}}


@pytest.mark.parametrize(
    ("login", "scope", "auth"),
    [
        (
            password_login(),
            Scope(project_name="eu-x"),
            {
                "identity": {"methods": ["password"], "password": {"user": {**USER_BY_NAME, "password": PASSWORD}}},
                "scope": {"project": {"name": "eu-x", "domain": {"name": "acme"}}},
            },
        ),
        (
            PasswordLogin(Secret("pw"), user_id=USER),
            Scope(project_id=PROJECT),
            {
                "identity": {"methods": ["password"], "password": {"user": {"id": USER, "password": "pw"}}},
                "scope": {"project": {"id": PROJECT}},
            },
        ),
        (
            PasswordLogin(Secret("pw"), user_name="exporter", user_domain_id="d1", passcode=Secret("123456")),
            Scope(project_name="p", project_domain_name="other"),
            {
                "identity": {
                    "methods": ["password", "totp"],
                    "password": {"user": {"name": "exporter", "domain": {"id": "d1"}, "password": "pw"}},
                    "totp": {"user": {"name": "exporter", "domain": {"id": "d1"}, "passcode": "123456"}},
                },
                "scope": {"project": {"name": "p", "domain": {"name": "other"}}},
            },
        ),
        (
            PasswordLogin(Secret("pw"), user_id=USER, passcode=Secret("123456")),
            Scope(project_name="p"),
            {
                "identity": {
                    "methods": ["password", "totp"],
                    "password": {"user": {"id": USER, "password": "pw"}},
                    "totp": {"user": {"id": USER, "passcode": "123456"}},
                },
                "scope": {"project": {"name": "p"}},
            },
        ),
        (
            ApplicationCredentialLogin(Secret("s3cret"), credential_id="ac1"),
            Scope(),
            {
                "identity": {
                    "methods": ["application_credential"],
                    "application_credential": {"id": "ac1", "secret": "s3cret"},
                }
            },
        ),
        (
            ApplicationCredentialLogin(
                Secret("s3cret"), credential_name="export", user_name="exporter", user_domain_name="acme"
            ),
            Scope(),
            {
                "identity": {
                    "methods": ["application_credential"],
                    "application_credential": {"name": "export", "user": USER_BY_NAME, "secret": "s3cret"},
                }
            },
        ),
    ],
)
async def test_the_bodies_of_a_sign_in(connect: Connect, login: Login, scope: Scope, auth: dict[str, Any]) -> None:
    cloud = ScriptedCloud()
    await connect(identity(login=login, scope=scope), asgi=cloud).sign_in()
    (seen,) = cloud.seen
    assert (seen.method, seen.target, seen.headers["content-type"]) == ("POST", TOKENS, "application/json")
    assert seen.json() == {"auth": auth}
    assert "x-auth-token" not in seen.headers


@pytest.mark.parametrize("header", ["X-Subject-Token", "x-subject-token", "X-SUBJECT-TOKEN"])
async def test_the_token_is_found_whatever_the_case_of_its_header(connect: Connect, header: str) -> None:
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}))
    cloud.sign_in = lambda _: grant(header=header)
    await connect(identity(), asgi=cloud).read(LIST_CLOUDVOLUMES)
    assert cloud.seen[-1].headers["x-auth-token"] == TOKEN


async def test_a_wrong_password_mentions_mfa_and_is_not_tried_again(connect: Connect) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: WRONG
    session = connect(identity(), asgi=cloud)
    for _ in range(3):
        with pytest.raises(CloudError) as refused:
            await session.sign_in()
        assert refused.value.kind is ErrorKind.CREDENTIALS
        assert refused.value.exit_code is ExitCode.SIGN_IN
        assert refused.value.why == "The username or password is wrong."
        assert "MFA" in (refused.value.advice or "")
        assert "OS_PASSCODE" in (refused.value.advice or "")
    assert len(cloud.seen) == 1


async def test_six_first_requests_at_once_with_a_bad_password_are_one_attempt(
    connect: Connect, huawei_cloud: Simulator
) -> None:
    login = password_login(
        "not-the-password", user_name="exporter", user_domain_name=huawei_cloud.credential.user_domain
    )
    session = connect(identity_at(huawei_cloud, login))
    failures = await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for _ in range(6)), return_exceptions=True)
    assert [getattr(failure, "kind", None) for failure in failures] == [ErrorKind.CREDENTIALS] * 6
    assert huawei_cloud.counters() == {"create_token": 1}


async def test_six_first_requests_at_once_sign_in_once(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(identity_at(huawei_cloud))
    await asyncio.gather(*(session.read(LIST_CLOUDVOLUMES) for _ in range(6)))
    assert huawei_cloud.counters() == {"create_token": 1, "list_cloudvolumes": 6}


async def test_one_who_gives_up_waiting_does_not_take_the_sign_in_away(connect: Connect) -> None:
    asked, gate = asyncio.Event(), asyncio.Event()

    async def slow(_: Seen) -> Says:
        asked.set()
        await gate.wait()
        return grant()

    cloud = ScriptedCloud()
    cloud.sign_in = slow
    session = connect(identity(), asgi=cloud)
    impatient_one, other = asyncio.create_task(session.sign_in()), asyncio.create_task(session.sign_in())
    await asked.wait()
    impatient_one.cancel()
    await asyncio.wait({impatient_one})
    gate.set()
    assert (await other).project_id == PROJECT
    assert len(cloud.seen) == 1


async def test_a_locked_account_is_told_to_wait(connect: Connect) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: Says(401, {"error_msg": "The account is locked.", "error_code": "IAM.0061"})
    with pytest.raises(CloudError) as refused:
        await connect(identity(), asgi=cloud).sign_in()
    assert refused.value.code == "IAM.0061"
    assert "wait until it unlocks" in (refused.value.advice or "")


async def test_an_unreachable_service_may_be_tried_again(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="huawei", volumes=1, frozen=True)
    cloud.add_fault("html-502", operation="create_token", count=1)
    session = connect(identity_at(cloud))
    with pytest.raises(CloudError) as failed:
        await session.sign_in()
    assert failed.value.kind is ErrorKind.SERVER
    assert (await session.sign_in()).project_id == cloud.project_id


async def test_mfa_by_user_id_and_passcode(connect: Connect, huawei_cloud: Simulator) -> None:
    known = huawei_cloud.credential
    login = PasswordLogin(Secret(known.password), user_id=known.mfa_user_id, passcode=Secret(known.passcode))
    scope = Scope(project_name=known.project, project_domain_name=known.user_domain)
    session = connect(identity_at(huawei_cloud, login, scope=scope))
    assert (await session.sign_in()).user_id == known.mfa_user_id
    without = PasswordLogin(Secret(known.password), user_id=known.mfa_user_id)
    with pytest.raises(CloudError) as refused:
        await connect(identity_at(huawei_cloud, without, scope=scope)).sign_in()
    assert "passcode" in (refused.value.advice or "")


async def test_a_passcode_is_never_sent_twice(connect: Connect) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: Says(502, None)
    session = connect(identity(login=password_login(passcode=Secret("123456"))), asgi=cloud)
    with pytest.raises(CloudError):
        await session.sign_in()
    with pytest.raises(CloudError) as second:
        await session.sign_in()
    assert second.value.kind is ErrorKind.EXPIRED
    assert second.value.exit_code is ExitCode.SIGN_IN
    assert "new passcode" in (second.value.advice or "")
    assert len(cloud.seen) == 1


async def test_a_passcode_that_never_left_is_still_good(connect: Connect, huawei_cloud: Simulator) -> None:
    known = huawei_cloud.credential
    login = PasswordLogin(Secret(known.password), user_id=known.mfa_user_id, passcode=Secret(known.passcode))
    session = connect(identity_at(huawei_cloud, login))
    huawei_cloud.stop_listening()
    with pytest.raises(CloudError) as failed:
        await session.sign_in()
    assert failed.value.kind is ErrorKind.UNREACHABLE
    huawei_cloud.listen_again()
    assert (await session.sign_in()).user_id == known.mfa_user_id


@pytest.mark.parametrize("flavour", ["huawei", "openstack"])
async def test_every_way_signs_in_at_a_real_socket(connect: Connect, start_cloud: StartCloud, flavour: str) -> None:
    cloud = start_cloud(flavour=flavour, volumes=3, frozen=True)
    known = cloud.credential
    session = connect(identity_at(cloud))
    place = await session.sign_in()
    assert place.dialect is (HUAWEICLOUD if flavour == "huawei" else OPENSTACK)
    assert (place.region, place.project_id) == (known.region, known.project_id)
    assert place.plain_http
    assert place.origins == (cloud.url,)
    secret = Secret(known.application_credential_secret)
    by_id = ApplicationCredentialLogin(secret, credential_id=known.application_credential_id)
    by_name = ApplicationCredentialLogin(
        secret, credential_name="export", user_name=known.username, user_domain_name=known.user_domain
    )
    for login in (by_id, by_name):
        assert (await connect(identity_at(cloud, login, scope=Scope())).sign_in()).project_id == known.project_id
    token = next(call["token"] for call in await _one_read(connect, cloud) if call["token"])
    ready = connect(identity_at(cloud, TokenLogin(Secret(token)), scope=Scope()))
    assert (await ready.sign_in()).project_name == known.project


async def _one_read(connect: Connect, cloud: Simulator) -> list[dict[str, Any]]:
    await connect(identity_at(cloud)).read(OWN_PROJECTS)
    return cloud.calls("auth_projects")


async def test_a_ready_token_is_checked_with_itself(connect: Connect) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: grant(status=200)
    session = connect(identity(login=TokenLogin(Secret("ready-made"))), asgi=cloud)
    place = await session.sign_in()
    (seen,) = cloud.seen
    assert (seen.method, seen.headers["x-auth-token"], seen.headers["x-subject-token"]) == (
        "GET",
        "ready-made",
        "ready-made",
    )
    assert place.user_name == "exporter"


@pytest.mark.parametrize("status", [401, 404])
async def test_a_dead_token_says_what_to_do(connect: Connect, status: int) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: Says(status, {"error": {"code": status, "message": "Could not recognize token"}})
    with pytest.raises(CloudError) as refused:
        await connect(identity(login=TokenLogin(Secret("dead"))), asgi=cloud).sign_in()
    assert refused.value.kind is ErrorKind.EXPIRED
    assert refused.value.exit_code is ExitCode.SIGN_IN
    assert "Obtain a new token" in (refused.value.advice or "")


async def test_a_token_for_another_project_is_refused(connect: Connect) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: grant(status=200)
    login = TokenLogin(Secret("ready"))
    with pytest.raises(ConfigFailure, match="is not for project other"):
        await connect(identity(login=login, scope=Scope(project_name="other")), asgi=cloud).sign_in()


@pytest.mark.parametrize("token", ["two words", "line\r\nX-Evil: 1", "tökén", "", "\x1b"])
async def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(connect: Connect, token: str) -> None:
    cloud = ScriptedCloud()
    with pytest.raises(ConfigFailure) as refused:
        await connect(identity(login=TokenLogin(Secret(token))), asgi=cloud).sign_in()
    assert not token or token not in f"{refused.value} {refused.value.advice}"
    assert cloud.seen == []


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        (Says(201, {"token": {}}, {"X-Subject-Token": "t"}), ErrorKind.NONSENSE),
        (Says(201, {}, {"X-Subject-Token": "t"}), ErrorKind.NONSENSE),
        (Says(201, [1], {"X-Subject-Token": "t"}), ErrorKind.NONSENSE),
        (Says(201, {"token": {"user": {"id": USER}}}), ErrorKind.NONSENSE),
        (Says(201, None, {"X-Subject-Token": "t"}, raw=b'{"token": {"us'), ErrorKind.NONSENSE),
        (Says(201, None, {"X-Subject-Token": "t", "Content-Type": "text/html"}, raw=b"<html>"), ErrorKind.NONSENSE),
        (Says(201, {"token": {}}, {"X-Subject-Token": "two words"}), ErrorKind.NONSENSE),
        (Says(200, None, {"Content-Type": "text/html"}, raw=b"<html>Log in</html>"), ErrorKind.NONSENSE),
        (Says(302, None, {"Location": "https://login.evil.invalid/"}), ErrorKind.UNTRUSTED),
        (Says(404, None, {"Content-Type": "text/html"}, raw=b"<html>Not Found</html>"), ErrorKind.MISSING),
        (Says(403, {"error_msg": "console only", "error_code": "IAM.0081"}), ErrorKind.CREDENTIALS),
    ],
)
async def test_an_odd_identity_service(connect: Connect, says: Says, kind: ErrorKind) -> None:
    cloud = ScriptedCloud()
    cloud.sign_in = lambda _: says
    with pytest.raises(CloudError) as failed:
        await connect(identity(), asgi=cloud).sign_in()
    assert failed.value.kind is kind
    assert len(cloud.seen) == 1


async def test_without_a_project_the_choices_are_named(connect: Connect) -> None:
    projects = [{"id": f"p{n}", "name": name, "enabled": name != "old"} for n, name in enumerate(["b", "a", "old"])]
    cloud = ScriptedCloud(lambda _: Says(200, {"projects": [*projects, {"id": "m", "name": "MOS"}]}), project=None)
    with pytest.raises(ConfigFailure) as failed:
        await connect(identity(scope=Scope()), asgi=cloud).sign_in()
    assert failed.value.what == "No project is chosen"
    assert failed.value.why == "this user may work in a, b"
    assert cloud.seen[-1].path == "/v3/auth/projects"
    assert cloud.seen[-1].headers["x-auth-token"] == f"{TOKEN}-1"


async def test_a_password_that_ends_soon_is_a_warning(connect: Connect) -> None:
    cloud = ScriptedCloud(user={"id": USER, "name": "x", "password_expires_at": "2026-01-20T09:30:00.000000"})
    place = await connect(identity(warnings=("from the source",)), asgi=cloud).sign_in()
    assert place.warnings == ("from the source", "The password expires on 2026-01-20 09:30 UTC")


@pytest.mark.parametrize(
    "login",
    [
        PasswordLogin(Secret("pw")),
        PasswordLogin(Secret("pw"), user_name="x"),
        ApplicationCredentialLogin(Secret("s")),
        ApplicationCredentialLogin(Secret("s"), credential_name="n"),
        ApplicationCredentialLogin(Secret("s"), credential_name="n", user_name="x"),
    ],
)
async def test_a_half_filled_login_sends_nothing(connect: Connect, login: Login) -> None:
    cloud = ScriptedCloud()
    with pytest.raises(ConfigFailure):
        await connect(identity(login=login), asgi=cloud).sign_in()
    assert cloud.seen == []


@pytest.mark.parametrize("url", ["http://iam.example.com/v3", "https://u:p@iam.example.com", "iam.example.com", "//x"])
async def test_an_auth_url_that_cannot_be_trusted_with_a_password_sends_nothing(connect: Connect, url: str) -> None:
    cloud = ScriptedCloud()
    with pytest.raises(ConfigFailure) as failed:
        await connect(identity(url), asgi=cloud).sign_in()
    assert failed.value.exit_code is ExitCode.USAGE
    assert cloud.seen == []


class Signature:
    """A way to sign in like an access key: every request is signed, there is no token and no catalog."""

    renewable = False
    has_token = False

    async def sign_in(self, ask: object, *, again: bool) -> Any:
        return Grant(USER, None, None, None)

    def apply(self, prepared: Any, *, project_id: str | None) -> dict[str, str]:
        return {"X-Test-Signature": f"{prepared.method} {prepared.target}"}

    def refusal(self, *_: object) -> None:
        return None


async def test_the_way_without_a_catalog_looks_the_project_up_and_uses_the_host_pattern(connect: Connect) -> None:
    def cloud_says(seen: Seen) -> Says:
        if seen.path == "/v3/projects":
            return Says(200, {"projects": [{"id": PROJECT, "name": "eu-de"}, {"id": "x", "name": "eu-de_sub"}]})
        return Says(200, {"volumes": []})

    cloud = ScriptedCloud(cloud_says)
    who = identity(None, dialect="otc", region="eu-de", scope=Scope())
    session = connect(who, asgi=cloud, auth=Signature())
    place = await session.sign_in()
    assert place.dialect is OTC
    assert place.project_id == PROJECT
    assert place.origins == tuple(f"https://{s}.eu-de.otc.t-systems.com" for s in ("ecs", "evs", "iam", "ims"))
    await session.read(LIST_CLOUDVOLUMES)
    assert [(seen.origin, seen.target) for seen in cloud.seen] == [
        ("https://iam.eu-de.otc.t-systems.com", "/v3/projects?name=eu-de"),
        ("https://evs.eu-de.otc.t-systems.com", f"/v2/{PROJECT}/cloudvolumes/detail"),
    ]
    assert cloud.seen[1].headers["x-test-signature"] == f"GET /v2/{PROJECT}/cloudvolumes/detail"


async def test_the_way_without_a_catalog_with_endpoints_alone_counts_as_huawei_style(connect: Connect) -> None:
    endpoints = {name: f"https://{name}.private.invalid/api" for name in ("iam", "evs", "ims")}
    who = identity(None, endpoints=endpoints, scope=Scope(project_id=PROJECT))
    place = await connect(who, asgi=ScriptedCloud(), auth=Signature()).sign_in()
    assert place.dialect is HUAWEICLOUD
    assert place.endpoints == endpoints
    assert any("evs endpoint is set by hand" in warning for warning in place.warnings)


@pytest.mark.parametrize(("found", "why"), [([], "none of that name"), ([PROJECT, "other"], "several of that name")])
async def test_a_project_that_cannot_be_looked_up(connect: Connect, found: list[str], why: str) -> None:
    cloud = ScriptedCloud(lambda _: Says(200, {"projects": [{"id": one, "name": "eu-de"} for one in found]}))
    who = identity(None, dialect="otc", region="eu-de", scope=Scope())
    with pytest.raises(ConfigFailure, match=why):
        await connect(who, asgi=cloud, auth=Signature()).sign_in()


async def test_no_secret_shows_in_ring_log_or_failure(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="evs_tui")
    cloud = ScriptedCloud(lambda seen: Says(400, {"error": {"message": json.dumps(seen.headers), "code": "X.1"}}))
    session = connect(identity(), asgi=cloud)
    with pytest.raises(Failure) as failed:
        await session.read(LIST_CLOUDVOLUMES)
    told = f"{caplog.text} {list(session.ring)} {failed.value} {failed.value.advice} {session.signed_in!r}"
    assert f"{TOKEN}-1" in cloud.seen[-1].headers["x-auth-token"]
    assert TOKEN not in told
    assert PASSWORD not in told
    assert "list_cloudvolumes" in str(list(session.ring))


async def test_a_catalog_endpoint_with_a_path_keeps_it(connect: Connect) -> None:
    catalog = [
        service("block-storage", f"https://cloud.invalid/volume/v3/{PROJECT}"),
        service("image", "https://cloud.invalid/image"),
    ]
    cloud = ScriptedCloud(lambda _: Says(200, {"volumes": []}), catalog=catalog)
    session = connect(identity("https://cloud.invalid/identity/v3"), asgi=cloud)
    await session.read(LIST_VOLUMES)
    assert [seen.path for seen in cloud.seen] == ["/identity/v3/auth/tokens", f"/volume/v3/{PROJECT}/volumes/detail"]


async def test_a_server_that_never_answers_ends_at_the_deadline(connect: Connect) -> None:
    async def never(_: object) -> None:
        await asyncio.Event().wait()

    async with raw_server(never) as server:
        session = connect(identity(server.origin), timeouts=Timeouts(connect=5, read=5, total=0.5))
        with pytest.raises(CloudError) as failed:
            await session.sign_in()
        assert failed.value.kind is ErrorKind.INTERRUPTED
        assert failed.value.exit_code is ExitCode.UNREACHABLE
        assert "0.5 seconds" in failed.value.why
        assert len(server.requests) == 1
