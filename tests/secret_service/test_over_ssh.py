"""On a jump host, over a real sshd: no keyring, no D-Bus; one clear line, one prompt, and the work goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evs_tui.config.editing import save_profile
from evs_tui.config.paths import Paths
from evs_tui.config.profiles import Profile
from tests.simulator import Simulator
from tests.terminal.screen import COMMAND, Terminal
from tests.terminal.ssh import sshd

pytestmark = pytest.mark.terminal


def test_signing_in_on_a_host_without_keyring_and_bus(cloud: Simulator, tmp_path: Path) -> None:
    known = cloud.credential
    profile = Profile(
        "prod", "0123456789abcdef", cloud="otc", auth_url=cloud.auth_url, region=known.region, project=known.project,
        user=known.username, user_domain=known.user_domain, keep_in="keyring",
    )  # fmt: skip
    save_profile(Paths.of(os.environ), profile, default=True)
    places = " ".join(f"{name}={os.environ[name]}" for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"))
    (tmp_path / "keys").mkdir()
    with sshd(tmp_path / "keys") as ssh:
        command = f"env -u DBUS_SESSION_BUS_ADDRESS LC_ALL=C.UTF-8 {places} {COMMAND} volumes"
        with Terminal(*ssh, command, size=(120, 24)) as far:
            far.wait_for("Password of profile prod:", seconds=60)
            assert far.lines[0] == (
                "The password of profile prod stays in memory until this command ends: no keyring (no D-Bus session)."
            )
            far.type(f"{known.password}\r")
            assert far.end(60) == 0
            assert "3 volumes of eu-demo_shop in eu-demo." in far.text
            assert known.password.encode() not in bytes(far.raw)
