"""Jobs and the place of this run: which belong together, and what to say where they do not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from evs_tui.exports.model import Job, Place
from evs_tui.failure import Failure, RefusedFailure

if TYPE_CHECKING:
    from evs_tui.cli.output import Output
    from evs_tui.workspace import Workspace


def is_same_place(place: Place, other: Place) -> bool:
    """Whether a session of one place can act in the other: same project of the same cloud, as the same user."""
    return place.id == other.id


def check_place(jobs: Sequence[Job], here: Place) -> None:
    """Make sure that a session at `here` can act for `jobs`.

    Raises:
        RefusedFailure: one of them belongs elsewhere; its place is named.
    """
    for job in jobs:
        if not is_same_place(job.place, here):
            raise RefusedFailure(
                f"Job {job.id} belongs to another place",
                f"it is in {place_words(job.place)}, this session is in {place_words(here)}",
                "sign in to the job's own place and repeat the command",
            )


def place_words(place: Place) -> str:
    """A place as a sentence names it."""
    user = place.user_name or place.user_id
    return (
        f"project {place.project_name or place.project_id}, region {place.region},"
        f" at {place.auth_origin}, as {user or 'a user without a name'}"
    )


def open_volume_ids(workspace: Workspace, output: Output) -> Collection[str]:
    """The volumes here that an open job exports, from the journal alone. An unreadable journal is warned of."""
    from evs_tui.exports.service import read_jobs

    here = workspace.core.run(workspace.place)
    try:
        jobs = read_jobs(workspace.paths.journal, everything=False)
    except Failure as failure:
        output.warn(f"Open exports are not known. {failure}")
        return ()
    return {job.volume.id for job in jobs if job.outcome is None and _is_same_project(job.place, here)}


def every_job(workspace: Workspace, output: Output) -> Sequence[Job]:
    """Every job of the journal, wherever it ran. An unreadable journal is warned of."""
    from evs_tui.exports.service import read_jobs

    try:
        return read_jobs(workspace.paths.journal, everything=True)
    except Failure as failure:
        output.warn(f"Which exports there were is not known. {failure}")
        return ()


def _is_same_project(place: Place, other: Place) -> bool:
    """Whether the volumes are the same ones; whoever exports them."""
    return (place.auth_origin, place.project_id) == (other.auth_origin, other.project_id)
