"""How the program ends whatever happens: help, sign-in, network, configuration, journal, output, the unforeseen."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from evs_tui import __version__
from evs_tui.cli import volumes
from evs_tui.demo import PhaseSeconds, SimulatedCloud
from tests.cli.program import PRODUCT, ROOT, Cli, Process, variables_of
from tests.cli.schemas import EXPORT, FAILURE, JOURNAL_JOBS, VOLUMES
from tests.simulator import Simulator

HEAVY = {"textual", "rich", "httpx", "keyring", "sqlite3", "asyncio", "dataclasses", "typing", "pathlib"}


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["volumes", "--help"], ["export", "-h"], ["jobs", "--help"]]
)
def test_help_and_version_load_next_to_nothing(words: list[str]) -> None:
    code = (
        "import sys; before = set(sys.modules); from evs_tui.cli.main import main; code = main(sys.argv[1:]); "
        "print(*(set(sys.modules) - before), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stderr.split())
    assert done.stdout.startswith(("usage: evs-tui", f"evs-tui {__version__}"))


def test_a_misuse_in_words_and_as_an_object(cli: Cli) -> None:
    ended = cli("volumes", "--nonsense")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "evs-tui: The command line cannot be used: evs-tui does not know --nonsense\n"
        "  What to do: evs-tui volumes --help tells what there is\n"
    )
    assert cli("volumes", "--nonsense", "--output", "jsonl").error()["why"] == "evs-tui does not know --nonsense"


def test_no_credentials(cli: Cli) -> None:
    ended = cli("volumes", "--output", "json")
    assert ended.code == 2
    assert ended.error()["what"] == "No credentials"


def test_half_credentials_name_what_is_missing(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    del cli.variables["OS_PASSWORD"]
    ended = cli("volumes", "--output", "json")
    assert ended.code == 2
    error = ended.error()
    assert "OS_PASSWORD" in error["why"] + (error["advice"] or "")


def test_a_wrong_password(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    cli.variables["OS_PASSWORD"] = "not-the-password"
    ended = cli("volumes", "--output", "json")
    assert ended.code == 4
    error = ended.error()
    assert (error["what"], error["http_status"]) == ("Signing in was refused", 401)
    assert "not-the-password" not in ended.out + ended.err
    assert len(huawei_cloud.calls("create_token")) == 1


def test_a_cloud_that_cannot_be_reached(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    huawei_cloud.stop_listening()
    ended = cli("volumes", "--output", "json")
    assert ended.code == 5
    assert ended.error()["what"] == "Signing in failed"


def test_an_answer_that_is_nonsense(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    huawei_cloud.add_fault(
        operation="list_cloudvolumes", status=200, body="<html>hello</html>", content_type="text/html"
    )
    ended = cli("volumes", "--output", "json")
    assert ended.code == 5
    assert ended.error()["what"] == "The volumes could not be listed"


def test_a_right_that_is_missing(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    body = '{"error": {"message": "Policy does not allow it", "code": "EVS.0008"}}'
    huawei_cloud.add_fault(operation="list_cloudvolumes", status=403, body=body)
    ended = cli("volumes", "--output", "json")
    assert ended.code == 1
    error = ended.error()
    assert (error["http_status"], error["code"]) == (403, "EVS.0008")


def test_a_profile_is_not_there_yet(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("--profile", "prod", "volumes", "--output", "json")
    assert ended.code == 2
    assert "prod" in ended.error()["what"] + ended.error()["why"]


def state_dir() -> Path:
    return Path(os.environ["XDG_STATE_HOME"]) / "evs-tui"


def test_a_journal_that_cannot_be_used_refuses_exports(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    (state_dir() / "journal.sqlite3").mkdir(parents=True, mode=0o700)
    disk = huawei_cloud.volume_ids(status="available")[0]
    ended = cli("export", disk, "--name", "n", "--yes", "--output", "json")
    assert ended.code == 6, ended.err
    ended.error()
    assert "Nothing has been sent yet." not in ended.err
    assert huawei_cloud.export_posts() == []
    assert cli("volumes").code == 0


def test_a_journal_of_a_newer_version_is_read_and_nothing_is_exported(cli: Cli, quick_cloud: Simulator) -> None:
    cli.sign_in_at(quick_cloud)
    first, second = quick_cloud.volume_ids(status="available")[:2]
    assert cli("export", first, "--name", "n1", "--yes", "--wait").code == 0
    with contextlib.closing(sqlite3.connect(state_dir() / "journal.sqlite3")) as journal:
        journal.execute("PRAGMA user_version = 999")
    ended = cli("export", second, "--name", "n2", "--yes", "--output", "json")
    assert ended.code == 6, ended.err
    assert "newer" in ended.error()["why"]
    assert "Nothing has been sent yet." not in ended.err
    assert quick_cloud.export_posts(second) == []
    assert len(cli("jobs", "--output", "json").document(JOURNAL_JOBS)["jobs"]) == 1


def test_what_nobody_foresaw_is_one_line_and_a_log(
    cli: Cli, huawei_cloud: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_command: object, _run: object) -> int:
        raise RuntimeError("the inside of it")

    monkeypatch.setattr(volumes, "list_volumes", broken)
    cli.sign_in_at(huawei_cloud)
    ended = cli("volumes", "--output", "json")
    assert ended.code == 1
    log = state_dir() / "evs-tui.log"
    assert ended.error()["why"] == f"RuntimeError; the details are in {log}"
    assert "the inside of it" not in ended.out + ended.err
    written = log.read_text()
    assert "RuntimeError: the inside of it" in written
    assert "Traceback" in written
    assert (log.stat().st_mode & 0o777) == 0o600


def test_the_debug_log_is_the_users_own(cli: Cli, huawei_cloud: Simulator, tmp_path: Path) -> None:
    cli.sign_in_at(huawei_cloud)
    assert cli("volumes", "--debug-log", str(tmp_path / "log")).code == 0
    assert ((tmp_path / "log").stat().st_mode & 0o777) == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    ended = cli("volumes", "--debug-log", str(tmp_path / "link"), "--output", "json")
    assert ended.code == 2
    assert ended.error()["what"] == "The debug log cannot be written"


SIGNALLED = """
import sys
from evs_tui.cli import volumes
from evs_tui.cli.main import main
from evs_tui.cli.signals import Signalled

def list_volumes(command, run):
    sys.stdout.write("not whole")
    raise Signalled({number})

volumes.list_volumes = list_volumes
sys.exit(main(["volumes"]))
"""


@pytest.mark.parametrize(
    ("number", "written"), [(signal.SIGINT, "not whole"), (signal.SIGTERM, ""), (signal.SIGHUP, "")]
)
def test_what_was_not_written_before_a_termination_is_never_written(number: int, written: str) -> None:
    ended = Process(variables={}, code=SIGNALLED.format(number=int(number))).end()
    assert (ended.code, ended.out, ended.err) == (128 + number, written, "")


# Where the output goes


def test_a_full_disk_behind_standard_output(huawei_cloud: Simulator) -> None:
    with Path("/dev/full").open("w") as full:
        process = Process("volumes", variables=variables_of(huawei_cloud), stdout=full.fileno())
        ended = process.end()
    assert ended.code == 1
    assert ended.err.splitlines()[-2:] == [
        "evs-tui: The output is not complete: standard output: No space left on device",
        "  What to do: evs-tui jobs tells what became of exports",
    ]


def test_help_into_a_closed_pipe() -> None:
    process = Process("--help", variables={}, code=PRODUCT)
    process.close_stdout()
    ended = process.end()
    assert (ended.code, ended.err) == (0, "")


def test_an_encoding_without_the_signs_gets_their_twins(huawei_cloud: Simulator) -> None:
    latin = {**variables_of(huawei_cloud), "PYTHONIOENCODING": "iso-8859-1"}
    process = Process("volumes", variables=latin)
    ended = process.end()
    assert ended.code == 0
    assert "+ ready" in ended.out


def test_the_terminal_ui_needs_a_terminal() -> None:
    ended = Process("--demo", variables={}, code=PRODUCT).end()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "evs-tui: The terminal UI cannot be opened: standard input is not a terminal, so no key can be read\n"
        "  What to do: evs-tui volumes, export and jobs work without it\n"
    )


def test_the_terminal_ui_needs_one_that_places_text() -> None:
    ended = Process("--demo", variables={"TERM": "dumb"}, code=PRODUCT, terminal=True).end()
    assert ended.code == 2
    assert "evs-tui: The terminal UI cannot be opened: TERM is dumb: this terminal cannot place text\n" in ended.err


# The demo


@pytest.fixture
def quick_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's own cloud, in which an image is made in a blink."""
    phases = PhaseSeconds(queued=0.05, saving=0.1, settle=0.05)
    monkeypatch.setattr("evs_tui.demo.SimulatedCloud", lambda: SimulatedCloud(phase_seconds=phases))


@pytest.mark.usefixtures("quick_demo")
def test_the_demo_exports_a_disk_and_leaves_nothing_behind(cli: Cli) -> None:
    document = cli("--demo", "volumes", "--filter", "status:available ready:yes", "--output", "json").document(VOLUMES)
    assert document["context"]["demo"] is True
    disk = document["volumes"][0]["id"]
    ended = cli("--demo", "export", disk, "--name", "{name}-{date}", "--yes", "--wait", "--output", "json")
    (job,) = ended.document(EXPORT)["results"]
    assert (ended.code, job["state"]) == (0, "succeeded")
    assert ended.err.startswith("DEMO\n")
    places = [Path(os.environ[name]) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")]
    assert [path for place in places for path in place.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("quick_demo")
def test_the_demo_asks_for_no_credentials_and_takes_none(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    assert cli("--demo", "volumes").err.endswith(" (DEMO).\n")
    assert huawei_cloud.counters() == {}


def test_schemas_are_strict() -> None:
    from jsonschema import Draft202012Validator

    assert not Draft202012Validator(FAILURE).is_valid({"schema": 1, "error": {}, "more": 1})
