"""Whole-page texts that stand where a list would be: errors with their next step, and what an empty list means."""

from __future__ import annotations

from collections.abc import Iterable

from evs_tui.failure import Failure
from evs_tui.tui.content import Line, wrap
from evs_tui.tui.theme import Symbols

_LABEL = 3
_VALUE = 18
_WIDTH = 74


def error_page(failure: Failure, symbols: Symbols, keys: Iterable[tuple[str, str]]) -> tuple[Line, ...]:
    """What happened, why, what the cloud called it, and what to do, each thing beside its key."""
    lines = [Line(), Line.placed((1, symbols.bad, "bad"), (3, failure.what, "strong"))]
    lines += _fact("Happened", failure.why)
    if failure.code or failure.http_status:
        said = " ".join(str(part) for part in (failure.code, failure.http_status) if part)
        lines += _fact("Answer", said)
    if failure.request_id:
        lines += _fact("Request id", failure.request_id)
    if failure.advice:
        lines += _fact("Advice", failure.advice)
    lines += [
        Line(),
        Line.placed((_LABEL, "Exports that run go on in the cloud; the journal knows them.", "muted")),
        Line(),
    ]
    lines += [Line.placed((_LABEL, key, "key"), (_VALUE, words, "text")) for key, words in keys]
    return tuple(lines)


def failure_sentence(failure: Failure) -> str:
    """A failure as the one sentence of the note line."""
    return f"{failure.what}: {failure.why.rstrip('. ')}."


def no_volumes_page(project: str, region: str, user: str) -> tuple[Line, ...]:
    """An empty and complete list."""
    return (
        Line(),
        Line.placed((_LABEL, "This project has no volumes.", "strong")),
        Line(),
        *_paragraph(f"The cloud answered with an empty, complete list for {project} in {region}, as user {user}."),
        Line(),
        Line.placed((_LABEL, "r", "key"), (_VALUE, "ask again", "text")),
        Line.placed((_LABEL, "q", "key"), (_VALUE, "quit; another project is chosen with --project", "text")),
        Line(),
        *_paragraph("If disks are missing that the console shows, the user may lack the right evs:volumes:list there."),
    )


def no_jobs_page() -> tuple[Line, ...]:
    """Nothing was exported yet."""
    return (
        Line(),
        Line.placed((_LABEL, "No exports yet.", "strong")),
        Line(),
        Line.placed((_LABEL, "1", "key"), (_VALUE, "go to the volumes; enter opens the export form", "text")),
        Line(),
        *_paragraph("A job stays here for a day after it has ended, with its timeline and receipt."),
    )


def no_images_page(project: str, region: str, user: str) -> tuple[Line, ...]:
    """An empty and complete list of private images."""
    return (
        Line(),
        Line.placed((_LABEL, "This project has no private images.", "strong")),
        Line(),
        *_paragraph(f"The cloud answered with an empty, complete list for {project} in {region}, as user {user}."),
        Line(),
        Line.placed((_LABEL, "1", "key"), (_VALUE, "go to the volumes; enter exports one as an image", "text")),
        Line.placed((_LABEL, "r", "key"), (_VALUE, "ask again", "text")),
    )


def _fact(label: str, value: str) -> list[Line]:
    first, *rest = wrap(value, _WIDTH - _VALUE) or [""]
    return [
        Line.placed((_LABEL, label, "muted"), (_VALUE, first, "text")),
        *(Line.placed((_VALUE, text, "text")) for text in rest),
    ]


def _paragraph(text: str) -> list[Line]:
    return [Line.placed((_LABEL, line, "muted")) for line in wrap(text, _WIDTH - _LABEL)]
