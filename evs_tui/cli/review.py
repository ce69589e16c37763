"""A plan in words, said before it is carried out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from evs_tui.cli.documents import request_path
from evs_tui.cli.symbols import Symbols
from evs_tui.cloud.operations import EXPORT
from evs_tui.exports.model import Plan, PlannedExport, Sign
from evs_tui.exports.telling import in_order, told_first

if TYPE_CHECKING:
    from evs_tui.workspace import Context


def review_lines(plan: Plan, symbols: Symbols) -> Iterator[str]:
    """The review: what to know first, each step with how it is undone, and what is left out and why."""
    for sign, words in told_first(plan):
        yield f"{symbols.of(sign)} {words}."
    if (checked := in_order(plan)) is not None:
        yield f"{symbols.of(Sign.GOOD)} {checked}."
    for step in plan.steps:
        yield f"{step.no}  {step.changes}"
        yield f"   undo: {step.undo or 'not possible'}"
    left_out = [item for item in plan.exports if item.request is None]
    if left_out:
        yield "Left out:"
    for item in left_out:
        sign = Sign.NONE if item.blocked is None else Sign.BAD
        yield f"{symbols.of(sign)} {named(item)}: {item.blocked or item.skipped}"


def place_lines(context: Context) -> Iterator[str]:
    """Where this would happen and as whom, marked where it is no real or no changing run."""
    marks = [*(["DEMO"] if context.demo else []), *(["READ-ONLY"] if context.read_only else [])]
    if marks:
        yield "  ".join(marks)
    project = context.project_name or context.project_id
    user = f" as {context.user}" if context.user else ""
    yield f"Project {project} in {context.region}, {context.cloud_title}{user} ({context.source})"


def request_lines(plan: Plan, project_id: str) -> Iterator[str]:
    """Each request as it would go out."""
    for item in plan.to_do:
        if item.request is not None:
            yield f"{EXPORT.method} {request_path(item.volume.id, project_id)}"
            yield f"   {json.dumps(item.request.body())}"


def named(item: PlannedExport) -> str:
    """A volume by its name and id, so that it can be told from others of the same name."""
    return f"{item.volume.name} ({item.volume.id})" if item.volume.name else item.volume.id


def counted(number: int, noun: str) -> str:
    """`1 volume`, `2 volumes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
