"""`evs-tui export` makes images of real volumes, and a person can always find out what became of them."""

from __future__ import annotations

import filecmp
import os
import signal
from typing import Any

import pytest

from tests.integration.program import Ended, Program
from tests.rig_cloud import RigCloud

# What a job and its later reading from the journal must agree in.
FACTS = ("id", "run_id", "state", "outcome", "attention", "volume", "request", "image", "place", "last_error")


def _same_in_the_journal(program: Program, ended: Ended) -> None:
    (kept,) = program.jobs()
    assert {key: kept[key] for key in FACTS} == {key: ended.job[key] for key in FACTS}


def _export(volume_id: str, name: str, disk_format: str = "qcow2") -> list[str]:
    return ["export", volume_id, "--name", name, "--disk-format", disk_format, "--yes", "--wait", "--output", "json"]


def _succeeded(rig: RigCloud, volume_id: str, name: str, job: dict[str, Any]) -> str:
    """The id of the job's image, after everything that must be true of a success was looked at."""
    assert (job["state"], job["outcome"], job["attention"], job["last_error"]) == ("succeeded", "succeeded", [], None)
    assert job["volume"]["id"] == volume_id
    image_id: str = job["image"]["id"]
    assert job["image"]["status"] == "active"
    (image,) = rig.images_named(name)
    assert (image["id"], image["status"]) == (image_id, "active")
    assert image["disk_format"] == job["request"]["disk_format"]
    assert rig.actions(volume_id) == [202], "one volume, one export: one POST"
    return image_id


def test_a_raw_image_has_the_volume_s_bytes(program: Program, rig: RigCloud) -> None:
    volume_id = rig.create_volume("raw")
    name = rig.name("镜像 raw")
    ended = program.run(*_export(volume_id, name, "raw"), seconds=180)
    assert ended.exit_code == 0, ended.stderr
    job = ended.job
    image_id = _succeeded(rig, volume_id, name, job)
    assert job["image"]["found_by"] == "answer"
    assert job["request"] == {
        "image_name": name,
        "disk_format": "raw",
        "container_format": "bare",
        "force": False,
        "os_type": None,
    }
    assert job["place"] == {"cloud": "openstack", "region": "RegionOne", "project_id": rig.project_id}
    assert filecmp.cmp(rig.image_file(image_id), rig.volume_file(volume_id), shallow=False)
    _same_in_the_journal(program, ended)


def test_ids_from_standard_input_make_one_run(program: Program, rig: RigCloud) -> None:
    first, second = rig.create_volume("stdin-a"), rig.create_volume("stdin-b")
    ended = program.run(
        "export", "-", "--name", "{name}-{index}", "--disk-format", "qcow2", "--yes", "--wait", "--output", "json",
        stdin=f"{first}\n{second}\n", seconds=120,
    )  # fmt: skip
    assert ended.exit_code == 0, ended.stderr
    jobs = {job["volume"]["id"]: job for job in ended.document["results"]}
    assert {job["run_id"] for job in jobs.values()} == {ended.document["run_id"]}
    _succeeded(rig, first, rig.name("stdin-a-1"), jobs[first])
    _succeeded(rig, second, rig.name("stdin-b-2"), jobs[second])


def _refused_tokens(rig: RigCloud) -> int:
    """How often Cinder and Glance refused a token of the program's so far."""
    rows = [*rig.accesses("cinder-api"), *rig.accesses("glance")]
    return sum(row.status == 401 and row.agent.startswith("evs-tui/") for row in rows)


def test_a_token_that_ends_while_watching_is_renewed(program: Program, rig: RigCloud) -> None:
    """The program stands still meanwhile: Keystone counts whole seconds, a token got in the same one would be void."""
    program.environment = rig.environment("fleeting")
    volume_id = rig.create_volume("renewed")
    name = rig.name("renewed")
    refused = _refused_tokens(rig)
    running = program.start(*_export(volume_id, name, "raw"))
    rig.wait_for_image(name, "saving")
    os.kill(running.process.pid, signal.SIGSTOP)
    try:
        rig.revoke_all("fleeting")
    finally:
        os.kill(running.process.pid, signal.SIGCONT)
    ended = running.finish()
    assert ended.exit_code == 0, ended.stderr
    assert 1 <= _refused_tokens(rig) - refused <= 2, "each service saw the ended token once at most, then a new one"
    _succeeded(rig, volume_id, name, ended.job)
    _same_in_the_journal(program, ended)


def test_a_ready_token_that_ends_while_watching_leaves_the_job_open(program: Program, rig: RigCloud) -> None:
    """Nothing can renew it: the export goes on in the cloud, and whoever signs in later sees how it ended."""
    volume_id = rig.create_volume("token")
    name = rig.name("token")
    token = rig.sign_in()
    running = program.start(*_export(volume_id, name, "raw"), variables=rig.token_environment(token))
    image_id = rig.wait_for_image(name, "saving")
    rig.revoke(token)
    ended = running.finish()
    assert ended.exit_code == 4, ended.stderr
    assert (ended.job["state"], ended.job["outcome"]) == ("exporting", None)
    assert ended.job["last_error"]["exit_code"] == 4
    assert ended.job["last_error"]["advice"]
    _same_in_the_journal(program, ended)

    rig.wait_for_image(name, "active")
    watched = program.run("jobs", "--watch", "--output", "json", seconds=120)
    assert watched.exit_code == 0, watched.stderr
    assert _succeeded(rig, volume_id, name, watched.job) == image_id


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)], ids=["ctrl-c", "kill-9"]
)
def test_a_watcher_that_goes_away_loses_nothing(
    program: Program, rig: RigCloud, number: signal.Signals, exit_code: int
) -> None:
    volume_id = rig.create_volume(number.name, metadata={"osrig_delay": "8"})
    name = rig.name(number.name)
    running = program.start(*_export(volume_id, name))
    image_id = rig.wait_for_image(name)
    rig.wait_for_volume(volume_id, "uploading")
    os.kill(running.process.pid, number)
    ended = running.finish()
    assert ended.exit_code == exit_code
    (job,) = program.jobs()
    assert (job["outcome"], job["volume"]["id"]) == (None, volume_id)

    watched = program.run("jobs", "--watch", "--output", "json", seconds=180)
    assert watched.exit_code == 0, watched.stderr
    assert _succeeded(rig, volume_id, name, watched.job) == image_id
