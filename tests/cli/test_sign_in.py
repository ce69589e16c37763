"""Signing in from the command line: by access key end to end, and what a person reads when it does not work."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from tests.cli.program import Cli, Process, variables_of
from tests.cli.schemas import VOLUMES
from tests.simulator import Simulator
from tests.simulator.fixtures import StartCloud

CHINESE = "夜间备份 {id8}"


@pytest.mark.parametrize("kind", ["permanent", "temporary"])
def test_an_access_key_lists_and_exports(cli: Cli, quick_cloud: Simulator, kind: str) -> None:
    known = quick_cloud.credential
    key = known.access_key if kind == "permanent" else known.temporary_key
    cli.variables = quick_cloud.key_environment(key)
    context = cli("volumes", "--output", "json").document(VOLUMES)["context"]
    assert (context["project_id"], context["region"]) == (known.project_id, known.region)
    assert (context["source"], context["user"]) == (
        "environment OS_*",
        f"access key {key.access[:4]}..{key.access[-4:]}",
    )
    volume_id = quick_cloud.volume_ids("available")[0]
    ended = cli("export", volume_id, "--name", CHINESE, "--yes", "--wait", "--output", "json")
    assert ended.code == 0
    (image,) = [image for image in quick_cloud.images() if image["made_here"]]
    assert image["name"] == f"夜间备份 {volume_id[:8]}"
    assert {call["access_key"] for call in quick_cloud.calls()} == {key.access}
    assert quick_cloud.key_record(key)["failures"] == 0
    assert "create_token" not in quick_cloud.counters()


NO_PASSCODE = (
    "A passcode is needed: this user signs in with password and one-time passcode (MFA), "
    "and no passcode is left to send"
)


def without_secret(variables: Mapping[str, str], **changes: str | None) -> dict[str, str]:
    changed = {**variables, **changes}
    return {name: value for name, value in changed.items() if value is not None}


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (
            {"OS_PASSWORD": "Mistyped-77"},
            4,
            "Signing in was refused: The username or password is wrong.",
        ),
        (
            {"OS_USERNAME": "exporter-mfa"},
            4,
            "Signing in was refused: The username or password is wrong.",
        ),
        (
            {"OS_AUTH_TYPE": "v3multifactor"},
            4,
            NO_PASSCODE,
        ),
        (
            {"OS_PROJECT_NAME": "nowhere"},
            4,
            "Signing in was refused: The request you have made requires authentication.",
        ),
    ],
)
def test_bad_input_by_password(cli: Cli, quick_cloud: Simulator, change: dict[str, str], code: int, words: str) -> None:
    cli.variables = {**variables_of(quick_cloud), **change}
    ended = cli("volumes")
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.splitlines()[0] == f"evs-tui: {words}"
    assert quick_cloud.counters().get("create_token", 0) <= 1


def test_a_locked_account_is_told_to_wait_and_not_asked_again(cli: Cli, quick_cloud: Simulator) -> None:
    cli.variables = {**variables_of(quick_cloud), "OS_PASSWORD": "Mistyped-77"}
    for _ in range(5):
        assert cli("volumes").code == 4
    cli.sign_in_at(quick_cloud)
    ended = cli("volumes", "--output", "json")
    assert ended.error() == {
        "exit_code": 4,
        "what": "Signing in was refused",
        "why": "The account is locked.",
        "advice": "The account is locked: wait until it unlocks, and do not try again before",
        "code": "IAM.0061",
        "http_status": 401,
        "request_id": ended.error()["request_id"],
    }
    assert quick_cloud.counters() == {"create_token": 6}


def _projects(*ids: str) -> str:
    rows = ",".join(f'{{"id": "{one}", "name": "eu-demo_shop", "enabled": true}}' for one in ids)
    return f'{{"projects": [{rows}]}}'


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], "this account has none of that name"),
        (["0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6", "0" * 32], "this account has several of that name"),
    ],
)
def test_a_missing_or_doubled_project_by_access_key(
    cli: Cli, quick_cloud: Simulator, found: list[str], why: str
) -> None:
    quick_cloud.add_fault(operation="projects", process=True, body=_projects(*found))
    cli.variables = quick_cloud.key_environment()
    ended = cli("volumes")
    assert ended.code == 2
    assert ended.err.splitlines()[0] == f"evs-tui: Project eu-demo_shop cannot be used: {why}"
    assert quick_cloud.counters() == {"projects": 1}


def test_a_wrong_secret_key_is_one_attempt_and_says_so(cli: Cli, quick_cloud: Simulator) -> None:
    key = dataclasses.replace(quick_cloud.credential.access_key, secret="NotTheSecretKey")
    cli.variables = quick_cloud.key_environment(key)
    ended = cli("volumes")
    assert ended.code == 4
    assert ended.err.splitlines()[0] == (
        "evs-tui: The signature was refused: the cloud saw the same request as we signed, "
        "so the secret key does not belong to the access key DEMO..0001"
    )
    assert quick_cloud.key_record()["failures"] == 1
    assert "NotTheSecretKey" not in ended.err


def test_a_certificate_that_nobody_vouches_for_ends_it(cli: Cli, start_cloud: StartCloud) -> None:
    cloud = start_cloud(volumes=1, tls=True)
    cli.variables = without_secret(variables_of(cloud), OS_CACERT=None)
    ended = cli("volumes")
    host = cloud.url.removeprefix("https://")
    assert ended.code == 5
    first = ended.err.splitlines()[0]
    assert first.startswith(f"evs-tui: Signing in failed: the certificate of {host} is not trusted: self-signed cert")
    assert 'issued by "127.0.0.1", SHA-256 ' in first
    assert cloud.calls() == []
    cli.sign_in_at(cloud)
    assert cli("volumes").code == 0


def test_a_passcode_is_asked_at_the_terminal_without_showing_it(quick_cloud: Simulator) -> None:
    known = quick_cloud.credential
    variables = {**variables_of(quick_cloud), "OS_AUTH_TYPE": "v3multifactor", "OS_USER_ID": known.mfa_user_id}
    with_terminal = Process("volumes", variables=variables, terminal=True)
    with_terminal.read_until(f"Passcode (MFA) for {known.username}: ")
    with_terminal.type(f"{known.passcode}\n")
    ended = with_terminal.end()
    assert ended.code == 0
    assert known.passcode not in ended.out + ended.err
    assert quick_cloud.counters()["create_token"] == 1


def test_an_empty_passcode_sends_nothing(quick_cloud: Simulator) -> None:
    variables = {**variables_of(quick_cloud), "OS_AUTH_TYPE": "v3multifactor"}
    with_terminal = Process("volumes", variables=variables, terminal=True)
    with_terminal.read_until("Passcode (MFA)")
    with_terminal.type("\n")
    ended = with_terminal.end()
    assert ended.code == 4
    assert "A passcode is needed" in ended.err
    assert quick_cloud.calls() == []
