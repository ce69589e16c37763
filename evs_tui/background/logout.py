"""Would this machine end a process in the background when its user logs out? Asked of logind, before it is offered."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping

from evs_tui.background.spawning import scrubbed

_ADVICE = "stay with --wait in systemd-run --user --scope after loginctl enable-linger, or ask for KillUserProcesses=no"


def killed_at_logout(environ: Mapping[str, str]) -> str | None:
    """What to know and do if logind would end the process at logout, as one sentence without a full stop, or None.

    Source: logind.conf(5), KillUserProcesses, KillOnlyUsers and KillExcludeUsers; loginctl(1), show.
    """
    program = shutil.which("loginctl", path=environ.get("PATH"))
    if program is None:
        return None
    try:
        asked = subprocess.run(  # noqa: S603 - found on the path, no argument from outside
            [
                program,
                "show",
                "--property=KillUserProcesses",
                "--property=KillOnlyUsers",
                "--property=KillExcludeUsers",
            ],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            stdin=subprocess.DEVNULL,
            env=scrubbed(environ),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return sentence_of(asked.stdout, _user())


def sentence_of(shown: str, user: str) -> str | None:
    """The sentence for what `loginctl show` says about `user`."""
    found = dict(line.partition("=")[::2] for line in shown.splitlines())
    if found.get("KillUserProcesses") != "yes" or user in found.get("KillExcludeUsers", "").split():
        return None
    only = found.get("KillOnlyUsers", "").split()
    if only and user not in only:
        return None
    return f"This machine ends every process of a user at logout, also in the background: {_ADVICE}"


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
