"""What different terminals are given: characters they have, a size that suffices, the shell when it is asked for."""

from __future__ import annotations

import pytest

from tests.terminal.screen import COMMAND, Terminal

pytestmark = pytest.mark.terminal

FIRST_ROW = "db-replica-snapshot"


def test_a_terminal_that_is_not_utf_8_gets_no_byte_it_cannot_show() -> None:
    with Terminal(COMMAND, "--demo", variables={"PYTHONIOENCODING": "iso-8859-1"}) as terminal:
        terminal.wait_for(FIRST_ROW, "????????-????-????   available     250 GiB")
        assert "+ ready" in terminal.text
        assert terminal.lines[4].startswith(">  db-replica-snapshot")
        assert max(terminal.raw) < 0x80


def test_ascii_signs_leave_names_as_they_are() -> None:
    with Terminal(COMMAND, "--demo", "--ascii") as terminal:
        terminal.wait_for(FIRST_ROW, "+ ready")
        assert "生" in terminal.text
        assert not set("✓►▪▫✗»▴▾‹›") & set(terminal.text)


def test_a_window_that_is_too_small_says_so_and_takes_no_keys_until_it_has_grown() -> None:
    with Terminal(COMMAND, "--demo", size=(80, 24)) as terminal:
        terminal.wait_for(FIRST_ROW, "as of")
        terminal.resize(59, 24)
        terminal.wait_for("This window is 59x24.", "evs-tui needs 60x18.")
        terminal.type("i")
        terminal.resize(40, 6)
        terminal.wait_for("This window is 40x6.")
        terminal.resize(60, 18)
        terminal.wait_for(FIRST_ROW[:10], "? help")
        assert "This window" not in terminal.text
        assert "Attached" not in terminal.text  # the details are not open
        terminal.type("\x11")
        assert terminal.end() == 0


def test_the_shell_and_back() -> None:
    # The names are there twice, so that what was typed is not taken for what was printed.
    with Terminal("bash", "--norc", "-i", variables={"PS1": "shell> "}) as terminal:
        terminal.type(f"{COMMAND} --demo\n")
        terminal.wait_for(FIRST_ROW, "as of")
        terminal.type("\x1a")
        terminal.wait_for("Stopped", "shell>")
        terminal.type("echo $((6 * 7))\n")
        terminal.wait_for("\n42")
        terminal.type("fg\n")
        terminal.wait_for(FIRST_ROW, "? help")
        terminal.type("jj")
        terminal.wait_until(lambda: terminal.lines[6].startswith("›"), "the cursor on the third row")
        terminal.type("q")
        terminal.wait_for("shell>")
        terminal.type("exit\n")
        assert terminal.end() == 0
