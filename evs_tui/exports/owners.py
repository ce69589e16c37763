"""Who carries out a run: a process that holds the lock on a file of its own for as long as it lives.

The lock is a `flock`, which the kernel releases with the process however it ends. Whether another owner lives is
asked of its lock alone, and only on the host and boot where it began: elsewhere nobody can know.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evs_tui import __version__
from evs_tui.exports.faults import JournalFailure
from evs_tui.failure import ConfigFailure
from evs_tui.files import private_directory
from evs_tui.text import clean, is_id

if sys.platform != "win32":
    import fcntl

ROOM = 256 * 1024
"""Bytes kept in the lock file, so that the disk has room for an answer even when it is full."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """One process, as the journal knows it."""

    id: str
    host: str
    boot_id: str
    pid: int
    lock_file: str
    version: str


@dataclass(frozen=True, slots=True)
class Machine:
    """This host in its present boot."""

    host: str
    boot_id: str

    @classmethod
    def here(cls) -> Machine:
        """The machine this process runs on."""
        return cls(host=clean(socket.gethostname()), boot_id=_boot_id())


class Owner:
    """This process as an owner. Holds its lock until `release`."""

    def __init__(self, facts: OwnerFacts, path: Path | None, descriptor: int | None) -> None:
        self.facts = facts
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def claim(cls, directory: Path | None, machine: Machine) -> Owner:
        """Take a lock of this process's own in `directory`; None is for a journal that nobody else can see.

        Raises:
            JournalFailure: the file system there has no working locks, or the directory cannot be used.
        """
        name = secrets.token_hex(8)
        facts = OwnerFacts(name, machine.host, machine.boot_id, os.getpid(), f"{name}.lock", __version__)
        if directory is None:
            return cls(facts, None, None)
        if sys.platform == "win32":
            raise _no_locks(directory, "this system has no flock")
        path = directory / facts.lock_file
        fresh = directory / f"{name}.new"
        descriptor: int | None = None
        try:
            private_directory(directory)
            descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Under its real name only when it is locked: nobody ever sees the lock of a living owner free.
            fresh.rename(path)
        except (OSError, ConfigFailure) as error:
            if descriptor is not None:
                os.close(descriptor)
            fresh.unlink(missing_ok=True)
            raise _no_locks(directory, str(error)) from error
        return cls(facts, path, descriptor)

    def keep_room(self) -> None:
        """Fill the lock file again, so that an answer will find room.

        Raises:
            JournalFailure: the disk is full, so nothing may be announced.
        """
        if self._descriptor is None or os.fstat(self._descriptor).st_size >= ROOM:
            return
        try:
            # Random, so that no file system stores it in less room than it will be needed for.
            os.pwrite(self._descriptor, os.urandom(ROOM), 0)
            os.fsync(self._descriptor)
            short = os.fstat(self._descriptor).st_size < ROOM
        except OSError:
            short = True
        if short:
            self.give_room()
            raise JournalFailure(
                "The journal cannot be used", "the disk has no room to record an answer", "make room on it", full=True
            )

    def give_room(self) -> None:
        """Empty the lock file: the room is for an answer that must be recorded now."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)

    def release(self) -> None:
        """Give the lock up. May be called twice."""
        if self._descriptor is not None and self._path is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


class Liveness:
    """Tells of other owners whether they live."""

    def __init__(self, directory: Path | None, machine: Machine) -> None:
        self._directory = directory
        self._machine = machine

    def __call__(self, owner: OwnerFacts) -> bool | None:
        """Whether the owner's process lives; None where this host cannot know."""
        if owner.host != self._machine.host:
            return None
        if owner.boot_id != self._machine.boot_id:
            return False
        if self._directory is None:
            return owner.pid == os.getpid()
        return _locked(self._directory, owner)

    def is_ours_to_take(self, owner: OwnerFacts) -> bool:
        """Whether a run of this owner may be taken over unasked: it ended, on this host in this boot."""
        same = (owner.host, owner.boot_id) == (self._machine.host, self._machine.boot_id)
        return same and self(owner) is False

    def any_lock_held(self) -> bool:
        """Whether any process, whoever it is, holds a lock in the directory."""
        if self._directory is None or not self._directory.is_dir():
            return False
        return any(_is_held(path) for path in self._directory.glob("*.lock"))


def sweep(directory: Path, keep: Callable[[str], bool]) -> None:
    """Remove the lock files of processes that ended; `keep` names files that must stay."""
    if not directory.is_dir():
        return
    for path in directory.glob("*.lock"):
        if not keep(path.name) and not _is_held(path):
            path.unlink(missing_ok=True)


def _locked(directory: Path, owner: OwnerFacts) -> bool:
    if not is_id(owner.lock_file.removesuffix(".lock")):
        return False
    path = directory / owner.lock_file
    if path.exists():
        return _is_held(path)
    # The file is removed at a regular end; if somebody else removed it, the process may still live.
    return _is_process(owner.pid)


def _is_held(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        # Shared, so that two who ask at once do not take each other for the owner.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid != os.getpid()


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
        try:
            found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True, env={})  # noqa: S603
        except (OSError, subprocess.SubprocessError):
            return f"unknown-{secrets.token_hex(8)}"
        return found.stdout.strip()
    # An id that nobody has again: runs of unknown boots are never taken over unasked.
    return f"unknown-{secrets.token_hex(8)}"


def _no_locks(directory: Path, found: str) -> JournalFailure:
    return JournalFailure(
        "Nothing can be exported from here",
        f"the directory {directory} cannot hold a lock ({clean(found)})",
        "put the state directory on a local disk (XDG_STATE_HOME)",
    )
