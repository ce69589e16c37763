"""What a check finds, and how several are made one after another."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evs_tui.failure import ExitCode, Failure


class State(StrEnum):
    """How a check ended. `skipped`: it was not made, because one before failed or it makes no sense here."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """What one check found: a sentence without a full stop, and for a failure what to do and how a command ends."""

    state: State
    words: str
    remedy: str | None = None
    exit_code: ExitCode = ExitCode.DONE

    @classmethod
    def of(cls, failure: Failure) -> Found:
        """A failure as a check tells it."""
        return cls(State.FAIL, f"{failure.what}: {failure.why}", failure.advice, failure.exit_code)


@dataclass(frozen=True, slots=True)
class Check:
    """One check that was made. `ms` is how long it took, None where it was not made."""

    id: str
    title: str
    found: Found
    ms: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One check to be made. After a failure of a step that the others `need`, those are skipped."""

    id: str
    title: str
    make: Callable[[], Awaitable[Found]]
    needed: bool = True


async def made(steps: Sequence[Step]) -> AsyncIterator[Check]:
    """Make the checks in order, and give each as soon as it is made."""
    broken: str | None = None
    for step in steps:
        if broken is not None:
            yield Check(step.id, step.title, Found(State.SKIPPED, f"not tested, because of: {broken}"))
            continue
        begun = time.monotonic()
        try:
            found = await step.make()
        except Failure as failure:
            found = Found.of(failure)
        if found.state is State.FAIL and step.needed:
            broken = step.title
        took = None if found.state is State.SKIPPED else round((time.monotonic() - begun) * 1000)
        yield Check(step.id, step.title, found, took)


def as_warning(found: Found) -> Found:
    """The same, where the work goes on without it."""
    return replace(found, state=State.WARN, exit_code=ExitCode.DONE) if found.state is State.FAIL else found


def together(checks: Sequence[Check]) -> ExitCode:
    """How a command that made these checks ends: like the first failure."""
    return next((check.found.exit_code for check in checks if check.found.state is State.FAIL), ExitCode.DONE)
