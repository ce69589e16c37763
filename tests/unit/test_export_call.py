"""The rules of the export call as the vendor's pages have them, row by row, against what a plan really asks for."""

from __future__ import annotations

from typing import Any

import pytest

from evs_tui.cloud.dialects import DIALECTS, FLEXIBLE_ENGINE, HUAWEICLOUD, OPENSTACK, OTC, Dialect
from evs_tui.cloud.models import Server
from evs_tui.exports.model import Choices, Plan
from evs_tui.exports.plan import plan_exports
from tests.unit.volumes_for_tests import NOW, known, off, server, volume

HUAWEI_STYLE = (OTC, HUAWEICLOUD, FLEXIBLE_ENGINE)


def planned(choices: Choices, dialect: Dialect = OTC, **fields: Any) -> Plan:
    return plan_exports([volume(**fields)], choices, dialect, servers={}, now=NOW)


def body(plan: Plan) -> dict[str, str | bool]:
    (item,) = plan.to_do
    assert item.request is not None
    return item.request.body()["os-volume_upload_image"]


# The request: EVS API, Exporting EVS Disk Data as an Image.


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)
def test_every_documented_key_is_sent_with_its_type_and_no_other(dialect: Dialect) -> None:
    sent = body(planned(Choices("n"), dialect))
    keys = {"image_name", "disk_format", "container_format", "force"}
    assert set(sent) == (keys | {"__os_type"} if dialect.huawei_style else keys)
    assert sent["force"] is False  # EVS.1018 answers a text
    assert all(isinstance(value, str) for key, value in sent.items() if key != "force")


@pytest.mark.parametrize(
    ("dialect", "disk_format"),
    [(OTC, "zvhd2"), (HUAWEICLOUD, "vhd"), (FLEXIBLE_ENGINE, "zvhd2"), (OPENSTACK, "raw")],
)
def test_the_format_is_sent_explicitly_whatever_the_page_calls_the_default(dialect: Dialect, disk_format: str) -> None:
    sent = body(planned(Choices("n"), dialect))
    assert (sent["disk_format"], sent["container_format"]) == (disk_format, "bare")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda each: each.name)
def test_each_listed_format_goes_out_as_it_is_and_no_other_goes_out(dialect: Dialect) -> None:
    every = {"vhd", "zvhd", "zvhd2", "raw", "qcow2", "vhdx", "vmdk", "vdi", "ploop", "iso", "VHD", ""}
    gone = {each for each in every - {""} if planned(Choices("n", each), dialect).to_do}
    assert gone == set(dialect.disk_formats)


@pytest.mark.parametrize("container", ["bare", "ami", "ari", "aki", "ovf"])
def test_the_containers_beside_bare_are_sent_with_a_warning(container: str) -> None:
    plan = planned(Choices("n", container_format=container))
    assert body(plan)["container_format"] == container
    assert [notice.code for notice in plan.notices] == ([] if container == "bare" else ["container_format"])
    assert not planned(Choices("n", container_format="docker")).to_do


# `__os_type` counts only for an available disk whose image metadata has none.


@pytest.mark.parametrize("dialect", HUAWEI_STYLE, ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("status", "own", "chosen", "sent"),
    [
        ("available", None, None, "linux"),
        ("available", None, "linux", "linux"),
        ("available", None, "windows", "windows"),
        ("available", "linux", None, None),
        ("available", "windows", "linux", None),
        ("in-use", None, None, None),
        ("in-use", None, "windows", None),
        ("in-use", "windows", None, None),
    ],
)
def test_the_system_type(dialect: Dialect, status: str, own: str | None, chosen: str | None, sent: str | None) -> None:
    attached = ("s1",) if status == "in-use" else ()
    choices = Choices("n", os_type=chosen, force=True)
    disk = volume(status=status, os_type=own, servers=attached)
    plan = plan_exports([disk], choices, dialect, servers=known(off("s1")), now=NOW)
    assert body(plan).get("__os_type") == sent


# `force`: a stopped server's disk stays in use, so it is needed there, and sent nowhere else.


@pytest.mark.parametrize(
    ("status", "servers", "force", "sent"),
    [
        ("available", (), False, False),
        ("available", (), True, False),
        ("in-use", (off("s1"),), True, True),
        ("in-use", (off("s1"), off("s2")), True, True),
        ("in-use", (off("s1"),), False, None),
        ("in-use", (server("s1"),), True, None),
        ("in-use", (off("s1"), server("s2")), True, None),
        ("uploading", (), True, None),
        ("error", (), True, None),
    ],
)
def test_force(status: str, servers: tuple[Server, ...], force: bool, sent: bool | None) -> None:
    disk = volume(status=status, servers=tuple(each.id for each in servers), shared=len(servers) > 1)
    plan = plan_exports([disk], Choices("n", force=force), OTC, servers=known(*servers), now=NOW)
    assert (body(plan)["force"] if plan.to_do else None) == sent


# Limits and side effects.


@pytest.mark.parametrize(
    ("dialect", "size", "told"),
    [(OTC, 1024, False), (OTC, 1025, True), (HUAWEICLOUD, 2048, True), (OPENSTACK, 2048, False)],
)
def test_over_1_tib_is_told_and_not_blocked(dialect: Dialect, size: int, told: bool) -> None:
    plan = planned(Choices("n"), dialect, size_gib=size)
    assert len(plan.to_do) == 1
    assert ("over_1_tib" in [notice.code for notice in plan.notices]) is told


def test_what_else_is_told_about_the_disk() -> None:
    plan = planned(Choices("n"), encrypted=True, shared=True)
    assert [(notice.level, notice.code) for notice in plan.notices] == [("yellow", "encrypted"), ("info", "shared")]
    assert not planned(Choices("n"), dedicated=True).to_do
    assert [bool(planned(Choices("n", each), OPENSTACK, encrypted=True).to_do) for each in ("raw", "qcow2")] == [
        True,
        False,
    ]
