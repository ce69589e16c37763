"""`evs-tui volumes` lists what Cinder holds, and says clearly why it cannot."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.integration.program import Ended, Program
from tests.rig_cloud import RigCloud

SERVER = "11111111-2222-3333-4444-555555555555"
CHINESE = "数据盘-测试-02"


def _rows(ended: Ended, rig: RigCloud) -> dict[str, dict[str, Any]]:
    """The volumes that are always there, by name; those that other tests made are left out."""
    own = set(rig.volumes.values())
    return {row["name"]: row for row in ended.document["volumes"] if row["id"] in own}


def test_json_tells_every_volume_as_cinder_does(program: Program, rig: RigCloud) -> None:
    ended = program.run("volumes", "--output", "json")
    assert ended.exit_code == 0, ended.stderr
    document = ended.document
    assert (document["complete"], document["skipped"]) == (True, 0)
    assert document["count"] == len(document["volumes"])
    rows = _rows(ended, rig)
    assert {name: row["id"] for name, row in rows.items()} == rig.volumes
    for row in rows.values():
        told = rig.volume(row["id"])
        assert (row["status"], row["size_gib"]) == (told["status"], told["size"])
        assert row["bootable"] is (told["bootable"] == "true")
        assert row["availability_zone"] == told["availability_zone"]
        assert row["volume_type"] == told["volume_type"]
        assert row["created_at"] == told["created_at"].removesuffix(".000000") + "Z"
        assert (row["encrypted"], row["shared"]) == (False, False)


def test_json_says_where_it_comes_from(program: Program, rig: RigCloud) -> None:
    context = program.run("volumes", "--output", "json").document["context"]
    assert context.pop("source")
    assert context == {
        "profile": None,
        "cloud": "openstack",
        "region": "RegionOne",
        "project_id": rig.project_id,
        "project_name": "demo",
        "user": "demo",
        "demo": False,
        "read_only": False,
    }


def test_each_verdict_follows_the_volume_s_state(program: Program, rig: RigCloud) -> None:
    rows = _rows(program.run("volumes", "--output", "json"), rig)
    states = {name: row["verdict"]["state"] for name, row in rows.items()}
    assert states == {
        "rig-vol-01": "ready",
        CHINESE: "ready",
        "rig-boot-03": "ready",
        "rig-error-04": "blocked",
        "rig-inuse-05": "needs_stop",
    }
    attached = rows["rig-inuse-05"]
    assert attached["attachments"] == [
        {"server_id": SERVER, "server_name": None, "server_status": None, "device": "/dev/vdb"}
    ]
    assert attached["verdict"]["servers_to_stop"] == [SERVER]
    assert attached["verdict"]["reason"] == "Server 11111111 cannot be read: it counts as running."


def test_a_chinese_name_is_escaped_in_json_and_shown_in_the_table(program: Program) -> None:
    as_json = program.run("volumes", "--output", "json").stdout
    assert as_json.isascii()
    assert r"\u6570\u636e\u76d8-\u6d4b\u8bd5-02" in as_json
    as_table = program.run("volumes").stdout
    assert CHINESE in as_table


def test_jsonl_ends_with_a_line_that_counts(program: Program, rig: RigCloud) -> None:
    ended = program.run("volumes", "--output", "jsonl", "--filter", "rig-boot-03")
    assert ended.exit_code == 0, ended.stderr
    first, last = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (first["id"], first["bootable"]) == (rig.volumes["rig-boot-03"], True)
    assert last == {"end": True, "count": 1, "skipped": 0}


def test_another_project_sees_none_of_them(program: Program, rig: RigCloud) -> None:
    ended = program.run("volumes", "--output", "json", variables=rig.environment("other"))
    assert ended.exit_code == 0, ended.stderr
    assert not _rows(ended, rig)
    assert ended.document["context"]["project_name"] == "other"


def test_a_ready_token_is_enough(program: Program, rig: RigCloud) -> None:
    ended = program.run("volumes", "--output", "json", variables=rig.token_environment(rig.sign_in()))
    assert ended.exit_code == 0, ended.stderr
    assert {row["id"] for row in _rows(ended, rig).values()} == set(rig.volumes.values())


def test_a_clouds_yaml_is_enough(program: Program, rig: RigCloud) -> None:
    path = rig.home / "clouds.yaml"
    ended = program.run(
        "volumes", "--output", "json", variables={"OS_CLIENT_CONFIG_FILE": str(path), "OS_CLOUD": "rig"}
    )
    assert ended.exit_code == 0, ended.stderr
    assert {row["id"] for row in _rows(ended, rig).values()} == set(rig.volumes.values())


def _error(ended: Ended) -> dict[str, Any]:
    error: dict[str, Any] = ended.document["error"]
    assert error["exit_code"] == ended.exit_code
    assert error["what"]
    assert error["why"]
    assert error["what"] in ended.stderr
    return error


def test_a_token_that_was_ended_is_a_failed_sign_in(program: Program, rig: RigCloud) -> None:
    token = rig.sign_in()
    rig.revoke(token)
    ended = program.run("volumes", "--output", "json", variables=rig.token_environment(token))
    assert ended.exit_code == 4
    assert _error(ended)["http_status"] in {401, 404}


def test_a_wrong_password_is_tried_once(program: Program, rig: RigCloud) -> None:
    before = len(rig.accesses("keystone"))
    ended = program.run(
        "volumes", "--output", "json", variables=rig.environment() | {"OS_PASSWORD": "not-the-password"}
    )
    assert ended.exit_code == 4
    error = _error(ended)
    assert error["http_status"] == 401
    assert error["request_id"].startswith("req-")
    assert error["advice"]
    refused = [row for row in rig.accesses("keystone")[before:] if row.method == "POST" and row.status == 401]
    assert len(refused) == 1


@pytest.mark.parametrize("missing", ["OS_PASSWORD", "OS_USERNAME"])
def test_a_half_filled_source_names_what_is_missing(program: Program, rig: RigCloud, missing: str) -> None:
    variables = rig.environment()
    del variables[missing]
    ended = program.run("volumes", "--output", "json", variables=variables)
    assert ended.exit_code == 2
    error = _error(ended)
    assert missing in f"{error['what']} {error['why']} {error['advice']}"


def test_a_port_where_nobody_listens_is_unreachable(program: Program, rig: RigCloud) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ended = program.run(
        "volumes", "--output", "json", variables=rig.environment() | {"OS_AUTH_URL": f"http://127.0.0.1:{port}/v3"}
    )
    assert ended.exit_code == 5
    assert _error(ended)["http_status"] is None
