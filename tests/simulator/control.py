"""What a test in another process may ask of the simulated cloud, as an ASGI application on a port of its own."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from evs_tui.demo import Fault, Server, SimulatedCloud, Volume, preset
from evs_tui.demo.signatures import KeyRecord

if TYPE_CHECKING:
    from tests.simulator.socket_server import SocketServer

Json = dict[str, Any]
_VOLUME_FIELDS = {field.name for field in fields(Volume)}
_SERVER_FIELDS = {field.name for field in fields(Server)}


class Control:
    """`POST /_sim/<command>` with a JSON object of arguments; the answer is `{"result": …}` or `{"error": "…"}`."""

    def __init__(self, cloud: SimulatedCloud, server: SocketServer) -> None:
        self._cloud = cloud
        self._server = server
        self._commands: dict[str, Callable[[Json], object]] = {
            "calls": self._calls,
            "key_record": lambda arguments: asdict(cloud.state.keys.get(arguments["access_key"], KeyRecord())),
            "tokens": lambda _: list(cloud.state.tokens),
            "counters": lambda _: dict(cloud.log.counters),
            "forget_calls": self._forget_calls,
            "add_fault": self._add_fault,
            "faults": lambda _: [fault.as_data() for fault in cloud.faults],
            "clear_faults": lambda _: cloud.faults.clear(),
            "release": lambda _: cloud.release(),
            "advance": lambda arguments: cloud.clock.advance(arguments["seconds"]),
            "now": lambda _: cloud.clock.now(),
            "expire_tokens": lambda arguments: cloud.state.expire_tokens(arguments.get("answer")),
            "volumes": self._volumes,
            "volume": lambda arguments: asdict(cloud.state.volumes[arguments["id"]]),
            "patch_volume": self._patch_volume,
            "delete_volume": self._delete_volume,
            "images": self._images,
            "patch_image": self._patch_image,
            "delete_image": self._delete_image,
            "servers": lambda _: [asdict(server) for server in cloud.state.servers.values()],
            "server": lambda arguments: asdict(cloud.state.servers[arguments["id"]]),
            "patch_server": self._patch_server,
            "stop_listening": lambda _: server.close(),
        }

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        arguments = json.loads((await receive())["body"] or b"{}")
        command = scope["path"].removeprefix("/_sim/")
        self._cloud.state.settle()
        try:
            if command == "listen_again":
                await self._server.listen()
                result: object = None
            else:
                result = self._commands[command](arguments)
            status, answer = 200, {"result": result}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            status, answer = 400, {"error": f"{command}: {type(error).__name__}: {error}"}
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _calls(self, arguments: Json) -> list[Json]:
        return [call.as_data() for call in self._cloud.log.of(arguments.get("operation"))]

    def _forget_calls(self, _: Json) -> None:
        self._cloud.log.calls.clear()
        self._cloud.log.counters.clear()

    def _add_fault(self, arguments: Json) -> None:
        name = arguments.pop("preset", None)
        self._cloud.faults.append(Fault(**arguments) if name is None else preset(name, **arguments))

    def _volumes(self, _: Json) -> list[Json]:
        rows = sorted(
            self._cloud.state.volumes.values(), key=lambda volume: (volume.created_at, volume.id), reverse=True
        )
        return [asdict(volume) for volume in rows]

    def _patch_volume(self, arguments: Json) -> None:
        volume = self._cloud.state.volumes[arguments.pop("id")]
        for name, value in arguments.items():
            if name in ("attachments", "id") or name not in _VOLUME_FIELDS:
                volume.changed = {**(volume.changed or {}), name: value}
            else:
                setattr(volume, name, tuple(value) if name == "missing" else value)
        self._cloud.state.changed()

    def _delete_volume(self, arguments: Json) -> None:
        del self._cloud.state.volumes[arguments["id"]]
        self._cloud.state.changed()

    def _images(self, arguments: Json) -> list[Json]:
        state = self._cloud.state
        return [
            {**asdict(image), "made_here": image.id in state.made_images}
            for image in state.images.values()
            if arguments.get("all") or not image.public
        ]

    def _patch_image(self, arguments: Json) -> None:
        image = self._cloud.state.images[arguments.pop("id")]
        for name, value in arguments.items():
            setattr(image, name, value)

    def _delete_image(self, arguments: Json) -> None:
        del self._cloud.state.images[arguments["id"]]

    def _patch_server(self, arguments: Json) -> None:
        server = self._cloud.state.servers[arguments.pop("id")]
        for name, value in arguments.items():
            if name not in _SERVER_FIELDS:
                raise KeyError(name)
            setattr(server, name, value)
