"""What a review says before the steps: the same sentences in the same order on every face."""

from __future__ import annotations

from evs_tui.exports.model import Light, Plan, Sign

_SIGNS = {"red": Sign.BAD, "yellow": Sign.WARN, "info": Sign.NONE}
_LEVELS = {Light.RED: Sign.BAD, Light.YELLOW: Sign.WARN, Light.UNKNOWN: Sign.ASK}
_ORDER = (Sign.BAD, Sign.WARN, Sign.ASK, Sign.NONE)


def told_first(plan: Plan) -> tuple[tuple[Sign, str], ...]:
    """What is to be known, the gravest first: notices, and the checks that are not green. No full stops."""
    found = [(_LEVELS[check.light], check.sentence) for check in plan.checks if check.is_news]
    found += [(_SIGNS[notice.level], notice.text) for notice in plan.notices]
    return tuple(sorted(found, key=lambda each: _ORDER.index(each[0])))


def in_order(plan: Plan) -> str | None:
    """The green checks as one sentence without a full stop, or None."""
    found = [check.text for check in plan.checks if not check.is_news]
    return f"Checked: {'; '.join(found)}" if found else None
