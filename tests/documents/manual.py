"""The manual page, made from the command line's grammar."""

from __future__ import annotations

from collections.abc import Iterable

from evs_tui.cli.grammar import Command, Option, grammar
from evs_tui.failure import ExitCode

_EXITS = {
    ExitCode.DONE: "done; without --wait: every request was taken",
    ExitCode.FAILED: "the export failed, or the cloud refused it",
    ExitCode.USAGE: "the command line, the configuration, the credentials or the terminal cannot be used",
    ExitCode.PARTLY: "some failed; or the image is there and something could not be put back",
    ExitCode.SIGN_IN: "signing in failed or could not be renewed",
    ExitCode.UNREACHABLE: "the cloud could not be reached, or answered nonsense",
    ExitCode.REFUSED: "refused by a check of evs-tui itself; nothing was sent",
    ExitCode.UNCLEAR: "unclear whether the cloud took an export; evs-tui jobs tells how to settle it",
    ExitCode.TIMEOUT: "--timeout ran out; the export goes on",
}
_VARIABLES = (
    ("EVS_TUI_PROFILE, OS_CLOUD", "the profile, or the entry of clouds.yaml, to sign in with"),
    ("OS_*", "as the OpenStack tools read them; secret ones are removed from the environment once read"),
    ("EVS_TUI_DIALECT", "the kind of cloud: otc, huaweicloud, flexible-engine or openstack"),
    ("EVS_TUI_ENDPOINT_IAM, _EVS, _IMS, _ECS", "endpoints in place of those of the catalog"),
    ("EVS_TUI_IN_FLIGHT", "how many exports of a project may run at once; 3 by default"),
    ("NO_COLOR", "no colours"),
)
_FILES = (
    ("$XDG_CONFIG_HOME/evs-tui/config.toml", "settings and profiles; never a secret"),
    ("$XDG_STATE_HOME/evs-tui/journal.sqlite3", "every export, from before it is sent to its end"),
    ("$XDG_STATE_HOME/evs-tui/receipts/", "receipts that were saved"),
    ("$XDG_STATE_HOME/evs-tui/evs-tui.log", "the log, without secrets"),
)
_EXAMPLES = (
    ("Look around without an account", "evs-tui --demo"),
    ("What can be exported, as data", "evs-tui volumes --filter 'ready:yes size<100' --output json"),
    ("Export one volume and wait for its image", 'evs-tui export ID --name "{name}-{date}" --wait'),
    ("What became of the exports; needs no network", "evs-tui jobs"),
)


def manual() -> str:
    """The page in man(7) macros."""
    found = grammar()
    lines = [
        '.\\" Made by: python -m tests.documents',
        ".TH EVS-TUI 1",
        ".nh",
        ".ad l",
        ".SH NAME",
        "evs-tui \\- get a cloud disk out as an image",
        ".SH SYNOPSIS",
        *_synopsis(found.top, *found.commands),
        ".SH DESCRIPTION",
        _text(
            "evs-tui lists the EVS volumes of a Huawei-style cloud or of a plain OpenStack, says for each whether and "
            "how it can be exported, checks the request before it is sent, sends it exactly once, and watches until "
            "the image can be used. Without a command it opens the terminal UI."
        ),
        ".SH OPTIONS",
        *_options(found.top),
        ".SH COMMANDS",
    ]
    for command in found.commands:
        lines += [f".SS {_text(command.name)}", _text(command.description), *_words(command), *_options(command)]
    lines += [".SH EXIT STATUS", *_terms((str(int(code)), _EXITS[code]) for code in ExitCode if code in _EXITS)]
    lines += [".SH ENVIRONMENT", *_terms(_VARIABLES), ".SH FILES", *_terms(_FILES)]
    lines.append(".SH EXAMPLES")
    for title, call in _EXAMPLES:
        lines += [".PP", f"{_text(title)}:", ".PP", ".in +4n", ".EX", _text(call), ".EE", ".in"]
    return "\n".join(lines) + "\n"


def _synopsis(*commands: Command) -> list[str]:
    lines = []
    for command in commands:
        usage = command.usage.removeprefix("evs-tui ")
        if not command.name:
            usage = "[--volume ID] [--filter TEXT] [options]"
        lines += [".br", f".B evs-tui {_text(usage)}"]
    return lines[1:]


def _words(command: Command) -> list[str]:
    return _terms((word.value, word.summary) for word in command.words)


def _options(command: Command) -> list[str]:
    return _terms(
        (", ".join(f"{name}{_value(option)}" for name in option.names), option.summary) for option in command.options
    )


def _value(option: Option) -> str:
    return "" if option.value is None else f" {option.value}"


def _terms(pairs: Iterable[tuple[str, str]]) -> list[str]:
    lines: list[str] = []
    for term, meaning in pairs:
        lines += [".TP", f".B {_text(term)}", _text(meaning.replace("%%", "%"))]
    return lines


def _text(text: str) -> str:
    """Text that roff shows as it is."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith((".", "\\(aq")) else escaped
