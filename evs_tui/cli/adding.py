"""`evs-tui profiles add`: a new profile, or a change of one, and its secret by prompt or standard input."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evs_tui.cli.asking import ask_secret, ask_text, somebody_can_answer, unlock_file
from evs_tui.cli.commands import ProfilesCommand
from evs_tui.failure import ExitCode, UsageFailure

if TYPE_CHECKING:
    from evs_tui.accounts import Accounts
    from evs_tui.cli.output import Output
    from evs_tui.cli.run import Run
    from evs_tui.config.profiles import Profile, SecretPlace
    from evs_tui.secret import Secret

_LONGEST_INPUT = 64 * 1024


def add_profile(command: ProfilesCommand, run: Run, accounts: Accounts) -> int:
    """Add the profile, or change the one of this name; 0.

    Raises:
        UsageFailure: something is missing, and nobody can be asked.
        Failure: it was not kept, in words.
    """
    from evs_tui.config.profiles import checked_profile_name

    name = checked_profile_name(command.name)
    before = accounts.profiles.get(name)
    profile, values = _asked_for(command, run, accounts, before)
    profile = replace(profile, keep_in=_place(command, accounts, before, run.output))
    if before is not None and _only_moves(before, profile):
        _unlock(accounts, {before.keep_in, profile.keep_in})
        accounts.move(before, profile.keep_in)
        run.output.say(
            f"Moved the secret of profile {name}: it is in the {_words(profile.keep_in)} now, and there alone."
        )
        return ExitCode.DONE
    if before is not None and before != profile and _is_kept_the_same(before, profile):
        accounts.save(profile, default=command.default)
        run.output.say(f"Changed profile {name}; its secret is where it was.")
        return ExitCode.DONE
    values = values or _secrets(profile)
    _unlock(accounts, {profile.keep_in})
    accounts.save(profile, values, default=command.default or not accounts.profiles)
    done = "Changed" if before is not None else "Added"
    run.output.say(f"{done} profile {name}. {_kept(profile, accounts)}")
    if command.from_cloud is not None and profile.keep_in != "session":
        run.output.say("  Its secret is in clouds.yaml too: take it out there when no other tool needs it.")
    run.output.say(f"  Try it: evs-tui profiles test {name}")
    return ExitCode.DONE


def _asked_for(
    command: ProfilesCommand, run: Run, accounts: Accounts, before: Profile | None
) -> tuple[Profile, Mapping[str, Secret]]:
    """The profile as the command line, an entry of clouds.yaml and answers make it, and the entry's secret."""
    from evs_tui.accounts import new_id
    from evs_tui.config.profiles import Profile

    values: Mapping[str, Secret] = {}
    profile = before or Profile(command.name, new_id())
    if command.from_cloud is not None:
        profile, values, warnings = accounts.imported(command.name, command.from_cloud)
        for warning in warnings:
            run.output.warn(warning)
        if before is not None:
            profile = replace(profile, id=before.id)
    profile = replace(profile, **_given(command, run))
    _check(profile)
    missing = _missing(profile)
    if missing and not somebody_can_answer():
        raise UsageFailure(
            f"Profile {profile.name} was not added",
            f"missing: {', '.join(_OPTIONS[name] for name in missing)}",
            "give these options, or run it in a terminal, which asks",
        )
    answers: dict[str, Any] = {name: _answer(_QUESTIONS[name]) for name in missing}
    profile = replace(profile, **answers)
    _check(profile)
    return profile, values


_OPTIONS = {
    "auth_url": "--auth-url",
    "user": "--user",
    "user_domain": "--user-domain",
    "credential": "--credential",
    "project": "--project",
}
_QUESTIONS = {
    "auth_url": "Auth URL (https://iam.REGION.otc.t-systems.com/v3)",
    "user": "User name",
    "user_domain": "Domain of the user (the account's name)",
    "credential": "Application credential (id)",
    "project": "Project (name or id)",
}


def _given(command: ProfilesCommand, run: Run) -> dict[str, Any]:
    """What the options say; what is left out stays as it is."""
    options = {
        "cloud": command.cloud,
        "auth_url": command.auth_url,
        "region": run.options.region,
        "project": run.options.project,
        "method": command.method,
        "user": command.user,
        "user_domain": command.user_domain,
        "credential": command.credential,
        "ca_bundle": command.ca_bundle,
        "production": command.production or None,
        "read_only": run.options.read_only or None,
    }
    return {name: value for name, value in options.items() if value is not None}


def _missing(profile: Profile) -> list[str]:
    missing = [] if profile.auth_url else ["auth_url"]
    if profile.method == "access-key":
        return [] if profile.cloud and profile.region else missing
    if profile.method == "application-credential" and not profile.credential:
        missing.append("credential")
    if profile.method == "password":
        missing += [name for name in ("user", "user_domain") if not getattr(profile, name)]
        if not profile.project and not profile.region:
            missing.append("project")
    return missing


def _check(profile: Profile) -> None:
    """Refuse now what `config.toml` would be refused for later, and a URL that no secret may be sent to."""
    from evs_tui.config.profiles import profile_from, table_of
    from evs_tui.credentials.overrides import checked_url

    profile_from(f"Profile {profile.name} was not added", profile.name, table_of(profile))
    if profile.auth_url:
        checked_url("The auth URL", profile.auth_url)


def _answer(question: str) -> str:
    answer = ask_text(question)
    if not answer:
        raise UsageFailure("Nothing was added", "the question was not answered", "begin again")
    return answer


def _place(command: ProfilesCommand, accounts: Accounts, before: Profile | None, output: Output) -> SecretPlace:
    """Where the secret will live: as asked for, as before, else in the keyring if there is one."""
    if command.keep_in is not None:
        return command.keep_in
    if before is not None:
        return before.keep_in
    state = accounts.store_state("keyring")
    if state.is_ready:
        return "keyring"
    output.say(f"The secret is not kept: {state.words}, as usual on a jump host.")
    output.say("  It is asked for at every start; --keep-in file keeps it in a file that a passphrase opens.")
    return "session"


def _only_moves(before: Profile, after: Profile) -> bool:
    return (
        before.keep_in != after.keep_in != "session" != before.keep_in
        and replace(before, keep_in=after.keep_in) == after
    )


def _is_kept_the_same(before: Profile, after: Profile) -> bool:
    from evs_tui.credentials.kept import binding_of

    was, now = (before.method, before.keep_in, binding_of(before)), (after.method, after.keep_in, binding_of(after))
    return was == now


def _secrets(profile: Profile) -> Mapping[str, Secret]:
    """The secret fields from the terminal, else from standard input: one a line, in the order that is asked for."""
    from evs_tui.credentials.kept import OPTIONAL_OF, SECRETS_OF, words_of
    from evs_tui.credentials.profile_fields import checked_secret
    from evs_tui.secret import Secret

    if profile.keep_in == "session":
        return {}
    names = SECRETS_OF[profile.method]
    found: dict[str, Secret] = {}
    if somebody_can_answer():
        for name in names:
            typed = ask_secret(f"{words_of(name).capitalize()} of profile {profile.name}")
            found[name] = checked_secret(profile, name, typed or Secret(""))
        return found
    lines = sys.stdin.read(_LONGEST_INPUT).split("\n")
    for name, line in zip((*names, *OPTIONAL_OF.get(profile.method, ())), lines, strict=False):
        if line or name in names:
            found[name] = checked_secret(profile, name, Secret(line.removesuffix("\r")))
    for name in names[len(lines) :]:
        checked_secret(profile, name, Secret(""))
    return found


def _unlock(accounts: Accounts, places: set[SecretPlace]) -> None:
    if "file" in places:
        unlock_file(accounts)


def _kept(profile: Profile, accounts: Accounts) -> str:
    if profile.keep_in == "session":
        return "Its secret is asked for at every start."
    return f"Its secret is in the {_words(profile.keep_in)}: {accounts.store_state(profile.keep_in).words}."


def _words(place: SecretPlace) -> str:
    from evs_tui.credentials.vault import PLACE_WORDS

    return PLACE_WORDS[place]
