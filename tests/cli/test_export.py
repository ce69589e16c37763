"""`evs-tui export` against the simulated cloud, over a socket: plan, refusals, exactly one request, the wait."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import QUICK_PHASES
from tests.cli.program import Cli, Process, variables_of
from tests.cli.schemas import EXPORT, JOURNAL_JOBS
from tests.simulator import Simulator

NO_SUCH_DISK = "00000000-0000-4000-8000-000000000000"


def free_disks(cloud: Simulator, count: int = 1) -> list[str]:
    return cloud.volume_ids(status="available")[:count]


def free_disk(cloud: Simulator) -> str:
    return free_disks(cloud)[0]


def job_of(document: Any) -> Any:
    (job,) = document["results"]
    return job


def test_waiting_ends_with_an_image_that_can_be_used(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk = free_disk(quick_cloud)
    ended = cli("export", disk, "--name", "backup-1", "--disk-format", "raw", "--yes", "--wait", "--output", "json")
    assert ended.code == 0, ended.err
    document = ended.document(EXPORT)
    job = job_of(document)
    (image,) = [row for row in quick_cloud.images() if row["made_here"]]
    assert (job["state"], job["outcome"], job["last_error"]) == ("succeeded", "succeeded", None)
    assert job["image"] == {"id": image["id"], "status": "active", "found_by": "answer"}
    assert (image["name"], image["disk_format"], image["status"]) == ("backup-1", "raw", "active")
    assert document["run_id"] == job["run_id"]
    assert document["dry_run"] is False
    (post,) = quick_cloud.export_posts()
    (request,) = document["plan"]["requests"]
    assert (request["method"], request["path"]) == (post["method"], post["path"])
    assert request["body"]["os-volume_upload_image"]["image_name"] == "backup-1"


def test_the_plan_is_said_before_and_the_end_after(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk = free_disk(quick_cloud)
    ended = cli("export", disk, "--name", "backup-1", "--yes", "--wait")
    assert ended.code == 0, ended.err
    known = quick_cloud.credential
    lines = ended.err.splitlines()
    assert lines[0].startswith(f"Project {known.project} in {known.region}, Open Telekom Cloud as {known.username} (")
    assert any(re.match(r"1  Export .* to backup-1 \(zvhd2, bare\)$", line) for line in lines)
    assert "   undo: cannot be called back; the disk itself is not changed" in lines
    assert "Nothing has been sent yet." in lines
    assert re.match(r"\d\d:\d\d:\d\d  .*  ✓ succeeded", lines[-1])
    heads, line = ended.out.splitlines()
    assert heads.split()[:3] == ["Job", "State", "Volume"]
    assert "✓ succeeded" in line
    assert "backup-1" in line


def test_without_waiting_it_ends_when_the_cloud_has_taken_it(cli: Cli, slow_cloud: Simulator) -> None:
    cli.sign_in_at(slow_cloud)
    disk = free_disk(slow_cloud)
    ended = cli("export", disk, "--name", "n1", "--yes", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["state"], job["outcome"]) == (0, "exporting", None)
    assert job["image"]["found_by"] == "answer"
    assert len(slow_cloud.export_posts(disk)) == 1
    assert f"1 export goes on in the cloud. To watch: evs-tui jobs show {job['id']} --watch" in ended.err


def test_ids_from_standard_input(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disks = free_disks(quick_cloud, 2)
    stdin = f"# two of them\n{disks[0]}\n\n{disks[1]} # the last\n"
    ended = cli("export", "-", "--name", "{id8}-{index}", "--yes", "--wait", "--output", "json", stdin=stdin)
    document = ended.document(EXPORT)
    assert ended.code == 0, ended.err
    assert [job["volume"]["id"] for job in document["results"]] == disks
    assert [job["request"]["image_name"] for job in document["results"]] == [
        f"{disks[0][:8]}-1",
        f"{disks[1][:8]}-2",
    ]


def test_dry_run_shows_the_request_and_sends_nothing(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    disk = free_disk(huawei_cloud)
    ended = cli("export", disk, "--name", "n1", "--disk-format", "vhd", "--os-type", "linux", "--dry-run")
    assert ended.code == 0
    assert f"POST /v3/{huawei_cloud.project_id}/volumes/{disk}/action" in ended.out
    assert '"image_name": "n1", "disk_format": "vhd"' in ended.out
    assert ended.err.endswith("Nothing has been sent.\n")
    document = cli("export", disk, "--name", "n1", "--dry-run", "--output", "json").document(EXPORT)
    assert (document["run_id"], document["dry_run"], document["results"]) == (None, True, [])
    assert [step["kind"] for step in document["plan"]["steps"]] == ["export"]
    assert huawei_cloud.export_posts() == []


def test_dry_run_of_nothing_but_blocked_disks_is_a_refusal(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("export", NO_SUCH_DISK, "--name", "n1", "--dry-run", "--output", "json")
    document = ended.document(EXPORT)
    assert ended.code == 6
    (volume,) = document["plan"]["volumes"]
    assert (volume["id"], volume["skipped"], volume["verdict"]["state"]) == (NO_SUCH_DISK, True, "blocked")
    assert document["plan"]["requests"] == []
    mixed = cli("export", NO_SUCH_DISK, free_disk(huawei_cloud), "--name", "n1", "--dry-run")
    assert mixed.code == 0


# What is refused before anything is sent


def test_an_unknown_disk(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("export", NO_SUCH_DISK, "--name", "n1", "--yes", "--output", "json")
    assert ended.code == 6
    error = ended.error()
    assert error["what"] == "Nothing was exported"
    assert error["why"] == f"{NO_SUCH_DISK}: no disk of this project has this id"


@pytest.mark.parametrize(
    ("words", "what", "why"),
    [
        (
            ("--name", "web/01"),
            "--name cannot be used",
            '"/" at place 4 (/ → -): only letters, digits, - _ . and space',
        ),
        (("--name", ""), "--name cannot be used", "a name is needed: 1 to 128 characters"),
        (
            ("--name", "{date}/x"),
            "--name cannot be used",
            '"/" at place 7 (/ → -): only letters, digits, - _ . and space',
        ),
        (
            ("--name", "n", "--disk-format", "vmdk"),
            "--disk-format cannot be used",
            '"vmdk" is no disk format of Open Telekom Cloud: choose vhd, zvhd, zvhd2, raw or qcow2',
        ),
        (
            ("--name", "n", "--container-format", "docker"),
            "--container-format cannot be used",
            '"docker" is no container format: choose bare, ami, ari, aki or ovf',
        ),
    ],
)
def test_a_value_that_breaks_a_rule(
    cli: Cli, huawei_cloud: Simulator, words: tuple[str, ...], what: str, why: str
) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("export", free_disk(huawei_cloud), *words, "--yes", "--output", "json")
    assert ended.code == 2
    error = ended.error()
    assert (error["what"], error["why"]) == (what, why)
    assert huawei_cloud.export_posts() == []


def test_read_only_sends_nothing(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("--read-only", "export", free_disk(huawei_cloud), "--name", "n", "--yes", "--output", "json")
    assert ended.code == 6
    error = ended.error()
    assert (error["what"], error["why"]) == ("Nothing was exported", "this run is read-only")
    assert "Nothing has been sent yet." not in ended.err  # it is said before anybody would be asked
    assert huawei_cloud.export_posts() == []
    dry = cli("--read-only", "export", free_disk(huawei_cloud), "--name", "n", "--dry-run", "--output", "json")
    assert dry.code == 0
    assert dry.document(EXPORT)["context"]["read_only"] is True


def test_a_full_quota_blocks_the_plan_and_says_what_to_do(cli: Cli, start_cloud: Callable[..., Simulator]) -> None:
    cloud = start_cloud(flavour="huawei", volumes=30, phases=QUICK_PHASES, settings={"image_quota": 1})
    cli.sign_in_at(cloud)
    disks = free_disks(cloud, 2)
    why = "2 images do not fit into the quota: 0 of 1 are there"
    ended = cli("export", *disks, "--name", "{id8}", "--yes", "--wait", "--output", "json")
    error = ended.error()
    assert (ended.code, error["why"]) == (6, why)
    assert error["advice"] == "delete images or have the quota raised, or export 1 at most now"
    assert cloud.export_posts() == []
    dry = cli("export", *disks, "--name", "{id8}", "--dry-run", "--output", "json")
    assert dry.code == 6
    (warning,) = dry.document(EXPORT)["plan"]["warnings"]
    assert warning == {"level": "red", "code": "image_quota", "text": f"{why}; {error['advice']}"}
    one = cli("export", disks[0], "--name", "{id8}", "--dry-run", "--output", "json")
    assert one.code == 0
    assert [each["level"] for each in one.document(EXPORT)["plan"]["warnings"]] == ["yellow"]
    assert "✓ Checked: no image has this name; the role evs_adm allows it; the token is renewed by itself;" in (
        cli("export", disks[0], "--name", "{id8}", "--dry-run").out
    )


def test_more_disks_than_are_exported_at_once_need_somebody_who_stays(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disks = free_disks(quick_cloud, 4)
    ended = cli("export", *disks, "--name", "{id8}", "--yes", "--output", "json")
    assert ended.code == 2
    error = ended.error()
    assert error["why"] == (
        "4 volumes are more than the 3 that are exported at once, so somebody must stay and send the rest"
    )
    assert error["advice"] == "repeat the command with --wait or --background"
    assert quick_cloud.export_posts() == []


def test_waiting_carries_more_disks_than_are_exported_at_once(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disks = free_disks(quick_cloud, 4)
    ended = cli("export", *disks, "--name", "{id8}", "--yes", "--wait", "--output", "json")
    assert ended.code == 0, ended.err
    assert [len(quick_cloud.export_posts(disk)) for disk in disks] == [1, 1, 1, 1]


def test_nobody_to_ask_and_no_yes(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("export", free_disk(huawei_cloud), "--name", "n", "--output", "json", stdin="yes\n")
    assert ended.code == 2
    assert ended.error() == {
        "exit_code": 2,
        "what": "Nothing was exported",
        "why": "the review cannot be answered: standard input and error are not a terminal",
        "advice": "repeat the command with --yes when you know what it will do",
        "code": None,
        "http_status": None,
        "request_id": None,
    }
    assert huawei_cloud.counters() == {}


def test_blocked_disks_are_left_out_and_the_rest_goes_on(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk = free_disk(quick_cloud)
    ended = cli("export", NO_SUCH_DISK, disk, "--name", "{id8}", "--yes", "--wait", "--output", "json")
    document = ended.document(EXPORT)
    assert ended.code == 3
    assert job_of(document)["state"] == "succeeded"
    assert [volume["skipped"] for volume in document["plan"]["volumes"]] == [True, False]
    assert f"✗ {NO_SUCH_DISK}: no disk of this project has this id" in ended.err


def test_a_disk_that_is_being_exported_is_refused(cli: Cli, slow_cloud: Simulator) -> None:
    cli.sign_in_at(slow_cloud)
    disk = free_disk(slow_cloud)
    assert cli("export", disk, "--name", "n1", "--yes").code == 0
    ended = cli("export", disk, "--name", "n2", "--yes", "--output", "json")
    assert ended.code == 6
    assert ended.error()["what"] == "Nothing was exported"
    assert len(slow_cloud.export_posts(disk)) == 1
    skipped = cli("export", disk, "--name", "n2", "--yes", "--skip-existing", "--output", "json")
    document = skipped.document(EXPORT)
    assert (skipped.code, document["run_id"], document["results"]) == (0, None, [])
    assert "Nothing to do." in skipped.err


def test_what_exists_is_skipped(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk = free_disk(quick_cloud)
    words = ("export", disk, "--name", "n-{date}-{time}", "--skip-existing", "--yes", "--wait", "--output", "json")
    assert cli(*words).code == 0
    again = cli(*words)
    (volume,) = again.document(EXPORT)["plan"]["volumes"]
    assert (again.code, volume["skipped"]) == (0, True)
    assert volume["verdict"]["reason"] == "it was exported before and the image still exists"
    assert len(quick_cloud.export_posts(disk)) == 1


# How the cloud may answer


def refuse(cloud: Simulator, status: int, body: str) -> None:
    cloud.add_fault(operation="export", status=status, body=body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, '{"error": {"message": "Policy does not allow it", "code": "EVS.0008"}}'),
        (404, '{"itemNotFound": {"message": "Volume could not be found.", "code": 404}}'),
        (413, '{"overLimit": {"message": "Image quota exceeded", "code": 413}}'),
    ],
)
def test_the_cloud_refuses(cli: Cli, quick_cloud: Simulator, status: int, body: str) -> None:
    cli.sign_in_at(quick_cloud)
    refuse(quick_cloud, status, body)
    disk = free_disk(quick_cloud)
    ended = cli("export", disk, "--name", "n", "--yes", "--wait", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["state"], job["outcome"]) == (1, "failed", "failed")
    assert job["last_error"]["http_status"] == status
    assert job["last_error"]["what"] in ended.err
    assert len(quick_cloud.export_posts(disk)) == 1


def test_the_upload_fails_in_the_cloud(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    disk = free_disk(quick_cloud)
    quick_cloud.patch_volume(disk, outcome="fail")
    ended = cli("export", disk, "--name", "n", "--yes", "--wait", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["outcome"]) == (1, "failed")
    assert job["last_error"] is not None


def test_some_succeed_and_some_fail(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    good, bad = free_disks(quick_cloud, 2)
    quick_cloud.patch_volume(bad, outcome="fail")
    ended = cli("export", good, bad, "--name", "{id8}", "--yes", "--wait", "--output", "json")
    assert ended.code == 3
    assert [job["outcome"] for job in ended.document(EXPORT)["results"]] == ["succeeded", "failed"]


def test_a_token_that_is_never_taken(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    quick_cloud.add_fault("token-401", operation="export")
    disk = free_disk(quick_cloud)
    ended = cli("export", disk, "--name", "n", "--yes", "--wait", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["state"]) == (4, "not_submitted")
    assert [row for row in quick_cloud.images() if row["made_here"]] == []


def test_a_lost_answer_is_unclear_at_once_without_waiting(cli: Cli, slow_cloud: Simulator) -> None:
    cli.sign_in_at(slow_cloud)
    slow_cloud.add_fault(operation="export", drop="after", count=1)
    disk = free_disk(slow_cloud)
    ended = cli("export", disk, "--name", "n", "--yes", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["state"], job["outcome"]) == (7, "unclear", None)
    assert [point["code"] for point in job["attention"]] == ["unclear"]
    assert len(slow_cloud.export_posts(disk)) == 1


def test_a_lost_answer_is_settled_by_looking(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    quick_cloud.add_fault(operation="export", drop="after", count=1)
    disk = free_disk(quick_cloud)
    ended = cli("export", disk, "--name", "n", "--yes", "--wait", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["outcome"], job["image"]["found_by"]) == (0, "succeeded", "name")
    assert len(quick_cloud.export_posts(disk)) == 1


def test_the_time_runs_out(cli: Cli, slow_cloud: Simulator) -> None:
    cli.sign_in_at(slow_cloud)
    disk = free_disk(slow_cloud)
    ended = cli("export", disk, "--name", "n", "--yes", "--wait", "--timeout", "0.01", "--output", "json")
    job = job_of(ended.document(EXPORT))
    assert (ended.code, job["state"]) == (8, "exporting")
    assert f"To watch: evs-tui jobs show {job['id']} --watch" in ended.err


# Asked at a terminal


@pytest.mark.parametrize("answer", ["yes", "YES "])
def test_yes_at_a_terminal_exports(quick_cloud: Simulator, answer: str) -> None:
    disk = free_disk(quick_cloud)
    process = Process("export", disk, "--name", "n", "--wait", variables=variables_of(quick_cloud), terminal=True)
    shown = process.read_until("Export 1 volume? Type yes: ")
    assert "Nothing has been sent yet." in shown
    assert quick_cloud.export_posts() == []
    process.type(answer + "\n")
    ended = process.end()
    assert ended.code == 0, ended.err
    assert len(quick_cloud.export_posts(disk)) == 1


@pytest.mark.parametrize("answer", ["", "y", "no", "yes please"])
def test_anything_else_is_no(quick_cloud: Simulator, answer: str) -> None:
    disk = free_disk(quick_cloud)
    process = Process("export", disk, "--name", "n", variables=variables_of(quick_cloud), terminal=True)
    process.read_until("Type yes: ")
    process.type(answer + "\n")
    ended = process.end()
    assert ended.code == 2
    assert "evs-tui: Nothing was exported: the review was not answered with yes\n" in ended.err
    assert quick_cloud.export_posts() == []


# Interrupted


def waiting_process(cloud: Simulator, *, terminal: bool = False) -> Process:
    disk = free_disk(cloud)
    words = ("export", disk, "--name", "n", "--yes", "--wait")
    process = Process(*words, variables=variables_of(cloud), terminal=terminal)
    process.read_until("exporting")
    return process


def test_ctrl_c_says_what_goes_on_and_how_to_watch_it(slow_cloud: Simulator) -> None:
    process = waiting_process(slow_cloud)
    process.send(signal.SIGINT)
    ended = process.end()
    assert ended.code == 130
    last = ended.err.splitlines()[-1]
    assert re.fullmatch(r"1 export goes on in the cloud\. To watch: evs-tui jobs show \S+ --watch", last)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_termination_and_hang_up_write_nothing_more(slow_cloud: Simulator, number: signal.Signals, code: int) -> None:
    process = waiting_process(slow_cloud)
    before = process.seen
    process.send(number)
    ended = process.end()
    assert (ended.code, ended.out) == (code, "")
    assert ended.err == before


def test_a_request_under_way_is_answered_before_the_program_ends(cli: Cli, slow_cloud: Simulator) -> None:
    disk = free_disk(slow_cloud)
    slow_cloud.add_fault(operation="export", hold="after")
    process = Process("export", disk, "--name", "n", "--yes", "--wait", variables=variables_of(slow_cloud))
    slow_cloud.wait_for_calls("export")
    process.send(signal.SIGTERM)
    assert process.is_running(0.3)
    process.send(signal.SIGHUP)
    assert process.is_running(0.1)
    slow_cloud.release()
    assert process.end().code == 143
    (job,) = cli("jobs", "--output", "json").document(JOURNAL_JOBS)["jobs"]
    assert (job["state"], job["image"]["found_by"]) == ("exporting", "answer")
    assert len(slow_cloud.export_posts(disk)) == 1


def test_a_signal_while_closing_waits_for_the_answer_too(cli: Cli, slow_cloud: Simulator) -> None:
    disk = free_disk(slow_cloud)
    slow_cloud.add_fault(operation="export", hold="after")
    words = ("export", disk, "--name", "n", "--yes", "--wait", "--timeout", "0.005")
    process = Process(*words, variables=variables_of(slow_cloud))
    process.read_until("do not export again")
    process.send(signal.SIGTERM)
    assert process.is_running(0.3)
    slow_cloud.release()
    assert process.end().code == 143
    (job,) = cli("jobs", "--output", "json").document(JOURNAL_JOBS)["jobs"]
    assert (job["state"], job["image"]["found_by"]) == ("exporting", "answer")


# Another kind of cloud


def test_plain_openstack(cli: Cli, start_cloud: Callable[..., Simulator]) -> None:
    cloud = start_cloud(flavour="openstack", volumes=10, phases=QUICK_PHASES)
    cli.sign_in_at(cloud)
    disk = free_disk(cloud)
    ended = cli("export", disk, "--name", "a name: ü", "--yes", "--wait", "--output", "json")
    document = ended.document(EXPORT)
    assert ended.code == 0, ended.err
    assert document["context"]["cloud"] == "openstack"
    assert document["plan"]["requests"][0]["body"] == {
        "os-volume_upload_image": {
            "image_name": "a name: ü",
            "disk_format": "raw",
            "container_format": "bare",
            "force": False,
        }
    }
    (post,) = cloud.export_posts(disk)
    assert post["path"] == document["plan"]["requests"][0]["path"]
    assert job_of(document)["state"] == "succeeded"
