from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.demo.exporter import Exporter, sign_in
from tests.simulator import Simulator
from tests.simulator.fixtures import StartCloud


def test_the_log_names_headers_token_and_operation(exporter: Exporter) -> None:
    exporter.cloud.forget_calls()
    exporter.http.get(exporter.list_path, params={"limit": 3}, headers={"X-Extra": "1"})
    exporter.http.get("/nope")
    call, unknown = exporter.cloud.calls()
    assert (call["operation"], call["query"], call["status"]) == ("list_cloudvolumes", "limit=3", 200)
    assert call["token"] == exporter.http.headers["X-Auth-Token"]
    assert {"x-extra", "x-auth-token", "host"} <= set(call["header_names"])
    assert (unknown["operation"], unknown["status"]) == ("unknown", 404)
    assert exporter.cloud.counters() == {"list_cloudvolumes": 1, "unknown": 1}


def test_the_port_is_refused_and_comes_back(exporter: Exporter) -> None:
    exporter.cloud.stop_listening()
    with pytest.raises(httpx.TransportError):
        exporter.http.get(exporter.list_path)
    with pytest.raises(httpx.ConnectError):
        exporter.http.get(exporter.list_path)
    exporter.cloud.listen_again()
    assert exporter.http.get(exporter.list_path).status_code == 200


def test_volumes_servers_and_images_are_changed_from_outside(exporter: Exporter) -> None:
    cloud = exporter.cloud
    cloud.patch_volume(exporter.volume, status="in-use", outcome="fail", wwn="odd", missing=["tags"])
    row = exporter.http.get(f"/v2/{cloud.project_id}/os-vendor-volumes/{exporter.volume}").json()["volume"]
    assert (row["status"], row["wwn"], "tags" in row) == ("in-use", "odd", False)
    server = cloud.servers()[0]["id"]
    cloud.patch_server(server, status="ERROR")
    assert cloud.server(server)["status"] == "ERROR"
    with pytest.raises(ValueError, match="nope"):
        cloud.patch_server(server, nope=1)
    with pytest.raises(ValueError, match="volume: KeyError"):
        cloud.volume("nope")
    cloud.delete_volume(exporter.volume)
    assert exporter.http.get(exporter.volume_path).status_code == 404


def test_expired_tokens_and_the_settable_clock(exporter: Exporter) -> None:
    image = exporter.export().json()["os-volume_upload_image"]["image_id"]
    before = exporter.cloud.now()
    exporter.cloud.advance(100)
    assert exporter.cloud.now() == before + 100
    assert exporter.http.get(f"/v2/images/{image}").json()["status"] == "active"
    exporter.cloud.delete_image(image)
    assert exporter.http.get(f"/v2/images/{image}").status_code == 404
    exporter.cloud.expire_tokens("Common.0013")
    assert exporter.http.get(exporter.list_path).json()["error"]["code"] == "Common.0013"


def test_a_self_signed_certificate(start_cloud: StartCloud) -> None:
    cloud = start_cloud(volumes=1, tls=True)
    with pytest.raises(httpx.ConnectError, match="self-signed"):
        httpx.get(cloud.auth_url, trust_env=False)
    assert cloud.environment()["OS_CACERT"] == cloud.ca_file
    with closing(sign_in(cloud, verify=ssl.create_default_context(cafile=cloud.ca_file))) as client:
        cloud.add_fault(drop="after", reset=True)
        with pytest.raises(httpx.TransportError):
            client.get(cloud.auth_url)


def test_plain_openstack_over_the_socket(openstack_cloud: Simulator) -> None:
    with closing(sign_in(openstack_cloud)) as client:
        path = f"/v3/{openstack_cloud.project_id}/volumes/detail?limit=2"
        body = client.get(path).json()
        assert len(body["volumes"]) == 2
        assert body["volumes_links"][0]["href"].startswith(openstack_cloud.url)


def test_the_process_ends_with_its_stdin() -> None:
    cloud = Simulator(volumes=1)
    os.kill(cloud.pid, 0)
    cloud.close()
    with pytest.raises(ProcessLookupError):
        os.kill(cloud.pid, 0)


def test_bytes_that_are_no_http_end_the_connection_and_nothing_else(huawei_cloud: Simulator) -> None:
    port = int(huawei_cloud.url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert raw.recv(100) == b""
    assert httpx.get(huawei_cloud.auth_url, trust_env=False).status_code == 200


def test_the_simulated_cloud_imports_only_itself_and_the_standard_library() -> None:
    script = (
        "import sys; import evs_tui.demo; names = {m.split('.')[0] for m in sys.modules}; "
        "ours = sorted(m for m in sys.modules if m.startswith('evs_tui') and not m.startswith('evs_tui.demo')); "
        "print(sorted(names - sys.stdlib_module_names), ours)"
    )
    root = Path(__file__).resolve().parents[2]
    found = subprocess.run([sys.executable, "-S", "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "['__main__', 'evs_tui'] ['evs_tui']"


def test_the_process_ends_when_its_owner_is_killed() -> None:
    script = (
        "import time; from tests.simulator import Simulator; "
        "cloud = Simulator(volumes=1); print(cloud.url, flush=True); time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    owner = subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline().rsplit(":", 1)[1])
        socket.create_connection(("127.0.0.1", port)).close()
        owner.kill()
    deadline = time.monotonic() + 10
    while _listens(port):
        assert time.monotonic() < deadline


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
