"""Makes a command out of what the parser read, and refuses what contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from evs_tui.cli.commands import (
    AgentCommand,
    Command,
    CompletionCommand,
    ExportCommand,
    ImagesCommand,
    Invocation,
    JobsAction,
    JobsCommand,
    ProfilesAction,
    ProfilesCommand,
    TerminalCommand,
    VolumesCommand,
    WizardCommand,
)
from evs_tui.cli.parser import FROM_STDIN, misuse
from evs_tui.text import clean, is_id
from evs_tui.workspace import Options

if TYPE_CHECKING:
    import argparse

NO_IMAGE = "none"
_ACTIONS: tuple[JobsAction, ...] = get_args(JobsAction)
_PROFILE_ACTIONS: tuple[ProfilesAction, ...] = get_args(ProfilesAction)
_FOR_ADD = (
    "from_cloud", "cloud", "auth_url", "method", "user", "user_domain", "credential", "ca_bundle", "keep_in",
    "production", "default",
)  # fmt: skip
_WATCHABLE = (None, "show", "resolve", "retry", "resume", "restore")
_CONFIRMED = ("resolve", "cancel", "retry", "resume", "restore", "forget")


def understood(fields: argparse.Namespace, words: Sequence[str]) -> Invocation:
    """The call that `fields` describe; `words` are ids that stood behind options.

    Raises:
        UsageFailure: they contradict each other, or an id is none.
    """
    return Invocation(_options(fields), _command(fields, words))


def _options(fields: argparse.Namespace) -> Options:
    return Options(
        profile=fields.profile,
        region=fields.region,
        project=fields.project,
        read_only=fields.read_only,
        demo=fields.demo,
        ascii=fields.ascii,
        debug_log=None if fields.debug_log is None else Path(fields.debug_log),
    )


def _command(fields: argparse.Namespace, words: Sequence[str]) -> Command:
    if fields.command is None:
        return TerminalCommand(volume=fields.open_volume, filter=fields.open_filter)
    for option, value in (("--volume", fields.open_volume), ("--filter", fields.open_filter)):
        if value is not None:
            raise misuse(f"{option} before {fields.command} belongs to the terminal UI", fields.command)
    return _COMMANDS[fields.command](fields, words)


def _volumes(fields: argparse.Namespace, _words: Sequence[str]) -> VolumesCommand:
    return VolumesCommand(filter=fields.filter, sort=fields.sort, output=fields.output)


def _images(fields: argparse.Namespace, _words: Sequence[str]) -> ImagesCommand:
    return ImagesCommand(filter=fields.filter, output=fields.output)


def _completion(fields: argparse.Namespace, _words: Sequence[str]) -> CompletionCommand:
    return CompletionCommand(shell=fields.shell)


def _wizard(fields: argparse.Namespace, _words: Sequence[str]) -> WizardCommand:
    return WizardCommand(volume_id=fields.volume_id)


def _profiles(fields: argparse.Namespace, words: Sequence[str]) -> ProfilesCommand:
    first, *names = (*fields.words, *words) or ("list",)
    action = next((action for action in _PROFILE_ACTIONS if first == action), None)
    if action is None:
        known = ", ".join(_PROFILE_ACTIONS)
        raise misuse(f'"{clean(first)}" is nothing that profiles does: choose {known}', "profiles")
    if action == "list":
        if names:
            raise misuse("list takes no name", "profiles")
    elif len(names) != 1:
        raise misuse(f"{action} needs the name of one profile", "profiles")
    given = {name: getattr(fields, name) for name in _FOR_ADD if getattr(fields, name) not in {None, False}}
    if given and action != "add":
        option = next(iter(given)).replace("_", "-")
        raise misuse(f"--{option} belongs to add", "profiles")
    return ProfilesCommand(action=action, name=names[0] if names else "", output=fields.output, **given)


def _export(fields: argparse.Namespace, words: Sequence[str]) -> ExportCommand:
    volume_ids = (*fields.volume_ids, *words)
    if not volume_ids:
        raise misuse("no volume is named: give ids, or - to read them from standard input", "export")
    if FROM_STDIN in volume_ids and len(volume_ids) > 1:
        raise misuse("- stands alone: give ids, or read them from standard input", "export")
    for volume_id in volume_ids:
        if volume_id != FROM_STDIN:
            _checked_id(volume_id, "volume", "export")
    why = _export_contradiction(fields, volume_ids)
    if why is not None:
        raise misuse(why, "export")
    return ExportCommand(
        volume_ids=volume_ids,
        name=fields.name,
        disk_format=fields.disk_format,
        os_type=fields.os_type,
        container_format=fields.container_format,
        force=fields.force,
        stop_servers=fields.stop_servers,
        restart_servers=fields.restart_servers,
        crash_consistent=fields.crash_consistent,
        skip_existing=fields.skip_existing,
        dry_run=fields.dry_run,
        yes=fields.yes,
        wait=fields.wait,
        background=fields.background,
        timeout=fields.timeout,
        output=fields.output,
    )


def _agent(fields: argparse.Namespace, _words: Sequence[str]) -> AgentCommand:
    match fields.words:
        case [] | ["list"]:
            return AgentCommand()
        case ["stop", agent_id]:
            _checked_id(agent_id, "agent", "agent")
            return AgentCommand("stop", agent_id, fields.yes)
        case ["stop"]:
            raise misuse("stop needs the id of an agent", "agent")
        case _:
            raise misuse("agent knows list, and stop with one id", "agent")


def _export_contradiction(fields: argparse.Namespace, volume_ids: tuple[str, ...]) -> str | None:
    """Why these options do not go together, or None."""
    confirmed = fields.crash_consistent
    rules = (
        (fields.timeout is not None and not fields.wait, "--timeout belongs to --wait"),
        (fields.wait and fields.background, "--wait and --background cannot both be given"),
        (fields.force and fields.stop_servers, "--force and --stop-servers cannot both be given"),
        (fields.restart_servers and not fields.stop_servers, "--restart-servers belongs to --stop-servers"),
        (confirmed is not None and not fields.force, "--crash-consistent belongs to --force"),
        (
            confirmed is not None and (len(volume_ids) > 1 or FROM_STDIN in volume_ids),
            "--crash-consistent confirms one volume a call, given by its id",
        ),
        (
            confirmed is not None and (len(confirmed) != 4 or not volume_ids[0].endswith(confirmed)),
            "--crash-consistent must be the last four characters of the volume's id",
        ),
    )
    return next((why for broken, why in rules if broken), None)


def _jobs(fields: argparse.Namespace, words: Sequence[str]) -> JobsCommand:
    action, job_ids = _action((*fields.words, *words))
    for job_id in job_ids:
        _checked_id(job_id, "job", "jobs")
    command = JobsCommand(
        action=action,
        job_ids=tuple(dict.fromkeys(job_ids)),
        image=fields.image,
        yes=fields.yes,
        everything=fields.everything,
        watch=fields.watch,
        timeout=fields.timeout,
        older_than=fields.older_than,
        output=fields.output,
    )
    why = _contradiction(command)
    if why is not None:
        raise misuse(why, "jobs")
    return command


def _action(words: tuple[str, ...]) -> tuple[JobsAction | None, tuple[str, ...]]:
    if not words:
        return None, ()
    for action in _ACTIONS:
        if words[0] == action:
            return action, words[1:]
    raise misuse(f'"{clean(words[0])}" is nothing that jobs does: choose {", ".join(_ACTIONS)}', "jobs")


def _contradiction(command: JobsCommand) -> str | None:
    """Why these options do not go together, or None."""
    action = command.action
    rules = (
        (
            action is not None and not command.job_ids and command.older_than is None,
            f"{action} needs the id of a job" + (", or --older-than" if action == "forget" else ""),
        ),
        (action != "forget" and command.older_than is not None, "--older-than belongs to forget"),
        (command.output == "csv" and action not in {None, "show"}, f"csv does not go with {action}"),
        (command.output == "csv" and command.watch, "csv does not go with --watch"),
        (action == "resolve" and command.image is None, "resolve needs --image ID, or --image none"),
        (action == "resolve" and len(command.job_ids) > 1, "resolve decides one job a call"),
        (action != "resolve" and command.image is not None, "--image belongs to resolve"),
        (
            command.image not in {None, NO_IMAGE} and not is_id(command.image),
            f'"{clean(command.image or "")}" is no image id: letters, digits, - and _, at most 64',
        ),
        (command.everything and action is not None, "--all belongs to the list"),
        (command.watch and action not in _WATCHABLE, f"--watch does not go with {action}"),
        (command.yes and action not in _CONFIRMED, f"--yes belongs to {', '.join(_CONFIRMED)}"),
        (command.timeout is not None and not command.watch, "--timeout belongs to --watch"),
    )
    return next((why for broken, why in rules if broken), None)


def _checked_id(value: str, what: str, command: str) -> None:
    if not is_id(value):
        raise misuse(f'"{clean(value)}" is no {what} id: letters, digits, - and _, at most 64', command)


_COMMANDS: Mapping[str, Callable[[argparse.Namespace, Sequence[str]], Command]] = {
    "volumes": _volumes,
    "images": _images,
    "profiles": _profiles,
    "completion": _completion,
    "agent": _agent,
    "export": _export,
    "wizard": _wizard,
    "jobs": _jobs,
}
