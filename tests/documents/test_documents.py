"""The generated documents say what the program does today."""

from __future__ import annotations

import subprocess

import pytest

from evs_tui.cli.grammar import grammar
from evs_tui.cloud.operations import OPERATIONS
from tests.documents.__main__ import DOCS, DOCUMENTS
from tests.documents.permissions import permissions
from tests.tools import needed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_current(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == DOCUMENTS[name](), "make it anew: python -m tests.documents"


def test_manual_has_every_command_and_option_and_roff_accepts_it() -> None:
    page = (DOCS / "installed/share/man/man1/evs-tui.1").read_text(encoding="utf-8")
    for command in grammar().commands:
        assert f".SS {command.name}\n" in page
    man = needed("man")
    shown = subprocess.run(
        [man, "--warnings=all", "-E", "UTF-8", "-l", "-P", "cat", str(DOCS / "installed/share/man/man1/evs-tui.1")],
        capture_output=True,
        text=True,
        check=True,
        env={"MANWIDTH": "80", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert shown.stderr == ""
    assert "--skip-existing" in shown.stdout


def test_policy_for_exporting_has_what_the_one_for_looking_has_and_every_change() -> None:
    page = permissions()
    looking, doing = page.split("And for one who exports")
    for operation in OPERATIONS:
        if operation.right is not None and operation.right.startswith(("evs:", "ims:", "ecs:")):
            assert f'"{operation.right}"' in doing
            assert (f'"{operation.right}"' in looking) is (operation.effect == "read")
