"""The last calls to the cloud as both faces show them, and what of them may leave the program in a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from evs_tui.clock import iso
from evs_tui.cloud.operations import OPERATIONS
from evs_tui.cloud.ring import Call
from evs_tui.exports.model import Sign
from evs_tui.lists.words import FilterWords
from evs_tui.secret import redact
from evs_tui.text import clean

NO_ANSWER = "no answer"
_SERVICES = {operation.name: operation.service for operation in OPERATIONS}
_CHANGING = {operation.name for operation in OPERATIONS if operation.effect != "read"}
_VERSION_AND_PROJECT = re.compile(r"^/v\d[\d.]*(/[0-9a-f]{32}(?=/))?")
_SHOWN_QUERY = {
    "limit", "marker", "offset", "ids", "id", "status", "visibility", "__imagetype", "sort", "sort_key", "sort_dir",
    "name", "nocatalog",
}  # fmt: skip
"""The parameters whose values are shown; names of ours, ids and paging. Of any other only the name is kept."""
_ID_SHOWN = 8
_LONG_MS = 10_000


def service_of(call: Call) -> str:
    """The service that was asked: `evs`, `ims`, `ecs`, `iam`; `-` for a call that is not in the table."""
    return _SERVICES.get(call.operation, "-")


def succeeded(call: Call) -> bool:
    """Whether the cloud did what it was asked for."""
    return call.status is not None and call.status < 400


def is_lost(call: Call) -> bool:
    """Whether nobody knows if a call that changes something took effect."""
    return call.status is None and call.operation in _CHANGING


def answer_of(call: Call) -> tuple[Sign | None, str]:
    """The answer in a word or two, with a sign where it was not a plain success."""
    if call.status is None:
        return (Sign.ASK if is_lost(call) else Sign.BAD), NO_ANSWER
    if call.status in {401, 429}:
        return Sign.WARN, str(call.status)
    return (None if succeeded(call) else Sign.BAD), str(call.status)


def sentence_of(call: Call) -> tuple[Sign, str]:
    """The one sentence about a call, for the note."""
    if call.status is None:
        return (Sign.ASK if is_lost(call) else Sign.BAD), f"{call.note or 'No answer came'}."
    if not succeeded(call):
        return Sign.BAD, f"{call.note or 'The cloud refused it'}."
    if call.attempt > 1:
        return Sign.NONE, f"Attempt {call.attempt}: the ones before failed."
    return Sign.NONE, "Kept: method, path, answer, time. Never headers or bodies."


def path_words(call: Call) -> str:
    """Service, path without version and project, and the parameters that may be shown: `evs /volumes/d90b/action`."""
    path, _, query = call.target.partition("?")
    words = [service_of(call), _VERSION_AND_PROJECT.sub("", path) or "/"]
    words += [f"{name}={value}" for name, value in _shown(query)]
    return clean(" ".join(words))


def took_words(milliseconds: int) -> str:
    """A duration: `84 ms`, `30.0 s`."""
    return f"{milliseconds:,} ms" if milliseconds < _LONG_MS else f"{milliseconds / 1000:.1f} s"


def _shown(query: str) -> Sequence[tuple[str, str]]:
    pairs = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "ids":
            pairs.append((name, str(len(value.strip("[]").split(",")))))
        elif name == "marker":
            pairs.append((name, value[:_ID_SHOWN]))
        else:
            pairs.append((name, value if name in _SHOWN_QUERY else "-"))
    return pairs


TEXTS: Mapping[str, Callable[[Call], str]] = {
    "time": lambda call: f"{call.at.astimezone():%H:%M:%S}",
    "call": lambda call: call.method,
    "path": path_words,
    "answer": lambda call: answer_of(call)[1],
    "took": lambda call: took_words(call.milliseconds),
    "request": lambda call: call.request_id or "-",
}
"""What each column shows. Times are local."""

CALL_WORDS: FilterWords[Call] = FilterWords(
    everything=lambda call: (*(text(call) for text in TEXTS.values()), call.operation, call.note or ""),
    texts={
        "call": lambda call: (call.method,),
        "path": lambda call: (path_words(call),),
        "answer": lambda call: (answer_of(call)[1],),
        "service": lambda call: (service_of(call),),
        "request": lambda call: (call.request_id or "",),
    },
    flags={
        "failed": lambda call: not succeeded(call),
        "changes": lambda call: call.operation in _CHANGING,
        "repeated": lambda call: call.attempt > 1,
    },
    moments={"age": lambda call: call.at},
)
"""The words that filter calls."""


def call_document(call: Call) -> dict[str, Any]:
    """What of a call may leave the program: exactly these keys, and of the query exactly the parameters named here."""
    path, _, query = call.target.partition("?")
    return {
        "at": iso(call.at),
        "operation": call.operation,
        "service": service_of(call),
        "method": call.method,
        "origin": call.origin,
        "path": redact(clean(path)),
        "query": {clean(name): redact(clean(value)) for name, value in _shown(query)},
        "status": call.status,
        "milliseconds": call.milliseconds,
        "bytes": call.size,
        "attempt": call.attempt,
        "request_id": call.request_id,
        "note": None if call.note is None else redact(call.note),
    }
