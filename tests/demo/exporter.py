"""A bare client over the socket, with one volume to export."""

from __future__ import annotations

from typing import Any

import httpx

from tests.simulator import Simulator


def sign_in(cloud: Simulator, **options: Any) -> httpx.Client:
    known = cloud.credential
    domain = {"name": known.user_domain}
    user = {"name": known.username, "password": known.password, "domain": domain}
    scope = {"project": {"name": known.project, "domain": domain}}
    body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}
    client = httpx.Client(base_url=cloud.url, trust_env=False, timeout=10, **options)
    client.headers["X-Auth-Token"] = client.post("/v3/auth/tokens", json=body).headers["X-Subject-Token"]
    return client


class Exporter:
    """A client with one volume to export."""

    def __init__(self, cloud: Simulator) -> None:
        self.cloud = cloud
        self.http = sign_in(cloud)
        self.volume = cloud.volume_ids("available")[0]
        self.volume_path = f"/v3/{cloud.project_id}/volumes/{self.volume}"
        self.list_path = f"/v2/{cloud.project_id}/cloudvolumes/detail"

    def export(self) -> httpx.Response:
        return self.http.post(f"{self.volume_path}/action", json={"os-volume_upload_image": {"image_name": "nightly"}})

    def made(self) -> list[str]:
        return [image["id"] for image in self.cloud.images() if image["made_here"]]
