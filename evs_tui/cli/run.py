"""What one command works with: its options, where it writes, and the workspace for as long as it needs one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evs_tui.cli.asking import ask_secret
from evs_tui.cli.output import Output
from evs_tui.cli.signals import Signals
from evs_tui.failure import Failure

if TYPE_CHECKING:
    from evs_tui.config.paths import Paths
    from evs_tui.credentials.kept import SecretNeeded
    from evs_tui.workspace import Context, Options, Wiring, Workspace

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
        context = self._connected(workspace)
        for warning in context.warnings:
            self.output.warn(warning)
        return context

    def _connected(self, workspace: Workspace) -> Context:
        """Signed in; what a profile or the cloud still needs is asked of the person at the terminal, once."""
        from evs_tui.cloud.auth.passcode import PasscodeNeeded
        from evs_tui.credentials.kept import SecretNeeded

        try:
            try:
                return workspace.core.run(workspace.connect)
            except SecretNeeded as needed:
                if not self._give_secrets(workspace, needed):
                    raise
                return workspace.core.run(workspace.connect)
        except PasscodeNeeded as needed:
            passcode = ask_secret(f"Passcode (MFA) for {needed.user}", stripped=True)
            if passcode is None:
                raise
        workspace.core.run(workspace.give_passcode, passcode)
        return workspace.core.run(workspace.connect)

    def _give_secrets(self, workspace: Workspace, needed: SecretNeeded) -> bool:
        """Ask for the secret of a profile, for this run alone; False where nobody can be asked."""
        from evs_tui.credentials.profile_fields import checked_secret

        profile = needed.profile
        why = "it is kept for a session only" if profile.keep_in == "session" else needed.reason or "it is not there"
        given = {}
        for name in needed.names:
            secret = ask_secret(f"{name.replace('_', ' ').capitalize()} of profile {profile.name}")
            if secret is None:
                return False
            given[name] = checked_secret(profile, name, secret)
        self.output.say(f"Kept in memory until evs-tui ends ({why}).")
        workspace.accounts.give(profile, given)
        return True

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
