"""`python -m tests.install.offline FILE`: uses the one file on a bare Python, where there is no network but loopback.

To be run in a network namespace of its own. Prints what happened as JSON.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path
from typing import Any

from tests.simulator import Simulator

_SIOCSIFFLAGS, _IFF_UP = 0x8914, 1
_BARE = [getattr(sys, "_base_executable", sys.executable), "-I", "-S"]


def bring_loopback_up() -> None:
    """A new network namespace begins with everything down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _IFF_UP))


def run(home: str, variables: dict[str, str], *words: str) -> Any:
    """One command on a bare Python, with nothing of this environment; the JSON that it prints."""
    environ = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **variables}
    ended = subprocess.run([*_BARE, *words], env=environ, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode != 0:
        sys.exit(f"{words}: exit {ended.returncode}\n{ended.stdout}\n{ended.stderr}")
    return json.loads(ended.stdout)


def first_screen(home: str, file: str) -> str:
    """What the terminal UI of the demo draws until its first volume is there."""
    terminal, side = pty.openpty()
    termios.tcsetwinsize(side, (24, 80))
    environ = {"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
    process = subprocess.Popen([*_BARE, file, "--demo"], env=environ, stdin=side, stdout=side, stderr=side)
    os.close(side)
    seen, end = b"", time.monotonic() + 60
    try:
        while b"ready" not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 1)[0]:
                seen += os.read(terminal, 65536)
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
    return seen.decode(errors="replace")


def main() -> None:
    """Do all of it."""
    file = str(Path(sys.argv[1]).resolve())
    bring_loopback_up()
    with tempfile.TemporaryDirectory() as home, Simulator(volumes=5, phases={"queued": 0.1, "saving": 0.1}) as cloud:
        variables = {**cloud.environment(), "EVS_TUI_DIALECT": "otc"}
        demo = run(home, {}, file, "volumes", "--demo", "--output", "json")
        (volume_id, *_) = cloud.volume_ids(status="available")
        words = ("--name", "offline", "--yes", "--wait", "--timeout", "1", "--output", "json")
        exported = run(home, variables, file, "export", volume_id, *words)
        told = {
            "demo_volumes": demo["count"],
            "job": exported["results"][0],
            "posts": len(cloud.export_posts(volume_id)),
            "images": [image["name"] for image in cloud.images() if image["name"] == "offline"],
            "screen": first_screen(home, file),
        }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
