"""The services of one place behind one face: what the export engine, the lists and the commands ask of a cloud."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

from evs_tui.cloud import ecs, evs, iam, ims
from evs_tui.cloud.answers import Answer
from evs_tui.cloud.models import Image, ImageQuota, Page, Project, Server, ServerJob, Volume
from evs_tui.cloud.session import Session


class CloudServices:
    """The calls that evs-tui makes, each by its dialect. Every read raises `CloudError` where it cannot be answered."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def volumes(self, after: str | None = None) -> AsyncIterator[Page[Volume]]:
        """All volumes, or those after a marker, page by page. See `evs.list_volumes`."""
        return evs.list_volumes(self._session, after)

    def images(self) -> AsyncIterator[Page[Image]]:
        """All private images, page by page. See `ims.list_images`."""
        return ims.list_images(self._session)

    def servers(self) -> AsyncIterator[Page[Server]]:
        """All servers, page by page. See `ecs.list_servers`."""
        return ecs.list_servers(self._session)

    async def projects(self) -> tuple[Project, ...]:
        """The projects that this user may work in. See `iam.list_projects`."""
        return await iam.list_projects(self._session)

    async def read_volume(self, volume_id: str) -> Volume:
        """One volume. See `evs.read_volume`."""
        return await evs.read_volume(self._session, volume_id)

    async def read_volumes(self, volume_ids: Sequence[str]) -> Mapping[str, Volume]:
        """Many volumes by few calls. See `evs.read_volumes`."""
        return await evs.read_volumes(self._session, volume_ids)

    async def read_again(self, volume_ids: Sequence[str]) -> tuple[Mapping[str, Volume], frozenset[str]]:
        """Volumes as they are now, and which are gone. See `evs.read_again`."""
        return await evs.read_again(self._session, volume_ids)

    async def read_image(self, image_id: str) -> Image | None:
        """One image, or None. See `ims.read_image`."""
        return await ims.read_image(self._session, image_id)

    async def read_images(self, image_ids: Sequence[str]) -> Mapping[str, Image]:
        """Many images by few calls. See `ims.read_images`."""
        return await ims.read_images(self._session, image_ids)

    async def images_named(self, name: str) -> Sequence[Image]:
        """The project's images of exactly this name. See `ims.images_named`."""
        return await ims.images_named(self._session, name)

    async def image_quota(self) -> ImageQuota | None:
        """How many images there are and may be, if the cloud says. See `ims.image_quota`."""
        return await ims.image_quota(self._session)

    async def read_server(self, server_id: str) -> Server:
        """One server. See `ecs.read_server`."""
        return await ecs.read_server(self._session, server_id)

    async def read_server_job(self, job_id: str) -> ServerJob | None:
        """The job behind a stop or start. See `ecs.read_server_job`."""
        return await ecs.read_server_job(self._session, job_id)

    async def stop_server(self, server_id: str, *, deadline: float) -> Answer:
        """Ask a server to shut down, once. See `ecs.stop_server`."""
        return await ecs.stop_server(self._session, server_id, deadline=deadline)

    async def start_server(self, server_id: str, *, deadline: float) -> Answer:
        """Start a server, once. See `ecs.start_server`."""
        return await ecs.start_server(self._session, server_id, deadline=deadline)

    async def failure_reason(self, volume_id: str) -> str | None:
        """Why the newest upload of this volume failed, if the cloud says. See `evs.failure_reason`."""
        return await evs.failure_reason(self._session, volume_id)

    async def upload_image(
        self, volume_id: str, body: Mapping[str, Mapping[str, str | bool]], *, deadline: float
    ) -> Answer:
        """Send an export once. See `evs.export_volume`."""
        return await evs.export_volume(self._session, volume_id, body, deadline=deadline)
