from __future__ import annotations

import pytest

from evs_tui.cloud.dialects import DIALECTS, FLEXIBLE_ENGINE, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.exports.formats import (
    container_format_guidance,
    container_format_problem,
    disk_format_guidance,
    disk_format_problem,
    encryption_problem,
)

HUAWEI = {"vhd", "zvhd", "zvhd2", "raw", "qcow2"}
UPSTREAM = {"raw", "qcow2", "vhd", "vhdx", "vmdk", "vdi", "ploop"}


@pytest.mark.parametrize(
    ("dialect", "taken"), [(OTC, HUAWEI), (HUAWEICLOUD, HUAWEI), (FLEXIBLE_ENGINE, HUAWEI), (OPENSTACK, UPSTREAM)]
)
def test_each_cloud_takes_exactly_its_documented_formats(dialect: Dialect, taken: set[str]) -> None:
    for disk_format in HUAWEI | UPSTREAM | {"iso", "QCOW2", "", "ami"}:
        assert (disk_format_problem(disk_format, dialect) is None) == (disk_format in taken), disk_format


def test_the_preselected_formats() -> None:
    assert {name: dialect.preferred_format for name, dialect in DIALECTS.items()} == {
        "otc": "zvhd2",
        "huaweicloud": "vhd",
        "flexible-engine": "zvhd2",
        "openstack": "raw",
    }


def test_a_wrong_format_is_answered_with_the_right_ones() -> None:
    assert str(disk_format_problem("zvhd2", OPENSTACK)) == (
        '"zvhd2" is no disk format of OpenStack: choose raw, qcow2, vhd, vhdx, vmdk, vdi or ploop'
    )
    assert str(disk_format_problem("QCOW2", OTC)) == (
        '"QCOW2" is no disk format of Open Telekom Cloud: choose vhd, zvhd, zvhd2, raw or qcow2 (QCOW2 → qcow2)'
    )
    assert str(container_format_problem("docker", OTC)) == (
        '"docker" is no container format: choose bare, ami, ari, aki or ovf'
    )
    assert str(disk_format_problem("\x1b[2J", OTC)).startswith('"␛[2J" is no disk format')


def test_every_format_on_offer_has_one_line_of_guidance() -> None:
    for dialect in DIALECTS.values():
        for disk_format in dialect.disk_formats:
            assert 0 < len(disk_format_guidance(disk_format, dialect)) <= 56
        for container in dialect.container_formats:
            assert container_format_problem(container, dialect) is None
            assert 0 < len(container_format_guidance(container)) <= 56


def test_plain_cinder_takes_an_encrypted_disk_as_raw_and_bare_alone() -> None:
    assert encryption_problem("raw", "bare", OPENSTACK) is None
    assert encryption_problem("qcow2", "bare", OPENSTACK) is not None
    assert encryption_problem("raw", "ovf", OPENSTACK) is not None
    assert encryption_problem("zvhd2", "ovf", OTC) is None
