"""Profiles with a real Secret Service: kept once, used without typing, found by other tools, forgotten everywhere."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.program import Ended, Process
from tests.cli.schemas import PROFILES, VOLUMES
from tests.secret_service.buses import Bus, mute_bus
from tests.simulator import Simulator

pytestmark = pytest.mark.secret_service

SAYS_WHERE = "The password of profile prod stays in memory until this command ends: "


def run(*words: str, variables: Mapping[str, str], given: str = "") -> Ended:
    read, write = os.pipe()
    os.write(write, given.encode())
    os.close(write)
    try:
        return Process(*words, variables=variables, stdin=read).end(60)
    finally:
        os.close(read)


def add(cloud: Simulator, variables: Mapping[str, str]) -> Ended:
    known = cloud.credential
    return run(
        *("profiles", "add", "prod", "--cloud", "otc", "--auth-url", cloud.environment()["OS_AUTH_URL"]),
        *("--user", known.username, "--user-domain", known.user_domain),
        *("--region", known.region, "--project", known.project, "--keep-in", "keyring"),
        variables=variables,
        given=f"{known.password}\n",
    )


def profile_id(variables: Mapping[str, str]) -> str:
    listed = run("profiles", "--output", "json", variables=variables).document(PROFILES)
    (profile,) = listed["profiles"]
    assert profile["secret"]["place"] == "keyring"
    return str(profile["id"])


def test_a_profile_is_added_and_the_next_start_signs_in_without_typing(unlocked: Bus, cloud: Simulator) -> None:
    added = add(cloud, unlocked.variables)
    assert (added.code, added.out) == (0, "")
    assert added.err.splitlines()[0] == ("Added profile prod. Its secret is in the keyring: keyring: Secret Service.")
    listed = run("volumes", "--output", "json", variables=unlocked.variables)
    assert listed.code == 0, listed.err
    context = listed.document(VOLUMES)["context"]
    assert (context["source"], context["profile"]) == ("profile prod", "prod")
    found = unlocked.secret_tool(
        "lookup", "service", f"evs-tui:{profile_id(unlocked.variables)}", "username", "credential"
    )
    kept = json.loads(found)
    assert kept["values"] == {"password": cloud.credential.password}
    assert kept["bind"]["user"] == cloud.credential.username


def test_no_file_holds_the_secret(unlocked: Bus, cloud: Simulator, own_environment: Path) -> None:
    add(cloud, unlocked.variables)
    secret = cloud.credential.password.encode()
    files = [path for path in own_environment.rglob("*") if path.is_file()]
    assert own_environment / ".config/evs-tui/config.toml" in files
    assert [path for path in files if secret in path.read_bytes()] == []


def test_forgetting_removes_a_planted_copy_too(unlocked: Bus, cloud: Simulator) -> None:
    add(cloud, unlocked.variables)
    service = f"evs-tui:{profile_id(unlocked.variables)}"
    lookup = ("lookup", "service", service, "username", "credential")
    unlocked.secret_tool(
        *("store", "--label=planted", "service", service, "username", "credential", "application", "other"),
        given="planted",
    )
    forgotten = run("profiles", "forget", "prod", variables=unlocked.variables)
    assert forgotten.err.splitlines()[0] == "Forgot the secret of profile prod: it is gone from the keyring."
    assert unlocked.secret_tool(*lookup) == ""
    again = run("profiles", "forget", "prod", variables=unlocked.variables)
    assert (again.code, again.err) == (0, "Nothing is kept for profile prod: there was nothing to forget.\n")


def test_a_changed_place_does_not_get_the_secret(unlocked: Bus, cloud: Simulator, own_environment: Path) -> None:
    add(cloud, unlocked.variables)
    config = own_environment / ".config/evs-tui/config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("user = ", 'ca_bundle = "/dev/null"\nuser = ', 1), encoding="utf-8")
    before = cloud.counters()
    refused = run("volumes", "--output", "json", variables=unlocked.variables)
    assert refused.code == 2
    assert refused.error()["why"] == (
        "the one that is kept is for another place or user: ca bundle was not set, is /dev/null"
    )
    assert cloud.counters() == before


def goes_on_without_keyring(cloud: Simulator, variables: Mapping[str, str], words: str) -> None:
    """At a terminal: one clear line, one prompt, the work is done, and the program ends."""
    program = Process("volumes", variables=variables, terminal=True)
    shown = program.read_until("Password of profile prod: ", 30)
    assert SAYS_WHERE + words in " ".join(shown.split())
    program.type(f"{cloud.credential.password}\n")
    ended = program.end(30)
    assert ended.code == 0, ended.err
    assert cloud.credential.password not in ended.err
    assert "3 volumes" in ended.err


@pytest.fixture
def added(unlocked: Bus, cloud: Simulator) -> Bus:
    """A bus whose keyring holds the secret of `prod`, with the service ended."""
    add(cloud, unlocked.variables)
    unlocked.stop_service()
    return unlocked


def test_a_locked_keyring(added: Bus, cloud: Simulator) -> None:
    added.start_service(unlocked=False)
    goes_on_without_keyring(cloud, added.variables, "keyring locked (Secret Service)")


def test_a_bus_without_the_service(added: Bus, cloud: Simulator) -> None:
    goes_on_without_keyring(cloud, added.variables, "no keyring (no Secret Service on this D-Bus session)")


def test_no_bus(added: Bus, cloud: Simulator) -> None:
    goes_on_without_keyring(cloud, {}, "no keyring (no D-Bus session)")


def test_a_mute_bus(added: Bus, cloud: Simulator, tmp_path: Path) -> None:
    with mute_bus(tmp_path / "m", speaks_first=True) as variables:
        goes_on_without_keyring(cloud, variables, "keyring not answering (no answer within 1.3 s)")


def test_a_socket_that_never_speaks(added: Bus, cloud: Simulator, tmp_path: Path) -> None:
    with mute_bus(tmp_path / "m", speaks_first=False) as variables:
        goes_on_without_keyring(cloud, variables, "no keyring (the D-Bus session cannot be reached)")


def test_what_is_typed_after_the_keyring_is_back_is_kept_in_it(added: Bus, cloud: Simulator) -> None:
    added.start_service(unlocked=True)
    assert run("profiles", "forget", "prod", variables=added.variables).code == 0
    program = Process("volumes", variables=added.variables, terminal=True)
    shown = program.read_until("Password of profile prod: ", 30)
    assert "The password of profile prod is not kept yet; the cloud takes it first." in " ".join(shown.split())
    program.type(f"{cloud.credential.password}\n")
    assert program.end(30).code == 0
    assert run("volumes", variables=added.variables).code == 0


def test_a_wrong_password_is_not_kept(added: Bus, cloud: Simulator) -> None:
    added.start_service(unlocked=True)
    run("profiles", "forget", "prod", variables=added.variables)
    program = Process("volumes", variables=added.variables, terminal=True)
    program.read_until("Password of profile prod: ", 30)
    program.type("Mistyped-77\n")
    assert program.end(30).code == 4
    service = f"evs-tui:{profile_id(added.variables)}"
    assert added.secret_tool("lookup", "service", service, "username", "credential") == ""
