"""The canary: no secret that is given to the program is found anywhere but in the requests it belongs to.

Real processes with a home of their own are looked at from outside. Every test also shows that the careless place, where
a secret would have come out, was reached.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from evs_tui.secret import MASK
from tests.cli.program import variables_of
from tests.cloud.support import raw_server
from tests.secrecy.sabotage import UNREGISTERED
from tests.secrecy.traces import Traces
from tests.simulator import Simulator
from tests.simulator.fixtures import StartCloud

LOG = ".local/state/evs-tui/evs-tui.log"


def application_credential(cloud: Simulator) -> dict[str, str]:
    known = cloud.credential
    return {
        "OS_AUTH_URL": cloud.auth_url,
        "OS_APPLICATION_CREDENTIAL_ID": known.application_credential_id,
        "OS_APPLICATION_CREDENTIAL_SECRET": known.application_credential_secret,
        "OS_REGION_NAME": known.region,
        "EVS_TUI_DIALECT": "otc",
    }


def test_an_export_leaves_no_secret_behind(traces: Traces, quick_cloud: Simulator) -> None:
    known = quick_cloud.credential
    key = known.temporary_key
    ways = (variables_of(quick_cloud), application_credential(quick_cloud), quick_cloud.key_environment(key))
    for way, volume_id in zip(ways, quick_cloud.volume_ids("available"), strict=False):
        words = ("export", volume_id, "--name", "nightly {id8}", "--yes", "--wait")
        ended = traces.run(*words, "--debug-log", str(traces.home / "debug.log"), variables=way, how="log")
        assert ended.code == 0, ended.err
    log = traces.text("debug.log")
    assert log.count("as a header") > 20
    assert "/action" in log
    assert "httpcore" not in log
    secrets = [known.password, known.application_credential_secret, key.secret, key.security_token or "", UNREGISTERED]
    traces.check(*secrets, *quick_cloud.tokens())
    for call in quick_cloud.calls():
        assert known.password not in call["body"] or call["operation"] == "create_token"
        assert key.secret not in json.dumps(call)
        assert call["token"] is None or call["token"] not in call["body"] + call["query"] + call["path"]


@pytest.mark.parametrize("how", ["break", "break-late"])
def test_a_crash_shows_no_secret(traces: Traces, quick_cloud: Simulator, how: str) -> None:
    known = quick_cloud.credential
    for way in (variables_of(quick_cloud), quick_cloud.key_environment(known.temporary_key)):
        ended = traces.run("volumes", variables=way, how=how)
        assert ended.code == 1
        assert "Something unexpected happened" in ended.err
    assert "RuntimeError: request" in traces.text(LOG)
    assert MASK in traces.text(LOG)
    key = known.temporary_key
    traces.check(known.password, key.secret, key.security_token or "", UNREGISTERED, *quick_cloud.tokens())


def test_a_crash_of_the_screens_shows_no_secret(traces: Traces, quick_cloud: Simulator) -> None:
    known = quick_cloud.credential
    variables = {
        **variables_of(quick_cloud),
        "OS_AUTH_TYPE": "v3multifactor",
        "OS_USER_ID": known.mfa_user_id,
        "TERM": "xterm-256color",
        "TEXTUAL_LOG": str(traces.home / "every-key.log"),
    }
    # ctrl+a marks what was typed; ctrl+c and ctrl+x would copy it to the clipboard by OSC 52.
    typed = (("It is sent once", f"{known.passcode}\x01\x03\x18\r"), ("evs-tui broke", ""))
    ended = traces.run(variables=variables, how="break-late", typed=typed)
    assert ended.code == 1
    assert "RuntimeError: request" in traces.text(LOG)
    assert " locals " not in traces.text(LOG)  # the toolkit's own traceback shows the values of all variables
    assert quick_cloud.counters() == {"create_token": 1}
    assert not (traces.home / "every-key.log").exists()
    assert not any(b"\x1b]52;" in data for data in traces.shown.values())
    traces.check(known.password, known.passcode, UNREGISTERED, *quick_cloud.tokens())


def test_a_cloud_that_echoes_what_it_was_sent_makes_nothing_shown(traces: Traces, quick_cloud: Simulator) -> None:
    known = quick_cloud.credential
    key = known.temporary_key
    debug = ("--debug-log", str(traces.home / "debug.log"))
    ways = (
        (variables_of(quick_cloud), known.password),
        (quick_cloud.key_environment(key), f"{key.secret} {key.security_token}"),
    )
    for variables, held in ways:
        for status, body, kind in (
            (400, f'{{"error": {{"message": "refused: {held}", "code": "EVS.1023"}}}}', "application/json"),
            (400, f"<html><body>{held}</body></html>", "text/html"),
            (200, held, "application/json"),
            (200, held, f"text/{held.split()[0]}"),
        ):
            quick_cloud.clear_faults()
            quick_cloud.add_fault(operation="list_cloudvolumes", status=status, body=body, content_type=kind)
            ended = traces.run("volumes", *debug, variables=variables)
            assert ended.code in {1, 5}
            assert MASK in ended.err
    quick_cloud.clear_faults()
    quick_cloud.add_fault(operation="create_token", status=401, body=known.password, content_type="text/plain")
    assert MASK in traces.run("volumes", *debug, variables=variables_of(quick_cloud)).err
    traces.check(known.password, key.secret, key.security_token or "")


def test_what_breaks_the_protocol_is_quoted_without_the_token(traces: Traces) -> None:
    token = "gAAAA-canary-ready-token-4711"
    with server_that_says(f"{token}\r\n\r\n".encode()) as origin:
        variables = {"OS_AUTH_URL": f"{origin}/v3", "OS_TOKEN": token}
        ended = traces.run("volumes", "--debug-log", str(traces.home / "debug.log"), variables=variables)
    assert ended.code == 5
    assert MASK in ended.err
    traces.check(token)


@contextmanager
def server_that_says(answer: bytes) -> Iterator[str]:
    """Its origin."""
    loop = asyncio.new_event_loop()
    stop, up, origins = asyncio.Event(), threading.Event(), list[str]()

    async def serve() -> None:
        async with raw_server(answer) as server:
            origins.append(server.origin)
            up.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(10)
    try:
        yield origins[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def test_a_child_and_the_process_itself_hold_no_secret_in_their_environment(
    traces: Traces, quick_cloud: Simulator
) -> None:
    known = quick_cloud.credential
    variables = {
        **variables_of(quick_cloud),
        "OS_SECRET_KEY": known.access_key.secret,
        "HW_SECRET_KEY": known.temporary_key.secret,
        "A_NOTE": f"the same again: {known.password}",
        "GITHUB_TOKEN": "of-somebody-else",
    }
    assert traces.run("volumes", variables=variables, how="child").code == 0
    child, own = traces.text("child-environment"), traces.text("own-environment")
    assert "OS_USERNAME=exporter" in child
    assert "'OS_USERNAME': 'exporter'" in own
    for secret in (known.password, known.access_key.secret, known.temporary_key.secret, "of-somebody-else"):
        assert secret not in child
        assert secret not in own.replace(variables["A_NOTE"], "").replace("of-somebody-else", "")


def test_a_login_that_prints_itself_hides_its_secret(traces: Traces, quick_cloud: Simulator) -> None:
    known = quick_cloud.credential
    for way in (variables_of(quick_cloud), application_credential(quick_cloud), quick_cloud.key_environment()):
        assert traces.run("volumes", variables=way, how="show").code == 1
        assert MASK in traces.text("printed")
        traces.check(known.password, known.application_credential_secret, known.access_key.secret)


@pytest.mark.parametrize("status", [302, 307])
def test_no_redirect_takes_a_secret_elsewhere(
    traces: Traces, quick_cloud: Simulator, start_cloud: StartCloud, status: int
) -> None:
    stranger = start_cloud(volumes=1)
    elsewhere = {"Location": f"{stranger.url}/stolen"}
    for operation in ("create_token", "list_cloudvolumes"):
        quick_cloud.clear_faults()
        quick_cloud.add_fault(operation=operation, status=status, body="", headers=elsewhere)
        ended = traces.run("volumes", variables=variables_of(quick_cloud))
        assert ended.code == 5
        host = stranger.url.removeprefix("http://")
        assert f"HTTP {status}: the server points to {host}, which is not followed" in ended.err
    assert stranger.calls() == []


def test_a_catalog_or_a_next_link_that_leads_elsewhere_is_not_followed(traces: Traces, quick_cloud: Simulator) -> None:
    variables = variables_of(quick_cloud)
    quick_cloud.add_fault(operation="create_token", rewrite="hostile-catalog")
    ended = traces.run("volumes", variables=variables)
    assert ended.code == 5
    assert "endpoint is not trusted: it leads to evil.invalid, but the auth URL is on this machine" in ended.err
    quick_cloud.clear_faults()
    quick_cloud.add_fault(operation="list_cloudvolumes", rewrite="hostile-next-link")
    ended = traces.run("volumes", "--debug-log", str(traces.home / "debug.log"), variables=variables)
    assert ended.code == 0
    assert "cloudvolumes" in traces.text("debug.log")
    assert "evil.invalid" not in traces.text("debug.log")
