"""`evs-tui profiles`: list, add, test, forget, remove. Works where no screen can be drawn, and never shows a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evs_tui.cli.commands import ProfilesCommand
from evs_tui.cli.output import Output, offline_context
from evs_tui.cli.tables import Column, table
from evs_tui.exports.model import Sign
from evs_tui.failure import ExitCode

if TYPE_CHECKING:
    from evs_tui.accounts import Accounts
    from evs_tui.checks.check import Check
    from evs_tui.cli.run import Run
    from evs_tui.config.profiles import Profile, SecretPlace
    from evs_tui.credentials.stores.store import StoreState
    from evs_tui.workspace import Workspace

_COLUMNS = (
    Column("Name"),
    Column("Cloud", leaves=4),
    Column("Region", leaves=3),
    Column("Project", leaves=2, narrowest=8),
    Column("User", leaves=5, narrowest=8),
    Column("Secret in", narrowest=12),
    Column("Marks"),
)
_SIGNS = {"ok": Sign.GOOD, "warn": Sign.WARN, "fail": Sign.BAD, "skipped": Sign.NONE, "unknown": Sign.ASK}
_GONE = "if others may know it, make it worthless: change it at the cloud"


def manage_profiles(command: ProfilesCommand, run: Run) -> int:
    """Do what was asked for; the exit code.

    Raises:
        Failure: it was not done, in words.
    """
    with run.workspace() as workspace:
        match command.action:
            case "list":
                return _list(run, workspace)
            case "add":
                from evs_tui.cli.adding import add_profile

                return add_profile(command, run, workspace.accounts)
            case "test":
                return _test(command, run, workspace)
            case "forget":
                return _forget(command, run.output, workspace.accounts)
            case "remove":
                return _remove(command, run.output, workspace.accounts)


def _list(run: Run, workspace: Workspace) -> int:
    accounts, output = workspace.accounts, run.output
    states = {place: accounts.store_state(place) for place in {p.keep_in for p in accounts.profiles.values()}}
    profiles = list(accounts.profiles.values())
    if output.form == "json":
        documents = [profile_document(p, accounts.default, states[p.keep_in]) for p in profiles]
        output.envelope(_context("config.toml", run), {"profiles": documents})
        return ExitCode.DONE
    if not profiles:
        output.say("No profiles. evs-tui profiles add NAME makes one.")
        return ExitCode.DONE
    rows = [_cells(profile, accounts.default, states[profile.keep_in]) for profile in profiles]
    output.lines(table(_COLUMNS, rows, width=output.width, cut=output.symbols.cut))
    return ExitCode.DONE


def profile_document(profile: Profile, default: str | None, state: StoreState) -> dict[str, Any]:
    """One profile in JSON. `secret.state` is that of the place: whether it can be used now."""
    return {
        "name": profile.name,
        "id": profile.id,
        "default": profile.name == default,
        "cloud": profile.cloud,
        "auth_url": profile.auth_url,
        "region": profile.region,
        "project": profile.project,
        "method": profile.method,
        "user": profile.user,
        "read_only": profile.read_only,
        "production": profile.production,
        "secret": {"place": profile.keep_in, "state": state.condition.value},
    }


def _cells(profile: Profile, default: str | None, state: StoreState) -> list[str]:
    flags = ((profile.name == default, "default"), (profile.production, "PRODUCTION"), (profile.read_only, "READ-ONLY"))
    return [
        profile.name,
        profile.cloud or "-",
        profile.region or "-",
        profile.project or "-",
        profile.user or "-",
        state.words,
        " ".join(word for flag, word in flags if flag) or "-",
    ]


def _test(command: ProfilesCommand, run: Run, workspace: Workspace) -> int:
    from evs_tui.accounts import Wanted
    from evs_tui.checks.check import together

    output, options = run.output, workspace.options
    profile = workspace.accounts.profile(command.name)
    wanted = Wanted(profile.name, options.region, options.project)
    run.with_secrets(workspace, lambda: workspace.core.run(workspace.prepare, wanted))
    checks: list[Check] = []
    for check in workspace.core.iterate(workspace.check_connection, wanted):
        checks.append(check)
        if output.form != "json":
            _say(check, output)
    code = together(checks)
    if output.form == "json":
        payload = {"ok": code is ExitCode.DONE, "checks": [check_document(check) for check in checks]}
        output.envelope(_context(f"profile {profile.name}", run, profile.name), payload)
    return code


def check_document(check: Check) -> dict[str, Any]:
    """One check in JSON."""
    return {
        "id": check.id,
        "title": check.title,
        "state": check.found.state.value,
        "found": check.found.words,
        "remedy": check.found.remedy,
        "ms": check.ms,
    }


def _say(check: Check, output: Output) -> None:
    took = "" if check.ms is None else f"  ({check.ms:,} ms)"
    lines = [f"{output.symbols.of(_SIGNS[check.found.state.value])} {check.title}: {check.found.words}{took}"]
    if check.found.remedy is not None:
        lines.append(f"  What to do: {check.found.remedy}")
    output.lines(lines)
    output.flush()


def _forget(command: ProfilesCommand, output: Output, accounts: Accounts) -> int:
    profile = accounts.profile(command.name)
    found = accounts.forget(profile)
    if not found:
        output.say(f"Nothing is kept for profile {profile.name}: there was nothing to forget.")
    else:
        output.say(f"Forgot the secret of profile {profile.name}: it is gone from the {_places(found)}.")
        output.say(f"  {_GONE.capitalize()}.")
    return ExitCode.DONE


def _remove(command: ProfilesCommand, output: Output, accounts: Accounts) -> int:
    profile = accounts.profile(command.name)
    found = accounts.remove(profile)
    kept = f", and its secret from the {_places(found)}" if found else "; no secret was kept for it"
    output.say(f"Removed profile {profile.name} from config.toml{kept}.")
    return ExitCode.DONE


def _places(found: Sequence[SecretPlace]) -> str:
    from evs_tui.credentials.vault import PLACE_WORDS

    return " and the ".join(PLACE_WORDS[place] for place in found)


def _context(source: str, run: Run, profile: str | None = None) -> Any:
    options = run.options
    return offline_context(source, profile=profile, demo=options.demo, read_only=options.read_only)
