"""Completion for fish."""

from __future__ import annotations

from collections.abc import Iterator

from evs_tui.cli.grammar import Command, Grammar, Option

_HEAD = """\
# fish completion for evs-tui:  evs-tui completion fish > ~/.config/fish/completions/evs-tui.fish
complete -c evs-tui -f
"""


def fish_completion(grammar: Grammar) -> str:
    """The script."""
    return _HEAD + "".join(_lines(grammar))


def _lines(grammar: Grammar) -> Iterator[str]:
    names = " ".join(command.name for command in grammar.commands)
    none_yet = _quoted(f"not __fish_seen_subcommand_from {names}")
    yield from (_option(option, none_yet) for option in grammar.top.options)
    for command in grammar.commands:
        yield f"complete -c evs-tui -n {none_yet} -a {command.name} -d {_quoted(command.summary)}\n"
        yield from _command(command)


def _command(command: Command) -> Iterator[str]:
    inside = _quoted(f"__fish_seen_subcommand_from {command.name}")
    yield from (_option(option, inside) for option in command.options)
    if command.actions:
        words = " ".join(command.actions)
        once = _quoted(f"__fish_seen_subcommand_from {command.name}; and not __fish_seen_subcommand_from {words}")
        yield f"complete -c evs-tui -n {once} -a {_quoted(words)}\n"


def _option(option: Option, condition: str) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = ""
    if option.choices:
        value = f" -x -a {_quoted(' '.join(option.choices))}"
    elif option.takes_file:
        value = " -r -F"
    elif option.value is not None:
        value = " -x"
    summary = _quoted(option.summary.replace("%%", "%"))
    return f"complete -c evs-tui -n {condition} {names}{value} -d {summary}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
