"""The times and limits the engine keeps to, in one place, so that tests can put their own there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How many exports of one project may be under way at once, and the least time between two requests."""

    in_flight: int = 3
    spacing: float = 1.0


@dataclass(frozen=True, slots=True)
class Timing:
    """All in seconds, measured by `Clock.elapsed`."""

    post_deadline: float = 30.0
    """How long the request may take as a whole."""
    announce_window: float = 5.0
    """An announced request is sent within this time or not at all: a process that was suspended sends nothing."""
    attempts: int = 3
    """How often an export is tried that was refused for now or could not be sent, the first time included."""
    retry_first: float = 2.0
    retry_cap: float = 60.0
    """The wait before the next attempt: doubled from the first to the cap, unless the cloud names one."""
    retry_after_cap: float = 300.0
    """The longest wait that the cloud may ask for."""
    look_first: float = 10.0
    """The first look at an unclear export. Early looks may find its image; they never prove that there is none."""
    look_after: float = 120.0
    """Counted from the request's deadline: only looks from then on count as "there is none"."""
    look_gap: float = 10.0
    looks: int = 3
    """So many counted looks in a row without an image prove that the request was not taken."""
    look_patience: float = 86_400.0
    """After this an unclear export is no longer looked at by itself; a person decides."""
    poll_steps: tuple[tuple[float, float], ...] = ((60.0, 5.0), (600.0, 15.0))
    """Up to this age of the youngest export, poll this often."""
    poll_last: float = 30.0
    """How often to poll when every export is older."""
    poll_unseen: float = 2.0
    """How many times slower to poll while nobody follows what becomes of the exports."""
    poll_error_cap: float = 300.0
    """The longest wait between polls that fail."""
    image_rarely: float = 60.0
    """How often the images of disks that still upload are asked for, all in one call."""
    seen_grace: float = 60.0
    """An image that was never seen may be missing so long after the export was taken."""
    stop_patience: float = 600.0
    """A server that is not off after so long needs a person: wait on, or start it again."""
    start_patience: float = 600.0
    """A server that does not run after so long needs a person."""
    settled_after: float = 30.0
    """A server that is where it was, without a task, so long after the call was taken, stays there."""
    server_gap: float = 5.0
    """How often a server or disk is read again that is on its way to where a step needs it."""
    room_gap: float = 2.0
    """How often a waiting run looks whether there is room, when nothing told it."""
    commit_gap: float = 1.0
    commit_tries: int = 5
    """So often and so far apart an answer is written that the disk would not take, before a person is told."""
    feed_gap: float = 1.5
    """How often the journal is asked whether another process wrote."""
