"""The simulated cloud as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from evs_tui.demo import ims, inventory, rewriting, showcase
from evs_tui.demo.account import Credential, Flavour, Origins, credential_for
from evs_tui.demo.calls import Call, CallLog
from evs_tui.demo.clock import SettableClock
from evs_tui.demo.exchange import Reply, Request
from evs_tui.demo.services import Services
from evs_tui.demo.settings import PhaseSeconds, Settings
from evs_tui.demo.state import State

if TYPE_CHECKING:
    from evs_tui.demo.faults import Fault
    from evs_tui.demo.records import Inventory

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ABORT = "evs_tui.abort"
"""The key in `scope["extensions"]` under which a server that can drop a connection offers it:
an async callable of one boolean, true for a reset. Without it a drop raises ConnectionAbortedError."""

_PIECE = 1 << 16


class SimulatedCloud:
    """A cloud with identity, disk, image and server service, as strict as the documentation.

    `volumes` None is the demo's set of about forty, a number that many generated ones, or an inventory of one's own.
    `base_url` is the one origin of all services (a real socket); without it the catalog names hosts that resolve
    nowhere.
    Public for tests and the demo alike: `state`, `log`, `faults`, `clock`, `credential`, `auth_url`.
    """

    def __init__(
        self,
        *,
        flavour: Flavour = "huawei",
        volumes: int | Inventory | None = None,
        clock: SettableClock | None = None,
        phase_seconds: PhaseSeconds | None = None,
        settings: Settings | None = None,
        base_url: str | None = None,
        seed: int = 1,
    ) -> None:
        self.clock = clock or SettableClock()
        credential = credential_for(flavour)
        if volumes is None:
            held = showcase.showcase(self.clock.now(), owner=credential.project_id)
        else:
            held = inventory.volumes(volumes, seed) if isinstance(volumes, int) else volumes
        if flavour == "huawei":
            held.images = [*held.images, *ims.public_images(self.clock.now())]
        self.state = State.of(
            held,
            flavour=flavour,
            clock=self.clock,
            origins=Origins.demo() if base_url is None else Origins.single(base_url),
            phases=phase_seconds or PhaseSeconds(),
            settings=settings or Settings(),
        )
        self.log = CallLog()
        self.faults: list[Fault] = []
        self._services = Services(self.state)
        self._released: asyncio.Event | None = None

    @property
    def credential(self) -> Credential:
        """What signs in here."""
        return self.state.credential

    @property
    def auth_url(self) -> str:
        """Where to sign in."""
        return f"{self.state.origins.iam}/v3"

    def release(self) -> None:
        """Let every call go on that a fault holds back."""
        if self._released is not None:
            self._released.set()
            self._released = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise ValueError(f"the simulated cloud speaks HTTP alone, not {scope['type']}")
        request = await _read(scope, receive)
        self._services.name(request)
        call = self.log.arrived(request, self.clock.now())
        fault = next((fault for fault in self.faults if fault.takes(request)), None)
        call.fault = fault is not None
        connection = _Connection(scope, send)
        if fault is None:
            await connection.deliver(self._done(request, call), call)
        else:
            await self._misbehave(fault, request, call, connection)

    def _done(self, request: Request, call: Call) -> Reply:
        reply = self._services.answer(request)
        call.processed = True
        made = reply.payload.get("os-volume_upload_image") if isinstance(reply.payload, dict) else None
        if isinstance(made, dict):
            call.image_id = made["image_id"]
        return reply

    async def _misbehave(self, fault: Fault, request: Request, call: Call, connection: _Connection) -> None:
        """The stations of a fault, in the order its description gives."""
        await self._wait(fault.wait_before, held=fault.hold == "before")
        if fault.drop == "before":
            await connection.abort(call, "before", reset=fault.reset)
            return
        if fault.delete_marker:
            self.state.volumes.pop(request.query.get("marker", ""), None)
            self.state.changed()
        replaced = fault.status is not None and not fault.process
        reply = Reply(fault.status or 200) if replaced else self._done(request, call)
        await self._wait(fault.wait_after, held=fault.hold == "after")
        if fault.drop == "after":
            await connection.abort(call, "after", reset=fault.reset)
            return
        reply = rewriting.spoiled(fault, reply)
        if fault.drop == "body":
            await connection.deliver(reply, call, cut=True)
            await connection.abort(call, "body", reset=fault.reset)
            return
        await connection.deliver(reply, call)

    async def _wait(self, seconds: float, *, held: bool) -> None:
        if seconds:
            await asyncio.sleep(seconds)
        if held:
            if self._released is None:
                self._released = asyncio.Event()
            await self._released.wait()


class _Connection:
    """The way back to the caller."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._abort: Callable[[bool], Awaitable[None]] | None = (scope.get("extensions") or {}).get(ABORT)
        self._send = send

    async def deliver(self, reply: Reply, call: Call, *, cut: bool = False) -> None:
        """Send the reply; `cut` promises all of the body and sends the first half."""
        body = reply.body()
        headers = {"Content-Length": str(len(body)), **reply.headers}
        if reply.status == 204:
            del headers["Content-Length"]
        if reply.content_type is not None:
            headers["Content-Type"] = reply.content_type
        wire = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        call.status = None if cut else reply.status
        await self._send({"type": "http.response.start", "status": reply.status, "headers": wire})
        end = len(body) // 2 if cut else len(body)
        for start in range(0, end, _PIECE):
            piece = body[start : min(start + _PIECE, end)]
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if not cut:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def abort(self, call: Call, when: str, *, reset: bool) -> None:
        """End the connection without a further byte."""
        call.dropped = when
        if self._abort is None:
            raise ConnectionAbortedError(f"the simulated cloud dropped the connection ({when})")
        await self._abort(reset)


async def _read(scope: Scope, receive: Receive) -> Request:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    raw_path = scope.get("raw_path") or scope["path"].encode()
    path = raw_path.decode("latin-1").partition("?")[0]
    return Request(scope["method"], path, scope["query_string"].decode("latin-1"), headers, b"".join(pieces))
