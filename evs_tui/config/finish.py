"""How the end of an export is told: by the terminal, and by a command of the user's. The table `[finish]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from evs_tui.failure import ConfigFailure
from evs_tui.text import clean

NOTIFICATIONS = ("osc9", "osc777")
"""Sequences by which a terminal shows a notification on its desktop: iTerm2, kitty, WezTerm; rxvt, foot, Ghostty."""
_KEYS = ("bell", "title", "notify", "hook")


@dataclass(frozen=True, slots=True)
class Finish:
    """`bell` and `title` (of the terminal, with how many run and need somebody), a notification if one is chosen.

    `hook` is a program with its arguments, run without a shell for each export that ends, the JOB on its standard
    input.
    """

    bell: bool = True
    title: bool = True
    notify: str | None = None
    hook: tuple[str, ...] = ()


def finish_from(what: str, value: object) -> Finish:
    """The table as it stands in the file.

    Raises:
        ConfigFailure: a key is unknown, or its value cannot be used.
    """
    if not isinstance(value, Mapping):
        raise ConfigFailure(what, "[finish] must be a table: bell, title, notify, hook")
    for name in value:
        if name not in _KEYS:
            raise ConfigFailure(what, f'the key "finish.{clean(name)}" is unknown', f"known are: {', '.join(_KEYS)}")
    usual = Finish()
    notify = value.get("notify")
    if notify is not None and notify not in NOTIFICATIONS:
        raise ConfigFailure(what, f"finish.notify must be one of {', '.join(NOTIFICATIONS)}")
    return Finish(
        bell=_flag(what, "bell", value.get("bell", usual.bell)),
        title=_flag(what, "title", value.get("title", usual.title)),
        notify=notify,
        hook=_hook(what, value.get("hook", [])),
    )


def notification(kind: str | None, words: str) -> str:
    """The sequence that shows `words` as a notification, or nothing. `words` must not begin with a digit (ConEmu)."""
    if kind == "osc9":
        return f"\x1b]9;{clean(words)}\x07"
    # The title and the text are parted by semicolons.
    return f"\x1b]777;notify;evs-tui;{clean(words).replace(';', ',')}\x07" if kind == "osc777" else ""


def _flag(what: str, name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ConfigFailure(what, f"finish.{name} must be true or false")


def _hook(what: str, value: object) -> tuple[str, ...]:
    example = 'for example: hook = ["/home/me/bin/export-ended", "--quiet"]'
    if not isinstance(value, list) or not all(isinstance(part, str) and "\0" not in part for part in value):
        raise ConfigFailure(what, "finish.hook must be a list of texts: a program and its arguments", example)
    if value and not PurePath(value[0]).is_absolute():
        raise ConfigFailure(what, "the program of finish.hook must be given with its whole path", example)
    return tuple(value)
