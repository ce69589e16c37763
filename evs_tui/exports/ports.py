"""What the engine needs from outside, as protocols: a cloud to act on, and the named points that tests stop it at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from evs_tui.cloud.answers import Answer
from evs_tui.cloud.models import Image, ImageQuota, Server, ServerJob, Volume


class Cloud(Protocol):
    """One place of one cloud, signed in. Every read raises `CloudError` where it cannot be answered.

    Reads are retried and tokens renewed behind this port; calls that change something are sent once.
    """

    async def read_volume(self, volume_id: str) -> Volume:
        """The volume; `CloudError` of kind MISSING where there is none."""

    async def read_volumes(self, volume_ids: Sequence[str]) -> Mapping[str, Volume]:
        """As many of these volumes as one cheap call per 60 tells of; what is absent must be asked for singly."""

    async def read_image(self, image_id: str) -> Image | None:
        """The image in whatever status, or None where the cloud says it is not there (404)."""

    async def read_images(self, image_ids: Sequence[str]) -> Mapping[str, Image]:
        """As many of these images as the cloud tells of; absent ones are not proved gone."""

    async def images_named(self, name: str) -> Sequence[Image]:
        """Every private image with exactly this name, from every list the cloud has (one may hide unfinished ones)."""

    async def image_quota(self) -> ImageQuota | None:
        """How many private images there are and may be; None where the cloud does not tell."""

    async def read_server(self, server_id: str) -> Server:
        """The server; `CloudError` where its state cannot be read."""

    async def read_server_job(self, job_id: str) -> ServerJob | None:
        """The cloud's job behind a stop or start, or None where it is not known any more."""

    async def stop_server(self, server_id: str, *, deadline: float) -> Answer:
        """Ask the server to shut down, softly, once, and say what the answer proves. Never raises."""

    async def start_server(self, server_id: str, *, deadline: float) -> Answer:
        """Start the server, once, and say what the answer proves. Never raises."""

    async def failure_reason(self, volume_id: str) -> str | None:
        """The cloud's own words on the newest failed upload of this volume, where it keeps them. Never raises."""

    async def upload_image(
        self, volume_id: str, body: Mapping[str, Mapping[str, str | bool]], *, deadline: float
    ) -> Answer:
        """Send the export `body` once, over a fresh connection, and say what its answer proves. Never raises.

        `deadline` is in seconds for the whole call.
        """


class JournalPaths(Protocol):
    """Where the journal and the locks lie."""

    @property
    def journal(self) -> Path:
        """The journal file."""

    @property
    def owners(self) -> Path:
        """The directory of the lock files."""


POINTS = (
    "run-inserted",
    "before-announce",
    "announced",
    "sending",
    "answered",
    "answer-committed",
    "look",
    "looked",
    "poll",
    "active-seen",
    "settled",
)
"""The named moments, in the order in which an export passes them.

`run-inserted`: the run stands in the journal, nothing is begun. `before-announce`: the disk was read, the journal
does not say yet that a request comes. `announced`: it does; no byte has left. `sending`: right before the call to the
cloud. `answered`: its answer is known to this process alone. `answer-committed`: and to the journal. `look`,
`looked`: before and after a look at an unclear export. `poll`: before the disks are asked for. `active-seen`: the
image is active, the journal does not say so. `settled`: it does.
"""


class Points(Protocol):
    """Named moments of the engine at which a test may kill, stop or starve the process."""

    def reach(self, name: str) -> None:
        """The engine is at the moment `name`."""


class NoPoints:
    """What production has: nothing happens anywhere."""

    def reach(self, name: str) -> None:
        """See `Points.reach`."""
