"""The wizard at a terminal that can do nothing but print lines: TERM=dumb, a serial console, a screen reader."""

from __future__ import annotations

import io
import re
import signal
import sys
from typing import Any

import pytest

from evs_tui.cli.output import Output
from evs_tui.cli.questions import Option, Questions
from evs_tui.exports.draft import Said
from evs_tui.exports.model import Sign
from evs_tui.failure import UsageFailure
from tests.cli.program import Cli, Process, variables_of
from tests.simulator import Simulator

DUMB = {"TERM": "dumb", "LC_ALL": "C.UTF-8"}


def wizard(cloud: Simulator, *words: str, **variables: str) -> Process:
    return Process("wizard", *words, variables={**variables_of(cloud), **DUMB, **variables}, terminal=True)


def plain_disk(cloud: Simulator) -> str:
    """A free disk with no system of its own."""
    rows = [row for row in cloud.volumes() if row["status"] == "available" and not row["image_metadata"]]
    return str(next(row["id"] for row in rows if not row["dedicated_storage"] and row["name"]))


def test_from_the_first_question_to_the_image_on_a_dumb_terminal(quick_cloud: Simulator) -> None:
    disk = plain_disk(quick_cloud)
    process = wizard(quick_cloud, disk)
    shown = process.read_until("Image name [")
    assert f"({disk})" in shown
    assert "Result: a data disk: no server starts from the image." in shown
    process.type("bad/name\n")
    process.read_until('"/" at place 4 (/ → -): only letters, digits, - _ . and space')
    process.type("?\n")
    process.read_until("At most 128 characters: letters, digits, - _ . and space inside.")
    process.type("by-wizard\n")
    shown = process.read_until("Number or word [zvhd2]: ")
    assert "  1  vhd: widely read, also elsewhere; some pages' default" in shown
    process.type("7\n")
    process.read_until("not one of them: give 1 to 5, or the word")
    process.type("4\n")
    process.read_until("Number or word [linux]: ")
    process.type("windows\n")
    shown = process.read_until("Export it? yes or no [no]: ")
    review = shown[shown.index("Review") :]
    assert "✓ Checked: image quota 1 of 100 afterwards; no image has this name;" in review
    assert re.search(r"1  Export .* to by-wizard \(raw, bare\)", review)
    assert "undo: cannot be called back; the disk itself is not changed" in review
    same = f"evs-tui export {disk} --name by-wizard --disk-format raw --os-type windows"
    assert f"The same without questions: {same}" in review
    assert "Nothing has been sent yet." in review
    assert quick_cloud.export_posts() == []
    process.type("yes\n")
    process.read_until("Stay until the image can be used? yes or no [yes]: ")
    process.type("\n")
    ended = process.end()
    assert ended.code == 0, ended.err
    (post,) = quick_cloud.export_posts(disk)
    assert "✓ succeeded" in ended.out
    (image,) = [row for row in quick_cloud.images() if row["made_here"]]
    assert (image["name"], image["disk_format"], image["os_type"].lower()) == ("by-wizard", "raw", "windows")
    assert post["path"].endswith(f"/volumes/{disk}/action")
    # Lines and nothing else: no escape sequence, no carriage return but those of the terminal itself.
    assert "\x1b" not in ended.err + ended.out
    assert "\r" not in ended.err + ended.out
    assert all(len(line) < 200 for line in ended.err.splitlines())


def test_the_volume_is_looked_for_and_no_sends_nothing(quick_cloud: Simulator) -> None:
    disk = plain_disk(quick_cloud)
    process = wizard(quick_cloud, "--ascii")
    process.read_until("Words to look for, or an id: ")
    process.type("stauts:x\n")
    process.read_until("did you mean status:")
    process.type("no-such-volume-anywhere\n")
    process.read_until("No volume has all of that.")
    process.type("size>0\n")
    process.read_until("volumes have that: give more words.")
    process.type(f"id:{disk}\n")
    shown = process.read_until(f"Number or word [{disk}]: ")
    assert f"  1  {disk}: " in shown
    assert "+ ready" in shown
    process.type("\n")
    process.read_until("Image name [")
    process.type("\n")
    process.read_until("Number or word [zvhd2]: ")
    process.type("\n")
    process.read_until("Number or word [linux]: ")
    process.type("\n")
    process.read_until("Export it? yes or no [no]: ")
    process.type("\n")
    ended = process.end()
    assert ended.code == 2
    assert "the review was not answered with yes" in ended.err
    assert quick_cloud.export_posts() == []
    assert (ended.err + ended.out).isascii()


def attached_disk(cloud: Simulator, server: dict[str, Any]) -> str:
    """A disk of the server and of no other."""
    rows = [row for row in cloud.volumes() if row["status"] == "in-use" and not row["encrypted"]]
    ids = {row["id"]: [each["server_id"] for each in row["attachments"]] for row in rows}
    return str(next(volume_id for volume_id, servers in ids.items() if servers == [server["id"]]))


def running_disk(cloud: Simulator) -> tuple[str, dict[str, Any]]:
    for server in cloud.servers():
        if server["status"] == "ACTIVE":
            try:
                return attached_disk(cloud, server), server
            except StopIteration:
                continue
    raise AssertionError("no disk of a running server")


def test_a_running_server_is_asked_about_and_danger_is_typed(quick_cloud: Simulator) -> None:
    disk, server = running_disk(quick_cloud)
    process = wizard(quick_cloud, disk)
    process.read_until("Image name [")
    process.type("n\n\n")
    shown = process.read_until("Number or word [restart]: ")
    asked = shown[shown.index("What about its server?") :]
    assert f"  1  restart: stop, export, start again; {server['name']} runs; it stops in the plan" in asked
    process.type("running\n")
    shown = process.read_until("type the last 4 characters of the id: ")
    assert "goes on running while" in shown
    assert f"--force --crash-consistent {disk[-4:]}" in shown
    process.type("yes\n")
    ended = process.end()
    assert ended.code == 2
    assert "that is not the last 4 characters of the id" in ended.err
    assert quick_cloud.export_posts() == []


def test_read_only_says_so_before_the_first_question_and_sends_nothing(quick_cloud: Simulator) -> None:
    process = wizard(quick_cloud, plain_disk(quick_cloud), "--read-only")
    shown = process.read_until("Image name [")
    assert "Read-only: the plan is shown at the end, nothing can be sent." in shown
    process.type("\n\n\n")
    ended = process.end()
    assert ended.code == 6
    assert "this run is read-only" in ended.err
    assert quick_cloud.export_posts() == []


def test_ctrl_c_ends_it_and_sends_nothing(quick_cloud: Simulator) -> None:
    process = wizard(quick_cloud, plain_disk(quick_cloud))
    process.read_until("Image name [")
    process.send(signal.SIGINT)
    assert process.end().code == 130
    assert quick_cloud.export_posts() == []


def test_nobody_to_ask(cli: Cli, huawei_cloud: Simulator) -> None:
    cli.sign_in_at(huawei_cloud)
    ended = cli("wizard", stdin="yes\n")
    assert ended.code == 2
    assert "standard input and error are not a terminal" in ended.err
    assert "evs-tui export does the same without questions" in ended.err
    assert huawei_cloud.counters() == {}


def asked(monkeypatch: pytest.MonkeyPatch, typed: str) -> Questions:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    return Questions(Output("table"))


def test_the_end_of_input_ends_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = asked(monkeypatch, "half a li")
    with pytest.raises(UsageFailure) as ended:
        ask.words("Name", help_="")
    assert ended.value.why == "the input ended before the last question"


def test_a_warning_is_told_and_the_value_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = asked(monkeypatch, "odd\n")
    assert ask.text("Name", "n", lambda value: Said(f"{value} is odd", Sign.WARN), help_="") == "odd"
    assert "! odd is odd" in capsys.readouterr().err


def test_blanks_at_the_ends_of_a_name_are_left_for_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def check(value: str) -> Said:
        seen.append(value)
        return Said("")

    assert asked(monkeypatch, " a b \n").text("Name", "n", check, help_="") == " a b "
    assert asked(monkeypatch, "   \n").text("Name", "n", check, help_="") == "n"
    assert seen == [" a b ", "n"]


@pytest.mark.parametrize(("typed", "chosen"), [("\n", "raw"), ("1\n", "vhd"), ("VHD\n", "vhd"), ("9\n²\nraw\n", "raw")])
def test_a_choice_by_number_or_word(monkeypatch: pytest.MonkeyPatch, typed: str, chosen: str) -> None:
    options = [Option("vhd", "one"), Option("raw", "two")]
    assert asked(monkeypatch, typed).choice("Which?", options, "raw", help_="") == chosen


@pytest.mark.parametrize(("typed", "answer"), [("\n", True), ("no\n", False), ("perhaps\nY\n", True)])
def test_yes_or_no(monkeypatch: pytest.MonkeyPatch, typed: str, answer: bool) -> None:
    assert asked(monkeypatch, typed).yes_or_no("Well?", default=True, help_="") is answer
