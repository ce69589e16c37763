"""The ids of volumes as they are given: on the command line, or one a line on standard input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from evs_tui.cli.parser import FROM_STDIN
from evs_tui.failure import UsageFailure
from evs_tui.text import excerpt, is_id

_COMMENT = "#"


def given_ids(words: Sequence[str], stdin: TextIO) -> tuple[str, ...]:
    """The ids in `words`, or those that `stdin` holds where `words` is `-` alone.

    Raises:
        UsageFailure: standard input holds no id, or something else.
    """
    return tuple(words) if list(words) != [FROM_STDIN] else _read(stdin)


def _read(stdin: TextIO) -> tuple[str, ...]:
    try:
        ids = tuple(_ids(stdin))
    except UnicodeDecodeError as error:
        raise UsageFailure("The ids could not be read", "standard input is not text", "give one id a line") from error
    if not ids:
        raise UsageFailure("There is nothing to export", "standard input named no volume", "give one id a line")
    return ids


def _ids(lines: Iterable[str]) -> Iterable[str]:
    """One id a line; blank lines and what follows a `#` are left out."""
    for number, line in enumerate(lines, start=1):
        text = line.partition(_COMMENT)[0].strip()
        if not text:
            continue
        if not is_id(text):
            raise UsageFailure(
                "The ids could not be read",
                f'"{excerpt(text, 80)}" in line {number} of standard input is no volume id',
                "give one id a line: letters, digits, - and _, at most 64; nothing was sent",
            )
        yield text
