"""The command line as plain data, read from the parser: what shell completion and the manual page are made of."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from evs_tui.cli.parser import make_parser


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `value` names what it takes, None for a switch; `choices` are all the values it may have."""

    names: tuple[str, ...]
    value: str | None
    choices: tuple[str, ...]
    summary: str

    @property
    def takes_file(self) -> bool:
        """Whether the value is the name of a file."""
        return self.value == "FILE"


@dataclass(frozen=True, slots=True)
class Word:
    """What stands without a dash."""

    value: str
    summary: str


@dataclass(frozen=True, slots=True)
class Command:
    """One command, or with an empty name the program without one. `actions` are the words that may follow it."""

    name: str
    summary: str
    description: str
    usage: str
    options: tuple[Option, ...]
    words: tuple[Word, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """The program without a command, and every command."""

    top: Command
    commands: tuple[Command, ...]


def grammar() -> Grammar:
    """What the parser of this version understands."""
    top = make_parser()
    commands = [
        _command(name, _summary(found, name), sub) for found in _subparsers(top) for name, sub in found.choices.items()
    ]
    return Grammar(_command("", "", top), tuple(commands))


def _subparsers(found: argparse.ArgumentParser) -> Iterator[argparse._SubParsersAction[argparse.ArgumentParser]]:
    for action in found._actions:  # noqa: SLF001 - argparse tells its actions nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            yield action


def _summary(found: argparse._SubParsersAction[argparse.ArgumentParser], name: str) -> str:
    return next((choice.help or "" for choice in found._choices_actions if choice.dest == name), "")  # noqa: SLF001


def _command(name: str, summary: str, found: argparse.ArgumentParser) -> Command:
    actions = [
        action
        for action in found._actions  # noqa: SLF001
        if not isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
    ]
    return Command(
        name,
        summary,
        found.description or "",
        " ".join(found.format_usage().removeprefix("usage: ").split()),
        tuple(_option(action) for action in actions if action.option_strings),
        tuple(_word(action) for action in actions if not action.option_strings),
        getattr(found, "actions", ()),
    )


def _option(action: argparse.Action) -> Option:
    choices = tuple(str(choice) for choice in action.choices or ())
    value = None if action.nargs == 0 else _value(action, choices)
    return Option(tuple(action.option_strings), value, choices, action.help or "")


def _word(action: argparse.Action) -> Word:
    return Word(_value(action, ()), action.help or "")


def _value(action: argparse.Action, choices: tuple[str, ...]) -> str:
    metavar = action.metavar if isinstance(action.metavar, str) else None
    return metavar or "|".join(choices) or action.dest.upper()
