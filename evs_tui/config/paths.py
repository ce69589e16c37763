"""Where configuration and state live on this system. Nothing is made here: directories appear with their first file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evs_tui.failure import ConfigFailure
from evs_tui.files import private_directory

_NAME = "evs-tui"


@dataclass(frozen=True, slots=True)
class Paths:
    """The files of one user. Configuration is written by people, state by the program."""

    config_dir: Path
    state_dir: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Paths:
        """The places of this system; `XDG_CONFIG_HOME` and `XDG_STATE_HOME` count everywhere.

        Raises:
            ConfigFailure: there is no home directory to put them in.
        """
        from platformdirs import user_config_path, user_state_path

        return cls(
            config_dir=_place(environ, "XDG_CONFIG_HOME", user_config_path),
            state_dir=_place(environ, "XDG_STATE_HOME", user_state_path),
        )

    @property
    def config_file(self) -> Path:
        """`config.toml`: settings, for people to edit."""
        return self.config_dir / "config.toml"

    @property
    def journal(self) -> Path:
        """The journal of runs and jobs."""
        return self.state_dir / "journal.sqlite3"

    @property
    def owners(self) -> Path:
        """The directory of lock files, one for each living process that owns runs."""
        return self.state_dir / "owners"

    @property
    def receipts(self) -> Path:
        """The directory of receipts."""
        return self.state_dir / "receipts"

    @property
    def encrypted_file(self) -> Path:
        """The encrypted file of secrets, for who picks it."""
        return self.state_dir / "credentials.enc"

    @property
    def history(self) -> Path:
        """The directory of histories that were written on demand."""
        return self.state_dir / "history"

    @property
    def log_file(self) -> Path:
        """The log, rotated and without secrets."""
        return self.state_dir / "evs-tui.log"

    def ready_state_dir(self) -> Path:
        """The state directory, made and closed to others.

        Raises:
            ConfigFailure: it cannot be used.
        """
        return private_directory(self.state_dir)


def _place(environ: Mapping[str, str], variable: str, of_this_system: Callable[..., Path]) -> Path:
    chosen = Path(environ.get(variable, ""))
    if chosen.is_absolute():  # a relative one is to be ignored, says the XDG Base Directory Specification
        return chosen / _NAME
    try:
        found = of_this_system(_NAME, appauthor=False)
    except RuntimeError:
        found = Path()
    if found.is_absolute():
        return found
    raise ConfigFailure(
        "There is no place for configuration and state",
        "this user has no home directory",
        "set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to an absolute path",
    )
