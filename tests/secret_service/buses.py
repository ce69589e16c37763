"""Private session buses in every state that a host may be in, and a real Secret Service on one of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.processes import kept

PASSWORD = "ci-password"  # of the private login keyring
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


def needed(program: str) -> str:
    """The path of a program; a missing one fails the test, it does not skip it."""
    found = shutil.which(program)
    assert found is not None, f"{program} is not installed: gnome-keyring, dbus and libsecret-tools are needed"
    return found


class Bus:
    """A session bus on which nothing can be activated: only what the test starts is there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket = directory / "bus"
        config = directory / "bus.conf"
        config.write_text(_BUS.format(path=self._socket), encoding="utf-8")
        self._bus = kept(
            subprocess.Popen(
                [needed("dbus-daemon"), f"--config-file={config}", "--nofork"],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        _wait_for(self._socket.exists)
        self._service: subprocess.Popen[bytes] | None = None

    @property
    def variables(self) -> Mapping[str, str]:
        """What makes a program use this bus, and the service's files."""
        return {
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self._socket}",
            "XDG_DATA_HOME": str(self._directory / "data"),
            "XDG_RUNTIME_DIR": str(self._directory),
        }

    def start_service(self, *, unlocked: bool) -> None:
        """Start gnome-keyring; a second start with `unlocked` False finds the login keyring locked."""
        (self._directory / "data").mkdir(mode=0o700, exist_ok=True)
        words = [needed("gnome-keyring-daemon"), "--foreground", "--components=secrets"]
        environment = {**os.environ, **self.variables}
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"):
            environment.pop(name, None)
        self._service = subprocess.Popen(
            [*words, "--unlock"] if unlocked else words,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        kept(self._service)
        assert self._service.stdin is not None
        self._service.stdin.write(PASSWORD.encode() if unlocked else b"")
        self._service.stdin.close()
        if unlocked:
            _wait_for(self._takes_a_secret)
        else:
            _wait_for(lambda: self._owns("org.freedesktop.secrets"))

    def stop_service(self) -> None:
        """End it."""
        assert self._service is not None
        self._service.terminate()
        self._service.wait(10)
        _wait_for(lambda: not self._owns("org.freedesktop.secrets"))

    def secret_tool(self, *words: str, given: str = "") -> str:
        """What `secret-tool` answers."""
        ended = subprocess.run(
            [needed("secret-tool"), *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=20,
            env={**os.environ, **self.variables},
            check=False,
        )
        return ended.stdout

    def _takes_a_secret(self) -> bool:
        # The daemon's own exit code tells nothing: it is 0 with a wrong password too.
        self.secret_tool("store", "--label=probe", "evs-ci", "probe", given="probe")
        if self.secret_tool("lookup", "evs-ci", "probe") != "probe":
            return False
        self.secret_tool("clear", "evs-ci", "probe")
        return True

    def _owns(self, name: str) -> bool:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with contextlib.closing(open_dbus_connection(self.variables["DBUS_SESSION_BUS_ADDRESS"])) as connection:
            reply = connection.send_and_get_reply(new_method_call(bus, "NameHasOwner", "s", (name,)), timeout=10)
        return bool(reply.body[0])


@contextlib.contextmanager
def mute_bus(directory: Path, *, speaks_first: bool) -> Iterator[Mapping[str, str]]:
    """A bus that never answers: not at all, or (`speaks_first`) after it has let the client in."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / "mute"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    clients: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                clients.append(client)
                if speaks_first:
                    threading.Thread(target=_let_in, args=(client,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"}
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        for client in clients:
            client.close()


def _let_in(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := client.recv(4096):
            if b"AUTH" in data:
                client.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            elif b"NEGOTIATE" in data:
                client.sendall(b"AGREE_UNIX_FD\r\n")


def _wait_for(fact: object, seconds: float = 20.0) -> None:
    assert callable(fact)
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not come up"
        time.sleep(0.05)
