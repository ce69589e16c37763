"""The service catalog of each flavour. Source: IAM API, Querying the Service Catalog; Keystone API, catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from evs_tui.demo.exchange import Json
    from evs_tui.demo.state import State


def catalog_of(state: State, project_id: str) -> list[Json]:
    """The entries for one project: the image service's address has no version, the others carry the project's id."""
    evs, ims, ecs, iam = state.origins.evs, state.origins.ims, state.origins.ecs, state.origins.iam
    if state.flavour == "openstack":
        cinder = f"{evs}/v3/{project_id}"
        nova = _entry(state, "compute", "nova", f"{ecs}/v2.1/{project_id}", interfaces=("internal", "admin", "public"))
        return [
            *([nova] if state.settings.compute else []),
            _entry(state, "block-storage", "cinder", cinder, interfaces=("internal", "admin", "public")),
            _entry(state, "image", "glance", ims, interfaces=("internal", "admin", "public")),
            _entry(state, "volumev3", "cinderv3", cinder, interfaces=("internal", "admin", "public")),
            _entry(state, "identity", "keystone", f"{iam}/v3", interfaces=("internal", "admin", "public")),
        ]
    return [
        _entry(state, "object", "objectstorage", iam.replace("iam", "obs", 1)),
        _entry(state, "volumev3", "cinderv3", f"{evs}/v3/{project_id}"),
        _entry(state, "volumev2", "cinderv2", f"{evs}/v2/{project_id}"),
        _entry(state, "volume", "cinder", f"{evs}/v2/{project_id}"),
        _entry(state, "evs", "evs", f"{evs}/v2/{project_id}"),
        _entry(state, "image", "glance", ims),
        _entry(state, "compute", "nova", f"{ecs}/v2.1/{project_id}"),
        _entry(state, "ecs", "ecs", f"{ecs}/v1/{project_id}"),
        _entry(state, "identity", "keystone", f"{iam}/v3"),
        _entry(state, "identity", "keystone", f"{iam}/v3", region="*"),
    ]


def _entry(
    state: State,
    kind: str,
    name: str,
    url: str,
    *,
    region: str | None = None,
    interfaces: tuple[str, ...] = ("public",),
) -> Json:
    where = region or state.credential.region
    endpoints = [
        {
            "id": uuid5(NAMESPACE_URL, f"{url}#{kind}#{i}").hex,
            "interface": i,
            "region": where,
            "region_id": where,
            "url": url,
        }
        for i in interfaces
    ]
    return {"id": uuid5(NAMESPACE_URL, f"{kind}#{where}").hex, "type": kind, "name": name, "endpoints": endpoints}
