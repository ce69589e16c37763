"""The installed command as a user runs it: its own process, its own home, and only the variables it is given."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.processes import kept

COMMAND = Path(sys.executable).with_name("evs-tui")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. A negative exit code is the signal that ended it."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        value = json.loads(self.stdout)
        assert isinstance(value, dict)
        assert value["schema"] == 1
        return value

    @property
    def job(self) -> dict[str, Any]:
        """The one job that `export` or `jobs` tells of."""
        document = self.document
        (job,) = document["results"] if "results" in document else document["jobs"]
        assert isinstance(job, dict)
        return job


class Running:
    """A command under way. `finish` must be called; it checks what is true of every end."""

    def __init__(self, process: subprocess.Popen[str], secrets: Sequence[str]) -> None:
        self.process = process
        self._secrets = secrets
        self._began = time.monotonic()

    def finish(self, seconds: float = 180.0) -> Ended:
        """Wait for the end. No traceback and no secret may have been written."""
        try:
            stdout, stderr = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stdout, stderr = self.process.communicate()
            pytest.fail(f"not ended within {seconds:.0f} s\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
        ended = Ended(self.process.returncode, stdout, stderr, time.monotonic() - self._began)
        assert "Traceback" not in stderr, stderr
        assert not [secret for secret in self._secrets if secret in stdout + stderr]
        return ended


class Program:
    """One user's evs-tui: `home` holds the configuration and the journal of all commands run here."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        self.environment = dict(environment)

    def surroundings(self, chosen: Mapping[str, str]) -> dict[str, str]:
        """All variables of a process of this user, `chosen` among them."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            **chosen,
        }

    def start(self, *arguments: str, stdin: str | None = None, variables: Mapping[str, str] | None = None) -> Running:
        """Start the command. `variables` take the place of the ones to sign in with."""
        if not COMMAND.is_file():
            pytest.fail(f"{COMMAND} is missing: install the project with `pip install -r requirements.lock`")
        chosen = self.environment if variables is None else dict(variables)
        process = kept(
            subprocess.Popen(
                [COMMAND, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=self.surroundings(chosen),
                cwd=self.home,
                start_new_session=True,
            )
        )
        assert process.stdin is not None
        if stdin is not None:
            process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        return Running(process, [chosen[key] for key in ("OS_PASSWORD", "OS_TOKEN") if key in chosen])

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        variables: Mapping[str, str] | None = None,
        seconds: float = 60.0,
    ) -> Ended:
        """Run the command to its end."""
        return self.start(*arguments, stdin=stdin, variables=variables).finish(seconds)

    def jobs(self) -> list[dict[str, Any]]:
        """Every job of this home's journal, read without signing in."""
        ended = self.run("jobs", "--all", "--output", "json", variables={})
        assert ended.exit_code == 0, ended.stderr
        rows: list[dict[str, Any]] = ended.document["jobs"]
        return rows
