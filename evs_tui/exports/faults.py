"""What can be wrong with the journal, in words."""

from __future__ import annotations

from pathlib import Path

from evs_tui.failure import RefusedFailure
from evs_tui.text import excerpt

_NOTHING_LOST = "what was exported before goes on in the cloud"


class JournalFailure(RefusedFailure):
    """The journal cannot be read or written. `full` says that the disk had no room, so a later try may work."""

    def __init__(self, what: str, why: str, advice: str | None = None, *, full: bool = False) -> None:
        super().__init__(what, why, advice)
        self.full = full


def damaged(path: Path | None, found: str) -> JournalFailure:
    """A journal whose contents cannot be trusted. It is left as it is: only a person sets it aside."""
    where = "the journal" if path is None else f"the journal {path}"
    keep = "keep a copy of it" if path is None else f"set it aside: mv {path} {path}.damaged"
    return JournalFailure(
        "Nothing can be exported from here",
        f"{where} is damaged ({excerpt(found)})",
        f"{keep}; {_NOTHING_LOST}, look for its images before you export a disk again",
    )


def failure_of(error: Exception, path: Path | None) -> JournalFailure:
    """What a fault of the file or the file system means, in words."""
    where = "the journal" if path is None else f"the journal {path}"
    text = excerpt(str(error))
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return damaged(path, text)
    if name.startswith("SQLITE_IOERR") and "LOCK" in name:
        why, advice = "its file system has no working locks", "put the state directory on a local disk (XDG_STATE_HOME)"
    elif name.startswith("SQLITE_FULL"):
        why, advice = "the disk is full", "make room on it"
    elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        why, advice = "another process keeps it locked", "look for a stopped evs-tui and let it go on or end it"
    elif name.startswith("SQLITE_READONLY"):
        why, advice = "it may only be read", "check the rights of the file and its directory"
    elif name.startswith("SQLITE_CANTOPEN") or isinstance(error, OSError):
        why, advice = text, "check that the directory is there and yours"
    else:
        why, advice = text, "check the disk it lies on"
    full = name.startswith(("SQLITE_FULL", "SQLITE_IOERR"))
    return JournalFailure("The journal cannot be used", f"{where}: {why}", advice, full=full)
