"""`evs-tui completion SHELL`: the completion script of a shell, made from the command line's own grammar."""

from __future__ import annotations

from evs_tui.cli.commands import CompletionCommand
from evs_tui.cli.completion.bash import bash_completion
from evs_tui.cli.completion.fish import fish_completion
from evs_tui.cli.completion.zsh import zsh_completion
from evs_tui.cli.grammar import grammar
from evs_tui.cli.output import Output

_SCRIPTS = {"bash": bash_completion, "fish": fish_completion, "zsh": zsh_completion}


def print_completion(command: CompletionCommand, output: Output) -> int:
    """Print the script; the exit code."""
    output.lines(_SCRIPTS[command.shell](grammar()).splitlines())
    return 0
