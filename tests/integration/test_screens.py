"""The terminal UI in a real terminal, against the real services: a disk becomes an image by keys alone."""

from __future__ import annotations

import filecmp

import pytest

from tests.integration.program import COMMAND, Program
from tests.rig_cloud import RigCloud
from tests.terminal.screen import CTRL_S, ENTER, TAB, Terminal

pytestmark = pytest.mark.terminal


def test_a_disk_becomes_an_active_image_by_keys_alone(program: Program, rig: RigCloud) -> None:
    volume_id = rig.create_volume("screens")
    variables = program.surroundings(program.environment)
    with Terminal(str(COMMAND), "--volume", volume_id, variables=variables) as terminal:
        terminal.wait_for("Image name", seconds=60)
        terminal.wait_for("Nothing has been sent yet.")
        terminal.type(CTRL_S)
        terminal.wait_for("Review: export")
        assert rig.actions(volume_id) == []
        terminal.type(TAB, ENTER)
        terminal.wait_for("succeeded", seconds=120)
    (job,) = program.jobs()
    assert (job["state"], job["image"]["status"]) == ("succeeded", "active")
    assert job["request"]["disk_format"] == "raw"
    assert filecmp.cmp(rig.image_file(job["image"]["id"]), rig.volume_file(volume_id), shallow=False)
    assert rig.actions(volume_id) == [202], "one volume, one export: one POST"
