"""`evs-tui export`: plan, review, submit, and on demand wait for the images."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evs_tui.cli.carrying_out import carry_out, check_able, doing, hand_over, tell_end
from evs_tui.cli.commands import ExportCommand
from evs_tui.cli.confirming import check_somebody_can_answer, confirm
from evs_tui.cli.documents import plan_document
from evs_tui.cli.following import Waiting
from evs_tui.cli.output import context_document
from evs_tui.cli.review import counted, named, place_lines, request_lines, review_lines
from evs_tui.cli.volume_ids import given_ids
from evs_tui.cloud.dialects import Dialect
from evs_tui.exports.document import job_document
from evs_tui.exports.formats import container_format_problem, disk_format_problem
from evs_tui.exports.model import Choices, Plan, Sign
from evs_tui.exports.templates import name_or_template_problem
from evs_tui.failure import ExitCode, RefusedFailure, UsageFailure

if TYPE_CHECKING:
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Context, Workspace

_EXPORTED = "exported"


def export_volumes(command: ExportCommand, run: Run) -> int:
    """Export the volumes, or with `--dry-run` only tell what that would do.

    Raises:
        UsageFailure: a value breaks a rule, or nobody can be asked.
        RefusedFailure: nothing can be exported.
        ConfigFailure, CloudError: the facts for the plan cannot be read.
    """
    volume_ids = given_ids(command.volume_ids, sys.stdin)
    if not (command.yes or command.dry_run):
        check_somebody_can_answer(_EXPORTED)
    with doing(run) as (workspace, deed):
        context = run.connect(workspace)
        _check_values(command, workspace.core.run(workspace.dialect))
        plan = workspace.core.run(workspace.plan, volume_ids, _choices(command))
        if command.dry_run:
            return _told(command, plan, context, run)
        _review(command, plan, context, workspace, run)
        deed.codes += [ExitCode.REFUSED for _ in plan.blocked]
        if plan.to_do and command.background:
            hand_over(plan, workspace, run, deed)
        elif plan.to_do:
            carry_out([plan], workspace, Waiting(command.wait, command.timeout), run, deed)
            tell_end(deed, workspace, run)
        if command.output == "json":
            now = workspace.clock.now()
            results = [job_document(job, now) for job in deed.jobs]
            _write(plan, context, run, run_id=next(iter(deed.run_ids), None), results=results)
        return deed.exit_code


def _choices(command: ExportCommand) -> Choices:
    return Choices(
        name=command.name,
        disk_format=command.disk_format,
        container_format=command.container_format,
        os_type=command.os_type,
        force=command.force,
        stop_servers=command.stop_servers,
        restart_servers=command.restart_servers,
        crash_consistent=command.crash_consistent,
        skip_existing=command.skip_existing,
    )


def _check_values(command: ExportCommand, dialect: Dialect) -> None:
    """What no volume could be exported with is a usage error, not a plan that is blocked throughout."""
    problems = (
        ("--name", name_or_template_problem(command.name, dialect)),
        ("--disk-format", command.disk_format and disk_format_problem(command.disk_format, dialect)),
        (
            "--container-format",
            command.container_format and container_format_problem(command.container_format, dialect),
        ),
    )
    for option, problem in problems:
        if problem:
            raise UsageFailure(f"{option} cannot be used", str(problem))


def _told(command: ExportCommand, plan: Plan, context: Context, run: Run) -> int:
    """The plan as the data of `--dry-run`."""
    if command.output == "json":
        _write(plan, context, run, dry_run=True)
    else:
        run.output.lines(place_lines(context))
        run.output.lines(review_lines(plan, run.output.symbols))
        run.output.lines(request_lines(plan, context.project_id))
    run.output.say("Nothing has been sent.")
    refused = plan.refusal is not None or (plan.blocked and not plan.to_do)
    return ExitCode.REFUSED if refused else ExitCode.DONE


def _review(command: ExportCommand, plan: Plan, context: Context, workspace: Workspace, run: Run) -> None:
    """Say what will be done, and have it confirmed.

    Raises:
        RefusedFailure: nothing is left to export, or the run is read-only.
        UsageFailure: the plan needs `--wait`, or the answer is no.
    """
    for line in (*place_lines(context), *review_lines(plan, run.output.symbols)):
        run.output.say(line)
    if not plan.to_do:
        if plan.blocked:
            raise _nothing_left(plan)
        run.output.say("Nothing to do.")
        return
    if plan.refusal is not None:
        raise RefusedFailure("Nothing was exported", plan.refusal.text, plan.refusal.remedy)
    _check_attended(command, plan, workspace)
    for line in _about_background(command, run):
        run.output.say(line)
    check_able(workspace, _EXPORTED)
    run.output.say("Nothing has been sent yet.")
    if not command.yes:
        confirm(f"{_deed(plan)}?", _EXPORTED)


def _check_attended(command: ExportCommand, plan: Plan, workspace: Workspace) -> None:
    """Make sure that somebody stays with what cannot be sent at once, or must be put back.

    Raises:
        UsageFailure: neither this process nor one in the background would.
        RefusedFailure: there can be none in the background.
    """
    if command.background:
        from evs_tui.background.handing import objection

        refusal = workspace.core.run(objection, workspace)
        if refusal is not None:
            raise refusal
    elif not command.wait:
        at_once = workspace.settings.in_flight
        why = None
        if plan.stops:
            why = "servers are stopped for it, so somebody must stay and start them again"
        elif len(plan.to_do) > at_once:
            why = (
                f"{len(plan.to_do)} volumes are more than the {at_once} that are exported at once,"
                " so somebody must stay and send the rest"
            )
        if why is not None:
            raise UsageFailure("Nothing was exported", why, "repeat the command with --wait or --background")


def _about_background(command: ExportCommand, run: Run) -> Iterator[str]:
    """What to know of a process in the background before it is begun."""
    if not command.background:
        return
    from evs_tui.background.logout import killed_at_logout

    yield "A process without a terminal carries it out; it goes on when this line drops."
    killed = killed_at_logout(os.environ)
    if killed is not None:
        yield f"{run.output.symbols.of(Sign.WARN)} {killed}."


def _deed(plan: Plan) -> str:
    volumes = counted(len(plan.to_do), "volume")
    return f"Stop {counted(len(plan.stops), 'server')} and export {volumes}" if plan.stops else f"Export {volumes}"


def _nothing_left(plan: Plan) -> RefusedFailure:
    reasons = [f"{named(item)}: {item.blocked}" for item in plan.blocked]
    return RefusedFailure("Nothing was exported", "; ".join(reasons))


def _write(
    plan: Plan,
    context: Context,
    run: Run,
    *,
    dry_run: bool = False,
    run_id: str | None = None,
    results: Sequence[Mapping[str, Any]] = (),
) -> None:
    payload = {
        "run_id": run_id,
        "dry_run": dry_run,
        "plan": plan_document(plan, context.project_id),
        "results": list(results),
    }
    run.output.envelope(context_document(context), payload)
