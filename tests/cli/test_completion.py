"""Completion as the shells themselves carry it out."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import Cli
from tests.tools import needed


def _in_bash(script: str, line: str) -> list[str]:
    words = line.split(" ")
    code = (
        f"{script}\nCOMP_WORDS=({' '.join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
        '_evs_tui; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return _output(["bash", "--norc", "-c", code])


def _in_fish(script: Path, line: str) -> list[str]:
    # What follows a tab is the description.
    code = f"source {shlex.quote(str(script))}; complete -C {shlex.quote(line)}"
    return [row.partition("\t")[0] for row in _output([needed("fish"), "--no-config", "-c", code])]


def _output(command: list[str]) -> list[str]:
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert ended.stderr == ""
    return ended.stdout.split("\n")[:-1]


CASES = [
    ("evs-tui vol", {"volumes"}),
    ("evs-tui jobs re", {"resolve", "resume", "receipt", "retry"}),
    ("evs-tui --demo volumes --output ", {"table", "json", "jsonl"}),
    ("evs-tui export --os-type w", {"windows"}),
    ("evs-tui export --skip", {"--skip-existing"}),
    ("evs-tui completion ", {"bash", "fish", "zsh"}),
    ("evs-tui --dem", {"--demo"}),
]


@pytest.mark.parametrize(("line", "words"), CASES, ids=[line for line, _ in CASES])
def test_bash_completes(cli: Cli, line: str, words: set[str]) -> None:
    script = cli("completion", "bash").out
    assert words <= set(_in_bash(script, line))


def test_bash_offers_no_values_for_what_may_be_any_text(cli: Cli) -> None:
    assert _in_bash(cli("completion", "bash").out, "evs-tui export --name ") in ([], [""])


@pytest.mark.parametrize(("line", "words"), CASES, ids=[line for line, _ in CASES])
def test_fish_completes(cli: Cli, tmp_path: Path, line: str, words: set[str]) -> None:
    script = tmp_path / "evs-tui.fish"
    script.write_text(cli("completion", "fish").out)
    assert words <= set(_in_fish(script, line))


def test_zsh_completes(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "_evs-tui").write_text(cli("completion", "zsh").out)
    capture = f"""
        zmodload zsh/zpty
        zpty shell {needed("zsh")} -f -i
        answer() {{ zpty -w shell "$1"; zpty -r -m shell found "*DONE*"; }}
        answer $'PS1= fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -d {tmp_path}/dump; echo DO""NE'
        answer $'bindkey "^I" complete-word; zstyle ":completion:*" format ""; echo DO""NE'
        zpty -w -n shell $'evs-tui vol\\t --output jsonl ; echo DO""NE\\n'
        zpty -r -m shell found "*DONE*"
        print -r -- $found
    """
    shown = "".join(_output([needed("zsh"), "-f", "-c", capture]))
    assert "evs-tui volumes" in shown


def test_an_unknown_shell_is_named(cli: Cli) -> None:
    ended = cli("completion", "tcsh")
    assert ended.code == 2
    assert "tcsh" in ended.err
    assert "bash" in ended.err
