"""Reads the private images of a place: the cloud's own list, then those that exports make and the list hides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from evs_tui.cloud.models import Image, Page
from evs_tui.exports.model import Job, Place


class Images(Protocol):
    """The calls that tell of images."""

    def images(self) -> AsyncIterator[Page[Image]]:
        """The private images, page by page."""

    async def read_images(self, image_ids: Sequence[str]) -> Mapping[str, Image]:
        """As many of these as the cloud tells of."""


async def private_images(cloud: Images, place: Place, jobs: Sequence[Job]) -> AsyncIterator[Page[Image]]:
    """Every image of the project. `jobs` are open ones; the IMS list hides their images until they are registered.

    Raises:
        CloudError: the list, or what it hides, could not be read to its end.

    Source: IMS API, Querying Images (`__isregistered`); Glance API v2, Show image.
    """
    listed: set[str] = set()
    async for page in cloud.images():
        listed.update(image.id for image in page.items)
        yield page
    making = [
        job.image.id
        for job in jobs
        if job.outcome is None and job.place.id == place.id and job.image.id not in listed | {None}
    ]
    if hidden := await cloud.read_images([image_id for image_id in making if image_id is not None]):
        yield Page(tuple(hidden.values()))
