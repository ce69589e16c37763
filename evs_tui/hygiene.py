"""What the process does for its own safety, before it reads the first secret and before it draws the first line."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, TextIO

from evs_tui.failure import Failure
from evs_tui.text import QUESTION_MARKS

_ONLY_THE_OWNER = 0o077
_PR_SET_DUMPABLE = 4
_DEBUGGING = "EVS_TUI_DEBUG"
_DEVELOPING = "EVS_TUI_DEV"
_SECRETIVE = re.compile(
    r"(?i)(^|_)(pass(word|wd|code|phrase)?|secret|token|key|ak|sk|credentials?|cookie)"
    r"(_|$)"
)
_MEDDLING = (
    "TEXTUAL",
    "PYTHONSTARTUP",
    "PYTHONINSPECT",
    "PYTHON_KEYRING_BACKEND",
    "KEYRING_PROPERTY_",
    "SSLKEYLOGFILE",
)


def prepare_process(environ: MutableMapping[str, str]) -> None:
    """Close this process against other users and against its surroundings; the first thing that happens.

    New files are the owner's alone, there is no core dump, other processes of the same user cannot attach to it
    or read its memory (Linux; not with `EVS_TUI_DEBUG`), nothing is imported from the working directory, and the
    toolkit's debugging variables are gone (not with `EVS_TUI_DEV=1`): one of them logs every key that is pressed.
    """
    _leave_the_working_directory_out()  # first: what follows imports something
    os.umask(_ONLY_THE_OWNER)
    _forbid_core_dumps()
    if not environ.get(_DEBUGGING):
        _forbid_attaching()
    if environ.get(_DEVELOPING) != "1":
        for name in [name for name in environ if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
            del environ[name]
    # The kitty key protocol breaks input methods (Chinese names are typed here), and 100 ms is long for a lone escape.
    environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
    environ.setdefault("ESCDELAY", "25")


def redirect_stderr_to(log_file: Path | None) -> TextIO:
    """Send descriptor 2 to `log_file` while the screen is drawn; returns a stream that still reaches the terminal.

    Libraries' helpers write to descriptor 2, which is the screen; the toolkit draws on `sys.__stderr__`, which
    therefore becomes the returned stream. What Python itself prints to `sys.stderr` is freed of secrets first.
    Without a file (None, or one that cannot be opened) the rest goes nowhere. Afterwards write to the returned
    stream what a person must still read.
    """
    from evs_tui.logs import SafeStream

    sys.stderr.flush()
    terminal = os.dup(2)
    os.set_inheritable(terminal, False)
    target = _opened_for_appending(log_file)
    os.dup2(target, 2)
    os.close(target)
    to_terminal = io.TextIOWrapper(
        _Screen(terminal, "w"), encoding=sys.stderr.encoding or "utf-8", errors=QUESTION_MARKS, write_through=True
    )
    sys.__stderr__ = to_terminal  # type: ignore[misc]
    sys.stderr = SafeStream(io.FileIO(2, "w", closefd=False))
    return to_terminal


class _Screen(io.FileIO):
    """The terminal to draw on. One that is gone takes everything: who draws must neither die of it nor wait for it."""

    def write(self, data: Any, /) -> int | None:  # type: ignore[override]
        """See `FileIO.write`."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def child_environment(environ: Mapping[str, str], extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a program that we start: `environ` without secrets, and `extra` as it is.

    Left out is every variable whose name says that it holds a secret (whoever it belongs to), every one whose value
    contains a secret that this process knows, and the variables that would let the toolkit or Python tell or do more
    than they should. What a child of ours must know as a secret it gets through a pipe.
    """
    from evs_tui.secret import redact

    kept = {
        name: value
        for name, value in environ.items()
        if not _SECRETIVE.search(name) and not name.startswith(_MEDDLING) and redact(value) == value
    }
    return {**kept, **(extra or {})}


def without_working_directory(entries: Iterable[str], working_directory: str) -> list[str]:
    """The entries of a module search path that are not the working directory under any of its names."""
    here = os.path.realpath(working_directory)
    return [entry for entry in entries if entry and (_is_installed(entry) or os.path.realpath(entry) != here)]


def _is_installed(entry: str) -> bool:
    path = Path(entry)
    return path.name in {"site-packages", "dist-packages", "lib-dynload"} or path == Path(os.__file__).parent


def _leave_the_working_directory_out() -> None:
    if sys.flags.safe_path:
        return
    with contextlib.suppress(OSError):  # the working directory may have been deleted
        sys.path[:] = without_working_directory(sys.path, str(Path.cwd()))


def _forbid_core_dumps() -> None:
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _forbid_attaching() -> None:
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _opened_for_appending(log_file: Path | None) -> int:
    from evs_tui.files import open_private, private_directory

    if log_file is not None:
        with contextlib.suppress(Failure):
            private_directory(log_file.parent)
            return open_private(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    return os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
