"""Bytes out, bytes in: one request over one connection, bounded in time and size, to an origin that is allowed."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import httpx

from evs_tui import __version__
from evs_tui.cloud.errors import CHECK_ENDPOINT, ErrorKind
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.proxies import proxy_for, shown_proxy
from evs_tui.cloud.reply import Reply
from evs_tui.cloud.tls import shown_certificate, tls_context, verification_failure
from evs_tui.secret import redact
from evs_tui.text import excerpt

LARGEST_BODY = 8 * 1024 * 1024
_KEEPALIVE_SECONDS = 15.0
_MOST_CONNECTIONS = 8

ASGIApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect; between two pieces of an answer; for a whole read; for a whole changing call."""

    connect: float = 10
    read: float = 30
    total: float = 60
    post: float = 30


class TransportFault(Exception):
    """No whole answer. `sent` is False only where it is proved that no byte of the request left.

    `status` and `headers` are those of an answer whose body could not be read to its end.
    """

    def __init__(
        self,
        kind: ErrorKind,
        why: str,
        advice: str | None = None,
        *,
        sent: bool,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        too_large: bool = False,
    ) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why
        self.advice = advice
        self.sent = sent
        self.status = status
        self.headers: Mapping[str, str] = headers or {}
        self.too_large = too_large


@dataclass(slots=True)
class _Progress:
    """How far an exchange came, for the moment it breaks off."""

    sent: bool = False
    status: int | None = None
    headers: Mapping[str, str] | None = None


class Transport:
    """Kept-alive connections for reads, and a fresh one for every call that changes something.

    `allowed` is the set of origins that may be spoken to; a request for any other is refused before it leaves.
    `asgi` puts an application in the place of the network.
    """

    def __init__(self, *, ca_bundle: str | None = None, asgi: ASGIApp | None = None, timeouts: Timeouts) -> None:
        self.allowed: frozenset[str] = frozenset()
        self._ca_bundle = ca_bundle
        self._asgi = asgi
        self._timeouts = timeouts
        self._tls: ssl.SSLContext | None = None
        self._clients: dict[str | None, httpx.AsyncClient] = {}

    def proxy_shown(self, origin: str) -> str | None:
        """Host and port of the proxy that requests for `origin` go through, if any.

        Raises:
            ConfigFailure: see `proxy_for`.
        """
        found = None if self._asgi is not None else proxy_for(origin)
        return None if found is None else shown_proxy(found)

    async def exchange(self, prepared: PreparedRequest, *, fresh: bool = False, deadline: float | None = None) -> Reply:
        """Send `prepared` and read the whole answer within `deadline` seconds.

        Raises:
            TransportFault: there was no whole answer.
            ConfigFailure: the CA bundle or the proxy cannot be used.
        """
        if prepared.origin not in self.allowed:
            raise TransportFault(
                ErrorKind.UNTRUSTED,
                f"{excerpt(prepared.origin, 200)} is not one of the places signed in to",
                "Nothing was sent. Sign in again if the cloud has moved",
                sent=False,
            )
        progress = _Progress()
        limit = self._timeouts.total if deadline is None else deadline
        try:
            async with asyncio.timeout(limit):
                return await self._exchange(prepared, progress, fresh=fresh, limit=limit)
        except TimeoutError:
            raise TransportFault(
                ErrorKind.INTERRUPTED if progress.sent else ErrorKind.UNREACHABLE,
                f"no whole answer within {limit:g} seconds",
                sent=progress.sent,
                status=progress.status,
                headers=progress.headers,
            ) from None
        except (httpx.HTTPError, OSError) as error:
            raise await self._fault(error, prepared, progress) from None

    async def aclose(self) -> None:
        """Close the kept connections."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def _exchange(self, prepared: PreparedRequest, progress: _Progress, *, fresh: bool, limit: float) -> Reply:
        request = self._request(prepared, progress, limit if fresh else self._timeouts.read)
        if self._asgi is not None:
            progress.sent = True
        if not fresh:
            return await _whole(self._client(prepared.origin), request, progress)
        async with self._new_client(None if self._asgi else proxy_for(prepared.origin), fresh=True) as client:
            return await _whole(client, request, progress)

    def _request(self, prepared: PreparedRequest, progress: _Progress, between: float) -> httpx.Request:
        async def watch(event: str, info: Mapping[str, Any]) -> None:
            # A proxy's CONNECT is not the request: only the first byte of the request itself counts as sent.
            if event.endswith(".send_request_headers.started") and info["request"].method != b"CONNECT":
                progress.sent = True

        url = httpx.URL(prepared.origin).copy_with(raw_path=prepared.target.encode("ascii"))
        headers = [("User-Agent", f"evs-tui/{__version__}"), ("Accept-Encoding", "gzip"), *prepared.headers]
        timeout = httpx.Timeout(between, connect=self._timeouts.connect, pool=self._timeouts.connect)
        return httpx.Request(
            prepared.method,
            url,
            headers=headers,
            content=prepared.body,
            extensions={"trace": watch, "timeout": timeout.as_dict()},
        )

    def _client(self, origin: str) -> httpx.AsyncClient:
        proxy = None if self._asgi is not None else proxy_for(origin)
        if proxy not in self._clients:
            self._clients[proxy] = self._new_client(proxy, fresh=False)
        return self._clients[proxy]

    def _new_client(self, proxy: str | None, *, fresh: bool) -> httpx.AsyncClient:
        if self._asgi is not None:
            return httpx.AsyncClient(transport=httpx.ASGITransport(app=self._asgi), follow_redirects=False)
        if self._tls is None:
            self._tls = tls_context(self._ca_bundle)
        limits = httpx.Limits(
            max_connections=1 if fresh else _MOST_CONNECTIONS,
            max_keepalive_connections=0 if fresh else _MOST_CONNECTIONS,
            keepalive_expiry=_KEEPALIVE_SECONDS,
        )
        transport = httpx.AsyncHTTPTransport(
            verify=self._tls,
            trust_env=False,
            limits=limits,
            proxy=None if proxy is None else _proxy(proxy, self._tls),
        )
        return httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False)

    async def _fault(self, error: Exception, prepared: PreparedRequest, progress: _Progress) -> TransportFault:
        host = prepared.origin.partition("://")[2]
        refused = verification_failure(error)
        if refused is not None:
            shown = ""
            if proxy_for(prepared.origin) is None:
                shown = await asyncio.to_thread(shown_certificate, prepared.origin)
            return TransportFault(
                ErrorKind.UNTRUSTED,
                f"the certificate of {host} is not trusted: {excerpt(refused.verify_message, 120)}"
                + (f" ({shown})" if shown else ""),
                "If this cloud has a certificate authority of its own, name its file (OS_CACERT, or cacert in "
                "clouds.yaml); otherwise somebody may be listening",
                sent=False,
            )
        if progress.sent:
            return TransportFault(
                ErrorKind.INTERRUPTED,
                f"the connection to {host} broke: {_words(error)}",
                sent=True,
                status=progress.status,
                headers=progress.headers,
            )
        if isinstance(error, httpx.ProxyError):
            return TransportFault(
                ErrorKind.UNREACHABLE,
                f"the proxy did not let the request through: {_words(error)}",
                "Check HTTPS_PROXY and NO_PROXY",
                sent=False,
            )
        return TransportFault(
            ErrorKind.UNREACHABLE,
            f"{host} cannot be reached: {_words(error)}",
            "Check the network, the VPN and the auth URL",
            sent=False,
        )


def _proxy(url: str, tls: ssl.SSLContext) -> httpx.Proxy:
    # Our own context towards a proxy that speaks TLS as well; the library refuses one for a proxy that does not.
    return httpx.Proxy(url, ssl_context=tls if url.startswith("https://") else None)


async def _whole(client: httpx.AsyncClient, request: httpx.Request, progress: _Progress) -> Reply:
    response = await client.send(request, stream=True)
    try:
        progress.status = response.status_code
        progress.headers = {name.lower(): value for name, value in response.headers.items()}
        body = await _body(response.aiter_raw(), progress)
    finally:
        await response.aclose()
    return Reply(progress.status, progress.headers, body)


async def _body(pieces: AsyncIterator[bytes], progress: _Progress) -> bytes:
    """The decoded body, at most `LARGEST_BODY` bytes: a small packed answer may unfold until the memory is full."""
    headers = progress.headers or {}
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise _unreadable(progress, f"the answer is packed as {excerpt(coding, 40)}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31) if coding in {"gzip", "x-gzip"} else None
    if unpacker is None and headers.get("content-length", "").isascii():
        length = headers.get("content-length", "")
        if length.isdigit() and (len(length) > 12 or int(length) > LARGEST_BODY):
            raise _too_large(progress)
    body = bytearray()
    async for piece in pieces:
        room = LARGEST_BODY - len(body)
        try:
            body += piece if unpacker is None else unpacker.decompress(piece, room + 1)
        except zlib.error:
            raise _unreadable(progress, "the packed answer is damaged") from None
        if len(body) > LARGEST_BODY:
            raise _too_large(progress)
    if unpacker is not None and body and not unpacker.eof:
        raise _unreadable(progress, "the packed answer was cut")
    return bytes(body)


def _too_large(progress: _Progress) -> TransportFault:
    return TransportFault(
        ErrorKind.NONSENSE,
        f"the answer is larger than {LARGEST_BODY // 1024 // 1024} MiB",
        CHECK_ENDPOINT,
        sent=True,
        status=progress.status,
        headers=progress.headers,
        too_large=True,
    )


def _unreadable(progress: _Progress, why: str) -> TransportFault:
    return TransportFault(
        ErrorKind.NONSENSE, why, CHECK_ENDPOINT, sent=True, status=progress.status, headers=progress.headers
    )


def _words(error: Exception) -> str:
    """What the library says about `error`. Its complaints about a header quote the header, so those are not shown."""
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return "no connection in time"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.LocalProtocolError):
        return "the request could not be written"
    return excerpt(redact(str(error)), 200) or type(error).__name__
