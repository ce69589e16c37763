"""A bare caller of the simulated cloud in-process, which checks nothing and hides nothing."""

from __future__ import annotations

from typing import Any, Self

import httpx

from evs_tui.demo import Inventory, PhaseSeconds, SettableClock, Settings, SimulatedCloud
from evs_tui.demo.account import Flavour

NOON = 1_768_478_400.0  # 2026-01-15T12:00:00Z
PHASES = PhaseSeconds(queued=2.0, saving=10.0, settle=0.5, stopping=6.0, starting=8.0)
Json = dict[str, Any]


class Caller:
    """Speaks to a cloud of its own, whose clock stands still."""

    def __init__(
        self, flavour: Flavour = "huawei", volumes: int | Inventory = 20, settings: Settings | None = None
    ) -> None:
        self.clock = SettableClock(frozen=True, start=NOON)
        self.cloud = SimulatedCloud(
            flavour=flavour,
            volumes=volumes,
            clock=self.clock,
            phase_seconds=PHASES,
            settings=settings,
            base_url="http://cloud",
        )
        self.project = self.cloud.credential.project_id
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.cloud), base_url="http://cloud")

    async def __aenter__(self) -> Self:
        answer = await self.sign_in()
        self.http.headers["X-Auth-Token"] = answer.headers["X-Subject-Token"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    def password_body(self, *, scope: object = "project", **user: Any) -> Json:
        known = self.cloud.credential
        domain = {"name": known.user_domain}
        person = {"name": known.username, "password": known.password, "domain": domain, **user}
        auth: Json = {"identity": {"methods": ["password"], "password": {"user": person}}}
        if scope == "project":
            auth["scope"] = {"project": {"name": known.project, "domain": domain}}
        elif scope is not None:
            auth["scope"] = scope
        return {"auth": auth}

    async def sign_in(self, body: Json | None = None, query: str = "") -> httpx.Response:
        return await self.http.post(f"/v3/auth/tokens{query}", json=body or self.password_body())

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.http.get(path.replace("{p}", self.project), **options)

    def first(self, status: str = "available") -> str:
        """The id of the first plain volume with a status."""
        return next(
            volume.id
            for volume in self.cloud.state.volumes.values()
            if volume.status == status and not volume.encrypted and volume.dedicated_storage is None
        )

    async def export(
        self, volume_id: str, version: str = "v3", headers: Json | None = None, **arguments: Any
    ) -> httpx.Response:
        arguments = {"image_name": "nightly", **arguments}
        path = f"/{version}/{self.project}/volumes/{volume_id}/action"
        return await self.http.post(path, json={"os-volume_upload_image": arguments}, headers=headers)

    async def volume_status(self, volume_id: str) -> str:
        return str((await self.get(f"/v3/{{p}}/volumes/{volume_id}")).json()["volume"]["status"])

    async def image_status(self, image_id: str) -> str | int:
        answer = await self.get(f"/v2/images/{image_id}")
        return str(answer.json()["status"]) if answer.status_code == 200 else answer.status_code
