"""What was asked for on the command line, as data: one class a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from evs_tui.config.profiles import MethodName, SecretPlace
    from evs_tui.workspace import Options

Form = Literal["table", "json", "jsonl", "csv"]
AgentAction = Literal["list", "stop"]
Shell = Literal["bash", "fish", "zsh"]
ProfilesAction = Literal["list", "add", "test", "forget", "remove"]
JobsAction = Literal["show", "resolve", "cancel", "retry", "receipt", "resume", "restore", "forget"]


@dataclass(frozen=True, slots=True)
class TerminalCommand:
    """Open the terminal UI: on the form of `volume`, or with `filter` typed in."""

    volume: str | None = None
    filter: str | None = None
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class VolumesCommand:
    """List the volumes. `sort` is a column, with `:desc` for the largest first."""

    filter: str | None = None
    sort: str | None = None
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class ExportCommand:
    """Export volumes. `volume_ids` may be `-` alone: then they are read from standard input. `timeout` in seconds.

    `crash_consistent` are the last four characters of the one volume whose server may go on running.
    """

    volume_ids: tuple[str, ...]
    name: str
    disk_format: str | None = None
    os_type: str | None = None
    container_format: str | None = None
    force: bool = False
    stop_servers: bool = False
    restart_servers: bool = False
    crash_consistent: str | None = None
    skip_existing: bool = False
    dry_run: bool = False
    yes: bool = False
    wait: bool = False
    background: bool = False
    timeout: float | None = None
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class WizardCommand:
    """Ask for an export question by question; without `volume_id` for the volume as well."""

    volume_id: str | None = None
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class JobsCommand:
    """List the jobs, or do something with those named by `job_ids` (ids, or unique beginnings of them).

    `image` is what `resolve` decides: an image's id, or `none`. `older_than`: what `forget` forgets beside
    those named, as the least age since their end. Both times in seconds.
    """

    action: JobsAction | None = None
    job_ids: tuple[str, ...] = ()
    image: str | None = None
    yes: bool = False
    everything: bool = False
    watch: bool = False
    timeout: float | None = None
    older_than: float | None = None
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class CompletionCommand:
    """Print the completion script of a shell."""

    shell: Shell
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class ImagesCommand:
    """List the private images."""

    filter: str | None = None
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class AgentCommand:
    """List what works in the background, or end the process whose id begins with `agent_id`."""

    action: AgentAction = "list"
    agent_id: str | None = None
    yes: bool = False
    output: Form = "table"


@dataclass(frozen=True, slots=True)
class ProfilesCommand:
    """List the profiles, or do something with the one named `name` (empty for the list).

    The rest belongs to `add`: what is None is asked for, or stays as it is.
    """

    action: ProfilesAction = "list"
    name: str = ""
    from_cloud: str | None = None
    cloud: str | None = None
    auth_url: str | None = None
    method: MethodName | None = None
    user: str | None = None
    user_domain: str | None = None
    credential: str | None = None
    ca_bundle: str | None = None
    keep_in: SecretPlace | None = None
    production: bool = False
    default: bool = False
    output: Form = "table"


WorkCommand = (
    VolumesCommand | ExportCommand | WizardCommand | JobsCommand | ImagesCommand | AgentCommand | ProfilesCommand
)
"""What works with the cloud or the journal."""

Command = TerminalCommand | CompletionCommand | WorkCommand


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the program."""

    options: Options
    command: Command
