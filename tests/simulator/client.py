"""The test's side: starts the simulated cloud in a process of its own, and asks it what reached it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evs_tui.demo import Credential, Flavour
from evs_tui.demo.account import AccessKey, credential_for
from evs_tui.demo.faults import Preset

Json = dict[str, Any]
_ROOT = Path(__file__).resolve().parents[2]
# Straight to the loopback: a proxy of the environment must not come between.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Simulator:
    """One simulated cloud behind a real socket, as a context manager.

    `volumes` None is the demo's set. `frozen`: its clock moves only by `advance`. `phases` and `settings` are keywords
    of `evs_tui.demo.PhaseSeconds` and `Settings`. The process ends when this object is closed, or when its owner dies.
    """

    def __init__(
        self,
        *,
        flavour: Flavour = "huawei",
        volumes: int | None = 50,
        hostile: bool = False,
        frozen: bool = False,
        tls: bool = False,
        seed: int = 1,
        port: int = 0,
        start: float | None = None,
        phases: Json | None = None,
        settings: Json | None = None,
    ) -> None:
        self.flavour: Flavour = flavour
        words = ["--flavour", flavour, "--seed", str(seed), "--port", str(port)]
        words += [] if volumes is None else ["--volumes", str(volumes)]
        words += [] if start is None else ["--start", str(start)]
        words += ["--phases", json.dumps(phases or {}), "--settings", json.dumps(settings or {})]
        words += [f"--{name}" for name, on in (("hostile", hostile), ("frozen", frozen), ("tls", tls)) if on]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulator", *words],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulated cloud did not start (exit {self._process.wait()})")
        where = json.loads(line)
        self.url: str = where["url"]
        self.auth_url: str = where["auth_url"]
        self.ca_file: str | None = where["ca_file"]
        self._control: str = where["control"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The process id of the cloud."""
        return self._process.pid

    @property
    def credential(self) -> Credential:
        """What signs in."""
        return credential_for(self.flavour)

    @property
    def project_id(self) -> str:
        """The project that holds everything."""
        return self.credential.project_id

    def environment(self) -> dict[str, str]:
        """The variables that make a child process sign in here by password, and `OS_CACERT` with TLS."""
        known = self.credential
        variables = {
            "OS_AUTH_URL": self.auth_url,
            "OS_USERNAME": known.username,
            "OS_PASSWORD": known.password,
            "OS_USER_DOMAIN_NAME": known.user_domain,
            "OS_PROJECT_NAME": known.project,
            "OS_PROJECT_DOMAIN_NAME": known.user_domain,
            "OS_REGION_NAME": known.region,
        }
        return variables if self.ca_file is None else {**variables, "OS_CACERT": self.ca_file}

    def key_environment(self, key: AccessKey | None = None) -> dict[str, str]:
        """The variables that make a child process sign in here by an access key: without a catalog all endpoints."""
        key = key or self.credential.access_key
        variables = {
            "OS_AUTH_URL": self.auth_url,
            "OS_ACCESS_KEY": key.access,
            "OS_SECRET_KEY": key.secret,
            "OS_REGION_NAME": self.credential.region,
            "OS_PROJECT_NAME": self.credential.project,
            "EVS_TUI_DIALECT": "otc",
            **{f"EVS_TUI_ENDPOINT_{service}": self.url for service in ("EVS", "IMS", "ECS")},
        }
        if key.security_token is not None:
            variables["OS_SECURITY_TOKEN"] = key.security_token
        return variables if self.ca_file is None else {**variables, "OS_CACERT": self.ca_file}

    def tokens(self) -> list[str]:
        """Every token that was given out."""
        values: list[str] = self._ask("tokens")
        return values

    def key_record(self, key: AccessKey | None = None) -> Json:
        """What happened to an access key: `failures`, `in_a_row`, `locked_until`."""
        record: Json = self._ask("key_record", access_key=(key or self.credential.access_key).access)
        return record

    def _ask(self, command: str, **arguments: Any) -> Any:
        request = urllib.request.Request(self._control + command, data=json.dumps(arguments).encode(), method="POST")
        try:
            with _OPENER.open(request, timeout=30) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(json.load(error)["error"]) from None

    def calls(self, operation: str | None = None) -> list[Json]:
        """What reached the cloud, in order; keys as `evs_tui.demo.calls.Call`."""
        rows: list[Json] = self._ask("calls", operation=operation)
        return rows

    def counters(self) -> dict[str, int]:
        """How many calls of each operation reached the cloud."""
        counted: dict[str, int] = self._ask("counters")
        return counted

    def forget_calls(self) -> None:
        """Start the log and the counters anew."""
        self._ask("forget_calls")

    def export_posts(self, volume_id: str | None = None) -> list[Json]:
        """Every export that reached the cloud, dropped and refused ones included."""
        return [call for call in self.calls("export") if volume_id in (None, call["params"]["volume"])]

    def wait_for_calls(self, operation: str, count: int = 1, timeout: float = 10.0) -> list[Json]:
        """Return once `count` calls of an operation have arrived. Raises TimeoutError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.counters().get(operation, 0) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{operation}: {self.counters()}")
            time.sleep(0.01)
        return self.calls(operation)

    def add_fault(self, preset: Preset | None = None, **fields: Any) -> None:
        """Let calls go wrong: fields as `evs_tui.demo.Fault`, on top of a preset by name if one is given."""
        self._ask("add_fault", preset=preset, **fields) if preset is not None else self._ask("add_fault", **fields)

    def faults(self) -> list[Json]:
        """The faults that are set, with how often each was `seen` to match and `hits` a call."""
        rows: list[Json] = self._ask("faults")
        return rows

    def clear_faults(self) -> None:
        """Behave again. Calls that are held stay held until `release`."""
        self._ask("clear_faults")

    def release(self) -> None:
        """Let every held call go on."""
        self._ask("release")

    def advance(self, seconds: float) -> None:
        """Move the cloud's clock forward."""
        self._ask("advance", seconds=seconds)

    def now(self) -> float:
        """The cloud's time in seconds since 1970."""
        moment: float = self._ask("now")
        return moment

    def expire_tokens(self, answer: str | None = None) -> None:
        """End every token given out; `answer` "401", "EVS.0002" or "Common.0013" sets how the disk service says so."""
        self._ask("expire_tokens", answer=answer)

    def volumes(self) -> list[Json]:
        """All volumes, in the order of the list; keys as `evs_tui.demo.Volume`."""
        rows: list[Json] = self._ask("volumes")
        return rows

    def volume_ids(self, status: str | None = None, *, plain: bool = True) -> list[str]:
        """Ids in the order of the list. `plain` leaves out encrypted disks and those on dedicated storage."""
        return [
            row["id"]
            for row in self.volumes()
            if status in (None, row["status"]) and not (plain and (row["encrypted"] or row["dedicated_storage"]))
        ]

    def volume(self, volume_id: str) -> Json:
        """One volume as it is now. Raises ValueError if there is none."""
        row: Json = self._ask("volume", id=volume_id)
        return row

    def patch_volume(self, volume_id: str, **fields: Any) -> None:
        """Set fields of a volume; a name that is no field replaces that key of its record on the wire."""
        self._ask("patch_volume", id=volume_id, **fields)

    def delete_volume(self, volume_id: str) -> None:
        """Let a volume vanish."""
        self._ask("delete_volume", id=volume_id)

    def images(self) -> list[Json]:
        """The project's images; `made_here` marks those that came from an export."""
        rows: list[Json] = self._ask("images")
        return rows

    def patch_image(self, image_id: str, **fields: Any) -> None:
        """Set fields of an image."""
        self._ask("patch_image", id=image_id, **fields)

    def delete_image(self, image_id: str) -> None:
        """Let an image vanish, in whatever status."""
        self._ask("delete_image", id=image_id)

    def servers(self) -> list[Json]:
        """All servers."""
        rows: list[Json] = self._ask("servers")
        return rows

    def server(self, server_id: str) -> Json:
        """One server as it is now. Raises ValueError if there is none."""
        row: Json = self._ask("server", id=server_id)
        return row

    def patch_server(self, server_id: str, **fields: Any) -> None:
        """Set fields of a server."""
        self._ask("patch_server", id=server_id, **fields)

    def stop_listening(self) -> None:
        """Refuse connections and end the open ones."""
        self._ask("stop_listening")

    def listen_again(self) -> None:
        """Take connections again, on the same port."""
        self._ask("listen_again")
