"""A real SSH session in which a run is handed to the background, and which dies in each phase of a server plan."""

from __future__ import annotations

import getpass
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.background.conftest import EXPORT, Home, wait_until
from tests.cli.program import ROOT

pytestmark = pytest.mark.terminal
_PROGRAM = "import sys; from tests.cli.quick import main; sys.exit(main())"


class SshServer:
    """An sshd of our own on the loopback, for this user and one key."""

    def __init__(self, directory: Path) -> None:
        self.key = directory / "key"
        host_key = directory / "host_key"
        for path in (self.key, host_key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = directory / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nPidFile none\n"
            f"AuthorizedKeysFile {self.key}.pub\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
        )
        self._process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-e", "-f", config], stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        while "listening" not in self._process.stderr.readline():
            assert self._process.poll() is None

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stderr is not None
        self._process.stderr.close()


class Line:
    """One SSH session with a terminal, in which a command runs."""

    def __init__(self, server: SshServer, command: str) -> None:
        words = ["ssh", "-tt", "-F", "none", "-p", str(server.port), "-i", str(server.key), "-o", "BatchMode=yes"]
        words += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]
        self._process = subprocess.Popen(
            [*words, f"{getpass.getuser()}@127.0.0.1", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._seen = ""

    def read_until(self, text: str, seconds: float = 60.0) -> None:
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        while text not in self._seen:
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self._process.stdout.fileno(), 65536) if ready else b""
            assert piece, f"{text!r} was not shown: {self._seen!r}"
            self._seen += piece.decode(errors="replace")

    def hang_up(self) -> None:
        """The line dies: no goodbye."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self._process.stdout.close()
        self._process.stdin.close()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    server = SshServer(tmp_path_factory.mktemp("sshd"))
    yield server
    server.close()


def _command(home: Home, *words: str) -> str:
    variables = [f"{name}={value}" for name, value in home.variables.items()]
    program = [sys.executable, "-c", _PROGRAM, "export", home.disk(), *words]
    # The person stays logged in after the command has returned.
    return (
        f"cd {shlex.quote(str(ROOT))} && {shlex.join(['env', *variables, *program])} && echo returned && exec sleep 600"
    )


def _after_handing(_home: Home) -> None:
    return


def _while_it_stops(home: Home) -> None:
    home.cloud.wait_for_calls("server_action")


def _while_the_disk_uploads(home: Home) -> None:
    _while_it_stops(home)
    home.cloud.advance(1)
    home.cloud.wait_for_calls("export")


def _while_it_starts(home: Home) -> None:
    _while_the_disk_uploads(home)
    home.cloud.advance(2)
    home.cloud.wait_for_calls("server_action", 2)


@pytest.mark.parametrize(
    "phase", [_after_handing, _while_it_stops, _while_the_disk_uploads, _while_it_starts], ids=lambda one: one.__name__
)
def test_the_servers_are_up_again_whenever_the_line_dies(
    sshd: SshServer, frozen_home: Home, phase: Callable[[Home], None]
) -> None:
    home = frozen_home
    line = Line(sshd, _command(home, *EXPORT))
    line.read_until("returned")
    phase(home)
    line.hang_up()

    def through() -> bool:
        home.cloud.advance(0.5)
        return home.server() == ("ACTIVE", None) and len(home.cloud.calls("server_action")) == 2

    wait_until(through, 60)
    calls = [call["operation"] for call in home.cloud.calls() if call["operation"] in {"server_action", "export"}]
    assert calls == ["server_action", "export", "server_action"]
    wait_until(lambda: home.jobs()[0]["state"] == "succeeded")
    assert home.jobs()[0]["attention"] == []


def test_a_line_that_dies_at_the_question_leaves_everything_as_it_was(sshd: SshServer, home: Home) -> None:
    line = Line(sshd, _command(home, *EXPORT[:-1]))
    line.read_until("Stop 1 server and export 1 volume? Type yes:")
    line.hang_up()
    assert home.jobs() == []
    assert home.cloud.calls("server_action") == []
