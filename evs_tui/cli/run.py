"""What one command works with: its options, where it writes, and the workspace for as long as it needs one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evs_tui.cli.asking import ask_secret, somebody_can_answer, unlock_file
from evs_tui.cli.output import Output
from evs_tui.cli.signals import Signals
from evs_tui.failure import Failure

if TYPE_CHECKING:
    from evs_tui.config.paths import Paths
    from evs_tui.credentials.kept import SecretNeeded
    from evs_tui.workspace import Context, Options, Wiring, Workspace

T = TypeVar("T")
_CLOSING_LIMIT = 45.0
"""Seconds: longer than the deadline of a request that was announced, which is waited for."""


@dataclass(slots=True)
class Run:
    """One command being carried out."""

    options: Options
    output: Output
    signals: Signals
    wiring: Wiring | None = None
    _logging: bool = field(default=False, init=False)
    _log_file: Path | None = field(default=None, init=False)

    @contextlib.contextmanager
    def workspace(self) -> Iterator[Workspace]:
        """The workspace of this command, closed in order at the end whatever happens.

        Raises:
            ConfigFailure: the configuration cannot be used.
        """
        from evs_tui.workspace import Workspace

        workspace = Workspace.open(self.options, os.environ, self.wiring)
        try:
            self._start_logging(workspace.paths)
            for warning in workspace.settings.warnings:
                self.output.warn(warning)
            yield workspace
        finally:
            with self.signals.held():
                workspace.close(_CLOSING_LIMIT)

    def connect(self, workspace: Workspace) -> Context:
        """Sign in, and tell what there is to warn of.

        Raises:
            ConfigFailure, CloudError: there is no way in.
        """
        context = self.with_secrets(workspace, lambda: workspace.core.run(workspace.connect))
        for warning in context.warnings:
            self.output.warn(warning)
        if context.profile is not None and context.ignored:
            self.output.say(f"Signed in by {context.source_words}.")
        return context

    def with_secrets(self, workspace: Workspace, sign_in: Callable[[], T]) -> T:
        """`sign_in`; what a profile or the cloud still needs is asked of the person at the terminal, once.

        Raises:
            SecretNeeded, PasscodeNeeded: nobody can be asked.
            ConfigFailure, CloudError: there is no way in.
        """
        from evs_tui.cloud.auth.passcode import PasscodeNeeded
        from evs_tui.credentials.kept import SecretNeeded

        try:
            try:
                return sign_in()
            except SecretNeeded as needed:
                self._give_secrets(workspace, needed)
                return sign_in()
        except PasscodeNeeded as needed:
            passcode = ask_secret(f"Passcode (MFA) for {needed.user}", stripped=True)
            if passcode is None:
                raise
        workspace.core.run(workspace.give_passcode, passcode)
        return sign_in()

    def _give_secrets(self, workspace: Workspace, needed: SecretNeeded) -> None:
        """Open the encrypted file, or ask for the secret of a profile; before that, say where it will be kept.

        Raises:
            SecretNeeded: nobody can be asked.
        """
        from evs_tui.credentials.kept import BindingChanged, words_of
        from evs_tui.credentials.profile_fields import checked_secret

        profile, accounts = needed.profile, workspace.accounts
        if not somebody_can_answer():
            raise needed
        file = accounts.vault.file
        if profile.keep_in == "file" and file is not None and file.exists and not file.state().is_ready:
            unlock_file(accounts)
            try:
                accounts.vault.secrets(profile)
            except SecretNeeded as still:
                needed = still
            else:
                return
        words = " and ".join(words_of(name) for name in needed.names)
        if isinstance(needed, BindingChanged):
            self.output.warn(f"{needed}. {(needed.advice or '').capitalize()}.")
        else:
            self.output.say(f"The {words} of profile {profile.name} {_keeping(needed)}.")
        given = {}
        for name in needed.names:
            secret = ask_secret(f"{words_of(name).capitalize()} of profile {profile.name}")
            if secret is None:
                raise needed
            given[name] = checked_secret(profile, name, secret)
        accounts.give(profile, given)

    def log_unexpected(self, error: Exception) -> Path | None:
        """Write an error that nobody foresaw to the log; where, or None if there is no log."""
        import logging

        from evs_tui.config.paths import Paths

        if not self._logging:
            with contextlib.suppress(Failure):
                self._start_logging(Paths.of(os.environ))
        logging.getLogger(__name__).error("unexpected", exc_info=error)
        return self._log_file if self._log_file is not None and self._log_file.exists() else None

    def _start_logging(self, paths: Paths) -> None:
        from evs_tui.logs import start_logging

        log_file = None if self.options.demo else paths.log_file
        start_logging(log_file, debug_log=self.options.debug_log)
        self._logging = True
        self._log_file = self.options.debug_log or log_file


def _keeping(needed: SecretNeeded) -> str:
    """Where what is typed will be, and why: a host without a keyring is usual, not an error."""
    if needed.profile.keep_in == "session":
        return "is kept in memory alone, until this command ends"
    if needed.reason is None:
        return "is not kept yet; the cloud takes it first"
    return f"stays in memory until this command ends: {needed.reason}"
