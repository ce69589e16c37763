"""Completion for bash 3.2 and newer."""

from __future__ import annotations

from evs_tui.cli.grammar import Command, Grammar

_HEAD = """\
# bash completion for evs-tui. Put this in your ~/.bashrc:  source <(evs-tui completion bash)
_evs_tui() {
    local word previous command='' at options='' values='' words=''
    word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
    COMPREPLY=()
    for ((at = 1; at < COMP_CWORD; at++)); do
        case "${COMP_WORDS[at]}" in
"""
_MIDDLE = """\
        esac
    done
    case "$command $previous" in
"""
_TAIL = """\
    esac
    if [ -n "$values" ]; then
        COMPREPLY=($(compgen -W "$values" -- "$word"))
    elif [ "${word:0:1}" = - ]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    else
        COMPREPLY=($(compgen -W "$words" -- "$word"))
    fi
}
complete -F _evs_tui evs-tui
"""


def bash_completion(grammar: Grammar) -> str:
    """The script. A value of bash is quoted here nowhere: the words of the grammar hold no blanks and no quotes."""
    names = "|".join(command.name for command in grammar.commands)
    found = f'            {names}) [ -n "$command" ] || command="${{COMP_WORDS[at]}}" ;;\n'
    everything = (grammar.top, *grammar.commands)
    values = "".join(_values(command) for command in everything)
    words = "".join(_words(command, grammar) for command in everything)
    return f'{_HEAD}{found}{_MIDDLE}{values}    esac\n    case "$command" in\n{words}{_TAIL}'


def _values(command: Command) -> str:
    lines = []
    for option in command.options:
        pattern = "|".join(f"'{command.name} {name}'" for name in option.names)
        if option.choices:
            lines.append(f"        {pattern}) values='{' '.join(option.choices)}' ;;\n")
        elif option.takes_file:
            lines.append(f'        {pattern}) COMPREPLY=($(compgen -f -- "$word")); return ;;\n')
        elif option.value is not None:
            lines.append(f"        {pattern}) return ;;\n")
    return "".join(lines)


def _words(command: Command, grammar: Grammar) -> str:
    options = " ".join(name for option in command.options for name in option.names)
    following = command.actions if command.name else tuple(found.name for found in grammar.commands)
    only_first = f'[ "$previous" = {command.name} ] && ' if command.name and following else ""
    words = f"{only_first}words='{' '.join(following)}'" if following else ":"
    return f"        '{command.name}') options='{options}'; {words} ;;\n"
