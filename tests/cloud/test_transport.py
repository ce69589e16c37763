from __future__ import annotations

import asyncio
import gzip
import hashlib
import ssl
import tracemalloc
from pathlib import Path

import pytest

from evs_tui.cloud.ecs import read_server
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.operations import LIST_CLOUDVOLUMES, LIST_VOLUMES
from evs_tui.cloud.prepared import PreparedRequest
from evs_tui.cloud.session import BodyTooLarge
from evs_tui.cloud.tls import issuer_of, tls_context
from evs_tui.cloud.transport import LARGEST_BODY, Timeouts, Transport, TransportFault
from evs_tui.failure import ConfigFailure, ExitCode
from evs_tui.secret import Secret
from tests.cloud.conftest import Connect
from tests.cloud.support import (
    HTTP_OK,
    Impatient,
    Says,
    ScriptedCloud,
    Seen,
    identity,
    identity_at,
    raw_server,
    with_length,
)
from tests.simulator.client import Simulator
from tests.simulator.fixtures import StartCloud


def request(origin: str, path: str = "/x") -> PreparedRequest:
    return PreparedRequest("GET", origin, path, "", (("X-Auth-Token", "the-token"),))


def transport(*allowed: str, **seconds: float) -> Transport:
    made = Transport(timeouts=Timeouts(**seconds))
    made.allowed = frozenset(allowed)
    return made


def certificate_in(pem_file: str | None) -> bytes:
    pem = Path(pem_file or "").read_text()
    return ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERT") :])


async def fault_of(carrier: Transport, wanted: PreparedRequest, *, fresh: bool = False) -> TransportFault:
    with pytest.raises(TransportFault) as fault:
        await carrier.exchange(wanted, fresh=fresh)
    await carrier.aclose()
    return fault.value


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.invalid",
        "http://127.0.0.1:1",
        "https://evs.cloud.invalid:8443",
        "http://evs.cloud.invalid",
        "https://evs.cloud.invalid.",
        "https://evs.cloud.invalid@evil.invalid",
        "https://EVS.cloud.invalid",
        "",
    ],
)
async def test_an_origin_that_was_not_signed_in_to_gets_nothing(origin: str) -> None:
    seen: list[object] = []

    async def app(scope: object, *_: object) -> None:
        seen.append(scope)

    carrier = Transport(asgi=app, timeouts=Timeouts())
    carrier.allowed = frozenset({"https://evs.cloud.invalid"})
    fault = await fault_of(carrier, request(origin))
    assert (fault.kind, fault.sent) == (ErrorKind.UNTRUSTED, False)
    assert seen == []


@pytest.mark.parametrize("preset", ["redirect-302", "redirect-307"])
async def test_a_redirect_is_not_followed_and_the_token_stays_here(
    connect: Connect, huawei_cloud: Simulator, preset: str
) -> None:
    session = connect(identity_at(huawei_cloud))
    async with raw_server(with_length(b"{}")) as thief:
        status = int(preset[-3:])
        huawei_cloud.add_fault(
            operation="list_cloudvolumes", status=status, body="", headers={"Location": f"{thief.origin}/stolen"}
        )
        with pytest.raises(CloudError) as refused:
            await session.read(LIST_CLOUDVOLUMES)
        assert refused.value.kind is ErrorKind.UNTRUSTED
        assert refused.value.exit_code is ExitCode.UNREACHABLE
        assert thief.origin.partition("//")[2] in refused.value.why
        assert thief.connections == 0
    assert huawei_cloud.counters()["list_cloudvolumes"] == 1


async def test_a_redirected_sign_in_does_not_carry_the_password_away(connect: Connect, huawei_cloud: Simulator) -> None:
    async with raw_server(with_length(b"{}")) as thief:
        huawei_cloud.add_fault(
            operation="create_token", status=307, body="", headers={"Location": f"{thief.origin}/v3/auth/tokens"}
        )
        with pytest.raises(CloudError) as refused:
            await connect(identity_at(huawei_cloud)).sign_in()
        assert refused.value.kind is ErrorKind.UNTRUSTED
        assert thief.connections == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"preset": "truncated-json"}, "not valid JSON or was cut"),
        ({"preset": "wrong-content-type"}, "the answer is text/html instead of JSON"),
        ({"preset": "deep-json"}, "nested too deeply"),
        ({"status": 200, "body": "<html>Log in</html>", "content_type": "text/html"}, "instead of JSON: <html>Log in"),
        ({"status": 200, "body": ""}, "not valid JSON or was cut: it is empty"),
        ({"status": 200, "body": "{}"}, None),
        ({"status": 200, "body": '{"volumes": [{"size": NaN}]}'}, "not valid JSON"),
        ({"status": 200, "body": '{"volumes": [{"size": Infinity}]}'}, "not valid JSON"),
        ({"status": 200, "body": '{"volumes": [{"size": ' + "9" * 5000 + "}]}"}, "not valid JSON"),
        ({"status": 200, "body": "\x1b]52;c;eA==\x07"}, "␛]52"),
    ],
)
async def test_nonsense_is_one_clear_error_and_is_not_asked_for_again(
    connect: Connect, huawei_cloud: Simulator, fault: dict[str, object], words: str | None
) -> None:
    huawei_cloud.add_fault(**fault, operation="list_cloudvolumes")  # type: ignore[arg-type]
    session = connect(identity_at(huawei_cloud))
    if words is None:
        assert await session.read(LIST_CLOUDVOLUMES) == {}
        return
    with pytest.raises(CloudError) as refused:
        await session.read(LIST_CLOUDVOLUMES)
    assert refused.value.kind is ErrorKind.NONSENSE
    assert refused.value.exit_code is ExitCode.UNREACHABLE
    assert words in refused.value.why
    assert "\x1b" not in refused.value.why
    assert huawei_cloud.counters()["list_cloudvolumes"] == 1


@pytest.mark.parametrize("preset", ["huge-body", "gzip-bomb"])
async def test_a_body_beyond_the_cap_does_not_fill_the_memory(
    connect: Connect, huawei_cloud: Simulator, preset: str
) -> None:
    session = connect(identity_at(huawei_cloud))
    await session.sign_in()
    huawei_cloud.add_fault(preset, operation="list_cloudvolumes")  # type: ignore[arg-type]
    tracemalloc.start()
    with pytest.raises(BodyTooLarge) as refused:
        await session.read(LIST_CLOUDVOLUMES)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.kind is ErrorKind.NONSENSE
    assert "larger than 8 MiB" in refused.value.why
    assert most < 4 * LARGEST_BODY


async def test_a_huge_body_without_a_length_stops_at_the_cap() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(HTTP_OK + b"\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with raw_server(endless) as server:
        fault = await fault_of(transport(server.origin), request(server.origin))
        assert fault.too_large


async def test_a_packed_answer_is_unpacked() -> None:
    body = gzip.compress(b'{"a": 1}', mtime=0)
    async with raw_server(with_length(body, HTTP_OK + b"Content-Encoding: gzip\r\n")) as server:
        carrier = transport(server.origin)
        assert (await carrier.exchange(request(server.origin))).body == b'{"a": 1}'
        assert b"accept-encoding: gzip\r\n" in server.requests[0].lower()
        await carrier.aclose()


@pytest.mark.parametrize(
    ("head", "body", "words"),
    [
        (b"Content-Encoding: gzip\r\n", b"no gzip", "damaged"),
        (b"Content-Encoding: gzip\r\n", gzip.compress(b"x" * 1000, mtime=0)[:-9], "was cut"),
        (b"Content-Encoding: br\r\n", b"x", "packed as br"),
    ],
)
async def test_a_badly_packed_answer_is_nonsense(head: bytes, body: bytes, words: str) -> None:
    async with raw_server(with_length(body, HTTP_OK + head)) as server:
        fault = await fault_of(transport(server.origin), request(server.origin))
        assert fault.kind is ErrorKind.NONSENSE
        assert words in fault.why
        assert (fault.sent, fault.status) == (True, 200)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", None),
        (b"HTTP/1.1 2", None),
        (b"garbage\r\n\r\n", None),
        (HTTP_OK + b"Content-Length: 100\r\n\r\n{", 200),
        (HTTP_OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", 200),
    ],
)
@pytest.mark.parametrize("fresh", [False, True])
async def test_a_connection_that_breaks_after_the_request_is_an_interruption(
    answer: bytes, status: int | None, fresh: bool
) -> None:
    async with raw_server(answer) as server:
        fault = await fault_of(transport(server.origin), request(server.origin), fresh=fresh)
        assert (fault.kind, fault.sent, fault.status) == (ErrorKind.INTERRUPTED, True, status)


@pytest.mark.parametrize("fresh", [False, True])
async def test_what_was_never_sent_is_proved_so(fresh: bool) -> None:
    async with raw_server(b"") as server:
        origin = server.origin
    refused = await fault_of(transport(origin), request(origin), fresh=fresh)
    assert (refused.kind, refused.sent) == (ErrorKind.UNREACHABLE, False)
    unknown = "https://does-not-exist.invalid"
    nameless = await fault_of(transport(unknown), request(unknown), fresh=fresh)
    assert (nameless.kind, nameless.sent) == (ErrorKind.UNREACHABLE, False)


async def test_a_tls_handshake_with_something_else_is_not_sent() -> None:
    async with raw_server(with_length(b"{}")) as server:
        origin = server.origin.replace("http:", "https:")
        fault = await fault_of(transport(origin, connect=1, total=2), request(origin), fresh=True)
        assert (fault.kind, fault.sent) == (ErrorKind.UNREACHABLE, False)
        assert server.requests == []


async def test_a_deadline_before_and_after_the_request_is_told_apart() -> None:
    async def never(_: object) -> None:
        await asyncio.Event().wait()

    async with raw_server(never) as server:
        after = await fault_of(transport(server.origin, total=1), request(server.origin))
        assert (after.kind, after.sent) == (ErrorKind.INTERRUPTED, True)
        silent_tls = server.origin.replace("http:", "https:")
        # The handshake never ends: nothing of the request has left.
        before = await fault_of(transport(silent_tls, total=0.1), request(silent_tls), fresh=True)
        assert (before.kind, before.sent) == (ErrorKind.UNREACHABLE, False)


async def test_reads_keep_their_connection_and_changing_calls_have_their_own() -> None:
    lines: list[tuple[int, bytes]] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        mine = connections
        while head := await reader.read(65536):
            lines.append((mine, head.split(b" ")[1]))
            writer.write(with_length(b"{}"))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        carrier = transport(origin)
        for path, fresh in (("/1", False), ("/2", False), ("/3", True), ("/4", False), ("/5", True)):
            await carrier.exchange(request(origin, path), fresh=fresh)
        await carrier.aclose()
    assert lines == [(1, b"/1"), (1, b"/2"), (2, b"/3"), (1, b"/4"), (3, b"/5")]


async def test_a_certificate_that_nobody_vouches_for_is_final(connect: Connect, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="huawei", volumes=1, tls=True)
    with pytest.raises(CloudError) as refused:
        await connect(identity_at(cloud, ca_bundle=None)).sign_in()
    assert refused.value.kind is ErrorKind.UNTRUSTED
    assert refused.value.exit_code is ExitCode.UNREACHABLE
    assert not refused.value.retryable
    der = certificate_in(cloud.ca_file)
    assert f'issued by "127.0.0.1", SHA-256 {hashlib.sha256(der).hexdigest()}' in refused.value.why
    assert "self" in refused.value.why
    assert "OS_CACERT" in (refused.value.advice or "")
    assert cloud.calls() == []
    # The same cloud with its own authority named is fine.
    place = await connect(identity_at(cloud)).sign_in()
    assert not place.plain_http


async def test_a_certificate_for_another_host_is_refused(start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="huawei", volumes=1, tls=True)
    assert cloud.ca_file is not None
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(Path(cloud.ca_file).with_name("simulator.pem"))
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.read(1000))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.2", 0, ssl=own) as elsewhere:
        origin = f"https://127.0.0.2:{elsewhere.sockets[0].getsockname()[1]}"
        carrier = Transport(ca_bundle=cloud.ca_file, timeouts=Timeouts(connect=5))
        carrier.allowed = frozenset({origin})
        fault = await fault_of(carrier, request(origin), fresh=True)
    assert (fault.kind, fault.sent) == (ErrorKind.UNTRUSTED, False)
    assert "127.0.0.2" in fault.why
    assert b"".join(requests) == b""


def test_the_context_verifies_and_writes_no_session_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = tls_context(None)
    assert not context.keylog_filename
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not (tmp_path / "keys").exists()


async def test_no_session_keys_are_written_by_a_whole_session(
    connect: Connect, start_cloud: StartCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    cloud = start_cloud(flavour="huawei", volumes=1, tls=True)
    await connect(identity_at(cloud)).read(LIST_CLOUDVOLUMES)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_bundle_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigFailure, match=r"The CA bundle .*ca\.pem cannot be used"):
        tls_context(str(path))


@pytest.mark.parametrize("junk", [b"", b"\x30", b"\x30\x82", b"\x30\x03abc", b"\x30\x84\xff\xff\xff\xff", b"\x00" * 50])
def test_a_certificate_of_junk_has_an_unknown_issuer(junk: bytes) -> None:
    assert issuer_of(junk) == "unknown"


# Retries


@pytest.mark.parametrize(
    ("preset", "slept"),
    [("html-502", [2.0]), ("text-503", [2.0]), ("empty-504", [2.0]), ("apigw-429", [2.0]), ("overlimit-413", [1.0])],
)
async def test_what_passes_is_asked_for_again(
    connect: Connect, huawei_cloud: Simulator, impatient: Impatient, preset: str, slept: list[float]
) -> None:
    huawei_cloud.add_fault(preset, operation="list_cloudvolumes", count=1)  # type: ignore[arg-type]
    session = connect(identity_at(huawei_cloud))
    assert len((await session.read(LIST_CLOUDVOLUMES))["volumes"]) == 50
    assert impatient.slept == slept
    assert [call.attempt for call in session.ring if call.operation == "list_cloudvolumes"] == [1, 2]


async def test_retries_double_and_end(connect: Connect, huawei_cloud: Simulator, impatient: Impatient) -> None:
    huawei_cloud.add_fault("text-503", operation="list_cloudvolumes")
    session = connect(identity_at(huawei_cloud))
    with pytest.raises(CloudError) as failed:
        await session.read(LIST_CLOUDVOLUMES)
    assert failed.value.kind is ErrorKind.SERVER
    assert failed.value.exit_code is ExitCode.UNREACHABLE
    assert impatient.slept == [2.0, 4.0, 8.0]
    assert huawei_cloud.counters()["list_cloudvolumes"] == 4


async def test_jitter_takes_off_up_to_half(connect: Connect, impatient: Impatient) -> None:
    cloud = ScriptedCloud(lambda _: Says(503))
    with pytest.raises(CloudError):
        await connect(identity(), asgi=cloud, jitter=lambda: 0.0).read(LIST_CLOUDVOLUMES)
    assert impatient.slept == [1.0, 2.0, 4.0]


async def test_a_long_wait_is_capped_and_waited_once(connect: Connect, impatient: Impatient) -> None:
    cloud = ScriptedCloud(lambda _: Says(429, None, {"Retry-After": "86400"}))
    with pytest.raises(CloudError) as failed:
        await connect(identity(), asgi=cloud).read(LIST_CLOUDVOLUMES)
    assert failed.value.retry_after == 300.0
    assert impatient.slept == [300.0]


@pytest.mark.parametrize("drop", ["before", "body"])
async def test_a_dropped_read_is_asked_for_again(connect: Connect, huawei_cloud: Simulator, drop: str) -> None:
    huawei_cloud.add_fault(operation="list_cloudvolumes", drop=drop, count=1)
    session = connect(identity_at(huawei_cloud))
    assert len((await session.read(LIST_CLOUDVOLUMES))["volumes"]) == 50


async def test_a_cloud_that_is_gone_is_named(connect: Connect, huawei_cloud: Simulator) -> None:
    session = connect(identity_at(huawei_cloud))
    await session.sign_in()
    huawei_cloud.stop_listening()
    with pytest.raises(CloudError) as failed:
        await session.read(LIST_CLOUDVOLUMES)
    assert failed.value.kind is ErrorKind.UNREACHABLE
    assert failed.value.what == "The volumes could not be listed"
    assert huawei_cloud.url.partition("//")[2] in failed.value.why
    huawei_cloud.listen_again()
    assert await session.read(LIST_CLOUDVOLUMES)


async def test_a_sign_in_is_never_repeated_by_itself(connect: Connect, huawei_cloud: Simulator) -> None:
    huawei_cloud.add_fault("text-503", operation="create_token")
    with pytest.raises(CloudError):
        await connect(identity_at(huawei_cloud)).sign_in()
    assert huawei_cloud.counters() == {"create_token": 1}


async def test_a_service_that_the_cloud_lacks(connect: Connect, openstack_cloud: Simulator) -> None:
    session = connect(identity_at(openstack_cloud))
    with pytest.raises(CloudError) as failed:
        await read_server(session, "11111111-2222-3333-4444-555555555555")
    assert failed.value.kind is ErrorKind.INVALID
    assert "no ecs service" in failed.value.why


# Proxies


async def test_plain_http_takes_no_proxy(
    connect: Connect, huawei_cloud: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(b"") as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        assert (await connect(identity_at(huawei_cloud)).sign_in()).proxy is None
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n\r\n"],
)
async def test_a_proxy_that_fails_proves_that_nothing_was_sent(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(answer) as proxy:
        secret = Secret("proxy-password")
        monkeypatch.setenv("HTTPS_PROXY", proxy.origin.replace("://", f"://user:{secret.reveal()}@"))
        carrier = transport("https://evs.cloud.invalid", connect=2, total=3)
        assert carrier.proxy_shown("https://evs.cloud.invalid") == proxy.origin.partition("//")[2]
        fault = await fault_of(carrier, request("https://evs.cloud.invalid"), fresh=True)
        assert not fault.sent
        assert fault.kind is ErrorKind.UNREACHABLE
        assert "proxy-password" not in fault.why
        assert proxy.requests[0].startswith(b"CONNECT evs.cloud.invalid:443 HTTP/1.1\r\n")
        assert b"the-token" not in proxy.requests[0]


@pytest.mark.parametrize(
    ("variables", "origin", "shown"),
    [
        ({"HTTPS_PROXY": "http://proxy:3128"}, "https://evs.x.invalid", "proxy:3128"),
        ({"https_proxy": "http://u:p@proxy:3128"}, "https://evs.x.invalid", "proxy:3128"),
        ({"ALL_PROXY": "proxy:8080"}, "https://evs.x.invalid", "proxy:8080"),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "x.invalid"}, "https://evs.x.invalid", None),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "*"}, "https://evs.x.invalid", None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, "http://127.0.0.1:8000", None),
        ({"HTTP_PROXY": "http://proxy:3128"}, "https://evs.x.invalid", None),
        ({}, "https://evs.x.invalid", None),
    ],
)
def test_which_proxy_is_taken(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], origin: str, shown: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert transport().proxy_shown(origin) == shown


@pytest.mark.parametrize("url", ["socks5://proxy:1080", "http://", "http://proxy:x"])
def test_a_proxy_of_another_kind_is_a_clear_failure(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(ConfigFailure, match="The proxy cannot be used"):
        transport().proxy_shown("https://evs.x.invalid")


async def test_no_cookie_is_ever_sent_back(connect: Connect) -> None:
    def says(_: Seen) -> Says:
        return Says(200, {"volumes": []}, {"Set-Cookie": "session=stolen"})

    cloud = ScriptedCloud(says)
    session = connect(identity(), asgi=cloud)
    await session.read(LIST_CLOUDVOLUMES)
    await session.read(LIST_VOLUMES)
    assert all("cookie" not in seen.headers for seen in cloud.seen)
