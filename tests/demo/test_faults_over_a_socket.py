from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from typing import Any

import httpx
import pytest

from tests.demo.exporter import Exporter


@pytest.mark.parametrize(
    ("reset", "error"), [(False, httpx.RemoteProtocolError), (True, httpx.ReadError)], ids=["fin", "rst"]
)
def test_dropped_before_nothing_was_done(exporter: Exporter, reset: bool, error: type[Exception]) -> None:
    exporter.cloud.add_fault(operation="export", drop="before", reset=reset)
    with pytest.raises(error):
        exporter.export()
    (call,) = exporter.cloud.export_posts(exporter.volume)
    assert (call["processed"], call["dropped"], call["status"]) == (False, "before", None)
    assert exporter.made() == []
    assert exporter.cloud.volume(exporter.volume)["status"] == "available"


@pytest.mark.parametrize("drop", ["after", "body"])
def test_dropped_after_or_in_mid_body_the_export_runs(exporter: Exporter, drop: str) -> None:
    exporter.cloud.add_fault(operation="export", drop=drop, count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        exporter.export()
    (call,) = exporter.cloud.export_posts(exporter.volume)
    assert (call["processed"], call["dropped"]) == (True, drop)
    assert exporter.made() == [call["image_id"]]
    assert exporter.cloud.volume(exporter.volume)["status"] == "uploading"
    assert exporter.export().status_code == 400


@pytest.mark.parametrize("hold", ["before", "after"])
def test_a_call_that_is_held_is_done_although_its_caller_gave_up(exporter: Exporter, hold: str) -> None:
    exporter.cloud.add_fault(operation="export", hold=hold)
    with pytest.raises(httpx.ReadTimeout):
        exporter.http.post(
            f"{exporter.volume_path}/action", json={"os-volume_upload_image": {"image_name": "nightly"}}, timeout=0.2
        )
    assert len(exporter.made()) == (1 if hold == "after" else 0)
    exporter.cloud.release()
    deadline = time.monotonic() + 10
    while len(exporter.made()) != 1:
        assert time.monotonic() < deadline
    assert len(exporter.cloud.export_posts()) == 1


def test_a_call_is_done_although_its_caller_was_killed(exporter: Exporter) -> None:
    exporter.cloud.add_fault(operation="export", hold="before")
    script = (
        "import sys, httpx; httpx.post(sys.argv[1], headers={'X-Auth-Token': sys.argv[2]}, "
        "json={'os-volume_upload_image': {'image_name': 'nightly'}}, trust_env=False)"
    )
    url = f"{exporter.cloud.url}{exporter.volume_path}/action"
    client = subprocess.Popen([sys.executable, "-c", script, url, exporter.http.headers["X-Auth-Token"]])
    exporter.cloud.wait_for_calls("export")
    client.send_signal(signal.SIGKILL)
    client.wait()
    exporter.cloud.release()
    deadline = time.monotonic() + 10
    while exporter.cloud.volume(exporter.volume)["status"] != "uploading":
        assert time.monotonic() < deadline
    assert exporter.cloud.counters()["export"] == 1


@pytest.mark.parametrize(
    ("preset", "status", "kind"),
    [
        ("html-502", 502, "text/html"),
        ("text-503", 503, "text/plain"),
        ("empty-504", 504, None),
        ("evs-500", 500, "application/json"),
        ("apigw-429", 429, "application/json"),
        ("overlimit-413", 413, "application/json"),
        ("token-401", 401, "application/json"),
        ("token-plain-401", 401, "text/plain"),
        ("token-EVS.0002", 400, "application/json"),
        ("token-Common.0013", 400, "application/json"),
    ],
)
def test_an_answer_in_place_of_the_call(exporter: Exporter, preset: Any, status: int, kind: str | None) -> None:
    exporter.cloud.add_fault(preset, operation="export", count=1)
    answer = exporter.export()
    assert (answer.status_code, answer.headers.get("content-type")) == (status, kind)
    assert exporter.made() == []
    assert exporter.export().status_code == 202


def test_throttled_says_when_to_come_back_in_header_and_body(exporter: Exporter) -> None:
    exporter.cloud.add_fault("overlimit-413", headers={"Retry-After": "7"})
    answer = exporter.export()
    assert (answer.headers["Retry-After"], answer.json()["overLimit"]["retryAfter"]) == ("7", "1")


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_leads_to_another_host(exporter: Exporter, status: int) -> None:
    exporter.cloud.add_fault(f"redirect-{status}", operation="list_cloudvolumes")  # type: ignore[arg-type]
    answer = exporter.http.get(exporter.list_path)
    assert (answer.status_code, answer.headers["Location"]) == (status, "https://evil.invalid/stolen")


def test_an_export_taken_with_an_answer_nobody_can_read(exporter: Exporter) -> None:
    exporter.cloud.add_fault("garbled-after", operation="export")
    answer = exporter.export()
    assert answer.status_code == 202
    with pytest.raises(ValueError, match=r"codec can't decode"):
        json.loads(answer.content)
    assert len(exporter.made()) == 1


@pytest.mark.parametrize(("preset", "image_id"), [("no-image-id-after", None), ("bad-image-id-after", "../x")])
def test_an_export_taken_without_a_usable_image_id(exporter: Exporter, preset: Any, image_id: str | None) -> None:
    exporter.cloud.add_fault(preset, operation="export")
    answer = exporter.export()
    assert answer.status_code == 202
    assert answer.json()["os-volume_upload_image"].get("image_id") == image_id
    assert len(exporter.made()) == 1


def test_bodies_that_are_cut_huge_packed_or_deep(exporter: Exporter) -> None:
    def raw(preset: Any) -> bytes:
        exporter.cloud.clear_faults()
        exporter.cloud.add_fault(preset, operation="list_cloudvolumes")
        with exporter.http.stream("GET", exporter.list_path) as answer:
            return b"".join(answer.iter_raw())

    with pytest.raises(json.JSONDecodeError):
        json.loads(raw("truncated-json"))
    assert len(raw("huge-body")) > 50_000_000
    packed = raw("gzip-bomb")
    assert len(packed) < 2_000_000
    assert len(gzip.decompress(packed)) > 300_000_000
    with pytest.raises(RecursionError):
        json.loads(raw("deep-json"))


def test_records_are_spoiled_on_demand(exporter: Exporter) -> None:
    def rows(rewrite: str) -> list[dict[str, Any]]:
        exporter.cloud.clear_faults()
        exporter.cloud.add_fault(operation="list_cloudvolumes", rewrite=rewrite)
        found: list[dict[str, Any]] = exporter.http.get(exporter.list_path).json()["volumes"]
        return found

    assert {row["attachments"] for row in rows("null-lists")} == {None}
    assert set(rows("missing-keys")[0]) == {"id", "name", "status", "size"}
    assert rows("numbers-as-strings")[0]["size"].isdecimal()
    ids = [row["id"] for row in rows("duplicate-ids")]
    assert (len(ids), len(set(ids))) == (51, 50)
    exporter.cloud.clear_faults()
    exporter.cloud.add_fault(operation="list_cloudvolumes", rewrite="hostile-next-link")
    link = exporter.http.get(exporter.list_path).json()["volumes_links"][0]["href"]
    assert link.startswith("https://evil.invalid/")


def test_the_catalog_points_to_a_hostile_host(exporter: Exporter) -> None:
    exporter.cloud.add_fault(operation="catalog", rewrite="hostile-catalog")
    catalog = exporter.http.get("/v3/auth/catalog").json()["catalog"]
    urls = {entry["type"]: entry["endpoints"][0]["url"] for entry in catalog}
    assert urls["volumev3"] == f"https://evil.invalid/v3/{exporter.cloud.project_id}"
    assert urls["identity"] == exporter.cloud.auth_url


def test_the_nth_call_alone_goes_wrong(exporter: Exporter) -> None:
    exporter.cloud.add_fault("token-401", path=r"/cloudvolumes/", method="GET", after=1, count=1)
    statuses = [exporter.http.get(exporter.list_path).status_code for _ in range(4)]
    assert statuses == [200, 401, 200, 200]
    (fault,) = exporter.cloud.faults()
    assert (fault["seen"], fault["hits"]) == (4, 1)


def test_a_marker_vanishes_in_mid_list(exporter: Exporter) -> None:
    exporter.cloud.add_fault(operation="list_cloudvolumes", after=1, count=1, delete_marker=True)
    marker = exporter.http.get(exporter.list_path, params={"limit": 2}).json()["volumes"][-1]["id"]
    answer = exporter.http.get(exporter.list_path, params={"limit": 2, "marker": marker})
    assert (answer.status_code, list(answer.json())) == (404, ["itemNotFound"])
    assert marker not in exporter.cloud.volume_ids(plain=False)
