"""HTTP/1.1 for an ASGI application over a real socket, with connections that can be dropped.

A call that has arrived is done to its end even if the caller is gone: a cloud does not notice that a client died.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any
from urllib.parse import unquote

import h11

from evs_tui.demo.app import ABORT

App = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
_PIECE = 1 << 16


class SocketServer:
    """Serves one application on one port of 127.0.0.1; the port stays the same through `close` and `listen`."""

    def __init__(self, app: App, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.app = app
        self.port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def listen(self) -> None:
        """Take connections. Raises OSError where the port is taken."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._connected, "127.0.0.1", self.port, ssl=self._tls, backlog=512
            )
            self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop listening and end every open connection: the next attempt is refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await _Connection(self, reader, writer).run()
        except (ConnectionError, h11.RemoteProtocolError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            # The process ends: asyncio would print a traceback for a connection that is told so.
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run one call in a task of its own, so that it outlives its connection."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)


class _Connection:
    def __init__(self, server: SocketServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 18)
        self._aborted = False

    async def run(self) -> None:
        while not self._aborted:
            request = await self._event()
            if not isinstance(request, h11.Request):
                return
            body = bytearray()
            while isinstance(event := await self._event(), h11.Data):
                body += event.data
            await self._server.do(self._call(request, bytes(body)))
            if {self._http.our_state, self._http.their_state} != {h11.DONE}:
                return
            self._http.start_next_cycle()

    async def _event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(_PIECE))

    def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data and not self._aborted:
            self._writer.write(data)

    async def _call(self, request: h11.Request, body: bytes) -> None:
        raw_path, _, query = request.target.partition(b"?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": request.http_version.decode(),
            "method": request.method.decode(),
            "scheme": "http",
            "path": unquote(raw_path.decode("latin-1")),
            "raw_path": raw_path,
            "query_string": query,
            "headers": list(request.headers),
            "extensions": {ABORT: self._abort},
        }
        received = False

        async def receive() -> MutableMapping[str, Any]:
            nonlocal received
            if received:
                return {"type": "http.disconnect"}
            received = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._send(h11.Response(status_code=message["status"], headers=message["headers"]))
            else:
                self._send(h11.Data(data=message.get("body", b"")))
                if not message.get("more_body"):
                    self._send(h11.EndOfMessage())
                if not self._aborted:
                    await self._writer.drain()

        try:
            await self._server.app(scope, receive, send)
        except ConnectionError:
            self._aborted = True

    async def _abort(self, reset: bool) -> None:
        """End the connection: what was written goes out, then FIN, or with `reset` an RST."""
        self._aborted = True
        if not reset:
            await self._writer.drain()
            self._writer.close()
            return
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
