"""`python -m tests.simulator`: the simulated cloud as a process. Prints one JSON line, ends when its stdin does."""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from evs_tui.demo import Inventory, PhaseSeconds, SettableClock, Settings, SimulatedCloud, hostile_volumes, volumes
from tests.simulator.control import Control
from tests.simulator.socket_server import SocketServer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--flavour", choices=("huawei", "openstack"), default="huawei")
    parser.add_argument("--volumes", type=int, help="how many are generated; without it the demo's set")
    parser.add_argument("--hostile", action="store_true", help="add disks whose names and records attack their reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true", help="https with a self-signed certificate")
    parser.add_argument("--frozen", action="store_true", help="the cloud's clock moves only when told to")
    parser.add_argument("--start", type=float, help="first moment of the clock, seconds since 1970")
    parser.add_argument("--phases", type=json.loads, default={}, help="JSON object of PhaseSeconds")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON object of Settings")
    parser.add_argument("--keep-open", action="store_true", help="do not end when stdin closes")
    return parser


def _certificate(directory: Path) -> Path:
    """A key and certificate for 127.0.0.1 and localhost in one file, made by openssl."""
    both = directory / "simulator.pem"
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


async def _until_stdin_closes() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        pass


async def _serve(options: argparse.Namespace, directory: Path) -> None:
    tls = None
    if options.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(_certificate(directory))
    held: Inventory | None = None if options.volumes is None else volumes(options.volumes, options.seed)
    if options.hostile:
        held = held or volumes(0)
        held.volumes = [*hostile_volumes(), *held.volumes]

    # The catalog needs the port, the port needs a listening socket: the application is put in afterwards.
    server = SocketServer(_not_ready, port=options.port, tls=tls)
    await server.listen()
    url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}"
    cloud = SimulatedCloud(
        flavour=options.flavour,
        volumes=held,
        clock=SettableClock(frozen=options.frozen, start=options.start),
        phase_seconds=PhaseSeconds(**options.phases),
        settings=Settings(**options.settings),
        base_url=url,
    )
    server.app = cloud
    control = SocketServer(Control(cloud, server))
    await control.listen()
    line = {
        "url": url,
        "auth_url": cloud.auth_url,
        "control": f"http://127.0.0.1:{control.port}/_sim/",
        "ca_file": str(directory / "certificate.pem") if tls else None,
    }
    print(json.dumps(line), flush=True)
    if options.keep_open:
        await asyncio.Event().wait()
    await _until_stdin_closes()


async def _not_ready(*_: object) -> None:
    raise ConnectionError("not ready yet")


def main() -> None:
    """Serve until stdin closes."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="simulated-cloud-") as directory:
        try:
            asyncio.run(_serve(options, Path(directory)))
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
