"""`evs-tui wizard`: the guided export, question by question, on any terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from evs_tui.cli.carrying_out import carry_out, check_able, doing, hand_over, tell_end
from evs_tui.cli.commands import WizardCommand
from evs_tui.cli.following import Waiting
from evs_tui.cli.questions import Option, Questions, check_somebody_answers
from evs_tui.cli.review import place_lines, review_lines
from evs_tui.cli.symbols import Symbols
from evs_tui.cloud.errors import CloudError
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.as_command import evs_tui_command
from evs_tui.exports.confirmation import confirmation_of_danger, endangered
from evs_tui.exports.draft import Draft
from evs_tui.exports.model import Choices, Plan, Sign
from evs_tui.exports.os_type import OS_TYPES
from evs_tui.exports.plan import volume_name
from evs_tui.exports.verdict import verdict
from evs_tui.exports.ways import WORDS, Way, way_remark, ways_for, with_way
from evs_tui.failure import RefusedFailure, UsageFailure
from evs_tui.volumes.columns import size_text
from evs_tui.volumes.filtering import parse_filter
from evs_tui.volumes.listing import VolumeListing

if TYPE_CHECKING:
    from evs_tui.cli.output import Output
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Workspace

_EXPORTED = "exported"
_SHOWN = 20
_OTHERS = "other words"
_STAY, _LEAVE, _BACKGROUND = "here", "leave", "background"

Servers = Mapping[str, Server | None]


def run_wizard(command: WizardCommand, run: Run) -> int:
    """Ask for everything an export needs, show the review, and carry it out.

    Raises:
        UsageFailure: nobody is there to answer, or the answer is no.
        RefusedFailure: the volume cannot be exported.
        ConfigFailure, CloudError: the cloud cannot be asked.
    """
    check_somebody_answers()
    output, ask = run.output, Questions(run.output)
    with doing(run) as (workspace, deed):
        context = run.connect(workspace)
        for line in place_lines(context):
            output.say(line)
        output.say("An empty line takes what stands in brackets; ? explains; ctrl+c ends, and nothing is sent.")
        if context.read_only:
            output.say("Read-only: the plan is shown at the end, nothing can be sent.")
        volume_id = command.volume_id or _chosen_volume(workspace, ask, output)
        volume, servers = workspace.core.run(workspace.volume_with_servers, volume_id)
        draft = Draft([volume], workspace.core.run(workspace.dialect), workspace.clock.now())
        _tell_volume(draft, servers, output)
        choices = _asked(draft, servers, ask, output)
        plan = workspace.core.run(workspace.plan, [volume_id], choices)
        _review(plan, choices, workspace, run, ask)
        where = _where(plan, workspace, ask, output)
        if where == _BACKGROUND:
            hand_over(plan, workspace, run, deed)
        else:
            carry_out([plan], workspace, Waiting(where == _STAY), run, deed)
            tell_end(deed, workspace, run)
        return deed.exit_code


def _where(plan: Plan, workspace: Workspace, ask: Questions, output: Output) -> str:
    """Whether somebody stays. Where servers are stopped, something must: this process, or one in the background."""
    if not plan.stops:
        stays = ask.yes_or_no(
            "Stay until the image can be used?",
            default=True,
            help_="No ends when the cloud has taken the request; evs-tui jobs --watch goes on from there.",
        )
        return _STAY if stays else _LEAVE
    from evs_tui.background.offer import BACKGROUND, HERE, offer

    offered = workspace.core.run(offer, workspace, dict(os.environ))
    if offered.refusal is not None:
        output.say(f"It runs here: {offered.refusal}.")
        return _STAY
    options = [Option(_STAY, HERE), Option(_BACKGROUND, offered.warning or BACKGROUND)]
    usual = _BACKGROUND if offered.preselected else _STAY
    return ask.choice(
        "Where shall it run?", options, usual, help_="Servers are started again by whichever carries it out."
    )


def _chosen_volume(workspace: Workspace, ask: Questions, output: Output) -> str:
    output.say("Reading the volumes.")
    listing = VolumeListing(workspace.core.run(workspace.dialect))
    listing.begin()
    for page in workspace.core.iterate(workspace.volume_pages):
        listing.append(page)
    listing.finish(workspace.clock.now())
    _know_servers(listing, workspace, output)
    help_ = "Part of a name or an id, or words such as status:available size>100 -az:eu-de-01."
    while True:
        words = ask.words(f"Which of {listing.counts.total:,} volumes? Words to look for, or an id", help_=help_)
        wanted = parse_filter(words, workspace.clock.now())
        if wanted.problem is not None:
            output.say(f"  {output.symbols.of(Sign.BAD)} {wanted.problem}")
            continue
        listing.filter_by(wanted)
        numbers = listing.view
        if not numbers:
            output.say("  No volume has all of that.")
        elif len(numbers) > _SHOWN:
            output.say(f"  {len(numbers):,} volumes have that: give more words.")
        else:
            picked = _picked(listing, ask, output.symbols)
            if picked is not None:
                return picked


def _picked(listing: VolumeListing, ask: Questions, symbols: Symbols) -> str | None:
    rows = [listing.row(number) for number in listing.view]
    options = [
        Option(
            row.volume.id,
            f"{volume_name(row.volume)}, {size_text(row.volume.size_gib)},"
            f" {symbols.of(row.verdict.sign)} {row.verdict.label}",
        )
        for row in rows
    ]
    options.append(Option(_OTHERS, "look for something else"))
    chosen = ask.choice("Which one?", options, options[0].value, help_="The number before the volume.")
    return None if chosen == _OTHERS else chosen


def _know_servers(listing: VolumeListing, workspace: Workspace, output: Output) -> None:
    """So that the list can tell which volumes wait for a server. Without the right it tells less."""
    servers: dict[str, Server | None] = {}
    try:
        for page in workspace.core.iterate(workspace.server_pages):
            servers.update((server.id, server) for server in page.items)
    except CloudError as error:
        output.warn(f"Servers are not known. {error}")
    listing.set_servers(servers)


def _tell_volume(draft: Draft, servers: Servers, output: Output) -> None:
    volume = draft.volumes[0]
    facts = verdict(volume, draft.dialect, servers)
    known = (size_text(volume.size_gib), volume.volume_type, volume.availability_zone)
    about = ", ".join(part for part in known if part)
    output.say(f"Volume {volume_name(volume)} ({volume.id}): {about}")
    output.say(f"  {output.symbols.of(facts.sign)} {facts.reason}")
    for words in draft.result:
        output.say(f"  Result: {words}.")


def _asked(draft: Draft, servers: Servers, ask: Questions, output: Output) -> Choices:
    volume, dialect = draft.volumes[0], draft.dialect
    name = ask.text(
        "Image name",
        draft.first_name,
        draft.name,
        help_=f"At most {dialect.name_limit} characters: {draft.name(draft.first_name).text}.",
    )
    formats = [Option(each, draft.disk_format(each).text) for each in dialect.disk_formats]
    disk_format = ask.choice(
        "Disk format",
        formats,
        dialect.preferred_format,
        help_="It is always sent, whatever the cloud's own default is.",
    )
    said = draft.disk_format(disk_format)
    if said.of is Sign.BAD:
        raise RefusedFailure("Nothing was exported", said.text, "start again and choose another format")
    choices = Choices(
        name=name,
        disk_format=disk_format,
        os_type=_system(draft, ask, output),
        force=_is_off(volume, servers),
    )
    return with_way(choices, _way(draft, servers, ask), draft.volumes)


def _way(draft: Draft, servers: Servers, ask: Questions) -> Way | None:
    ways = ways_for(draft.volumes, servers)
    if not ways:
        return None
    options = [Option(way.value, f"{WORDS[way]}; {way_remark(way, draft.volumes, servers)}") for way in ways]
    help_ = "A stop is soft, and is undone; an image of a disk that is being written to may be of no use."
    return Way(ask.choice("What about its server?", options, ways[0].value, help_=help_))


def _system(draft: Draft, ask: Questions, output: Output) -> str | None:
    said = draft.system(None)
    if not draft.asks_for_system:
        sign = f"{output.symbols.of(said.of)} " if said.of is not None else ""
        output.say(f"System: {draft.system_shown}, {sign}{said.text}.")
        return None
    options = [Option(each, draft.system(each).text) for each in OS_TYPES]
    chosen = ask.choice("System of the image", options, OS_TYPES[0], help_="What the image is marked as having inside.")
    return None if chosen == OS_TYPES[0] else chosen


def _is_off(volume: Volume, servers: Servers) -> bool:
    """Whether the volume is attached, and to servers that are off alone: then it goes with force."""
    attached = [servers.get(attachment.server_id) for attachment in volume.attachments]
    return bool(attached) and all(server is not None and server.is_off for server in attached)


def _review(plan: Plan, choices: Choices, workspace: Workspace, run: Run, ask: Questions) -> None:
    """The same review as everywhere, and the answer to it.

    Raises:
        RefusedFailure: nothing can be exported, or the run is read-only.
        UsageFailure: the answer is no.
    """
    output = run.output
    output.say()
    output.say("Review")
    for line in review_lines(plan, output.symbols):
        output.say(line)
    if not plan.to_do:
        raise RefusedFailure("Nothing was exported", plan.exports[0].blocked or plan.exports[0].skipped or "")
    if plan.refusal is not None:
        raise RefusedFailure("Nothing was exported", plan.refusal.text, plan.refusal.remedy)
    same = evs_tui_command([item.volume.id for item in plan.to_do], choices, workspace.options.words)
    output.say(f"The same without questions: {same}")
    check_able(workspace, _EXPORTED)
    output.say("Nothing has been sent yet.")
    danger = confirmation_of_danger(endangered(plan))
    if danger is not None and not ask.exactly(f"To export while its server runs, type {danger.what}", danger.wanted):
        raise UsageFailure("Nothing was exported", f"that is not {danger.what}", "nothing has been sent")
    if danger is None and not ask.yes_or_no("Export it?", default=False, help_="Only yes sends anything."):
        raise UsageFailure("Nothing was exported", "the review was not answered with yes", "nothing has been sent")
