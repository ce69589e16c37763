"""Completion for zsh."""

from __future__ import annotations

from evs_tui.cli.grammar import Command, Grammar, Option

_HEAD = """\
#compdef evs-tui
# zsh completion for evs-tui. Write it to a file named _evs-tui in a directory of $fpath, before compinit:
#   evs-tui completion zsh > ~/.zfunc/_evs-tui
_evs_tui() {
    local context state state_descr line
    typeset -A opt_args
    _arguments -C \\
"""
_TAIL = """\
    case $state in
        command) _describe -t commands command commands ;;
        words)
            case $line[1] in
"""
_END = """\
            esac ;;
    esac
}
if [ "$funcstack[1]" = _evs-tui ]; then _evs_tui "$@"; else compdef _evs_tui evs-tui; fi
"""


def zsh_completion(grammar: Grammar) -> str:
    """The script."""
    options = "".join(_spec(option, " " * 8) for option in grammar.top.options)
    described = " ".join(_quoted(f"{command.name}:{command.summary}") for command in grammar.commands)
    cases = "".join(_case(command) for command in grammar.commands)
    head = _HEAD.replace("    _arguments", f"    local -a commands=({described})\n    _arguments")
    body = f"{options}        '1: :->command' '*:: :->words' && return\n{_TAIL}{cases}"
    return f"{head}{body}{_END}"


def _case(command: Command) -> str:
    specs = [_spec(option, " " * 24) for option in command.options]
    if command.actions:
        specs.append(f"{' ' * 24}'1:action:({' '.join(command.actions)})' \\\n")
    if command.words:
        specs.append(f"{' ' * 24}'*:{command.words[0].value}: ' \\\n")
    return (
        f"                {command.name})\n                    _arguments \\\n{''.join(specs)}                    ;;\n"
    )


def _spec(option: Option, indent: str) -> str:
    """A line of `_arguments` for each name: what excludes what, the name, the summary, the values."""
    summary = option.summary.replace("%%", "%").replace("[", "\\[").replace("]", "\\]")
    value = ""
    if option.choices:
        value = f":value:({' '.join(option.choices)})"
    elif option.takes_file:
        value = ":file:_files"
    elif option.value is not None:
        value = f":{option.value}: "
    names = " ".join(option.names)
    return "".join(f"{indent}{_quoted(f'({names}){name}[{summary}]{value}')} \\\n" for name in option.names)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
