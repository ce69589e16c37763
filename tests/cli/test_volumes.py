"""`evs-tui volumes` against the simulated cloud, over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.program import Cli, Process, variables_of
from tests.cli.schemas import FAILURE, VOLUME, VOLUMES, check
from tests.simulator import Simulator


def test_json_holds_every_volume_with_its_verdict(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("volumes", "--output", "json")
    assert (ended.code, ended.err) == (0, "")
    document = ended.document(VOLUMES)
    assert [row["id"] for row in document["volumes"]] == [row["id"] for row in huawei_cloud.volumes()]
    assert (document["count"], document["skipped"], document["complete"]) == (50, 0, True)
    assert document["context"] == {
        "source": document["context"]["source"],
        "profile": None,
        "cloud": "otc",
        "region": huawei_cloud.credential.region,
        "project_id": huawei_cloud.project_id,
        "project_name": huawei_cloud.credential.project,
        "user": huawei_cloud.credential.username,
        "demo": False,
        "read_only": False,
    }
    by_id = {row["id"]: row for row in document["volumes"]}
    for truth in huawei_cloud.volumes():
        row = by_id[truth["id"]]
        assert (row["name"], row["status"], row["size_gib"]) == (truth["name"], truth["status"], truth["size"])
        if truth["status"] == "available" and not truth["dedicated_storage"]:
            assert row["verdict"]["state"] == "ready"


def test_servers_are_named_and_their_state_decides(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    document = cli("volumes", "--filter", "status:in-use", "--output", "json").document(VOLUMES)
    servers = {row["id"]: row for row in huawei_cloud.servers()}
    attached = [row for row in document["volumes"] if row["attachments"]]
    assert attached
    for row in attached:
        for attachment in row["attachments"]:
            server = servers[attachment["server_id"]]
            assert attachment["server_name"] == server["name"]
            assert attachment["server_status"] == server["status"]
    assert {row["verdict"]["state"] for row in attached} >= {"needs_stop"}
    for row in attached:
        running = [a["server_id"] for a in row["attachments"] if a["server_status"] == "ACTIVE"]
        assert set(row["verdict"]["servers_to_stop"]) >= (
            set(running) if row["verdict"]["state"] == "needs_stop" else set()
        )


def test_jsonl_is_one_object_a_line_and_an_end(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    rows = cli("volumes", "--output", "jsonl").rows(VOLUME)
    assert [row["id"] for row in rows] == [row["id"] for row in huawei_cloud.volumes()]


def test_filter_and_sort(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    document = cli("volumes", "--filter", "status:available", "--sort", "size:desc", "--output", "json").document(
        VOLUMES
    )
    sizes = [row["size_gib"] for row in document["volumes"]]
    truth = [row["size"] for row in huawei_cloud.volumes() if row["status"] == "available"]
    assert sizes == sorted(truth, reverse=True)
    assert document["count"] == len(truth)
    rows = cli("volumes", "--filter", "status:available", "--sort", "size", "--output", "jsonl").rows(VOLUME)
    assert [row["size_gib"] for row in rows] == sorted(truth)


def test_the_table_is_whole_in_a_pipe(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("volumes")
    heads, *lines = ended.out.splitlines()
    assert heads.split("  ")[0] == "ID"
    assert [line.split()[0] for line in lines] == [row["id"] for row in huawei_cloud.volumes()]
    known = huawei_cloud.credential
    assert ended.err == f"50 volumes of {known.project} in {known.region}.\n"
    ended = cli("volumes", "--filter", "status:available", "--ascii")
    count = len([row for row in huawei_cloud.volumes() if row["status"] == "available"])
    assert ended.err == f"{count} of 50 volumes of {known.project} in {known.region}.\n"
    assert " + ready" in ended.out
    assert "✓" not in ended.out


def test_no_volumes_is_said(cli: Cli, start_cloud: Callable[..., Simulator]) -> None:
    cloud = start_cloud(volumes=0)
    cli.sign_in_at(cloud)
    ended = cli("volumes")
    known = cloud.credential
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == (
        f"No volumes: the cloud answered with an empty, complete list for {known.project} in {known.region}.\n"
    )
    document = cli("volumes", "--output", "json").document(VOLUMES)
    assert (document["count"], document["volumes"], document["complete"]) == (0, [], True)


def test_hostile_names_are_shown_and_obeyed_nowhere(cli: Cli, start_cloud: Callable[..., Simulator]) -> None:
    cloud = start_cloud(volumes=5, hostile=True)
    cli.sign_in_at(cloud)
    table = cli("volumes")
    document = cli("volumes", "--output", "json")
    names = [row["name"] for row in document.document(VOLUMES)["volumes"]]
    assert "[@click=app.quit]x[/]" in names
    for text in (table.out, *names):
        assert not [character for character in text if not character.isprintable() and character != "\n"]
    assert "[@click=app.quit]x[/]" in table.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ("--filter", "stauts:error"),
            ("The filter cannot be understood", '"stauts:" is not a filter word; did you mean status: ?'),
        ),
        (("--sort", "sise"), ("The volumes cannot be sorted like this", '"sise" is no column')),
    ],
)
def test_a_filter_or_order_that_means_nothing_is_explained_before_anything_is_asked(
    cli: Cli, words: tuple[str, ...], error: tuple[str, str]
) -> None:
    ended = cli("volumes", *words, "--output", "json")
    assert ended.code == 2
    told = ended.error()
    assert told["what"] == error[0]
    assert told["why"].startswith(error[1])


def _in_the_second_page(**fields: Any) -> dict[str, Any]:
    return {"operation": "list_cloudvolumes", "after": 1, **fields}


@pytest.fixture
def broken_list(start_cloud: Callable[..., Simulator]) -> Simulator:
    """A cloud that refuses everything behind the first page."""
    cloud = start_cloud(volumes=150)
    cloud.add_fault(
        **_in_the_second_page(status=403, body='{"error": {"message": "Policy does not allow", "code": "EVS.0008"}}')
    )
    return cloud


def test_a_list_that_breaks_off_is_kept_and_called_incomplete(cli: Cli, broken_list: Simulator) -> None:
    cli.sign_in_at(broken_list)
    ended = cli("volumes", "--output", "json")
    document = ended.document(VOLUMES)
    assert ended.code == 1
    assert (document["complete"], document["count"]) == (False, 100)
    (warning,) = document["warnings"]
    assert warning.startswith("The list is not complete. The volumes could not be listed: ")
    assert f"! {warning}\n" == ended.err


def test_the_same_as_lines_ends_with_the_failure(cli: Cli, broken_list: Simulator) -> None:
    cli.sign_in_at(broken_list)
    ended = cli("volumes", "--output", "jsonl")
    *rows, last = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 1
    assert len(rows) == 100
    for row in rows:
        check(row, VOLUME)
    check(last, FAILURE)
    assert last["error"]["exit_code"] == 1


def test_servers_that_cannot_be_read_count_as_running(cli: Cli, huawei_cloud: Simulator) -> None:
    huawei_cloud.add_fault(
        operation="list_servers", status=403, body='{"error": {"code": "Ecs.0001", "message": "no"}}'
    )
    cli.sign_in_at(huawei_cloud)
    ended = cli("volumes", "--filter", "status:in-use", "--output", "json")
    document = ended.document(VOLUMES)
    assert ended.code == 0
    (warning,) = document["warnings"]
    assert warning.startswith("The states of servers could not be read, so they count as running: ")
    attached = [row for row in document["volumes"] if row["attachments"] and row["verdict"]["state"] != "blocked"]
    assert {row["verdict"]["state"] for row in attached} == {"needs_stop"}
    for row in attached:
        server = row["attachments"][0]["server_id"][:8]
        assert row["verdict"]["reason"] == f"Server {server} cannot be read: it counts as running."


def test_a_reader_who_leaves_is_no_error(huawei_cloud: Simulator) -> None:
    process = Process("volumes", "--output", "jsonl", variables=variables_of(huawei_cloud))
    process.close_stdout()
    ended = process.end()
    assert (ended.code, ended.err) == (0, "")


def test_last_exports_filter_and_sort_by_the_journal_and_by_images(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk = quick_cloud.volume_ids(status="available")[0]
    assert cli("export", disk, "--name", "backup-1", "--yes", "--wait").code == 0
    others = len(quick_cloud.volumes()) - 1
    document = cli("volumes", "--filter", "exported<1d", "--output", "json").document(VOLUMES)
    assert [row["id"] for row in document["volumes"]] == [disk]
    assert cli("volumes", "--filter", "-exported<1d", "--output", "json").document(VOLUMES)["count"] == others
    ended = cli("volumes", "--sort", "exported")
    heads, first, *_ = ended.out.splitlines()
    assert "Last export" in heads
    assert first.startswith(disk)
    asked = len(quick_cloud.calls("list_cloudimages"))
    assert "Last export" not in cli("volumes").out
    assert len(quick_cloud.calls("list_cloudimages")) == asked, "images are read only where they are asked about"
