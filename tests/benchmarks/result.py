"""One line of the comparison."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What was measured: ours, the peer's (None: an absolute bar), and the bar that the product sets itself.

    `bar` is the highest ratio to the peer's where there is one, else the highest figure of ours.
    """

    what: str
    ours: float
    unit: str
    bar: float
    peer: str = ""
    theirs: float | None = None

    @property
    def figure(self) -> float:
        """What the bar is about."""
        return self.ours if self.theirs is None else self.ours / self.theirs

    @property
    def is_met(self) -> bool:
        """Whether the bar is met."""
        return self.figure <= self.bar

    def cells(self) -> tuple[str, ...]:
        """What, ours, the peer's, ratio, bar, met."""
        theirs = "-" if self.theirs is None else f"{self._shown(self.theirs)} ({self.peer})"
        ratio = "-" if self.theirs is None else f"{self.figure:.2f}"
        bar = self._shown(self.bar) if self.theirs is None else f"{self.bar:g} x"
        return self.what, self._shown(self.ours), theirs, ratio, bar, "yes" if self.is_met else "no"

    def _shown(self, figure: float) -> str:
        places = 0 if figure == int(figure) or figure >= 100 else 1 if figure >= 10 else 2
        return f"{figure:,.{places}f} {self.unit}"


HEAD = ("what", "ours", "the peer", "ratio", "bar", "met")


def markdown(results: list[Result]) -> str:
    """The table of all results."""
    rows = [HEAD, ("---",) * len(HEAD), *(result.cells() for result in results)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
