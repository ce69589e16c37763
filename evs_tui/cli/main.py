"""The entry point: reads the command line, hands over to one command, and ends with its exit code."""

from __future__ import annotations

import os
import sys

from evs_tui.failure import ExitCode, Failure

TYPE_CHECKING = False  # as in typing, whose import would be a fifth of the time that --help takes
if TYPE_CHECKING:
    from collections.abc import Sequence

    from evs_tui.cli.commands import Invocation, WorkCommand
    from evs_tui.cli.run import Run
    from evs_tui.workspace import Wiring


def main(argv: Sequence[str] | None = None, *, wiring: Wiring | None = None) -> int:
    """Do what the command line asks for; the exit code. `wiring` is what tests put in the place of time and chance."""
    from evs_tui.cli.streams import never_fail_to_encode

    arguments = list(sys.argv[1:] if argv is None else argv)
    never_fail_to_encode()
    try:
        code = _code(arguments, wiring)
    except SystemExit as stop:  # --help and --version end like this
        code = stop.code if isinstance(stop.code, int) else int(ExitCode.DONE)
    return _written(code)


def _code(arguments: Sequence[str], wiring: Wiring | None) -> int:
    from evs_tui.cli.parser import form_asked_for, parse

    try:
        invocation = parse(arguments)
    except Failure as failure:
        from evs_tui.cli.output import Output

        Output(form_asked_for(arguments)).failure(failure)
        return failure.exit_code
    return _carried_out(invocation, wiring)


def _carried_out(invocation: Invocation, wiring: Wiring | None) -> int:
    from evs_tui.cli.output import NobodyReads, Output, OutputBroken
    from evs_tui.cli.run import Run
    from evs_tui.cli.signals import Signalled, Signals
    from evs_tui.cli.streams import discard
    from evs_tui.hygiene import prepare_process

    prepare_process(os.environ)
    output = Output(invocation.command.output, ascii_only=invocation.options.ascii)
    run = Run(invocation.options, output, Signals(), wiring)
    try:
        return _dispatched(invocation, run)
    except NobodyReads:
        discard(sys.stdout)
        return ExitCode.DONE
    except OutputBroken as failure:
        discard(sys.stdout)
        output.tell(failure)
        return failure.exit_code
    except Failure as failure:
        output.failure(failure)
        return failure.exit_code
    except Signalled as signalled:
        if not signalled.may_speak:
            discard(sys.stdout, sys.stderr)
        return signalled.exit_code
    except Exception as error:  # noqa: BLE001 - whatever it is, a person gets words and the log gets the rest
        output.failure(_unexpected(error, run))
        return ExitCode.FAILED


def _dispatched(invocation: Invocation, run: Run) -> int:
    from evs_tui.cli.commands import CompletionCommand, TerminalCommand

    match invocation.command:
        case TerminalCommand() as terminal:
            from evs_tui.cli.terminal import open_terminal

            return open_terminal(terminal, run)
        case CompletionCommand() as completion:
            from evs_tui.cli.completion import print_completion

            return print_completion(completion, run.output)
        case command:
            with run.signals.watched():
                return _worked(command, run)


def _worked(command: WorkCommand, run: Run) -> int:  # noqa: PLR0911 - one a command
    """A command that works with the cloud or the journal, and ends in order on a signal."""
    from evs_tui.cli.commands import (
        AgentCommand,
        ExportCommand,
        ImagesCommand,
        JobsCommand,
        ProfilesCommand,
        VolumesCommand,
        WizardCommand,
    )

    match command:
        case VolumesCommand() as volumes:
            from evs_tui.cli.volumes import list_volumes

            return list_volumes(volumes, run)
        case ExportCommand() as export:
            from evs_tui.cli.export import export_volumes

            return export_volumes(export, run)
        case ImagesCommand() as images:
            from evs_tui.cli.images import list_images

            return list_images(images, run)
        case AgentCommand() as agent:
            from evs_tui.cli.agent import agents

            return agents(agent, run)
        case WizardCommand() as wizard:
            from evs_tui.cli.wizard import run_wizard

            return run_wizard(wizard, run)
        case ProfilesCommand() as profiles:
            from evs_tui.cli.profiles import manage_profiles

            return manage_profiles(profiles, run)
        case JobsCommand() as jobs:
            from evs_tui.cli.jobs import show_jobs

            return show_jobs(jobs, run)


def _unexpected(error: Exception, run: Run) -> Failure:
    """An error that nobody foresaw, in one line; the log has the rest."""
    written = run.log_unexpected(error)
    where = f"the details are in {written}" if written else "the details could not be logged"
    return Failure(
        "Something unexpected happened",
        f"{type(error).__name__}; {where}",
        "evs-tui jobs tells what became of exports; with --debug-log FILE the next try says more",
    )


def _written(code: int) -> int:
    """Make sure that everything is out. A reader who left early is no error; a full disk is one."""
    from evs_tui.cli.streams import discard

    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)
        return int(ExitCode.DONE)
    except (OSError, ValueError) as error:
        from evs_tui.cli.output import Output, OutputBroken

        discard(sys.stdout)
        Output("table").tell(OutputBroken(error))
        return code or int(ExitCode.FAILED)
    return int(code)
