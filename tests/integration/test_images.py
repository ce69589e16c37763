"""`evs-tui images` against the real image service: an image of ours, while it is made and when it is done."""

from __future__ import annotations

from typing import Any

from tests.integration.program import Ended, Program
from tests.rig_cloud import RigCloud


def _rows(ended: Ended) -> dict[str, Any]:
    assert ended.exit_code == 0, ended.stderr
    return {row["id"]: row for row in ended.document["images"]}


def test_an_image_of_ours_is_listed_while_it_is_made_and_when_it_is_done(program: Program, rig: RigCloud) -> None:
    volume_id = rig.create_volume("listed", metadata={"osrig_delay": "4"})
    name = rig.name("listed")
    export = ["export", volume_id, "--name", name, "--disk-format", "qcow2", "--yes"]
    assert program.run(*export).exit_code == 0
    (job,) = program.jobs()
    image_id = rig.wait_for_image(name)
    going = _rows(program.run("images", "--filter", "ours:yes", "--output", "json"))
    assert set(going) == {image_id}
    assert going[image_id]["status"] in {"queued", "saving"}
    rig.wait_for_image(name, "active")
    row = _rows(program.run("images", "--filter", f'name:"{name}"', "--output", "json"))[image_id]
    assert (row["status"], row["job_id"], row["volume_id"]) == ("active", job["id"], volume_id)
    assert row["disk_format"] == "qcow2"
