"""`evs-tui images` against the simulated cloud, over a socket."""

from __future__ import annotations

import json

from tests.cli.program import Cli
from tests.cli.schemas import FAILURE, IMAGE, IMAGES, check
from tests.simulator import Simulator


def export_one(cli: Cli, cloud: Simulator, *words: str) -> tuple[str, str]:
    """Export one free disk; the disk's id and the image's."""
    disk = cloud.volume_ids(status="available")[0]
    assert cli("export", disk, "--name", "backup-1", "--yes", *words).code == 0
    (made,) = [row["id"] for row in cloud.images() if row["made_here"]]
    return disk, made


def test_an_image_tells_which_job_made_it_from_which_volume(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk, made = export_one(cli, quick_cloud, "--wait")
    ended = cli("images", "--output", "json")
    rows = ended.document(IMAGES)["images"]
    assert (ended.code, ended.err) == (0, "")
    assert {row["id"] for row in rows} == {row["id"] for row in quick_cloud.images()}
    (ours,) = [row for row in rows if row["id"] == made]
    job = json.loads(cli("jobs", "--all", "--output", "jsonl").out.splitlines()[0])
    assert (ours["job_id"], ours["volume_id"], ours["status"]) == (job["id"], disk, "active")
    assert {row["job_id"] for row in rows if row["id"] != made} <= {None}


def test_an_image_that_the_list_hides_while_it_is_made_is_shown_all_the_same(cli: Cli, slow_cloud: Simulator) -> None:
    cli.sign_in_at(slow_cloud)
    _, made = export_one(cli, slow_cloud)
    rows = cli("images", "--output", "jsonl").rows(IMAGE)
    (ours,) = [row for row in rows if row["id"] == made]
    assert ours["status"] == "queued"
    assert "queued" in cli("images", "--filter", "ours:yes").out


def test_the_filter_narrows_and_the_table_says_of_how_many(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    export_one(cli, quick_cloud, "--wait")
    total = len(quick_cloud.images())
    ended = cli("images", "--filter", "ours:yes")
    known = quick_cloud.credential
    assert ended.err == f"1 of {total} private images of {known.project} in {known.region}.\n"
    heads, line = ended.out.splitlines()
    assert heads.split() == ["ID", "Name", "State", "Size", "System", "Format", "From", "Created"]
    assert "✓ active" in line


def test_a_filter_that_means_nothing_is_explained_before_anything_is_asked(cli: Cli) -> None:
    ended = cli("images", "--filter", "stauts:active", "--output", "json")
    assert ended.code == 2
    assert ended.error()["why"] == '"stauts:" is not a filter word; did you mean status: ?'


def test_a_list_that_cannot_be_read_is_a_failure(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    huawei_cloud.add_fault(
        operation="list_cloudimages", status=403, body='{"error": {"code": "IMG.0026", "message": "No permission."}}'
    )
    ended = cli("images", "--output", "jsonl")
    assert ended.code == 1
    check(json.loads(ended.out), FAILURE)
