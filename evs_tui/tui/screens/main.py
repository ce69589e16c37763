"""What the main screens have in common: identity, places, note and hints around a body."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from textual.app import ComposeResult, SystemCommand

from evs_tui.tui.desk import Desk, Topic
from evs_tui.tui.widgets.hints import Hints
from evs_tui.tui.widgets.identity import Identity, IdentityLine
from evs_tui.tui.widgets.note import Note
from evs_tui.tui.widgets.page import Page
from evs_tui.tui.widgets.places import Places, activity_room, images_room, jobs_room, volumes_room


class MainScreen(Page[None]):
    """A place that a number leads to."""

    ROOM = ""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    def compose(self) -> ComposeResult:
        """The frame that is everywhere the same."""
        yield IdentityLine()
        yield Places((), self.ROOM)
        yield from self.compose_body()
        yield Note()
        yield Hints()

    def compose_body(self) -> ComposeResult:
        """What stands between places and note."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show what is known."""
        self.desk_changed("connection", frozenset())

    def on_screen_resume(self) -> None:
        """Back here: what changed meanwhile is shown now."""
        if self.is_mounted:
            self.desk_changed("connection", frozenset())

    def desk_changed(self, topic: Topic, ids: frozenset[str]) -> None:  # noqa: ARG002 - for subclasses
        """Show what changed. A subclass shows its own part, then calls this."""
        if not self.is_mounted:
            return
        if topic == "connection":
            self.query_one(IdentityLine).show_identity(identity_of(self.desk))
        self.query_one(Places).show_rooms(self._rooms(), self.ROOM)

    def _rooms(self) -> Iterable[Any]:
        listing = self.desk.listing
        total = None if listing is None else listing.counts.expected or listing.counts.total
        jobs = jobs_room(running=self.desk.running, need_you=self.desk.need_you)
        return volumes_room(total), jobs, images_room(self.desk.images.count), activity_room()

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this place."""
        return ()


def _until(end: datetime | None, now: datetime) -> str:
    """The end of a token that nobody renews, as a moment: what counts down would tick on an idle screen."""
    if end is None:
        return ""
    here = end.astimezone()
    return f" until {here:%H:%M}" if here.date() == now.astimezone().date() else f" until {here:%m-%d %H:%M}"


def identity_of(desk: Desk) -> Identity | None:
    """The header's facts; None before anybody signed in."""
    context = desk.context
    if context is None:
        return None
    return Identity(
        project=context.project_name or context.project_id,
        region=context.region,
        cloud=context.cloud,
        user=context.user or "unknown",
        secret_place=context.secret_place + _until(context.token_ends_at, desk.now),
        demo=context.demo,
        read_only=context.read_only,
        production=context.production,
    )
