"""Whether a server is the machine that this runs on: from files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evs_tui.cloud.models import Server
from evs_tui.exports.host import NOWHERE, Host

SERVER = "0d1e2f3a-4b5c-4d7e-8f90-a1b2c3d4e5f6"


def machine(root: Path, name: str, text: str) -> Host:
    path = root / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return Host.here(root)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sys/class/dmi/id/product_uuid", f"{SERVER.upper()}\n"),
        ("sys/class/dmi/id/product_uuid", "3a2f1e0d-5c4b-7e4d-8f90-a1b2c3d4e5f6\n"),
        ("sys/class/dmi/id/product_serial", f"{SERVER}\n"),
        ("sys/hypervisor/uuid", f"{SERVER}\n"),
        ("var/lib/cloud/data/instance-id", f"{SERVER}\n"),
        ("run/cloud-init/instance-data.json", json.dumps({"v1": {"instance_id": SERVER}})),
        ("run/cloud-init/instance-data.json", json.dumps({"ds": {"meta_data": {"uuid": SERVER}}})),
        ("mnt/config/openstack/latest/meta_data.json", json.dumps({"uuid": SERVER, "project_id": "p"})),
    ],
)
def test_a_machine_knows_itself_by_each_of_these_files(tmp_path: Path, name: str, text: str) -> None:
    assert machine(tmp_path, name, text).is_server(SERVER)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sys/class/dmi/id/product_uuid", "Not Settable\n"),
        ("var/lib/cloud/data/instance-id", "i-00000042\n"),
        ("run/cloud-init/instance-data.json", "{"),
        ("run/cloud-init/instance-data.json", "[1]"),
        ("run/cloud-init/instance-data.json", json.dumps({"v1": None, "ds": {"volumes": [SERVER]}})),
    ],
)
def test_what_does_not_name_the_machine_proves_nothing(tmp_path: Path, name: str, text: str) -> None:
    assert not machine(tmp_path, name, text).is_server(SERVER)


def test_a_machine_without_these_files_is_no_server_and_its_name_is_only_a_hint(tmp_path: Path) -> None:
    assert Host.here(tmp_path).ids == frozenset()
    here = Host(frozenset(), "jump-01.example.org")
    assert here.may_be(Server("s", "JUMP-01", "ACTIVE"))
    assert not here.may_be(Server("s", "jump-02", "ACTIVE"))
    assert not NOWHERE.may_be(Server("s", "", "ACTIVE"))
