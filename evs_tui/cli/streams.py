"""Standard output and error as a command uses them: encodings that never fail, pipes that may be closed."""

from __future__ import annotations

import io
import os
import sys

from evs_tui.text import QUESTION_MARKS

TYPE_CHECKING = False  # as in typing, whose import would be a fifth of the time that --help takes
if TYPE_CHECKING:
    from typing import TextIO


def never_fail_to_encode() -> None:
    """Let a character that the terminal's encoding lacks be replaced, not raise."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=QUESTION_MARKS)


def speaks_unicode(stream: TextIO | None) -> bool:
    """Whether what is written to `stream` is UTF-8."""
    encoding = (getattr(stream, "encoding", None) or "").lower().replace("_", "-")
    return encoding in {"utf-8", "utf8"}


def width_of(stream: TextIO) -> int | None:
    """The columns of the terminal behind `stream`; None where it is a file or a pipe."""
    try:
        return (os.get_terminal_size(stream.fileno()).columns or None) if is_terminal(stream) else None
    except (OSError, ValueError):
        return None


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sits behind `stream`."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it was closed
        return False


def discard(*streams: TextIO | None) -> None:
    """Send what is still to be written to these streams nowhere: nobody reads it any more, or nobody may."""
    for stream in streams:
        if stream is None:
            continue
        try:
            number = stream.fileno()
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
        except (OSError, ValueError):
            continue
