"""The real OpenStack services of tests/rig as tests see them: settings, ids, files, and their API.

Only the standard library is used and nothing of the product, so that their view of the cloud is independent of it.
"""

from __future__ import annotations

import copy
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

T = TypeVar("T")
User = Literal["demo", "other", "admin", "fleeting"]
Service = Literal["keystone", "cinder-api", "glance"]

_ACCESS = re.compile(
    r'^\S+ - - \[[^]]+\] "(?P<method>[A-Z]+) (?P<target>\S+) HTTP/[0-9.]+" (?P<status>\d{3})'
    r' \S+ "[^"]*" "(?P<agent>[^"]*)"$',
    re.MULTILINE,
)
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RigError(AssertionError):
    """The services did not do what the test set-up asked of them."""


@dataclass(frozen=True, slots=True)
class Access:
    """One line of a service's access log."""

    method: str
    target: str
    status: int
    agent: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


def until(read: Callable[[], T | None], what: str, *, seconds: float = 60.0) -> T:
    """Ask again until there is an answer that is neither None nor False.

    Raises:
        RigError: There was none in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = read()
        if answer is not None and answer is not False:
            return answer
        if time.monotonic() > deadline:
            raise RigError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


class RigCloud:
    """The running services.

    `volumes` maps the names of the volumes that are always there to their ids. Everything a test makes bears
    `prefix` in its name, so that runs side by side do not meet and `reset` takes away no more than this run's own.
    """

    def __init__(self, home: Path, environments: Mapping[User, Mapping[str, str]], prefix: str) -> None:
        state = json.loads((home / "state.json").read_text(encoding="utf-8"))
        self.home = home
        self.prefix = prefix
        self.auth_url: str = state["auth_url"]
        self.cinder: str = f"{state['cinder']}/v3/{state['project_id']}"
        self.glance: str = state["glance"]
        self.project_id: str = state["project_id"]
        self.volumes: dict[str, str] = {name: row["id"] for name, row in state["volumes"].items()}
        self._environments = environments
        self._tokens: dict[User, str] = {}

    def environment(self, user: User = "demo") -> dict[str, str]:
        """The OS_* variables to sign in with a password."""
        return dict(self._environments[user])

    def token_environment(self, token: str) -> dict[str, str]:
        """The OS_* variables to work with a ready token of `demo`."""
        kept = ("OS_AUTH_URL", "OS_REGION_NAME", "OS_INTERFACE", "OS_PROJECT_NAME", "OS_PROJECT_DOMAIN_NAME")
        return {key: value for key, value in self.environment().items() if key in kept} | {"OS_TOKEN": token}

    # Signing in

    def sign_in(self, user: User = "demo") -> str:
        """A new token."""
        env = self._environments[user]
        identity = {
            "methods": ["password"],
            "password": {
                "user": {
                    "name": env["OS_USERNAME"],
                    "password": env["OS_PASSWORD"],
                    "domain": {"name": env["OS_USER_DOMAIN_NAME"]},
                }
            },
        }
        project = {"name": env["OS_PROJECT_NAME"], "domain": {"name": env["OS_PROJECT_DOMAIN_NAME"]}}
        body = {"auth": {"identity": identity, "scope": {"project": project}}}
        answer = self._send("POST", f"{self.auth_url}/auth/tokens", body, ok=(201,))
        return answer.headers["x-subject-token"]

    def revoke(self, token: str) -> None:
        """End this one token now, as if its time were up."""
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        self._send("DELETE", f"{self.auth_url}/auth/tokens", headers=headers, ok=(204,))

    def revoke_all(self, user: User = "fleeting") -> None:
        """End every token of the user now; the password stays what it was.

        Keystone does so when a password is set, even to what it was, and counts whole seconds: what the user gets
        in the rest of this second would be void as well, so this returns when the second is over.
        """
        owner = self._send(
            "GET", f"{self.auth_url}/auth/tokens", headers={"X-Subject-Token": self.sign_in(user)}, user="admin"
        )
        user_id = owner.json()["token"]["user"]["id"]
        body = {"user": {"password": self._environments[user]["OS_PASSWORD"]}}
        self._send("PATCH", f"{self.auth_url}/users/{user_id}", body, user="admin")
        self._tokens.pop(user, None)
        time.sleep(1 - time.time() % 1 + 0.01)

    def status_with(self, token: str, service: str) -> int:
        """The status that a list gets with this token; `service` is `self.cinder` or `self.glance`."""
        url = f"{service}/volumes" if service == self.cinder else f"{service}/v2/images"
        return self._send("GET", url, headers={"X-Auth-Token": token}, ok=(200, 401)).status

    # Volumes

    def volume(self, volume_id: str) -> dict[str, Any]:
        """The volume as Cinder tells it."""
        row: dict[str, Any] = self._send("GET", f"{self.cinder}/volumes/{volume_id}", user="demo").json()["volume"]
        return row

    def create_volume(self, label: str, *, metadata: Mapping[str, str] | None = None) -> str:
        """A new available volume of 1 GiB with the content of rig-vol-01; `metadata` as in tests/rig/README.md."""
        body = {
            "volume": {
                "name": self.name(label),
                "size": 1,
                "source_volid": self.volumes["rig-vol-01"],
                "metadata": dict(metadata or {}),
            }
        }
        answer = self._send("POST", f"{self.cinder}/volumes", body, user="demo", ok=(202,))
        volume_id: str = answer.json()["volume"]["id"]
        self.wait_for_volume(volume_id, "available")
        return volume_id

    def wait_for_volume(self, volume_id: str, status: str, *, seconds: float = 60.0) -> None:
        """Return once the volume has this status."""
        until(lambda: self.volume(volume_id)["status"] == status, f"volume {volume_id} is {status}", seconds=seconds)

    def set_metadata(self, volume_id: str, metadata: Mapping[str, str]) -> None:
        """Replace the volume's metadata, e.g. `{"osrig_delay": "5"}` or `{"osrig_fail": "1"}`."""
        self._send("PUT", f"{self.cinder}/volumes/{volume_id}/metadata", {"metadata": dict(metadata)}, user="demo")

    def volume_file(self, volume_id: str) -> Path:
        """The bytes of the volume."""
        return self.home / "data" / "volumes" / f"volume-{volume_id}"

    # Images

    def upload(self, volume_id: str, name: str, disk_format: str = "qcow2") -> str:
        """Begin an upload that is none of the product's; the id of its image."""
        body = {"os-volume_upload_image": {"image_name": name, "disk_format": disk_format}}
        answer = self._send("POST", f"{self.cinder}/volumes/{volume_id}/action", body, user="demo", ok=(202,))
        image_id: str = answer.json()["os-volume_upload_image"]["image_id"]
        return image_id

    def image(self, image_id: str) -> dict[str, Any] | None:
        """The image as Glance tells it; None where it says 404."""
        answer = self._send("GET", f"{self.glance}/v2/images/{image_id}", user="demo", ok=(200, 404))
        return None if answer.status == 404 else answer.json()

    def images_named(self, name: str) -> list[dict[str, Any]]:
        """Every image with exactly this name."""
        answer = self._send("GET", f"{self.glance}/v2/images?name={quote(name, safe='')}", user="demo")
        rows: list[dict[str, Any]] = answer.json()["images"]
        return rows

    def wait_for_image(self, name: str, *statuses: str, seconds: float = 60.0) -> str:
        """The id of the one image with this name, once it is there (and has one of `statuses`, if any are given)."""

        def look() -> str | None:
            rows = self.images_named(name)
            if len(rows) == 1 and (not statuses or rows[0]["status"] in statuses):
                return str(rows[0]["id"])
            return None

        return until(look, f"one image {name!r} is {' or '.join(statuses) or 'there'}", seconds=seconds)

    def wait_until_gone(self, image_id: str) -> None:
        """Return once Glance says that there is no such image."""
        until(lambda: self.image(image_id) is None, f"image {image_id} is gone")

    def delete_image(self, image_id: str) -> None:
        """Delete the image, in whatever status it is."""
        self._send("DELETE", f"{self.glance}/v2/images/{image_id}", user="demo", ok=(204, 404))

    def image_file(self, image_id: str) -> Path:
        """The bytes of the image, where Glance keeps them."""
        return self.home / "data" / "images" / image_id

    # What was asked of the services

    def accesses(self, service: Service) -> list[Access]:
        """Every request the service answered since it was started, in the order of the answers."""
        text = (self.home / "log" / f"{service}.log").read_text(encoding="utf-8", errors="replace")
        return [
            Access(hit["method"], hit["target"], int(hit["status"]), hit["agent"]) for hit in _ACCESS.finditer(text)
        ]

    def actions(self, volume_id: str) -> list[int]:
        """The status of every answer to a POST of an action on this volume: an upload is one."""
        end = f"/volumes/{volume_id}/action"
        return [row.status for row in self.accesses("cinder-api") if row.method == "POST" and row.target.endswith(end)]

    # Tidying

    def name(self, label: str) -> str:
        """A name that belongs to this run of the tests."""
        return f"{self.prefix}{label}"

    def part(self, label: str) -> RigCloud:
        """The same services with a prefix of its own below this run's: its `reset` spares the rest of the run."""
        part = copy.copy(self)
        part.prefix = self.name(f"{label}-")
        return part

    def reset(self) -> None:
        """Take away every volume and image this run of the tests made; uploads under way are waited for."""
        volumes = self._send("GET", f"{self.cinder}/volumes/detail?limit=1000", user="demo").json()["volumes"]
        own = [row["id"] for row in volumes if row["name"].startswith(self.prefix)]
        for volume_id in own:
            self._wait_until_free(volume_id)
        images = self._send("GET", f"{self.glance}/v2/images?limit=1000", user="demo").json()["images"]
        for row in images:
            if row["name"].startswith(self.prefix):
                self.delete_image(row["id"])
        for volume_id in own:
            self._send("DELETE", f"{self.cinder}/volumes/{volume_id}", user="demo", ok=(202, 404))

    def _wait_until_free(self, volume_id: str) -> None:
        busy = ("uploading", "creating")
        until(lambda: self.volume(volume_id)["status"] not in busy, f"volume {volume_id} is free")

    def _token(self, user: User) -> str:
        if user not in self._tokens:
            self._tokens[user] = self.sign_in(user)
        return self._tokens[user]

    def _send(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None = None,
        *,
        user: User | None = None,
        headers: Mapping[str, str] | None = None,
        ok: Sequence[int] = (200, 201, 202, 204),
    ) -> Answer:
        """Ask as `user`, signing in anew once where the token is no longer taken."""
        data = None if body is None else json.dumps(body).encode()
        for attempt in (1, 2):
            request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
            if data is not None:
                request.add_header("Content-Type", "application/json")
            if user is not None:
                request.add_header("X-Auth-Token", self._token(user))
            answer = _open(request)
            if answer.status == 401 and user is not None and attempt == 1:
                self._tokens.pop(user, None)
                continue
            break
        if answer.status not in ok:
            raise RigError(f"{method} {url}: {answer.status} {answer.body[:600].decode(errors='replace')}")
        return answer


def _open(request: urllib.request.Request) -> Answer:
    try:
        with _DIRECT.open(request, timeout=60) as reply:
            return Answer(reply.status, {key.lower(): value for key, value in reply.headers.items()}, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, {key.lower(): value for key, value in error.headers.items()}, error.read())
