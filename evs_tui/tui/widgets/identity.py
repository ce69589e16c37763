"""The first line: whose cloud this is, where the secret lives, and the badges that make a mistake less likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from evs_tui.tui.content import Line, Part, fit, width_of
from evs_tui.tui.widgets.sheet import OneLine

_NAME = "evs-tui"
_GAP: Part = ("  ", "text")
_BLANK: Part = (" ", "text")
_SHORTEST_PROJECT = 8


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts where. `secret_place` is where the secret lives, in a word or two: "keyring", "memory"."""

    project: str
    region: str
    cloud: str
    user: str
    secret_place: str
    demo: bool = False
    read_only: bool = False
    production: bool = False


def identity_line(identity: Identity | None, width: int, cut: str) -> Line:
    """The line for a width.

    It shortens in this order: the program's name, the words "secret in", the word "as", then cloud, user and
    region; at last the project is cut. Project, badges and the place of the secret never go.
    """
    if identity is None:
        return Line(((" ", "text"), ("not signed in", "strong")), (((_NAME, "muted"),),))
    badges = _badges(identity)
    shown_parts = {"name", "secret in", "as", "cloud", "user", "region"}
    for gone in ("", "name", "secret in", "as", "cloud", "user", "region"):
        shown_parts.discard(gone)
        line = _line(identity, badges, shown_parts, identity.project)
        if _cells(line) <= width - 1:
            return line
    room = width_of(identity.project) - (_cells(line) - (width - 1))
    return _line(identity, badges, shown_parts, fit(identity.project, max(room, _SHORTEST_PROJECT), cut=cut))


def _badges(identity: Identity) -> list[Part]:
    production: Part = (" PRODUCTION ", "prod")
    demo: Part = (" DEMO ", "safe")
    read_only: Part = (" READ-ONLY ", "safe")
    wanted = ((production, identity.production), (demo, identity.demo), (read_only, identity.read_only))
    badges: list[Part] = []
    for badge, is_shown in wanted:
        if is_shown:
            badges += [_BLANK, badge] if badges else [badge]
    return badges


def _line(identity: Identity, badges: list[Part], shown: set[str], project: str) -> Line:
    left: list[Part] = [_BLANK, (project, "strong")]
    for name, fact in (("region", identity.region), ("cloud", identity.cloud)):
        if name in shown:
            left += [_GAP, (fact, "text")]
    if "user" in shown:
        left += [_GAP, ("as " if "as" in shown else "", "muted"), (identity.user, "text")]
    left += [_GAP, ("secret in " if "secret in" in shown else "", "muted"), (identity.secret_place, "text")]
    right = [*badges]
    if "name" in shown:
        right += [_BLANK, (_NAME, "muted")] if badges else [(_NAME, "muted")]
    return Line(tuple(left), (tuple(right),) if right else ())


def _cells(line: Line) -> int:
    """What the line needs, with at least two blanks before the right part."""
    left = sum(width_of(text) for text, _ in line.left)
    right = sum(width_of(text) for group in line.right for text, _ in group)
    return left + (2 + right if right else 0)


class IdentityLine(OneLine):
    """The first line of every screen."""

    DEFAULT_CSS: ClassVar[str] = """
    IdentityLine { background: $bar; }
    """

    def __init__(self, identity: Identity | None = None) -> None:
        super().__init__()
        self._identity = identity

    def show_identity(self, identity: Identity | None) -> None:
        """Show who acts where; None: nobody is signed in."""
        self._identity = identity
        self.repaint_changes()

    def line_for(self, width: int) -> Line:
        """As short as the width demands."""
        return identity_line(self._identity, width, self.symbols.cut)
