"""Events of the steps around an export in words: servers that are stopped and started, and what is waited for."""

from __future__ import annotations

from collections.abc import Mapping

from evs_tui.exports.model import Event, Sign, StepKind

_ANY: Mapping[str, tuple[Sign, str]] = {
    "announced": (Sign.GOOD, "{name}: request to {step} announced"),
    "unclear": (Sign.ASK, "{name}: whether the cloud took the request to {step} is not known"),
    "looked": (Sign.ASK, '{name}: looked, it is "{seen}"'),
    "found_taken": (Sign.GOOD, "{name}: the request to {step} took effect"),
    "not_taken": (Sign.WAIT, "{name}: the request to {step} never took effect, it is sent again"),
    "refused": (Sign.BAD, "{name}: the cloud refuses to {step} it: {why}"),
    "not_now": (Sign.WAIT, "{name}: refused for now: {why}"),
    "not_sent": (Sign.WAIT, "{name}: the request could not be sent: {why}"),
    "not_read": (Sign.WAIT, "{name} could not be read: {why}"),
    "not_submitted": (Sign.BAD, "{name}: nothing was sent: {why}"),
    "seen": (Sign.BUSY, '{name} is "{status}"'),
    "tried_again": (Sign.WAIT, "{name}: tried again: {why}"),
    "went_wrong": (Sign.BAD, "{name}: {why}"),
    "overdue": (Sign.WARN, "{name} takes longer than it may"),
    "waits_on": (Sign.GOOD, "{name}: a person waits on"),
    "goes_on": (Sign.BUSY, "{name} goes on"),
    "restore_asked": (Sign.GOOD, "{name}: a person asked to start it again"),
    "skipped": (Sign.NONE, "{name}: not needed any more"),
}
_OWN: Mapping[tuple[StepKind, str], tuple[Sign, str]] = {
    (StepKind.STOP, "taken"): (Sign.GOOD, "{name} asked to stop, soft"),
    (StepKind.START, "taken"): (Sign.GOOD, "{name} asked to start"),
    (StepKind.WAIT_STOPPED, "waiting"): (Sign.BUSY, "waiting until {name} is off"),
    (StepKind.WAIT_STOPPED, "ended"): (Sign.GOOD, "{name} is off"),
    (StepKind.WAIT_VOLUME, "waiting"): (Sign.BUSY, "waiting until {name} is free again"),
    (StepKind.WAIT_VOLUME, "ended"): (Sign.GOOD, "{name} is free again"),
    (StepKind.START, "ended"): (Sign.GOOD, "{name} runs again"),
    (StepKind.START, "over"): (Sign.GOOD, "{name} runs already"),
    (StepKind.DELETE_IMAGE, "taken"): (Sign.GOOD, "the cloud deletes the image"),
}
_SKIPPED_STARTS = {
    "offered": "{name} is not started by itself: our stop was never acknowledged",
    "kept_off": "{name} stays off, as planned",
    "not_stopped": "{name} was not stopped, so it is not started",
}
_DEEDS = {StepKind.DELETE_IMAGE: "delete"}


def step_words(event: Event) -> tuple[Sign, str] | None:
    """The sign and the sentence of an event of such a step; None for any other event."""
    kind = next((kind for kind in StepKind if kind.value == event.data.get("step")), None)
    if kind is None:
        return None
    sign, pattern = _OWN.get((kind, event.kind)) or _ANY.get(event.kind) or (Sign.NONE, "{name}: {event}")
    if kind is StepKind.START and event.kind == "skipped":
        pattern = _SKIPPED_STARTS.get(str(event.data.get("because")), pattern)
    error = event.data.get("error")
    return sign, pattern.format(
        name=event.data.get("target"),
        step=_DEEDS.get(kind, kind.value),
        seen=event.data.get("volume_status"),
        status=event.data.get("status"),
        why=error.get("why") if isinstance(error, Mapping) else "no reason is known",
        event=event.kind.replace("_", " "),
    )
