"""A real sshd on loopback, with keys of its own, that lets the user in who runs the tests."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tools import needed

_SBIN = "/usr/sbin:/sbin"


@contextmanager
def sshd(directory: Path) -> Iterator[list[str]]:
    """The words of an `ssh` command that logs in to it; it ends with the block."""
    server = shutil.which("sshd", path=f"{os.environ['PATH']}:{_SBIN}") or needed("sshd")
    for name in ("host", "user"):
        command = [needed("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
        subprocess.run(command, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = _free_port()
    config = directory / "sshd_config"
    config.write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {directory / 'host'}\nAuthorizedKeysFile {directory / 'user.pub'}\n"
        "PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    process = subprocess.Popen([server, "-D", "-e", "-f", str(config)], stderr=(directory / "log").open("wb"))
    try:
        _wait_for(port, process, directory / "log")
        options = {
            "IdentityFile": str(directory / "user"),
            "IdentitiesOnly": "yes",
            "StrictHostKeyChecking": "no",
            "UserKnownHostsFile": "/dev/null",
            "LogLevel": "ERROR",
        }
        words = [part for option, value in options.items() for part in ("-o", f"{option}={value}")]
        yield [needed("ssh"), "-F", "/dev/null", "-tt", "-p", str(port), *words, f"{getpass.getuser()}@127.0.0.1"]
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"sshd did not come up:\n{log.read_text()}")
