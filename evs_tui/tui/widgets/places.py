"""The second line of a main screen: the places there are, what is in them, and where one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evs_tui.tui.content import Line, Part
from evs_tui.tui.widgets.sheet import OneLine

_NARROW = 80


@dataclass(frozen=True, slots=True)
class Room:
    """One place of the program: its key, its name, and the facts after the name, long and short."""

    key: str
    name: str
    facts: tuple[Part, ...] = ()
    short_facts: tuple[Part, ...] = ()


def volumes_room(total: int | None) -> Room:
    """Volumes, with their number once it is known."""
    facts: tuple[Part, ...] = () if total is None else ((f"{total:,}", "muted"),)
    return Room("1", "Volumes", facts, facts)


def images_room(total: int | None) -> Room:
    """Images, with their number once it is known."""
    facts: tuple[Part, ...] = () if total is None else ((f"{total:,}", "muted"),)
    return Room("3", "Images", facts, facts)


def jobs_room(*, running: int, need_you: int) -> Room:
    """Jobs, with how many run and how many wait for a person."""
    long: list[Part] = []
    short: list[Part] = []
    if running:
        long.append((f"{running} running", "muted"))
        short.append((str(running), "muted"))
    if need_you:
        long += [(", ", "muted")] if long else []
        short += [(" ", "text")] if short else []
        long.append((f"{need_you} needs you" if need_you == 1 else f"{need_you} need you", "warn"))
        short.append((f"!{need_you}", "warn"))
    none: list[Part] = [("0", "muted")]
    return Room("2", "Jobs", tuple(long or none), tuple(short or none))


def activity_room() -> Room:
    """Activity: what was asked of the cloud."""
    return Room("4", "Activity")


def places_line(rooms: Iterable[Room], active: str, width: int) -> Line:
    """The line for a width; `active` is the key of the place one is in. Below 80 columns facts are short."""
    narrow = width < _NARROW
    parts: list[Part] = [(" ", "text")]
    for room in rooms:
        if len(parts) > 1:
            parts.append(("  " if narrow else "   ", "text"))
        if room.key == active:
            parts.append((f"{room.key} {room.name}", "place"))
        else:
            parts += [(room.key, "key"), (" " + room.name, "text")]
        if facts := room.short_facts if narrow else room.facts:
            parts += [(" ", "text"), *facts]
    return Line(tuple(parts))


class Places(OneLine):
    """The places there are."""

    def __init__(self, rooms: Iterable[Room] = (), active: str = "1") -> None:
        super().__init__()
        self._rooms = tuple(rooms)
        self._active = active

    def show_rooms(self, rooms: Iterable[Room], active: str | None = None) -> None:
        """Show other facts, or be in another place."""
        self._rooms = tuple(rooms)
        self._active = active or self._active
        self.repaint_changes()

    def line_for(self, width: int) -> Line:
        """As short as the width demands."""
        return places_line(self._rooms, self._active, width)
