"""What is checked around a plan before its review: each check green, yellow, red or unknown, with reason and remedy.

Pure: the facts were read before. A red check blocks the whole plan; yellow and unknown ones are there to be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import ImageQuota
from evs_tui.exports.model import Check, Light, Plan

# The project-wide roles that allow an export, and those that allow only looking.
# Source: evs_adm stands in the documented sample of a token. That such clouds also have te_admin (Tenant Administrator)
# and readonly (Tenant Guest) is unverified; a role of another name counts as unknown. Cinder, default policies.
_MAY_EXPORT = {True: frozenset({"te_admin", "evs_adm"}), False: frozenset({"admin", "member"})}
_ONLY_LOOK = {True: frozenset({"readonly"}), False: frozenset({"reader"})}
_LEAST_PAST = 3
_LONG_ENOUGH_S = 6 * 3600
_NEARLY_OVER_S = 120
_MINUTE = 60
_MANY_MINUTES = 180


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What the sign-in tells. `token_left_s` is None where nothing ends by itself."""

    roles: tuple[str, ...] | None = None
    renewable: bool = True
    token_left_s: float | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The facts around a plan.

    `quota` is None where it is not known, `quota_problem` then says why. `running` and `waiting` are our own open
    exports of the project, `at_once` how many are worked on at a time. `past` are earlier ones of the same format: the
    seconds they took and their GiB.
    """

    session: SessionFacts
    quota: ImageQuota | None
    quota_problem: str | None
    running: int
    waiting: int
    at_once: int
    past: Sequence[tuple[int, int]] = ()


def checks_of(plan: Plan, dialect: Dialect, around: Surroundings) -> tuple[Check, ...]:
    """The checks of a plan that has something to do, in the order in which they are told; else none."""
    if not plan.to_do:
        return ()
    count = len(plan.to_do)
    expected = expected_seconds(plan, around)
    found = (
        _quota(count, around),
        _names(plan),
        _rights(dialect, around.session.roles),
        _token(around.session, expected),
        _others(count, around),
    )
    return tuple(check for check in found if check is not None)


def expected_seconds(plan: Plan, around: Surroundings) -> int | None:
    """How long the exports may take altogether, judged by the slowest of three or more earlier ones; else None."""
    if len(around.past) < _LEAST_PAST or not plan.to_do:
        return None
    largest = max(item.volume.size_gib for item in plan.to_do)
    one = max(seconds * max(1.0, largest / max(1, gib)) for seconds, gib in around.past)
    rounds = -(-(len(plan.to_do) + around.running + around.waiting) // around.at_once)
    return int(one * rounds)


def _quota(count: int, around: Surroundings) -> Check:
    code, quota = "image_quota", around.quota
    if quota is None:
        why = around.quota_problem or "this cloud does not tell it"
        return Check(Light.UNKNOWN, code, f"How many images may still be made is not known: {why}")
    if quota.limit < 0:
        return Check(Light.GREEN, code, "the number of images is not limited")
    coming = f" and {around.waiting} on the way" if around.waiting else ""
    taken = quota.used + around.waiting
    left = max(0, quota.limit - taken)
    there = f"{quota.used} of {quota.limit} are there{coming}"
    if count > left:
        remedy = "delete images or have the quota raised"
        if left:
            remedy += f", or export {left} at most now"
        image = "1 image does" if count == 1 else f"{count} images do"
        return Check(Light.RED, code, f"{image} not fit into the quota: {there}", remedy)
    if count == left:
        return Check(Light.YELLOW, code, f"This fills the quota of images: {there}", "the next export will not fit")
    return Check(Light.GREEN, code, f"image quota {taken + count} of {quota.limit} afterwards")


def _names(plan: Plan) -> Check | None:
    """Green alone: an image of the same name is told by the plan's own notice, with its name."""
    if any(notice.code == "name_exists" for notice in plan.notices):
        return None
    return Check(Light.GREEN, "names", "no image has this name" if len(plan.to_do) == 1 else "no image has these names")


def _rights(dialect: Dialect, roles: Sequence[str] | None) -> Check:
    code, known = "rights", frozenset(roles or ())
    right = "evs:volumes:uploadImage" if dialect.huawei_style else "volume_extension:volume_actions:upload_image"
    if enough := sorted(known & _MAY_EXPORT[dialect.huawei_style]):
        return Check(Light.GREEN, code, f"the role {enough[0]} allows it")
    if known and known <= _ONLY_LOOK[dialect.huawei_style]:
        text = f"This user has only the role {min(known)} here, so the cloud will most likely refuse"
        return Check(Light.YELLOW, code, text, f"have the right {right} granted")
    text = f"Whether this user may export shows only in the cloud's answer: the right is {right}"
    return Check(Light.UNKNOWN, code, text)


def _token(session: SessionFacts, expected: int | None) -> Check:
    code, left = "token_life", session.token_left_s
    if left is None:
        return Check(Light.GREEN, code, "the credential does not end by itself")
    if session.renewable:
        return Check(Light.GREEN, code, "the token is renewed by itself")
    ends = f"The token ends in {minutes_text(left)} and cannot be renewed by itself"
    if left < _NEARLY_OVER_S:
        return Check(Light.RED, code, ends, "sign in anew first")
    if expected is not None and expected > left:
        text = f"{ends}, these exports may take {minutes_text(expected)}"
    elif expected is None and left < _LONG_ENOUGH_S:
        text = f"{ends}, and how long these exports take is not known"
    else:
        return Check(Light.GREEN, code, f"the token lasts another {minutes_text(left)}")
    return Check(Light.YELLOW, code, text, "what was sent goes on, the rest waits until you sign in again")


def _others(count: int, around: Surroundings) -> Check:
    code, cap = "other_exports", around.at_once
    if not around.running and not around.waiting:
        follow = "" if count <= cap else f", {cap} at once, the others follow"
        return Check(Light.GREEN, code, f"nothing else is being exported{follow}")
    run = "1 other export runs" if around.running == 1 else f"{around.running} other exports run"
    wait = f", {around.waiting} wait" if around.waiting else ""
    if not around.waiting and around.running + count <= cap:
        return Check(Light.GREEN, code, f"{run}, there is room for {cap} at once")
    text = f"{run}{wait}: {cap} are worked on at once, so these follow when there is room"
    return Check(Light.YELLOW, code, text, "nothing needs to be done, it takes longer")


def minutes_text(seconds: float) -> str:
    """A length of time for a sentence: `1 minute`, `95 minutes`, `23 hours`."""
    minutes = int(seconds // _MINUTE)
    if minutes >= _MANY_MINUTES:
        return f"{minutes // _MINUTE} hours"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
