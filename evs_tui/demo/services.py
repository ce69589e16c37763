"""Operation to handler, and the headers every service puts on its answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import formatdate
from typing import TYPE_CHECKING
from uuid import uuid4

from evs_tui.demo import ecs, evs, iam, ims, nova, refusals, router
from evs_tui.demo.exchange import Refusal, Reply, Request

if TYPE_CHECKING:
    from evs_tui.demo.account import Flavour
    from evs_tui.demo.state import State

Handler = Callable[["State", Request], Reply]


class Services:
    """The four services of one cloud behind one address."""

    def __init__(self, state: State) -> None:
        self._state = state
        volumes = evs.VolumeService()
        self._handlers: dict[str, Handler] = {
            "identity_version": iam.identity_version,
            "create_token": iam.create_token,
            "check_token": iam.check_token,
            "revoke_token": iam.revoke_token,
            "auth_projects": iam.auth_projects,
            "catalog": iam.catalog,
            "projects": iam.projects,
            "list_cloudvolumes": volumes.list_cloudvolumes,
            "list_volumes": volumes.list_volumes,
            "list_volume_names": volumes.list_volume_names,
            "get_volume": evs.get_volume,
            "get_vendor_volume": evs.get_vendor_volume,
            "export": evs.export,
            "messages": evs.messages,
            "list_cloudimages": ims.list_cloudimages,
            "image_quota": ims.image_quota,
            "list_images": ims.list_images,
            "get_image": ims.get_image,
            "delete_image": ims.delete_image,
            "list_servers": ecs.list_servers,
            "get_server": ecs.get_server,
            "server_action": ecs.server_action,
            "server_job": ecs.server_job,
            "nova_list_servers": nova.list_servers,
            "nova_get_server": nova.get_server,
            "nova_server_action": nova.server_action,
        }

    def name(self, request: Request) -> None:
        """Write down which operation a request is, and the pieces of its path."""
        found = router.find(self._state.flavour, request.method, request.path)
        if found is not None:
            route, request.params = found
            request.operation, request.service = route.operation, route.service
        # The services note it where they keep records of a request, as a real one keeps its request id.
        request.headers["x-simulated-request-id"] = f"req-{uuid4()}"

    def answer(self, request: Request) -> Reply:
        """Do what was asked, or refuse it in the service's own words."""
        self._state.settle()
        try:
            handler = self._handlers.get(request.operation)
            reply = (
                handler(self._state, request) if handler is not None else _no_such_call(self._state.flavour, request)
            )
        except Refusal as refusal:
            reply = refusal.reply
        self._sign(request, reply)
        return reply

    def _sign(self, request: Request, reply: Reply) -> None:
        """Content type and request id, under the header names of the flavour."""
        request_id = request.headers["x-simulated-request-id"]
        reply.headers.setdefault("Date", formatdate(self._state.now(), usegmt=True))
        huawei = self._state.flavour == "huawei"
        if reply.content_type is None and (reply.payload is not None or reply.raw):
            reply.content_type = "application/json;charset=utf8" if huawei else "application/json"
        if huawei:
            reply.headers.setdefault("X-Request-Id", request_id)
            return
        reply.headers.setdefault("x-openstack-request-id", request_id)
        if request.service == "evs":
            reply.headers.setdefault("x-compute-request-id", request_id)
            reply.headers.setdefault(
                "OpenStack-API-Version", request.headers.get("openstack-api-version", "volume 3.0")
            )


def _no_such_call(flavour: Flavour, request: Request) -> Reply:
    """Method and path together make a call: a known path with another method is as unknown as any other."""
    if flavour == "huawei":
        raise refusals.gateway(404, "APIGW.0101", "The API does not exist or has not been published in the environment")
    if request.path.startswith("/v3/auth") or re.fullmatch(r"/v3/[^/]*", request.path):
        raise refusals.html(404, "The requested URL was not found on the server.")
    raise refusals.glance(404, "The resource could not be found.")
