"""The signs of the screens for plain text, with their ASCII twins."""

from __future__ import annotations

from dataclasses import dataclass

from evs_tui.exports.model import Job, JobState, Sign

_UNICODE = {
    Sign.GOOD: "✓",
    Sign.ACT: "►",
    Sign.BUSY: "▪",
    Sign.WAIT: "▫",
    Sign.BAD: "✗",
    Sign.ASK: "?",
    Sign.WARN: "!",
    Sign.NONE: "-",
}
_ASCII = {
    Sign.GOOD: "+",
    Sign.ACT: ">",
    Sign.BUSY: "o",
    Sign.WAIT: ".",
    Sign.BAD: "x",
    Sign.ASK: "?",
    Sign.WARN: "!",
    Sign.NONE: "-",
}
_OF_STATE = {
    JobState.PLANNED: Sign.WAIT,
    JobState.PREPARING: Sign.BUSY,
    JobState.SUBMITTING: Sign.BUSY,
    JobState.UNCLEAR: Sign.ASK,
    JobState.EXPORTING: Sign.BUSY,
    JobState.RESTORING: Sign.BUSY,
    JobState.SUCCEEDED: Sign.GOOD,
    JobState.FAILED: Sign.BAD,
    JobState.NOT_SUBMITTED: Sign.NONE,
    JobState.CANCELLED: Sign.NONE,
}
_WORDS = {JobState.NOT_SUBMITTED: "not sent"}


@dataclass(frozen=True, slots=True)
class Symbols:
    """The characters for signs, and the one that shows that a text goes on."""

    ascii: bool = False

    def of(self, sign: Sign) -> str:
        """One character for `sign`."""
        return (_ASCII if self.ascii else _UNICODE)[sign]

    @property
    def cut(self) -> str:
        """Stands where a text was cut."""
        return "~" if self.ascii else "»"

    def state(self, job: Job) -> str:
        """The job's state as a person reads it: sign and word."""
        return f"{self.of(_OF_STATE[job.state])} {_WORDS.get(job.state, job.state.value)}"
