"""`evs-tui jobs`: what the journal tells without signing in, and what acts on jobs."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.program import ROOT, Cli, Process, variables_of
from tests.cli.schemas import EXPORT, JOB, JOBS, JOURNAL_JOBS
from tests.simulator import Simulator

NOBODY: dict[str, str] = {}


def exported(cli: Cli, cloud: Simulator, *words: str, disk: int = 0, name: str = "n") -> Any:
    """The job of one export, as `export` tells of it."""
    cli.sign_in_at(cloud)
    volume = cloud.volume_ids(status="available")[disk]
    ended = cli("export", volume, "--name", name, "--yes", "--output", "json", *words)
    (job,) = ended.document(EXPORT)["results"]
    return job


def listed(cli: Cli, *words: str) -> Any:
    """The jobs of the journal, read by nobody in particular."""
    variables, cli.variables = cli.variables, NOBODY
    ended = cli("jobs", *words, "--output", "json")
    cli.variables = variables
    assert (ended.code, ended.err) == (0, "")
    return ended.document(JOURNAL_JOBS)["jobs"]


def shown(cli: Cli, job_id: str) -> Any:
    (job,) = listed(cli, "show", job_id)
    return job


# Read from the journal alone


def test_no_journal_is_no_jobs(cli: Cli) -> None:
    assert listed(cli) == []
    ended = cli("jobs")
    assert (ended.code, ended.out, ended.err) == (0, "", "No export is open or ended in the last 24 hours.\n")
    assert cli("jobs", "--all").err == "No exports yet.\n"


def test_the_list_needs_no_credentials(cli: Cli, quick_cloud: Simulator) -> None:
    job = exported(cli, quick_cloud, "--wait")
    (row,) = listed(cli)
    assert {**job, "elapsed_s": None} == {**row, "elapsed_s": None}
    cli.variables = NOBODY
    (row,) = cli("jobs", "--output", "jsonl").rows(JOB)
    assert row["id"] == job["id"]
    heads, line = cli("jobs").out.splitlines()
    assert heads.startswith("Job ")
    assert line.startswith(f"{job['id']}  ✓ succeeded  ")


def test_the_list_loads_neither_network_nor_screen_nor_keyring(cli: Cli, quick_cloud: Simulator) -> None:
    exported(cli, quick_cloud)
    code = (
        "import sys; from evs_tui.cli.main import main; code = main(['jobs']); "
        "print(sorted({'httpx', 'textual', 'rich', 'keyring'} & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_show_takes_the_beginning_of_an_id_and_tells_everything(cli: Cli, quick_cloud: Simulator) -> None:
    job = exported(cli, quick_cloud, "--wait", name="backup-7")
    whole = shown(cli, job["id"][:6])
    assert whole["id"] == job["id"]
    assert [event["kind"] for event in whole["events"]][:3] == ["planned", "announced", "taken"]
    assert whole["receipt"]["image"]["id"] == job["image"]["id"]
    text = cli("jobs", "show", job["id"][:6]).out
    assert f"Job          {job['id']}\n" in text
    assert "State        ✓ succeeded\n" in text
    assert "Image        backup-7 (zvhd2, bare" in text
    assert re.search(r"\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  taken  .*image_id=", text)


def test_an_unknown_job(cli: Cli) -> None:
    ended = cli("jobs", "show", "zzz", "--output", "json")
    assert ended.code == 2
    error = ended.error()
    assert (error["what"], error["why"]) == ('There is no job "zzz"', "no job's id begins so")
    assert error["advice"] == "evs-tui jobs --all lists them"


def test_an_ambiguous_job(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    # Ids are hexadecimal: of seventeen, two begin alike.
    disks = quick_cloud.volume_ids(status="available")
    seen: dict[str, str] = {}
    for round_ in range(17):
        ended = cli("export", disks[0], "--name", f"n{round_}", "--yes", "--wait", "--output", "json")
        (job,) = ended.document(EXPORT)["results"]
        if job["id"][0] in seen:
            break
        seen[job["id"][0]] = job["id"]
    ended = cli("jobs", "show", job["id"][0], "--output", "json")
    assert ended.code == 2
    error = ended.error()
    assert error["what"] == f'"{job["id"][0]}" is not one job'
    assert job["id"] in error["why"]
    assert seen[job["id"][0]] in error["why"]


def test_the_receipt_of_a_finished_export(cli: Cli, quick_cloud: Simulator) -> None:
    job = exported(cli, quick_cloud, "--wait")
    cli.variables = NOBODY
    ended = cli("jobs", "receipt", job["id"])
    assert ended.code == 0
    assert ended.out.startswith(f"# Export receipt `{job['id']}`\n")
    assert f"- id: `{job['image']['id']}`" in ended.out
    (row,) = cli("jobs", "receipt", job["id"], "--output", "json").document(JOURNAL_JOBS)["jobs"]
    assert row["receipt"]["image"]["status"] == "active"


def test_no_receipt_before_the_end(cli: Cli, slow_cloud: Simulator) -> None:
    job = exported(cli, slow_cloud)
    ended = cli("jobs", "receipt", job["id"], "--output", "json")
    assert ended.code == 6
    error = ended.error()
    assert error["what"] == f"Job {job['id']} has no receipt"
    assert error["why"] == "its state is exporting; a receipt is written when the image is active"


def test_the_demo_never_mixes_with_real_jobs(cli: Cli, quick_cloud: Simulator) -> None:
    exported(cli, quick_cloud)
    document = cli("--demo", "jobs", "--output", "json").document(JOURNAL_JOBS)
    assert (document["jobs"], document["context"]["demo"]) == ([], True)


# Watched


def test_watching_goes_on_where_exporting_left_off(cli: Cli, slow_cloud: Simulator) -> None:
    job = exported(cli, slow_cloud)
    process = Process("jobs", "--watch", "--output", "jsonl", variables=variables_of(slow_cloud))
    process.read_until("exporting")
    slow_cloud.advance(10)
    ended = process.end()
    assert ended.code == 0, ended.err
    rows = ended.rows(JOB)
    assert {row["id"] for row in rows} == {job["id"]}
    assert (rows[0]["state"], rows[-1]["state"]) == ("exporting", "succeeded")
    assert len(slow_cloud.export_posts()) == 1


def test_watching_settles_an_unclear_one(cli: Cli, quick_cloud: Simulator) -> None:
    quick_cloud.add_fault(operation="export", drop="after", count=1)
    job = exported(cli, quick_cloud)
    assert job["state"] == "unclear"
    ended = cli("jobs", "show", job["id"], "--watch", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert (ended.code, row["state"], row["image"]["found_by"]) == (0, "succeeded", "name")
    assert len(quick_cloud.export_posts()) == 1


def test_watching_something_that_failed_ends_like_waiting_for_it(cli: Cli, quick_cloud: Simulator) -> None:
    quick_cloud.patch_volume(quick_cloud.volume_ids(status="available")[0], outcome="fail")
    job = exported(cli, quick_cloud)
    assert cli("jobs", "show", job["id"], "--watch").code == 1
    assert cli("jobs", "show", job["id"]).code == 0


def test_the_time_to_watch_runs_out(cli: Cli, slow_cloud: Simulator) -> None:
    job = exported(cli, slow_cloud)
    ended = cli("jobs", "--watch", "--timeout", "0.01", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert (ended.code, row["id"], row["state"]) == (8, job["id"], "exporting")


def test_nothing_to_watch(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    ended = cli("jobs", "--watch")
    assert (ended.code, ended.out, ended.err) == (0, "", "Nothing to watch: no export here is open.\n")


def test_jobs_of_another_place_are_named_and_left_alone(
    cli: Cli, slow_cloud: Simulator, start_cloud: Callable[..., Simulator]
) -> None:
    job = exported(cli, slow_cloud)
    cli.sign_in_at(start_cloud(volumes=3))
    ended = cli("jobs", "show", job["id"], "--watch", "--output", "json")
    assert ended.code == 6
    error = ended.error()
    origin = slow_cloud.auth_url.removesuffix("/v3")
    known = slow_cloud.credential
    assert error["what"] == f"Job {job['id']} belongs to another place"
    place = f"project {known.project}, region {known.region}, at {origin}, as {known.username}"
    assert error["why"].startswith(f"it is in {place}, this session is in ")
    for words in (("cancel",), ("resume",), ("retry",), ("resolve", "--image", "none")):
        assert cli("jobs", words[0], job["id"], *words[1:], "--yes").code == 6
    ended = cli("jobs", "--watch")
    assert ended.code == 0
    assert f"! Job {job['id']} is not watched: it is in project {known.project}, " in ended.err


# Decided by a person


def unclear_job(cli: Cli, cloud: Simulator, drop: str) -> Any:
    cloud.add_fault(operation="export", drop=drop, count=1)
    job = exported(cli, cloud)
    assert job["state"] == "unclear"
    return job


def test_resolve_to_an_image(cli: Cli, slow_cloud: Simulator) -> None:
    job = unclear_job(cli, slow_cloud, "after")
    (image,) = [row for row in slow_cloud.images() if row["made_here"]]
    slow_cloud.patch_image(image["id"], name="renamed")  # looking by name does not find it; a person knows it
    ended = cli("jobs", "resolve", job["id"][:8], "--image", image["id"], "--yes", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert ended.code == 0, ended.err
    assert (row["state"], row["image"]["id"], row["image"]["found_by"]) == ("exporting", image["id"], "person")


def test_resolve_to_none(cli: Cli, slow_cloud: Simulator) -> None:
    job = unclear_job(cli, slow_cloud, "before")
    ended = cli("jobs", "resolve", job["id"], "--image", "none", "--yes", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert (ended.code, row["outcome"]) == (0, "not_submitted")


def test_resolve_to_an_image_that_does_not_exist(cli: Cli, slow_cloud: Simulator) -> None:
    job = unclear_job(cli, slow_cloud, "before")
    missing = "00000000-0000-4000-8000-000000000000"
    ended = cli("jobs", "resolve", job["id"], "--image", missing, "--yes", "--output", "json")
    assert ended.code == 6
    assert ended.error()["why"] == f"the cloud has no image {missing}"
    assert shown(cli, job["id"])["state"] == "unclear"


@pytest.mark.parametrize("action", ["resolve", "cancel", "resume", "retry"])
def test_acting_asks_somebody_or_needs_yes(cli: Cli, slow_cloud: Simulator, action: str) -> None:
    job = exported(cli, slow_cloud)
    extra = ("--image", "none") if action == "resolve" else ()
    before = slow_cloud.counters()
    ended = cli("jobs", action, job["id"], *extra, "--output", "json", stdin="yes\n")
    assert ended.code == 2
    assert ended.error()["why"] == "the review cannot be answered: standard input and error are not a terminal"
    assert slow_cloud.counters() == before


def test_what_the_cloud_has_taken_cannot_be_cancelled(cli: Cli, slow_cloud: Simulator) -> None:
    job = exported(cli, slow_cloud)
    ended = cli("jobs", "cancel", job["id"], "--yes", "--output", "json")
    assert ended.code == 6
    assert ended.error()["what"] == f"Job {job['id']} was not cancelled"
    assert shown(cli, job["id"])["state"] == "exporting"


def test_retry_is_a_new_plan_with_the_same_request(cli: Cli, quick_cloud: Simulator) -> None:
    disk = quick_cloud.volume_ids(status="available")[0]
    quick_cloud.patch_volume(disk, outcome="fail")
    job = exported(cli, quick_cloud, "--wait", "--disk-format", "raw", name="again")
    assert job["outcome"] == "failed"
    quick_cloud.patch_volume(disk, outcome="normal")
    ended = cli("jobs", "retry", job["id"], "--yes", "--watch", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert (ended.code, row["state"]) == (0, "succeeded")
    assert row["id"] != job["id"]
    assert row["request"] == job["request"]
    assert len(quick_cloud.export_posts(disk)) == 2
    assert shown(cli, job["id"])["outcome"] == "failed"


def test_retry_of_a_disk_that_is_being_exported(cli: Cli, slow_cloud: Simulator) -> None:
    job = exported(cli, slow_cloud)
    ended = cli("jobs", "retry", job["id"], "--yes", "--output", "json")
    assert ended.code == 6
    assert ended.error()["what"] == "Nothing was exported"
    assert len(slow_cloud.export_posts()) == 1


@pytest.fixture
def left_waiting(cli: Cli, slow_cloud: Simulator) -> str:
    """The id of an export that was never sent, because its process was ended while three others were under way."""
    disks = slow_cloud.volume_ids(status="available")[:4]
    words = ("export", *disks, "--name", "{id8}", "--yes", "--wait")
    process = Process(*words, variables=variables_of(slow_cloud))
    slow_cloud.wait_for_calls("export", 3)
    process.send(signal.SIGTERM)
    assert process.end().code == 143
    cli.sign_in_at(slow_cloud)
    (waiting,) = [job["id"] for job in listed(cli) if job["state"] == "planned"]
    return str(waiting)


def test_what_waits_is_told_and_never_sent_by_itself(cli: Cli, slow_cloud: Simulator, left_waiting: str) -> None:
    slow_cloud.advance(60)
    ended = cli("jobs", "--watch")
    assert ended.code == 3  # three done, one that waits for a person
    assert f"evs-tui jobs resume {left_waiting} goes on, evs-tui jobs cancel {left_waiting} drops it" in ended.err
    assert "To send:" not in ended.err  # once is enough
    assert len(slow_cloud.export_posts()) == 3


def test_what_waits_is_sent_on_request(cli: Cli, slow_cloud: Simulator, left_waiting: str) -> None:
    slow_cloud.advance(60)
    ended = cli("jobs", "resume", left_waiting, "--yes", "--output", "json")
    (row,) = [job for job in ended.document(JOBS)["jobs"] if job["id"] == left_waiting]
    assert (ended.code, row["state"]) == (0, "exporting"), ended.err
    assert len(slow_cloud.export_posts()) == 4


def test_read_only_sends_nothing_that_waits(cli: Cli, slow_cloud: Simulator, left_waiting: str) -> None:
    ended = cli("--read-only", "jobs", "resume", left_waiting, "--yes", "--output", "json")
    assert ended.code == 6
    assert ended.error()["why"] == "this run is read-only"
    assert len(slow_cloud.export_posts()) == 3


def test_what_waits_is_dropped_on_request(cli: Cli, slow_cloud: Simulator, left_waiting: str) -> None:
    ended = cli("jobs", "cancel", left_waiting, "--yes", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert (ended.code, row["id"], row["outcome"]) == (0, left_waiting, "cancelled")
    assert len(slow_cloud.export_posts()) == 3


def test_of_several_the_able_ones_are_done(cli: Cli, slow_cloud: Simulator, left_waiting: str) -> None:
    taken = next(job["id"] for job in listed(cli) if job["state"] == "exporting")
    ended = cli("jobs", "cancel", left_waiting, taken, "--yes", "--output", "json")
    (row,) = ended.document(JOBS)["jobs"]
    assert (ended.code, row["id"]) == (3, left_waiting)
    assert f"evs-tui: Job {taken} was not cancelled: " in ended.err
