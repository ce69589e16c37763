"""`evs-tui jobs --output csv` and `evs-tui jobs forget`: the journal alone, no sign-in."""

from __future__ import annotations

import csv
import io
import json

from tests.cli.program import Cli
from tests.cli.schemas import JOURNAL_JOBS
from tests.simulator import Simulator


def exported(cli: Cli, cloud: Simulator) -> str:
    """The id of a job that has succeeded."""
    disk = cloud.volume_ids(status="available")[0]
    ended = cli("export", disk, "--name", "h1", "--yes", "--wait", "--output", "json")
    assert ended.code == 0, ended.err
    job_id: str = json.loads(ended.out)["results"][0]["id"]
    return job_id


def test_the_history_is_csv_where_asked_for(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    job_id = exported(cli, quick_cloud)
    (row,) = csv.DictReader(io.StringIO(cli("jobs", "--all", "--output", "csv").out))
    assert (row["job_id"], row["outcome"], row["image_name"]) == (job_id, "succeeded", "h1")
    assert cli("jobs", "receipt", job_id, "--output", "csv").code == 2


def test_an_ended_job_is_forgotten_by_name_and_nothing_is_asked_of_the_cloud(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    job_id = exported(cli, quick_cloud)
    quick_cloud.forget_calls()
    assert cli("jobs", "forget", job_id).code == 2, "nobody confirmed it"
    ended = cli("jobs", "forget", job_id[:8], "--yes", "--output", "json")
    assert [job["id"] for job in ended.document(JOURNAL_JOBS)["jobs"]] == [job_id]
    assert ended.err.splitlines()[-1] == "1 export forgotten. Nothing changed in the cloud."
    assert cli("jobs", "--all", "--output", "json").document(JOURNAL_JOBS)["jobs"] == []
    assert quick_cloud.calls() == []


def test_age_forgets_only_what_ended_so_long_ago(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    job_id = exported(cli, quick_cloud)
    ended = cli("jobs", "forget", "--older-than", "90", "--yes")
    assert (ended.code, ended.err.splitlines()[-1]) == (0, "0 exports forgotten. Nothing changed in the cloud.")
    assert cli("jobs", "show", job_id).code == 0
    assert cli("jobs", "forget", "--older-than", "0", "--yes").code == 2
