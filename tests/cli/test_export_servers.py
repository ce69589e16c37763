"""`evs-tui export --stop-servers` and `jobs restore` against the simulated cloud: its own log proves what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import QUICK_PHASES
from tests.cli.program import Cli
from tests.cli.schemas import EXPORT
from tests.simulator import Simulator

PHASES = {**QUICK_PHASES, "stopping": 0.2, "starting": 0.2}
StartCloud = Callable[..., Simulator]


@pytest.fixture
def shop(start_cloud: StartCloud) -> Simulator:
    """The demo's shop, Huawei-style: web-01 and web-03 run, web-02 is off."""
    return start_cloud(volumes=None, phases=PHASES)


def disk(cloud: Simulator, name: str) -> str:
    return next(str(one["id"]) for one in cloud.volumes() if one["name"] == name)


def server(cloud: Simulator, name: str) -> dict[str, Any]:
    return next(one for one in cloud.servers() if one["name"] == name)


def deeds(cloud: Simulator) -> list[str]:
    """Every call that changes something, in order, as `stop web-01`, `export web-01-data`, `start web-01`."""
    names = {one["id"]: one["name"] for one in (*cloud.volumes(), *cloud.servers())}
    found = []
    for call in cloud.calls():
        if call["operation"] == "export":
            found.append(f"export {names[call['params']['volume']]}")
        elif call["operation"] in {"server_action", "nova_server_action"}:
            ((action, arguments),) = json.loads(call["body"]).items()
            ids = [one["id"] for one in arguments["servers"]] if arguments else [call["params"]["server"]]
            assert arguments is None or action == "os-start" or arguments["type"] == "SOFT"
            found += [f"{action.removeprefix('os-')} {names[one]}" for one in ids]
    return found


def export(cli: Cli, cloud: Simulator, *words: str) -> tuple[int, Any, str]:
    cli.sign_in_at(cloud)
    ended = cli("export", *words, "--yes", "--output", "json")
    return ended.code, ended.document(EXPORT), ended.err


STOP = ("--name", "{name}-{id8}", "--stop-servers", "--restart-servers", "--wait")


def test_two_disks_of_one_server_share_one_stop_and_one_start(cli: Cli, shop: Simulator) -> None:
    ids = [disk(shop, "web-01-root"), disk(shop, "web-01-data")]
    code, document, err = export(cli, shop, *ids, *STOP)
    assert code == 0, err
    assert deeds(shop) == ["stop web-01", "export web-01-root", "export web-01-data", "start web-01"]
    assert (server(shop, "web-01")["status"], server(shop, "web-01")["task_state"]) == ("ACTIVE", None)
    assert [job["state"] for job in document["results"]] == ["succeeded", "succeeded"]
    steps = document["plan"]["steps"]
    assert [(step["no"], step["kind"], step["target_name"], step["needs"]) for step in steps] == [
        (1, "stop", "web-01", []),
        (2, "wait_stopped", "web-01", [1]),
        (3, "export", "web-01-root", [2]),
        (4, "export", "web-01-data", [2]),
        (5, "wait_volume", "web-01-root", [3]),
        (6, "wait_volume", "web-01-data", [4]),
        (7, "start", "web-01", [2, 5, 6]),
    ]
    assert (steps[0]["changes"], steps[0]["undo"]) == ("Stop web-01, soft", "step 7 starts it again")
    assert all(body["body"]["os-volume_upload_image"]["force"] is True for body in document["plan"]["requests"])


def test_a_shared_disk_stops_the_server_that_runs_and_leaves_the_other_off(cli: Cli, shop: Simulator) -> None:
    code, _, err = export(cli, shop, disk(shop, "web-shared-cluster"), *STOP)
    assert code == 0, err
    assert deeds(shop) == ["stop web-01", "export web-shared-cluster", "start web-01"]
    assert server(shop, "web-02")["status"] == "SHUTOFF"


def test_plain_openstack_stops_and_starts_by_nova(cli: Cli, start_cloud: StartCloud) -> None:
    cloud = start_cloud(flavour="openstack", volumes=None, phases=PHASES, settings={"compute": True})
    code, _, err = export(cli, cloud, disk(cloud, "web-03-root"), *STOP)
    assert code == 0, err
    assert deeds(cloud) == ["stop web-03", "export web-03-root", "start web-03"]
    assert server(cloud, "web-03")["status"] == "ACTIVE"


def test_a_dry_run_tells_the_plan_and_sends_nothing(cli: Cli, shop: Simulator) -> None:
    cli.sign_in_at(shop)
    words = ("export", disk(shop, "web-01-data"), "--name", "backup", "--stop-servers", "--dry-run")
    ended = cli(*words)
    assert ended.code == 0
    assert "web-01 will be stopped and stays off afterwards." in ended.out
    assert "The cloud may still refuse force once it is off; then it is started again first of all." in ended.out
    assert "A guest that ignores the request to shut down is switched off by the platform" in ended.out
    assert "1  Stop web-01, soft\n   undo: evs-tui jobs restore starts it again\n" in ended.out
    assert "2  Wait until web-01 is off, at most 10 min\n" in ended.out
    assert "5  Start web-01 only if nothing could be exported\n" in ended.out
    steps = cli(*words, "--restart-servers", "--output", "json").document(EXPORT)["plan"]["steps"]
    assert steps[-1]["changes"] == "Start web-01 when its disks are free again"
    assert deeds(shop) == []


def test_somebody_must_stay_where_servers_are_stopped(cli: Cli, shop: Simulator) -> None:
    cli.sign_in_at(shop)
    ended = cli("export", disk(shop, "web-01-data"), "--name", "b", "--stop-servers", "--yes")
    assert ended.code == 2
    assert "somebody must stay and start them again" in ended.err
    assert deeds(shop) == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--force", "--stop-servers"), "cannot both be given"),
        (("--restart-servers",), "--restart-servers belongs to --stop-servers"),
        (("--crash-consistent", "abcd"), "--crash-consistent belongs to --force"),
        (("--force", "--crash-consistent", "abcd"), "must be the last four characters"),
        (("--force", "--crash-consistent", ""), "must be the last four characters"),
        (("another-id-abcd", "--force", "--crash-consistent", "0001"), "confirms one volume a call"),
    ],
)
def test_what_does_not_go_together(cli: Cli, words: tuple[str, ...], why: str) -> None:
    ended = cli("export", "00000000-0000-4000-8000-000000000001", "--name", "n", "--yes", *words)
    assert ended.code == 2
    assert why in ended.err


def test_the_disk_of_a_running_server_is_exported_only_when_it_is_named_by_its_last_characters(
    cli: Cli, shop: Simulator
) -> None:
    volume_id = disk(shop, "web-01-data")
    cli.sign_in_at(shop)
    plain = cli("export", volume_id, "--name", "b", "--force", "--yes", "--wait")
    assert (plain.code, deeds(shop)) == (6, [])
    confirmed = cli(
        "export", volume_id, "--name", "b", "--force", "--crash-consistent", volume_id[-4:], "--yes", "--wait"
    )
    assert (confirmed.code, deeds(shop)) == (0, ["export web-01-data"]), confirmed.err
    assert "the image will be as after a power cut" in confirmed.err
    assert server(shop, "web-01")["status"] == "ACTIVE"


def test_a_stop_job_that_fails_with_http_200_sends_nothing(cli: Cli, shop: Simulator) -> None:
    shop.patch_server(server(shop, "web-01")["id"], outcome="refuses_stop")
    code, document, _ = export(cli, shop, disk(shop, "web-01-data"), *STOP)
    assert (code, deeds(shop)) == (1, ["stop web-01"])
    (job,) = document["results"]
    assert (job["state"], job["phase"]) == ("not_submitted", "server did not stop")
    assert "does not meet requirements" in job["last_error"]["why"]


def test_a_locked_server_is_left_out_of_the_plan(cli: Cli, shop: Simulator) -> None:
    shop.patch_server(server(shop, "web-01")["id"], locked=True)
    cli.sign_in_at(shop)
    ended = cli("export", disk(shop, "web-01-data"), *STOP, "--yes")
    assert (ended.code, deeds(shop)) == (6, [])
    assert "web-01 is locked" in ended.err


def test_force_refused_after_the_stop_starts_the_server_again(cli: Cli, start_cloud: StartCloud) -> None:
    cloud = start_cloud(volumes=None, phases=PHASES, settings={"force_allowed": False})
    code, document, _ = export(cli, cloud, disk(cloud, "web-01-root"), disk(cloud, "web-01-data"), *STOP)
    assert deeds(cloud) == ["stop web-01", "export web-01-root", "start web-01"]
    assert server(cloud, "web-01")["status"] == "ACTIVE"
    assert [job["state"] for job in document["results"]] == ["failed", "not_submitted"]
    assert code == 1


def test_a_server_that_cannot_be_started_makes_it_partly_and_is_restored_later(cli: Cli, shop: Simulator) -> None:
    server_id = server(shop, "web-01")["id"]
    shop.patch_server(server_id, outcome="refuses_start")
    code, document, err = export(cli, shop, disk(shop, "web-01-data"), *STOP)
    (job,) = document["results"]
    assert (code, job["state"], [point["code"] for point in job["attention"]]) == (3, "succeeded", ["still_stopped"])
    assert "web-01 is still stopped by this run" in err
    assert f"evs-tui jobs restore {job['id']} starts it again" in err
    assert deeds(shop)[2:] == ["start web-01"] * 3
    shop.patch_server(server_id, outcome="normal")
    restored = cli("jobs", "restore", job["id"], "--yes", "--output", "json")
    assert restored.code == 0, restored.err
    assert server(shop, "web-01")["status"] == "ACTIVE"
    assert json.loads(restored.out)["jobs"][0]["attention"] == []
    again = cli("jobs", "restore", job["id"], "--yes")
    assert (again.code, "no server is stopped by its run" in again.err) == (6, True)


def test_a_plan_that_would_stop_this_very_machine_is_blocked(
    cli: Cli, shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evs_tui.exports.host import Host

    here = Host(frozenset({server(shop, "web-01")["id"]}), "jump-host")
    monkeypatch.setattr(Host, "here", lambda: here)
    cli.sign_in_at(shop)
    ended = cli("export", disk(shop, "web-01-data"), *STOP, "--yes")
    assert (ended.code, deeds(shop)) == (6, [])
    assert "evs-tui runs on web-01, and does not stop its own machine" in ended.err
