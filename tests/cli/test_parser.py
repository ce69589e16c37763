"""The command line as typed: what is understood, and what is refused in which words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evs_tui.cli.commands import Command, ExportCommand, JobsCommand, TerminalCommand, VolumesCommand
from evs_tui.cli.parser import form_asked_for, parse
from evs_tui.failure import ExitCode, UsageFailure
from evs_tui.workspace import Options

DISK = "11111111-2222-3333-4444-555555555555"
OTHER = "66666666-7777-8888-9999-000000000000"


def command(*words: str) -> Command:
    return parse(words).command


def refusal(*words: str) -> UsageFailure:
    with pytest.raises(UsageFailure) as caught:
        parse(words)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_without_a_command_the_terminal_ui_opens() -> None:
    assert command() == TerminalCommand()
    assert command("--volume", DISK, "--filter", "web") == TerminalCommand(volume=DISK, filter="web")


@pytest.mark.parametrize("text", ["-type:ssd web", "-exported<30d", "-"])
def test_a_filter_may_begin_with_a_dash(text: str) -> None:
    assert command("--filter", text) == TerminalCommand(filter=text)
    found = command("volumes", "--filter", text, "--sort", "-size", "--output", "json")
    assert isinstance(found, VolumesCommand)
    assert (found.filter, found.sort) == (text, "-size")


def test_an_option_in_the_place_of_a_filter_is_no_filter() -> None:
    assert "expected one argument" in refusal("volumes", "--filter", "--output", "json").why


GLOBALS = (
    "--profile", "p", "--region", "r", "--project", "x", "--read-only", "--demo", "--ascii", "--debug-log", "/l",
)  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        (*GLOBALS, "volumes"),
        ("volumes", *GLOBALS),
        (*GLOBALS[:4], "volumes", *GLOBALS[4:]),
        (*GLOBALS, "jobs"),
        ("jobs", "show", *GLOBALS[:6], "J1", *GLOBALS[6:]),
        ("export", DISK, *GLOBALS, "--name", "n"),
    ],
)
def test_global_options_stand_before_or_after_the_command(words: tuple[str, ...]) -> None:
    assert parse(words).options == Options(
        profile="p", region="r", project="x", read_only=True, demo=True, ascii=True, debug_log=Path("/l")
    )


def test_global_options_are_off_unless_given() -> None:
    assert parse(["jobs"]).options == Options()


def test_volumes() -> None:
    assert command("volumes") == VolumesCommand()
    assert command("volumes", "--filter", "web", "--sort", "size:desc", "--output", "jsonl") == VolumesCommand(
        filter="web", sort="size:desc", output="jsonl"
    )


def test_export_with_everything() -> None:
    assert command(
        "export", DISK, OTHER, "--name", "{name}", "--disk-format", "raw", "--os-type", "windows",
        "--container-format", "ovf", "--force", "--skip-existing", "--dry-run", "--yes", "--wait", "--timeout", "1.5",
        "--output", "json",
    ) == ExportCommand(
        volume_ids=(DISK, OTHER),
        name="{name}",
        disk_format="raw",
        os_type="windows",
        container_format="ovf",
        force=True,
        skip_existing=True,
        dry_run=True,
        yes=True,
        wait=True,
        timeout=90.0,
        output="json",
    )  # fmt: skip


def test_ids_may_stand_between_options() -> None:
    assert command("export", DISK, "--name", "n", OTHER, "--yes") == ExportCommand((DISK, OTHER), "n", yes=True)
    assert command("export", "--name", "n", "-", "--yes") == ExportCommand(("-",), "n", yes=True)
    assert command("jobs", "show", "--output", "json", "J1") == JobsCommand("show", ("J1",), output="json")
    assert command("jobs", "--watch", "show", "J1", "J2") == JobsCommand("show", ("J1", "J2"), watch=True)


def test_jobs() -> None:
    assert command("jobs") == JobsCommand()
    assert command("jobs", "--all") == JobsCommand(everything=True)
    assert command("jobs", "--watch", "--timeout", "2") == JobsCommand(watch=True, timeout=120.0)
    assert command("jobs", "resolve", "J1", "--image", "none", "--yes") == JobsCommand(
        "resolve", ("J1",), image="none", yes=True
    )
    assert command("jobs", "cancel", "J1", "J1", "J2") == JobsCommand("cancel", ("J1", "J2"))


MISUSES = [
    (("--filter", "x", "volumes"), "--filter before volumes belongs to the terminal UI"),
    (("--volume", DISK, "jobs"), "--volume before jobs belongs to the terminal UI"),
    (("volumes", DISK), f"evs-tui does not know {DISK}"),
    (("volumes", "--limit", "3"), "evs-tui does not know --limit"),
    (("export", DISK, "--name", "n", "--stop-everything"), "evs-tui does not know --stop-everything"),
    (("export", "--name", "n"), "no volume is named: give ids, or - to read them from standard input"),
    (("export", "-", DISK, "--name", "n"), "- stands alone: give ids, or read them from standard input"),
    (
        ("export", "../etc", "--name", "n"),
        '"../etc" is no volume id: letters, digits, - and _, at most 64',
    ),
    (("export", DISK, "--name", "n", "--timeout", "5"), "--timeout belongs to --wait"),
    (
        ("export", DISK, "--name", "n", "--wait", "--timeout", "0"),
        'argument --timeout: "0" is no number of minutes above 0',
    ),
    (
        ("export", DISK, "--name", "n", "--wait", "--timeout", "nan"),
        'argument --timeout: "nan" is no number of minutes above 0',
    ),
    (
        ("--volume", "a b"),
        'argument --volume: "a b" is no id: letters, digits, - and _, at most 64',
    ),
    (("jobs", "show"), "show needs the id of a job"),
    (
        ("jobs", "destroy", "J1"),
        '"destroy" is nothing that jobs does: choose show, resolve, cancel, retry, receipt, resume, restore, forget',
    ),
    (("jobs", "resolve", "J1"), "resolve needs --image ID, or --image none"),
    (("jobs", "resolve", "J1", "J2", "--image", "none"), "resolve decides one job a call"),
    (("jobs", "resolve", "J1", "--image", "../x"), '"../x" is no image id: letters, digits, - and _, at most 64'),
    (("jobs", "cancel", "J1", "--image", "none"), "--image belongs to resolve"),
    (("jobs", "show", "J1", "--all"), "--all belongs to the list"),
    (("jobs", "cancel", "J1", "--watch"), "--watch does not go with cancel"),
    (("jobs", "show", "J1", "--yes"), "--yes belongs to resolve, cancel, retry, resume, restore, forget"),
    (("jobs", "--timeout", "3"), "--timeout belongs to --watch"),
    (("jobs", "show", "a/b"), '"a/b" is no job id: letters, digits, - and _, at most 64'),
]


@pytest.mark.parametrize(("words", "why"), MISUSES)
def test_misuse_is_told_exactly(words: tuple[str, ...], why: str) -> None:
    failure = refusal(*words)
    assert failure.what == "The command line cannot be used"
    assert failure.why == why
    assert failure.advice is not None
    assert failure.advice.endswith("--help tells what there is")


@pytest.mark.parametrize("name", ["doctor", "prune"])
def test_what_is_not_built_is_not_there(name: str) -> None:
    assert "invalid choice" in refusal(name).why


def test_a_shortened_option_is_not_guessed() -> None:
    assert refusal("volumes", "--filt", "x").why == "evs-tui does not know --filt"


def test_what_was_typed_is_cleaned_before_it_is_shown() -> None:
    assert refusal("export", "\x1b[31mred", "--name", "n").why == (
        '"␛[31mred" is no volume id: letters, digits, - and _, at most 64'
    )


def test_no_secret_is_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["volumes"], ["export"], ["jobs"]):
        with pytest.raises(SystemExit):
            parse([*words, "--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert {"--profile", "--output"} <= options
    assert not [name for name in options if re.search("pass|token|secret|key", name)]


@pytest.mark.parametrize(
    ("words", "form"),
    [
        (("jobs", "--output", "json", "--nonsense"), "json"),
        (("jobs", "--output=jsonl", "--nonsense"), "jsonl"),
        (("jobs", "--output", "xml"), "table"),
        (("jobs", "--output"), "table"),
        ((), "table"),
    ],
)
def test_the_form_is_known_even_where_the_rest_is_not(words: tuple[str, ...], form: str) -> None:
    assert form_asked_for(words) == form
