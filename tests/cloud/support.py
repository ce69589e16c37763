"""What the tests of the cloud layer share: identities, a clock that does not wait, a scripted cloud, a raw server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from evs_tui.cloud.auth.strategy import Grant
from evs_tui.cloud.identity import Identity, KeyLogin, Login, PasswordLogin, Scope
from evs_tui.cloud.reply import Reply
from evs_tui.demo.account import AccessKey
from evs_tui.secret import Secret
from tests.fakes import FakeClock
from tests.simulator.client import Simulator

PROJECT = "0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6"
USER = "b0524e8342084ef5b74f158f78fc3049"
VOLUME = "16369c5d-384d-4e64-b37a-56d898769362"
IMAGE = "c5333daa-fbc8-4d1d-bf79-b0567bb45d15"
PASSWORD = "correct horse battery staple"
TOKEN = "gAAAAABtoken"
HTTP_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Impatient(FakeClock):
    """A clock on which every sleep is over at once; `slept` tells how long each would have been."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.tick(seconds)
        await asyncio.sleep(0)


def password_login(password: str = PASSWORD, **fields: Any) -> PasswordLogin:
    return PasswordLogin(Secret(password), **{"user_name": "exporter", "user_domain_name": "acme", **fields})


def identity(
    auth_url: str | None = "https://iam.cloud.invalid/v3", login: Login | None = None, **fields: Any
) -> Identity:
    fields = {"scope": Scope(project_name="eu-x"), **fields}
    return Identity("environment OS_*", "environment", login or password_login(), auth_url, **fields)


def identity_at(cloud: Simulator, login: Login | None = None, **fields: Any) -> Identity:
    """The main user of a simulated cloud."""
    known = cloud.credential
    chosen = login or PasswordLogin(
        Secret(known.password), user_name=known.username, user_domain_name=known.user_domain
    )
    scope = Scope(project_name=known.project, project_domain_name=known.user_domain)
    return Identity("test", "memory", chosen, cloud.auth_url, **{"scope": scope, "ca_bundle": cloud.ca_file, **fields})


def key_identity_at(cloud: Simulator, key: AccessKey | None = None, **fields: Any) -> Identity:
    """A simulated cloud by access key: without a catalog every endpoint is named."""
    known = key or cloud.credential.access_key
    token = None if known.security_token is None else Secret(known.security_token)
    endpoints = dict.fromkeys(("iam", "evs", "ims", "ecs"), cloud.url)
    wanted = {"scope": Scope(project_name=cloud.credential.project), "dialect": "otc", "endpoints": endpoints}
    login = KeyLogin(known.access, Secret(known.secret), token)
    return identity_at(cloud, login, **{**wanted, "region": cloud.credential.region, **fields})


def reply(
    status: int, body: object = None, headers: Mapping[str, str] | None = None, raw: bytes | None = None
) -> Reply:
    """An answer as the transport would hand it over; JSON unless `raw`."""
    content = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
    return Reply(status, {"content-type": "application/json", **(headers or {})}, content)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it reached the scripted cloud."""

    method: str
    origin: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Says:
    """An answer of the scripted cloud."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


Handler = Callable[[Seen], Says | Awaitable[Says]]


class ScriptedCloud:
    """An ASGI application that answers sign-ins by itself, leaves the rest to `handler`, and remembers what it saw."""

    def __init__(self, handler: Handler | None = None, **token_fields: Any) -> None:
        self.handler = handler
        self.token_fields = token_fields
        self.seen: list[Seen] = []
        self.tokens = 0
        self.sign_in: Handler | None = None

    def of(self, path: str) -> list[Seen]:
        """The requests for `path`."""
        return [seen for seen in self.seen if seen.path == path]

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        host, port = scope["server"]
        query = scope["query_string"].decode()
        seen = Seen(
            scope["method"],
            f"{scope['scheme']}://{host}" + ("" if port in (None, 443) else f":{port}"),
            scope["raw_path"].decode().partition("?")[0] + (f"?{query}" if query else ""),
            {name.decode().lower(): value.decode() for name, value in scope["headers"]},
            body,
        )
        self.seen.append(seen)
        says = self._answer(seen)
        if not isinstance(says, Says):
            says = await says
        content = says.raw if says.raw is not None else (b"" if says.body is None else json.dumps(says.body).encode())
        headers = {"Content-Type": "application/json", **says.headers}
        await send(
            {
                "type": "http.response.start",
                "status": says.status,
                "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": content})

    def _answer(self, seen: Seen) -> Says | Awaitable[Says]:
        if seen.path.endswith("/v3/auth/tokens"):
            if self.sign_in is not None:
                return self.sign_in(seen)
            self.tokens += 1
            return grant(f"{TOKEN}-{self.tokens}", **self.token_fields)
        if self.handler is None:
            return Says(404, {"itemNotFound": {"code": 404, "message": "nothing here"}})
        return self.handler(seen)


def endpoint(url: str, region: str = "eu-x", interface: str = "public") -> dict[str, str]:
    return {"interface": interface, "region": region, "region_id": region, "url": url}


def service(kind: str, *urls: str | dict[str, str]) -> dict[str, Any]:
    return {"type": kind, "endpoints": [url if isinstance(url, dict) else endpoint(url) for url in urls]}


CATALOG = [
    service("evs", f"https://evs.cloud.invalid/v2/{PROJECT}"),
    service("image", "https://ims.cloud.invalid"),
    service("ecs", f"https://ecs.cloud.invalid/v1/{PROJECT}"),
]
OPENSTACK_CATALOG = [
    service("block-storage", f"https://cinder.cloud.invalid/v3/{PROJECT}"),
    service("image", "https://glance.cloud.invalid"),
]


def grant(token: str = TOKEN, *, status: int = 201, header: str = "X-Subject-Token", **fields: Any) -> Says:
    """The answer to a good sign-in; `fields` replace what the token says, None leaves a field out."""
    described = {
        "methods": ["password"],
        "issued_at": "2026-01-15T09:30:00.000000Z",
        "expires_at": "2026-01-16T09:30:00.000000Z",
        "user": {"id": USER, "name": "exporter", "password_expires_at": ""},
        "project": {"id": PROJECT, "name": "eu-x"},
        "catalog": CATALOG,
        **fields,
    }
    return Says(status, {"token": {k: v for k, v in described.items() if v is not None}}, {header: token})


@asynccontextmanager
async def raw_server(*answers: bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[RawServer]:
    """A server that reads one request a connection and says the next of `answers`; the last is said for ever."""
    server = RawServer(answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    server.origin = f"http://{host}:{port}"
    try:
        yield server
    finally:
        listening.close()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)


class RawServer:
    """See `raw_server`. `requests` are the bytes that came, head and body."""

    def __init__(self, answers: Sequence[bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]]) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []
        self.origin = ""
        self.tasks: set[asyncio.Task[Any]] = set()
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.connections += 1
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ),
                0,
            )
            self.requests.append(head + await reader.readexactly(length))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.tasks.discard(task)


def with_length(body: bytes, head: bytes = HTTP_OK) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


class NoAuth:
    """A way to sign in without a token, as a signature is: nothing to renew, no catalog."""

    renewable = False
    has_token = False

    def refusal(self, *_: object) -> None:
        return None

    async def sign_in(self, ask: object, *, again: bool) -> Grant:
        return Grant("u", None, PROJECT, "eu-x")

    def apply(self, prepared: object, *, project_id: str | None) -> dict[str, str]:
        return {"X-Test-Signature": "signed"}
