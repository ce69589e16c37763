"""The requests as other tools would send them: what a shell makes of the text is exactly what was asked for."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evs_tui.cli.commands import ExportCommand
from evs_tui.cli.parser import parse
from evs_tui.cloud.dialects import OPENSTACK, OTC, Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.as_command import Destination, Rendition, evs_tui_command, renditions
from evs_tui.exports.model import Choices, Plan
from evs_tui.exports.names import name_problem
from evs_tui.exports.plan import plan_exports
from tests.unit.volumes_for_tests import NOW, known, off, volume

TO = Destination("https://evs.eu-de.otc.t-systems.com/v3/p1/volumes/{volume_id}/action", ("--profile", "prod"))
HOSTILE = ["it's; rm -rf ~", "$(reboot)", "`id`", '"$OS_TOKEN"', "a\\b", "-rf", "--help", "{name}", "生产 x", "!!"]


def plan(choices: Choices, *volumes: Volume, dialect: Dialect = OTC) -> Plan:
    return plan_exports(volumes or (volume("v1"),), choices, dialect, servers=known(off("s1")), now=NOW)


def shown(choices: Choices, *volumes: Volume, dialect: Dialect = OTC) -> dict[str, Rendition]:
    return {each.name: each for each in renditions(plan(choices, *volumes, dialect=dialect), choices, TO)}


def test_one_disk_in_every_form() -> None:
    choices = Choices("web-1", disk_format="vhd", os_type="linux")
    found = shown(choices)
    body = {
        "os-volume_upload_image": {
            "image_name": "web-1",
            "disk_format": "vhd",
            "container_format": "bare",
            "force": False,
            "__os_type": "linux",
        }
    }
    assert list(found) == ["request", "curl", "openstack", "cinder", "evs-tui"]
    assert json.loads(found["request"].text or "") == body
    assert found["curl"].text == (
        "curl -sS -X POST https://evs.eu-de.otc.t-systems.com/v3/p1/volumes/v1/action \\\n"
        '  -H "X-Auth-Token: $OS_TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        f"  --data-raw '{json.dumps(body)}'"
    )
    assert found["openstack"].text == (
        "openstack image create --volume v1 --disk-format vhd --container-format bare web-1"
    )
    assert found["cinder"].text == "cinder upload-to-image --disk-format vhd --container-format bare v1 web-1"
    remark = "it sends no __os_type; the cloud then takes linux, which is what is asked for"
    assert found["openstack"].remark == found["cinder"].remark == remark
    assert found["evs-tui"] == Rendition(
        "evs-tui", "evs-tui export v1 --name web-1 --disk-format vhd --os-type linux --profile prod"
    )


def test_what_a_tool_cannot_express_is_said_with_the_reason() -> None:
    zipped = shown(Choices("n", disk_format="zvhd2"))
    assert zipped["openstack"] == Rendition(
        "openstack", None, "openstack refuses zvhd2: it is not in its own list of formats"
    )
    assert zipped["cinder"].text == "cinder upload-to-image --disk-format zvhd2 --container-format bare v1 n"
    windows = shown(Choices("n", disk_format="vhd", os_type="windows"))
    for name in ("openstack", "cinder"):
        assert windows[name] == Rendition(name, None, f"{name} cannot send __os_type: the image would be typed linux")


def test_force_is_written_as_each_tool_wants_it() -> None:
    attached = volume("v1", status="in-use", servers=("s1",))
    found = shown(Choices("n", disk_format="raw", force=True), attached)
    assert found["openstack"].text is not None
    assert " --force n" in found["openstack"].text
    assert found["openstack"].remark is None  # nothing is left out: no system type would be sent
    assert found["cinder"].text == "cinder upload-to-image --force True --disk-format raw --container-format bare v1 n"
    assert found["evs-tui"].text == "evs-tui export v1 --name n --disk-format raw --force --profile prod"


def test_many_disks_are_one_command_of_ours_and_one_each_of_the_others() -> None:
    choices = Choices("{name}-{index}", disk_format="qcow2")
    found = shown(choices, volume("v1", "a"), volume("v2", "b"), dialect=OPENSTACK)
    assert [row["body"]["os-volume_upload_image"]["image_name"] for row in json.loads(found["request"].text or "")] == [
        "a-1",
        "b-2",
    ]
    for name in ("curl", "openstack", "cinder"):
        assert (found[name].text or "").count(f"{name} ") == 2
    assert found["evs-tui"].text == "evs-tui export v1 v2 --name '{name}-{index}' --disk-format qcow2 --profile prod"


def test_a_plan_of_nothing_is_no_command() -> None:
    assert shown(Choices("n"), volume(status="error")) == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_shell_reads_hostile_names_as_names_alone(name: str) -> None:
    choices = Choices(name, disk_format="raw")
    found = shown(choices, dialect=OPENSTACK)
    wanted = name.replace("{name}", "web-01-data")
    # The shell itself, with every program replaced by one that tells its words.
    script = 'curl() { printf "%s\\0" "$@"; }; openstack() { printf "%s\\0" "$@"; }; cinder() { printf "%s\\0" "$@"; }'
    for tool in ("curl", "openstack", "cinder"):
        text = found[tool].text
        assert text is not None
        ended = subprocess.run(
            ["/bin/sh", "-c", f"{script}\n{text}"],
            capture_output=True,
            text=True,
            check=True,
            env={"OS_TOKEN": "t0ken", "PATH": "/nowhere"},
        )
        *words, _ = ended.stdout.split("\0")
        if tool == "curl":
            assert "X-Auth-Token: t0ken" in words
            assert json.loads(words[-1])["os-volume_upload_image"]["image_name"] == wanted
            assert "t0ken" not in words[-1]
        else:
            assert words[-1] == wanted


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1, max_size=30), st.sampled_from([None, "raw", "zvhd2"]), st.booleans(), st.booleans())
def test_our_own_command_line_means_the_same_choices(
    name: str, disk_format: str | None, force: bool, skip: bool
) -> None:
    if name_problem(name, OPENSTACK) is not None:
        return
    choices = Choices(name, disk_format, "bare", force=force, skip_existing=skip)
    words = shlex.split(evs_tui_command(["v1"], choices, ("--region", "eu-de")))
    command = parse(words[1:]).command
    assert isinstance(command, ExportCommand)
    assert (command.volume_ids, command.name, command.disk_format) == (("v1",), name, disk_format)
    assert (command.force, command.skip_existing, command.container_format) == (force, skip, None)
