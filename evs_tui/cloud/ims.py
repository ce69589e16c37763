"""Images: the IMS service, and the Glance service behind it or in its place."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from evs_tui.cloud.decoded import nonsense
from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.cloud.models import BadRecord, Image, ImageQuota, Page, image_from, image_quota_from
from evs_tui.cloud.operations import GET_IMAGE, IMAGE_QUOTA, LIST_CLOUDIMAGES, LIST_IMAGES, Operation
from evs_tui.cloud.paging import FIRST_LIMIT, RawPage, pages, raw_page
from evs_tui.cloud.prepared import Query, checked_id
from evs_tui.cloud.session import Session

_IDS_AT_ONCE = 60
_IMS_LIMIT = 500
_GLANCE_LIMIT = 1000
_GLANCE_OPERATORS = frozenset({"in", "eq", "neq", "gt", "gte", "lt", "lte"})


async def list_images(session: Session) -> AsyncGenerator[Page[Image], None]:
    """The project's own private images.

    Source: IMS API, Querying Images; elsewhere Glance API v2, List images. The IMS list may hide images that are
    not finished yet.
    """
    if (await session.sign_in()).dialect.huawei_style:
        source = _pages(session, LIST_CLOUDIMAGES, (("__imagetype", "private"),), _IMS_LIMIT)
    else:
        source = _pages(session, LIST_IMAGES, await _own(session), _GLANCE_LIMIT)
    async with aclosing(source):
        async for page in source:
            yield page


async def read_image(session: Session, image_id: str) -> Image | None:
    """The image in whatever status, or None where the cloud says that it is not there.

    Source: Glance API v2, Show image; IMS API, Querying Image Details (Native OpenStack). Both answer 404, in JSON or
    in HTML; some IMS codes say the same with a 400.
    """
    try:
        answer = await session.read(GET_IMAGE, ids={"image_id": image_id})
    except CloudError as error:
        if error.kind is ErrorKind.MISSING:
            return None
        raise
    try:
        image = image_from(answer)
    except BadRecord:
        raise nonsense(GET_IMAGE, "the answer holds no image") from None
    if image.id != image_id:
        raise nonsense(GET_IMAGE, "the answer is about another image")
    return image


async def read_images(session: Session, image_ids: Sequence[str]) -> Mapping[str, Image]:
    """As many of these images as the cloud tells of; absent ones are not proved gone.

    Plain Glance takes `id=in:a,b`, 60 at a time here. IMS documents no such filter: there each is read by itself.
    Source: Glance API v2, List images (in operator); Show image.
    """
    wanted = list(dict.fromkeys(checked_id(image_id, "image_id") for image_id in image_ids))
    found: dict[str, Image] = {}
    if (await session.sign_in()).dialect.huawei_style:
        for image_id in wanted:
            image = await read_image(session, image_id)
            if image is not None:
                found[image_id] = image
        return found
    for start in range(0, len(wanted), _IDS_AT_ONCE):
        part = wanted[start : start + _IDS_AT_ONCE]
        query = (("id", "in:" + ",".join(part)), ("limit", str(len(part))))
        for record in (await _page(session, LIST_IMAGES, query)).records:
            try:
                image = image_from(record)
            except BadRecord:
                continue
            if image.id in part:
                found[image.id] = image
    return found


async def images_named(session: Session, name: str) -> Sequence[Image]:
    """Every image of this project with exactly this name, from every list that the cloud has.

    Source: Glance API v2, List images (`name`); IMS API, Querying Images (`name`, private ones). The IMS list hides
    images that are still `queued` or `saving`, the other may lag; only both together tell.
    """
    place = await session.sign_in()
    query = list(await _own(session))
    # Glance reads "in:x" as an operator; such a name can only be found by looking at all.
    if name.partition(":")[0] not in _GLANCE_OPERATORS:
        query.insert(0, ("name", name))
    sources = [_pages(session, LIST_IMAGES, query, _GLANCE_LIMIT)]
    if place.dialect.huawei_style:
        sources.append(_pages(session, LIST_CLOUDIMAGES, (("__imagetype", "private"), ("name", name)), _IMS_LIMIT))
    found: dict[str, Image] = {}
    for source in sources:
        async with aclosing(source):
            async for page in source:
                found |= {image.id: image for image in page.items if image.name == name and image.id not in found}
    return tuple(found.values())


async def image_quota(session: Session) -> ImageQuota | None:
    """How many images there are and may be; None where the cloud has no such call (plain Glance).

    Source: IMS API, Querying the Image Quota.
    """
    if not (await session.sign_in()).dialect.huawei_style:
        return None
    try:
        return image_quota_from(await session.read(IMAGE_QUOTA))
    except BadRecord:
        raise nonsense(IMAGE_QUOTA, "the answer tells of no quota of images") from None


async def _own(session: Session) -> Query:
    """The filter for images of our own project: lists also show public ones, and ones that others share."""
    return (("owner", (await session.sign_in()).project_id),)


async def _pages(session: Session, operation: Operation, query: Query, limit: int) -> AsyncGenerator[Page[Image], None]:
    project_id = (await session.sign_in()).project_id

    async def fetch(marker: str | None, at_most: int) -> RawPage:
        paging = [("limit", str(at_most))] + ([] if marker is None else [("marker", marker)])
        return await _page(session, operation, [*query, *paging])

    def own(record: object) -> Image | None:
        image = image_from(record)
        owner = record.get("owner") if isinstance(record, dict) else None
        return image if owner in {None, "", project_id} else None

    async with aclosing(pages(operation, fetch, own, first_limit=FIRST_LIMIT, next_limit=limit)) as source:
        async for page in source:
            yield page


async def _page(session: Session, operation: Operation, query: Query) -> RawPage:
    return raw_page(operation, await session.read(operation, query=query), "images", "next")
