"""A cloud, an executor and plans that do exactly what a test says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from evs_tui.cloud.answers import Answer, Taken
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import Attachment, Image, ImageQuota, Server, ServerJob, Volume
from evs_tui.exports.model import (
    Place,
    Plan,
    PlannedExport,
    PlannedStep,
    Request,
    Sign,
    StepKind,
    Verdict,
    VerdictState,
)

T = TypeVar("T")
PLACE = Place(
    id="place-1",
    cloud="otc",
    auth_origin="https://iam.example.org",
    region="eu-de",
    project_id="p1",
    user_id="u1",
    project_name="eu-de_prod",
    user_name="exporter",
)
READY = Verdict(VerdictState.READY, Sign.GOOD, "ready", "Not attached: can be exported now.")


class Inline(Executor):
    """Runs everything at once, on the thread that asks."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - whoever asked gets it, as from a thread
            future.set_exception(error)
        return future


class Killed(BaseException):
    """What a point raises to end the engine there, as a signal would."""


@dataclass
class PointsAt:
    """Calls a function when a named point is reached, once."""

    at: dict[str, Callable[[], None]] = field(default_factory=dict)
    reached: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        self.reached.append(name)
        deed = self.at.pop(name, None)
        if deed is not None:
            deed()


def volume(volume_id: str = "v1", status: str = "available", **fields: Any) -> Volume:
    return Volume(id=volume_id, name=f"disk-{volume_id}", status=status, size_gib=10, **fields)


def image(image_id: str, name: str = "image-v1", status: str = "queued", **fields: Any) -> Image:
    return Image(id=image_id, name=name, status=status, **fields)


def plan_of(*volumes: Volume, names: Mapping[str, str] | None = None, force: bool = False) -> Plan:
    exports = []
    steps = []
    for no, item in enumerate(volumes, 1):
        request = Request((names or {}).get(item.id, f"image-{item.id}"), "zvhd2", force=force, os_type="linux")
        exports.append(PlannedExport(item, READY, request))
        steps.append(PlannedStep(no, StepKind.EXPORT, item.id, item.name, f"Export {item.name}", request=request))
    return Plan(tuple(exports), tuple(steps))


def cloud_error(kind: ErrorKind, **fields: Any) -> CloudError:
    return CloudError(kind, "The call did not work", f"a test said {kind}", request_id="req-1", **fields)


@dataclass
class ScriptedCloud:
    """Volumes, images and servers as a test sets them; counts every call; answers the export as it is told.

    `upload` is called for each export. The usual one takes it: the disk begins to upload, an image is queued.
    `fail` maps a call's name to an error that it raises.
    """

    volumes: dict[str, Volume] = field(default_factory=dict)
    images: dict[str, Image] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    posts: list[tuple[str, Mapping[str, Mapping[str, str | bool]], float]] = field(default_factory=list)
    fail: dict[str, CloudError] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    upload: Callable[[ScriptedCloud, str, str], Answer] = field(default=lambda cloud, *what: cloud.take(*what))
    stop: Callable[[ScriptedCloud, str], Answer] = field(default=lambda cloud, server_id: cloud.take_stop(server_id))
    start: Callable[[ScriptedCloud, str], Answer] = field(default=lambda cloud, server_id: cloud.take_start(server_id))
    jobs: dict[str, ServerJob] = field(default_factory=dict)
    deeds: list[str] = field(default_factory=list)
    """Every call that changes something, as `stop s1`, `export v1`, `start s1`."""
    hold: asyncio.Event | None = None
    reason: str | None = None
    quota: ImageQuota | None = None

    def add(self, *volumes: Volume) -> ScriptedCloud:
        self.volumes.update((item.id, item) for item in volumes)
        return self

    def take(self, volume_id: str, name: str, image_id: str | None = None, **fields: Any) -> Answer:
        """What a cloud does that takes an export."""
        self.set_volume(volume_id, "uploading")
        made = image(image_id or f"i-{len(self.images) + 1}", name, disk_format="zvhd2", **fields)
        self.images[made.id] = made
        return Taken(made.id, "req-post")

    def set_volume(self, volume_id: str, status: str) -> None:
        self.volumes[volume_id] = replace(self.volumes[volume_id], status=status)

    def set_image(self, image_id: str, status: str, **fields: Any) -> None:
        self.images[image_id] = replace(self.images[image_id], status=status, **fields)

    def add_servers(self, *names: str, status: str = "ACTIVE") -> ScriptedCloud:
        """Servers whose id is their name."""
        self.servers.update((name, Server(name, name, status)) for name in names)
        return self

    def set_server(self, server_id: str, status: str, task: str | None = None, **fields: Any) -> None:
        self.servers[server_id] = replace(self.servers[server_id], status=status, task_state=task, **fields)

    def take_stop(self, server_id: str) -> Answer:
        """What a cloud does that takes a stop: the server is still ACTIVE, with a task."""
        self.set_server(server_id, "ACTIVE", "powering-off")
        return Taken(None, "req-stop", f"job-stop-{server_id}")

    def take_start(self, server_id: str) -> Answer:
        self.set_server(server_id, "SHUTOFF", "powering-on")
        return Taken(None, "req-start", f"job-start-{server_id}")

    def finish(self, volume_id: str, image_id: str, status: str = "active") -> None:
        attached = bool(self.volumes[volume_id].attachments)
        self.set_volume(volume_id, "in-use" if attached else "available")
        self.set_image(image_id, status, size_bytes=10 * 1024**3, container_format="bare", os_type="Linux")

    def _count(self, call: str) -> None:
        self.calls[call] += 1
        if call in self.fail:
            raise self.fail[call]

    async def read_volume(self, volume_id: str) -> Volume:
        self._count("read_volume")
        if volume_id not in self.volumes:
            raise cloud_error(ErrorKind.MISSING, http_status=404)
        return self.volumes[volume_id]

    async def read_volumes(self, volume_ids: Sequence[str]) -> Mapping[str, Volume]:
        self.calls["read_volumes requests"] += -(-len(volume_ids) // 60)
        self._count("read_volumes")
        return {item: self.volumes[item] for item in volume_ids if item in self.volumes and item not in self.hidden}

    async def read_image(self, image_id: str) -> Image | None:
        self._count("read_image")
        return self.images.get(image_id)

    async def read_images(self, image_ids: Sequence[str]) -> Mapping[str, Image]:
        self._count("read_images")
        return {item: self.images[item] for item in image_ids if item in self.images}

    async def images_named(self, name: str) -> Sequence[Image]:
        self._count("images_named")
        return [item for item in self.images.values() if item.name == name]

    async def image_quota(self) -> ImageQuota | None:
        self._count("image_quota")
        return self.quota

    async def read_server(self, server_id: str) -> Server:
        self._count("read_server")
        if server_id not in self.servers:
            raise cloud_error(ErrorKind.RIGHTS, http_status=403)
        return self.servers[server_id]

    async def read_server_job(self, job_id: str) -> ServerJob | None:
        self._count("read_server_job")
        return self.jobs.get(job_id, ServerJob("RUNNING"))

    async def stop_server(self, server_id: str, *, deadline: float) -> Answer:
        self.calls["stop_server"] += 1
        self.deeds.append(f"stop {server_id}")
        return self.stop(self, server_id)

    async def start_server(self, server_id: str, *, deadline: float) -> Answer:
        self.calls["start_server"] += 1
        self.deeds.append(f"start {server_id}")
        return self.start(self, server_id)

    async def failure_reason(self, volume_id: str) -> str | None:
        self.calls["failure_reason"] += 1
        return self.reason

    async def upload_image(
        self, volume_id: str, body: Mapping[str, Mapping[str, str | bool]], *, deadline: float
    ) -> Answer:
        self.calls["upload_image"] += 1
        self.posts.append((volume_id, body, deadline))
        self.deeds.append(f"export {volume_id}")
        name = str(body["os-volume_upload_image"]["image_name"])
        if self.hold is not None:
            await self.hold.wait()
        return self.upload(self, volume_id, name)


def attached(volume_id: str, server_id: str) -> Volume:
    return volume(volume_id, "in-use", attachments=(Attachment(server_id),))
