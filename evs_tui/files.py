"""Files that belong to one person: made for the owner alone, and read only where nobody else can have put words in."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from evs_tui.failure import ConfigFailure
from evs_tui.text import clean

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_PRIVATE_FILE = 0o600
_PRIVATE_DIRECTORY = 0o700
_ROOT = 0


@dataclass(frozen=True, slots=True)
class TrustedText:
    """The text of a file that nobody but its owner can write.

    `readable_by_others` and `owner_is_other` (neither this user nor root) are for the reader to judge.
    """

    path: Path
    text: str
    readable_by_others: bool
    owner_is_other: bool


def private_directory(path: Path) -> Path:
    """Make sure that `path` is a directory which only this user can enter; parents are made the same way.

    A directory of this user that others may enter is closed (mode 0700).

    Raises:
        ConfigFailure: it cannot be made, is no directory, or belongs to somebody else.
    """
    try:
        _make(path)
        _check_owner(path, path.lstat())  # of a link: whoever can replace it decides where we write
        facts = path.stat()
        _check_owner(path, facts)
        if not stat.S_ISDIR(facts.st_mode):
            raise ConfigFailure(f"{shown(path)} cannot be used", "it is not a directory", "move it out of the way")
        if facts.st_mode & 0o077:
            path.chmod(_PRIVATE_DIRECTORY)
    except OSError as error:
        raise _unusable(path, error) from error
    return path


def open_private(path: Path, flags: int) -> int:
    """Open a file of our own with `os.open` and `flags`, made with mode 0600; returns its descriptor.

    Links are not followed and nothing but a regular file is opened. A file of ours that others may read or
    write is closed to them.

    Raises:
        ConfigFailure: it is a link, no regular file, belongs to somebody else, or cannot be opened.
    """
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if path.is_symlink():
            raise ConfigFailure(f"{shown(path)} cannot be used", "it is a symbolic link", "remove it")
        descriptor = os.open(path, flags, _PRIVATE_FILE)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        _check_private(path, descriptor)
    except OSError as error:
        os.close(descriptor)
        raise _unusable(path, error) from error
    except ConfigFailure:
        os.close(descriptor)
        raise
    return descriptor


def write_private(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path` (mode 0600) so that a crash leaves the old file or the new one, whole.

    The directory is made like `private_directory` makes it.

    Raises:
        ConfigFailure: it cannot be written.
    """
    import tempfile

    directory = private_directory(path.parent)
    draft: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=directory, prefix=f".{path.name}.")
        draft = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        draft = None
        _sync_directory(directory)
    except OSError as error:
        raise _unusable(path, error) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def read_trusted(path: Path, *, limit: int) -> TrustedText:
    """The text of a file that somebody wrote for us, at most `limit` bytes of UTF-8.

    Raises:
        FileNotFoundError: there is no such file.
        ConfigFailure: others can write it, or it cannot be read, is too large, no regular file or not UTF-8.
    """
    try:
        # Without O_NONBLOCK a named pipe in this place would hold the program for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(file.fileno())
            _check_readable(path, facts)
            content = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(error.errno, "there is no such file", str(path)) from None
    except OSError as error:
        raise _unusable(path, error, "read") from error
    if len(content) > limit:
        raise ConfigFailure(f"{shown(path)} was not read", f"it is larger than {limit // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigFailure(f"{shown(path)} was not read", f"line {line} is not UTF-8", "save it as UTF-8") from None
    return TrustedText(
        path=path,
        text=text,
        readable_by_others=bool(facts.st_mode & _OTHERS_READ),
        owner_is_other=facts.st_uid not in {_ROOT, os.geteuid()},
    )


def close_to_others(path: Path) -> bool:
    """Take every right of others from a file of ours; whether that worked."""
    try:
        path.chmod(_PRIVATE_FILE)
    except OSError:
        return False
    return True


def shown(path: Path) -> str:
    """`path` as it may stand in a message."""
    return clean(os.fsdecode(path))


def _make(path: Path) -> None:
    if path.is_dir():
        return
    if path.parent != path:
        _make(path.parent)
    path.mkdir(_PRIVATE_DIRECTORY, exist_ok=True)


def _check_owner(path: Path, facts: os.stat_result) -> None:
    if facts.st_uid != os.geteuid():
        raise ConfigFailure(
            f"{shown(path)} cannot be used",
            f"it belongs to user id {facts.st_uid}, and this program runs as {os.geteuid()}",
            "run it as the user that the home directory belongs to, or set XDG_CONFIG_HOME and XDG_STATE_HOME",
        )


def _check_private(path: Path, descriptor: int) -> None:
    facts = os.fstat(descriptor)
    _check_owner(path, facts)
    if not stat.S_ISREG(facts.st_mode):
        raise ConfigFailure(f"{shown(path)} cannot be used", "it is not a regular file", "move it out of the way")
    if facts.st_mode & 0o077:
        os.fchmod(descriptor, _PRIVATE_FILE)


def _check_readable(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise ConfigFailure(f"{shown(path)} was not read", "it is not a regular file")
    if facts.st_mode & _OTHERS_WRITE:
        raise ConfigFailure(
            f"{shown(path)} was not read",
            f"its mode {stat.S_IMODE(facts.st_mode):04o} lets other users write it",
            f"after a look at it: chmod go-w {shown(path)}",
        )


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError, verb: str = "used") -> ConfigFailure:
    return ConfigFailure(f"{shown(path)} cannot be {verb}", (error.strerror or type(error).__name__).lower())
