"""Questions to the person at the terminal: what is secret is typed without being shown, and kept nowhere here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from evs_tui.cli.streams import is_terminal
from evs_tui.failure import UsageFailure
from evs_tui.secret import Secret

if TYPE_CHECKING:
    from evs_tui.accounts import Accounts


def somebody_can_answer() -> bool:
    """Whether a question reaches a person: it is written to standard error and answered on standard input."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def ask_text(question: str) -> str:
    """One line that a person types, without blanks at its ends; call it only where somebody can answer."""
    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def unlock_file(accounts: Accounts) -> None:
    """Open the encrypted file with a passphrase that is asked for; twice where it makes a new file.

    Raises:
        UsageFailure: nobody can be asked, or the two differ.
        StoreFailure: it does not open the file.
    """
    file = accounts.vault.file
    if file is None or file.state().is_ready:
        return
    first = ask_secret("Passphrase of the encrypted file" if file.exists else "New passphrase of the encrypted file")
    if first is None:
        raise UsageFailure(
            "The encrypted file was not opened", "nobody gave its passphrase", "run it in a terminal, which asks"
        )
    if not file.exists and ask_secret("The same passphrase once more") != first:
        raise UsageFailure("The encrypted file was not made", "the two passphrases differ", "begin again")
    file.unlock(first)


def ask_secret(question: str, *, stripped: bool = False) -> Secret | None:
    """What was typed at the terminal, which shows nothing of it; None where nobody can answer, or nothing was typed."""
    if not somebody_can_answer():
        return None
    from getpass import getpass

    try:
        typed = getpass(f"{question}: ", stream=sys.stderr)
    except EOFError:
        return None
    typed = typed.strip() if stripped else typed  # a password may begin or end with a blank
    return Secret(typed) if typed else None
