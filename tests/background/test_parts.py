"""The parts of the background: orders, the scrubbed environment, and what logind does at logout."""

from __future__ import annotations

import pytest

from evs_tui.background.line import Orders
from evs_tui.background.logout import sentence_of
from evs_tui.background.spawning import scrubbed
from evs_tui.cloud.identity import (
    AgencyLogin,
    ApplicationCredentialLogin,
    Identity,
    KeyLogin,
    Login,
    PasswordLogin,
    Scope,
    TokenLogin,
)
from evs_tui.exports.timing import Timing
from evs_tui.secret import Secret

PASSWORD = PasswordLogin(Secret('pass word\n\u00fc"'), user_name="u", user_domain_name="d")


@pytest.mark.parametrize(
    "login",
    [
        PASSWORD,
        PasswordLogin(Secret("p"), user_id="u", passcode=Secret("123456")),
        ApplicationCredentialLogin(Secret("s"), credential_id="c"),
        TokenLogin(Secret("t" * 20_000)),
        KeyLogin("AK", Secret("SK"), Secret("ST")),
        KeyLogin("AK", Secret("SK")),
        AgencyLogin(PASSWORD, "agency", domain_name="lender"),
    ],
    ids=lambda login: type(login).__name__,
)
def test_orders_survive_the_pipe_whole(login: Login) -> None:
    identity = Identity(
        source="profile prod",
        secret_place="keyring",
        login=login,
        auth_url="https://iam.example.org/v3",
        scope=Scope(project_name="eu-de_prod", project_domain_name="d"),
        region="eu-de",
        dialect="otc",
        endpoints={"evs": "https://evs.example.org"},
        ca_bundle="/etc/ca.pem",
        profile="prod",
        ignored=("OS_*",),
        warnings=("w",),
    )
    orders = Orders(identity, "place-1", 7, Timing(stop_patience=60.0))
    line = orders.as_line()
    assert line.count(b"\n") == 1
    assert Orders.of_line(line) == orders


@pytest.mark.parametrize("line", [b"", b"{}", b"[]\n", b'{"identity": {}}\n'])
def test_what_are_no_orders_is_refused(line: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Orders.of_line(line)


def test_a_child_knows_where_things_lie_and_nothing_else() -> None:
    environ = {
        "PATH": "/bin",
        "LC_CTYPE": "C.UTF-8",
        "https_proxy": "http://proxy:3128",
        "OS_PASSWORD": "p",
        "HW_SECRET_KEY": "s",
        "LD_PRELOAD": "evil.so",
        "PYTHONPATH": "/tmp",
        "SSH_AUTH_SOCK": "/tmp/agent",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/0/bus",
        "EVS_TUI_DEBUG": "1",
    }
    assert scrubbed(environ) == {"PATH": "/bin", "LC_CTYPE": "C.UTF-8", "https_proxy": "http://proxy:3128"}


@pytest.mark.parametrize(
    ("shown", "killed"),
    [
        ("KillUserProcesses=no\n", False),
        ("", False),
        ("KillUserProcesses=yes\nKillOnlyUsers=\nKillExcludeUsers=root\n", True),
        ("KillUserProcesses=yes\nKillExcludeUsers=root op\n", False),
        ("KillUserProcesses=yes\nKillOnlyUsers=ada op\n", True),
        ("KillUserProcesses=yes\nKillOnlyUsers=ada\n", False),
    ],
)
def test_what_logind_does_to_the_processes_of_a_user(shown: str, killed: bool) -> None:
    sentence = sentence_of(shown, "op")
    assert (sentence is not None) is killed
    if sentence is not None:
        assert "loginctl enable-linger" in sentence
