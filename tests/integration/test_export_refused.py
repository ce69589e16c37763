"""Exports that must not be sent: our own checks end them with the right code and words, and nothing is posted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.program import Ended, Program
from tests.rig_cloud import RigCloud

SERVER = "11111111-2222-3333-4444-555555555555"
NOBODY = "00000000-dead-beef-0000-000000000000"
UNREADABLE = f"the state of server {SERVER} cannot be read, so it counts as running"


def _export(program: Program, rig: RigCloud, volume_id: str, *options: str) -> Ended:
    """Run the export of one volume, and see that nothing came of it anywhere."""
    name = rig.name("refused")
    before = rig.actions(volume_id)
    ended = program.run("export", volume_id, "--name", name, *options, "--yes", "--wait", "--output", "json")
    assert rig.actions(volume_id) == before
    assert rig.images_named(name) == []
    assert [job for job in program.jobs() if job["announced_at"] is not None] == []
    return ended


def _words(value: Any) -> str:
    """Every string of a document, one a line."""
    if isinstance(value, dict):
        return "\n".join(_words(item) for item in value.values())
    if isinstance(value, list):
        return "\n".join(_words(item) for item in value)
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["without-force", "with-force"])
def test_an_attached_volume_whose_server_cannot_be_read(
    program: Program, rig: RigCloud, force: tuple[str, ...]
) -> None:
    """There is no Nova here, so nobody can tell whether the server runs: it counts as running."""
    ended = _export(program, rig, rig.volumes["rig-inuse-05"], *force)
    assert ended.exit_code == 6
    assert UNREADABLE in ended.stderr
    assert UNREADABLE in _words(ended.document)


def test_a_dry_run_of_what_is_blocked_tells_the_plan(program: Program, rig: RigCloud) -> None:
    volume_id = rig.volumes["rig-inuse-05"]
    ended = _export(program, rig, volume_id, "--force", "--dry-run")
    assert ended.exit_code == 6
    document = ended.document
    assert (document["dry_run"], document["plan"]["requests"], document["results"]) == (True, [], [])
    (planned,) = document["plan"]["volumes"]
    assert (planned["id"], planned["verdict"]["state"]) == (volume_id, "needs_stop")
    assert planned["verdict"]["reason"] == UNREADABLE


def test_a_volume_in_error(program: Program, rig: RigCloud) -> None:
    ended = _export(program, rig, rig.volumes["rig-error-04"])
    assert ended.exit_code == 6
    assert "its status is error: repair it in the console first" in ended.stderr
    assert "its status is error: repair it in the console first" in _words(ended.document)


def test_an_unknown_volume(program: Program, rig: RigCloud) -> None:
    ended = _export(program, rig, NOBODY)
    assert ended.exit_code == 6
    assert "no disk of this project has this id" in ended.stderr
    assert NOBODY in ended.stderr


def test_a_volume_of_another_project_is_unknown_too(program: Program, rig: RigCloud) -> None:
    program.environment = rig.environment("other")
    ended = _export(program, rig, rig.volumes["rig-vol-01"])
    assert ended.exit_code == 6
    assert "no disk of this project has this id" in ended.stderr


@pytest.mark.parametrize(
    ("wrong", "hint"), [("zvhd2", "raw, qcow2, vhd, vhdx, vmdk, vdi or ploop"), ("QCOW2", "QCOW2 → qcow2")]
)
def test_a_format_this_cloud_does_not_have(program: Program, rig: RigCloud, wrong: str, hint: str) -> None:
    ended = _export(program, rig, rig.volumes["rig-vol-01"], "--disk-format", wrong)
    assert ended.exit_code == 2
    assert f'"{wrong}" is no disk format of' in ended.stderr
    assert hint in ended.stderr
    assert ended.document["error"]["exit_code"] == 2


def test_a_dry_run_shows_the_request_and_sends_nothing(program: Program, rig: RigCloud) -> None:
    volume_id = rig.volumes["rig-vol-01"]
    ended = _export(program, rig, volume_id, "--disk-format", "qcow2", "--dry-run")
    assert ended.exit_code == 0, ended.stderr
    document = ended.document
    assert (document["dry_run"], document["run_id"], document["results"]) == (True, None, [])
    (request,) = document["plan"]["requests"]
    assert request == {
        "volume_id": volume_id,
        "method": "POST",
        "path": f"/v3/{rig.project_id}/volumes/{volume_id}/action",
        "body": {
            "os-volume_upload_image": {
                "image_name": rig.name("refused"),
                "disk_format": "qcow2",
                "container_format": "bare",
                "force": False,
            }
        },
    }


def test_read_only_sends_nothing(program: Program, rig: RigCloud) -> None:
    ended = _export(program, rig, rig.volumes["rig-vol-01"], "--read-only")
    assert ended.exit_code == 6
    assert "read-only" in ended.stderr.lower()
