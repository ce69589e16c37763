"""What keeps the program quick and small: what is loaded before the first frame, and what many records hold once."""

from __future__ import annotations

import json
import subprocess
import sys

from evs_tui.cloud.models import server_from, volume_from


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh Python has after `statement`."""
    code = f"import sys; {statement}; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True)
    return set(shown.stdout.split())


def test_the_first_frame_waits_for_the_volumes_alone() -> None:
    loaded = loaded_by("import evs_tui.cli.terminal, evs_tui.workspace, evs_tui.tui.app")
    screens = {name.removeprefix("evs_tui.tui.screens.") for name in loaded if name.startswith("evs_tui.tui.screens.")}
    assert screens == {"main", "small", "volumes"}
    assert not loaded & {"httpx", "keyring", "sqlite3", "yaml", "tomlkit", "evs_tui.demo", "evs_tui.exports.service"}


def test_what_many_disks_say_alike_is_held_once() -> None:
    record = (
        '{"id": "%s", "status": "in-use", "volume_type": "SSD", "availability_zone": "eu-de-01",'
        ' "tags": {"env": "prod"}, "attachments": [{"server_id": "server-1", "device": "/dev/vda"}],'
        ' "volume_image_metadata": {"__os_type": "Linux"}}'
    )
    first, second = volume_from(json.loads(record % "a")), volume_from(json.loads(record % "b"))
    assert first.status is second.status
    assert first.volume_type is second.volume_type
    assert first.availability_zone is second.availability_zone
    assert first.os_type is second.os_type
    assert first.image_metadata is second.image_metadata == {"__os_type": "Linux"}
    assert first.tags is second.tags == {"env": "prod"}
    assert first.attachments[0].server_id is second.attachments[0].server_id
    assert first.attachments[0].device is second.attachments[0].device


def test_disks_that_say_other_things_keep_them() -> None:
    one = volume_from({"id": "a", "tags": {"env": "prod"}})
    other = volume_from({"id": "b", "tags": {"env": "test"}})
    assert (one.tags, other.tags) == ({"env": "prod"}, {"env": "test"})


def test_a_disk_without_attachments_and_tags_holds_no_collections_of_its_own() -> None:
    one, other = volume_from({"id": "a", "tags": {}, "attachments": []}), volume_from({"id": "b"})
    assert one.tags is other.tags
    assert one.image_metadata is other.image_metadata
    assert one.attachments is other.attachments


def test_a_disk_and_its_server_hold_the_id_of_the_server_once() -> None:
    disk = volume_from(json.loads('{"id": "a", "attachments": [{"server_id": "server-1"}]}'))
    server = server_from(json.loads('{"id": "server-1", "name": "web", "status": "ACTIVE"}'))
    assert disk.attachments[0].server_id is server.id
