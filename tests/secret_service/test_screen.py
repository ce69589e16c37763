"""The screens on hosts whose keyring cannot be used: they stay alive, say so, and go on in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.program import Process
from tests.secret_service.buses import Bus, mute_bus
from tests.secret_service.test_keyring import add, run
from tests.simulator import Simulator
from tests.terminal.screen import COMMAND, CTRL_Q, CTRL_S, Terminal

pytestmark = pytest.mark.secret_service


@pytest.fixture
def added(unlocked: Bus, cloud: Simulator) -> Bus:
    """A bus whose keyring holds the secret of `prod`, which is the default, with the service ended."""
    assert add(cloud, unlocked.variables).code == 0
    unlocked.stop_service()
    return unlocked


def goes_on_in_memory(cloud: Simulator, variables: Mapping[str, str], words: str) -> None:
    with Terminal(COMMAND, variables=variables) as screen:
        screen.wait_for("Sign in", "must be given", seconds=60)
        assert f"prod must be given: {words}" in screen.lines[22]
        screen.type(*cloud.credential.password)
        screen.wait_for("*" * len(cloud.credential.password))
        screen.type(CTRL_S)
        screen.wait_for("as of", "secret in memory", seconds=60)
        screen.type(CTRL_Q)
        assert screen.end(20) == 0
        assert cloud.credential.password.encode() not in bytes(screen.raw)


def test_a_locked_keyring(added: Bus, cloud: Simulator) -> None:
    added.start_service(unlocked=False)
    goes_on_in_memory(cloud, added.variables, "keyring locked")


def test_a_mute_bus(added: Bus, cloud: Simulator, tmp_path: Path) -> None:
    with mute_bus(tmp_path / "m", speaks_first=True) as variables:
        goes_on_in_memory(cloud, variables, "keyring not answ")


def test_an_unlocked_keyring_signs_in_without_a_question(unlocked: Bus, cloud: Simulator) -> None:
    assert add(cloud, unlocked.variables).code == 0
    with Terminal(COMMAND, variables=unlocked.variables) as screen:
        screen.wait_for("as of", "secret in keyring", seconds=60)
        screen.type("q")
        assert screen.end(20) == 0


def test_a_profile_that_is_added_line_by_line_is_kept(unlocked: Bus, cloud: Simulator) -> None:
    known = cloud.credential
    program = Process(
        *("profiles", "add", "prod", "--cloud", "otc", "--region", known.region),
        variables=unlocked.variables, terminal=True,
    )  # fmt: skip
    for question, answer in (
        ("Auth URL", cloud.auth_url),
        ("User name", known.username),
        ("Domain of the user", known.user_domain),
        ("Password of profile prod", known.password),
    ):
        program.read_until(question)
        program.type(f"{answer}\n")
    ended = program.end()
    assert ended.code == 0, ended.err
    assert known.password not in ended.err
    assert run("volumes", "--project", known.project, variables=unlocked.variables).code == 0
