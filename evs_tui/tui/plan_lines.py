"""A plan in words: for the form's preview, for the review, and as text to copy."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evs_tui.exports.model import Plan, PlannedExport, PlannedStep, Sign
from evs_tui.exports.plan import volume_name
from evs_tui.exports.telling import in_order, told_first
from evs_tui.tui.content import Line, Part, Token, heading, width_of, wrap
from evs_tui.tui.theme import Symbols, sign

_INDENT = 6
_UNDO_COLUMN = 66
_WIDE = 120


def preview_lines(plan: Plan, symbols: Symbols, width: int, *, bad_field: str | None = None) -> list[Line]:
    """The plan beside the form. The part that depends on a field in error says so."""
    if bad_field is not None:
        return [heading("Plan"), Line.placed((3, f"Export to {bad_field}", "bad"))]
    lines = [heading("Plan", (_count(plan), "muted"))]
    # What is left out stands before a long list, where it is seen.
    lines += _left_out(plan, symbols, width)
    lines += [line for step in plan.steps for line in _step(step, width)]
    return lines + _told(plan, symbols, width)


def review_lines(plan: Plan, symbols: Symbols, width: int) -> list[Line]:
    """The whole plan: what to know first, what is left out, the steps with how each is undone, what was checked."""
    lines = [Line(), *_told(plan, symbols, width)]
    if len(lines) > 1:
        lines.append(Line())
    left_out = _left_out(plan, symbols, width)
    if left_out:
        lines += [heading("Left out"), *left_out, Line()]
    if plan.steps:
        lines.append(_steps_heading(width))
        lines += _steps_with_undo(plan, width)
    if (words := in_order(plan)) is not None:
        # Last: it is good to know, and never more urgent than a step.
        lines += [Line(), *_signed(Sign.GOOD, f"{words}.", symbols, width)]
    return lines


def request_lines(plan: Plan, width: int, *, whole: bool) -> list[Line]:
    """What will be sent for the first volume: the body as JSON (`whole`), or on one line where room is short."""
    requests = [(item.volume, item.request) for item in plan.to_do if item.request is not None]
    if not requests:
        return []
    volume, request = requests[0]
    if not whole:
        os_type = "__os_type left out" if request.os_type is None else f"__os_type {request.os_type}"
        force = "force true" if request.force else "force false"
        words = f"{force}, {request.disk_format}, {request.container_format}; {os_type}"
        return [Line(), Line(((" ", "text"), ("Request", "strong"), ("   " + words, "muted")))]
    lines = [Line(), heading("Request", (f"POST .../volumes/{volume.id[:8]}/action", "muted"))]
    for text in json.dumps(request.body(), indent=2, ensure_ascii=False).splitlines():
        words = text.lstrip()
        indent = 1 + len(text) - len(words)
        lines += [Line.placed((indent, part, "text")) for part in wrap(words, width - indent - 1)]
    if len(requests) > 1:
        lines.append(Line.placed((1, f"and {len(requests) - 1} more like it", "muted")))
    return lines


def plan_text(plan: Plan) -> str:
    """The plan as plain text, for the clipboard."""
    lines = [f"{notice.level}: {notice.text}" for notice in plan.warnings]
    lines += [f"{step.no}. {step.changes}" + (f" ({step.undo})" if step.undo else "") for step in plan.steps]
    lines += [f"left out: {volume_name(item.volume)}: {_why(item)}" for item in plan.exports if item.request is None]
    return "\n".join(lines)


def _count(plan: Plan) -> str:
    count, others = len(plan.to_do), len(plan.exports) - len(plan.to_do)
    words = "nothing to export" if not count else f"{count} volume" if count == 1 else f"{count} volumes"
    return f"{words}, {others} left out" if others and len(plan.exports) > 1 else words


def _steps_heading(width: int) -> Line:
    if width < _WIDE:
        return Line(((" ", "text"), ("  #  What happens, and how it is undone", "head")), base="head")
    gap = " " * (_UNDO_COLUMN - _INDENT - width_of("What happens"))
    return Line(((" ", "text"), (f"  #  What happens{gap}How it is undone", "head")), base="head")


def _steps_with_undo(plan: Plan, width: int) -> Iterator[Line]:
    """Each step with its undo: beside it in a wide window, else below; once for a row of steps that share it."""
    for place, step in enumerate(plan.steps):
        following = plan.steps[place + 1] if place + 1 < len(plan.steps) else None
        is_last = following is None or following.undo != step.undo
        if width >= _WIDE:
            yield from _step_beside(step, width, undo=step.undo if is_last else None)
            continue
        yield from _step(step, width)
        if step.undo and is_last:
            shared = place > 0 and plan.steps[place - 1].undo == step.undo
            for text in wrap(f"each of these {step.undo}" if shared else step.undo, width - _INDENT - 1):
                yield Line.placed((_INDENT, text, "muted"))


def _step_beside(step: PlannedStep, width: int, *, undo: str | None) -> Iterator[Line]:
    left = list(_step(step, _UNDO_COLUMN - 1))
    right = wrap(undo or "", width - _UNDO_COLUMN - 1)
    for at in range(max(len(left), len(right))):
        parts = left[at].left if at < len(left) else ()
        if at < len(right):
            blanks = _UNDO_COLUMN - sum(width_of(text) for text, _ in parts)
            parts = (*parts, (" " * max(1, blanks), "text"), (right[at], "muted"))
        yield Line(parts)


def _step(step: PlannedStep, width: int) -> Iterator[Line]:
    first, *rest = wrap(step.changes, width - _INDENT - 1)
    yield Line.placed((max(1, 4 - len(str(step.no))), str(step.no), "muted"), (_INDENT, first, "text"))
    for text in rest:
        yield Line.placed((_INDENT, text, "text"))


def _left_out(plan: Plan, symbols: Symbols, width: int) -> list[Line]:
    lines: list[Line] = []
    for item in plan.exports:
        if item.request is not None:
            continue
        of = Sign.NONE if item.skipped is not None else Sign.BAD
        words = f"{volume_name(item.volume)}: {_why(item)}."
        lines += _signed(of, words, symbols, width)
    return lines


def _told(plan: Plan, symbols: Symbols, width: int) -> list[Line]:
    return [line for of, words in told_first(plan) for line in _signed(of, f"{words}.", symbols, width)]


def _signed(of: Sign, words: str, symbols: Symbols, width: int) -> list[Line]:
    token: Token = "muted" if of is Sign.NONE else "text"
    first, *rest = wrap(words, width - 4) or [""]
    parts: tuple[Part, ...] = ((" ", "text"), sign(of, symbols), (" " + first, token))
    return [Line(parts), *(Line.placed((3, text, token)) for text in rest)]


def _why(item: PlannedExport) -> str:
    return item.blocked or item.skipped or ""
