"""What a command writes: data to standard output in the form asked for, narration and failures to standard error."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from evs_tui.cli.commands import Form
from evs_tui.cli.streams import discard, speaks_unicode, width_of
from evs_tui.cli.symbols import Symbols
from evs_tui.exports.model import Sign
from evs_tui.failure import Failure
from evs_tui.secret import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from evs_tui.workspace import Context

SCHEMA = 1
Document = Mapping[str, Any]


class NobodyReads(Exception):
    """The reader of standard output left before the end."""


class OutputBroken(Failure):
    """Standard output cannot be written, so what it holds is not whole."""

    def __init__(self, error: Exception) -> None:
        reason = getattr(error, "strerror", None) or "it is closed"
        advice = "evs-tui jobs tells what became of exports"
        super().__init__("The output is not complete", f"standard output: {reason}", advice)


class Output:
    """Where one command writes. `form` is how its data looks; `symbols` fit the terminal's encoding."""

    def __init__(self, form: Form, *, ascii_only: bool = False) -> None:
        self.form = form
        self.symbols = Symbols(ascii=ascii_only or not (speaks_unicode(sys.stdout) and speaks_unicode(sys.stderr)))
        self._warnings: list[str] = []

    @property
    def width(self) -> int | None:
        """The columns that a table may take; None: as many as it needs."""
        return width_of(sys.stdout)

    def say(self, line: str = "") -> None:
        """Narrate one line. Nobody needs to listen: a closed standard error never ends what goes on."""
        _say(line, sys.stderr)

    def warn(self, text: str) -> None:
        """Narrate a warning, and keep it for the envelope."""
        if text not in self._warnings:
            self._warnings.append(text)
            self.say(f"{self.symbols.of(Sign.WARN)} {text}")

    def lines(self, lines: Iterable[str]) -> None:
        """Data as lines of text."""
        for line in lines:
            _write(line)

    def rows(self, documents: Iterable[Document]) -> None:
        """Payload objects of the `jsonl` form, at once."""
        for document in documents:
            _write(_compact(document))
        self.flush()

    def flush(self) -> None:
        """Let what was written so far be seen now."""
        _to_stdout(sys.stdout.flush)

    def end_of_rows(self, *, count: int, skipped: int = 0) -> None:
        """The last line of the `jsonl` form: everything has been written."""
        _write(_compact({"end": True, "count": count, "skipped": skipped}))

    def envelope(self, context: Document, payload: Document) -> None:
        """The one object of the `json` form."""
        document = {"schema": SCHEMA, "context": context, "warnings": self._warnings, **payload}
        _write(json.dumps(document, indent=2))

    def failure(self, failure: Failure) -> None:
        """A command that ended without its data: in words, and as an object where objects were asked for."""
        self.tell(failure)
        document = {"schema": SCHEMA, "error": failure_document(failure)}
        if self.form == "json":
            _write(json.dumps(document, indent=2))
        elif self.form == "jsonl":
            _write(_compact(document))

    def tell(self, failure: Failure) -> None:
        """A failure in words alone."""
        for line in failure_lines(failure):
            self.say(line)


def context_document(context: Context) -> Document:
    """The `context` of an envelope: where the data comes from, and as whom it was read."""
    return {
        "source": context.source,
        "profile": context.profile,
        "cloud": context.cloud,
        "region": context.region,
        "project_id": context.project_id,
        "project_name": context.project_name,
        "user": context.user,
        "demo": context.demo,
        "read_only": context.read_only,
    }


def journal_context(*, demo: bool, read_only: bool) -> Document:
    """The `context` of what was read from the journal alone: nobody signed in, and each job has a place of its own."""
    return offline_context("journal", demo=demo, read_only=read_only)


def offline_context(source: str, *, demo: bool, read_only: bool, profile: str | None = None) -> Document:
    """The `context` of what was found out without signing in."""
    unknown = dict.fromkeys(("cloud", "region", "project_id", "project_name", "user"))
    return {"source": source, "profile": profile, **unknown, "demo": demo, "read_only": read_only}


def failure_document(failure: Failure) -> Document:
    """The `error` of a failure, null where something is unknown."""
    return {
        "exit_code": int(failure.exit_code),
        "what": redact(failure.what),
        "why": redact(failure.why),
        "advice": None if failure.advice is None else redact(failure.advice),
        "code": failure.code,
        "http_status": failure.http_status,
        "request_id": failure.request_id,
    }


def failure_lines(failure: Failure) -> list[str]:
    """A failure in words: what happened and why, what to do next, and what the cloud's support will ask for."""
    lines = [f"evs-tui: {failure.what}: {failure.why}"]
    if failure.advice is not None:
        lines.append(f"  What to do: {failure.advice}")
    facts = (
        ("code", failure.code),
        ("HTTP status", failure.http_status),
        ("request id", failure.request_id),
    )
    known = [f"{name} {value}" for name, value in facts if value is not None]
    if known:
        lines.append(f"  From the cloud: {', '.join(known)}")
    return [redact(line) for line in lines]


def _compact(document: Document) -> str:
    return json.dumps(document, separators=(",", ":"))


def _write(line: str) -> None:
    _to_stdout(lambda: sys.stdout.write(line + "\n"))


def _to_stdout(write: Callable[[], object]) -> None:
    try:
        write()
    except BrokenPipeError as error:
        raise NobodyReads from error
    except (OSError, ValueError) as error:
        raise OutputBroken(error) from error


def _say(line: str, stream: TextIO | None) -> None:
    if stream is None:
        return
    try:
        stream.write(line + "\n")
        stream.flush()
    except (OSError, ValueError):
        discard(stream)
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
