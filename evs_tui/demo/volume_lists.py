"""Filter, order and page of the volume lists, with each flavour's checks of the query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from evs_tui.demo import refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from evs_tui.demo.exchange import Json
    from evs_tui.demo.records import Volume
    from evs_tui.demo.state import State

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INTERNAL_HOST = "https://volume.localdomain.com:8776"
_MAX_IDS = 60
_MAX_PAGE = 1000
_STATUSES = frozenset(
    [
        "available",
        "in-use",
        "uploading",
        "downloading",
        "creating",
        "attaching",
        "detaching",
        "extending",
        "deleting",
        "rollbacking",
        "restoring-backup",
        "awaiting-transfer",
        "backing-up",
        "error",
        "error_deleting",
        "error_extending",
        "error_restoring",
        "error_rollbacking",
        "reserved",
        "maintenance",
        "retyping",
        "error_backing-up",
        "error_managing",
        "managing",
    ]
)
_FILTERS: dict[str, Callable[[Volume, str], bool]] = {
    "name": lambda volume, wanted: volume.name == wanted,
    "status": lambda volume, wanted: volume.status == wanted,
    "availability_zone": lambda volume, wanted: volume.availability_zone == wanted,
    "bootable": lambda volume, wanted: volume.bootable == (wanted.lower() == "true"),
}
_VENDOR_FILTERS: dict[str, Callable[[Volume, str], bool]] = {
    "multiattach": lambda volume, wanted: volume.multiattach == (wanted.lower() == "true"),
    "service_type": lambda volume, wanted: ("DSS" if volume.dedicated_storage else "EVS") == wanted,
    "server_id": lambda volume, wanted: any(attached.server_id == wanted for attached in volume.attachments),
    "id": lambda volume, wanted: volume.id == wanted,
}
_SORT_KEYS: dict[str, Callable[[Volume], object]] = {
    "id": lambda volume: volume.id,
    "status": lambda volume: volume.status,
    "size": lambda volume: volume.size,
    "created_at": lambda volume: volume.created_at,
}
_CINDER_SORT_KEYS: dict[str, Callable[[Volume], object]] = {
    **_SORT_KEYS,
    "name": lambda volume: volume.name,
    "updated_at": lambda volume: volume.updated_at or "",
    "availability_zone": lambda volume: volume.availability_zone,
    "bootable": lambda volume: volume.bootable,
}


class Listing:
    """The volumes of a project in any order, with the unfiltered order kept from one page to the next."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._order: list[Volume] = []
        self._place: dict[str, int] = {}

    def ordered(self, state: State, key: str, descending: bool) -> tuple[list[Volume], dict[str, int]]:
        """All volumes in order, and the place of each id in it."""
        wanted = (id(state), state.revision, len(state.volumes), key, descending)
        if wanted != self._key:
            sort_key = _CINDER_SORT_KEYS[key]
            pairs = sorted(state.volumes.values(), key=lambda volume: (sort_key(volume), volume.id), reverse=descending)
            self._order = pairs
            self._place = {volume.id: place for place, volume in enumerate(pairs)}
            self._key = wanted
        return self._order, self._place


def vendor_query(query: dict[str, str]) -> tuple[str, bool, int]:
    """Sort key, descending, limit of a cloudvolumes list. Source: EVS API, Querying Details About All Disks."""
    limit = query.get("limit", str(_MAX_PAGE))
    if not limit.isdecimal() or int(limit) < 1:
        raise refusals.coded(400, "EVS.1023", "The limit value must be an integer from 1 to 1000.")
    if int(limit) > _MAX_PAGE:
        raise refusals.coded(400, "EVS.2142", "The limit value exceeds 1000.")
    if "marker" in query and UUID.fullmatch(query["marker"]) is None:
        raise refusals.coded(400, "EVS.1024", "The marker must be a UUID.")
    if query.get("sort_key", "created_at") not in _SORT_KEYS:
        raise refusals.coded(400, "EVS.1039", "The sort_key value is not supported.")
    if query.get("sort_dir", "desc") not in ("asc", "desc"):
        raise refusals.coded(400, "EVS.1040", "The sort_dir value is not supported.")
    if "status" in query and query["status"] not in _STATUSES:
        raise refusals.coded(400, "EVS.1031", "The status value is not supported.")
    return query.get("sort_key", "created_at"), query.get("sort_dir", "desc") == "desc", int(limit)


def cinder_query(query: dict[str, str]) -> tuple[str, bool, int]:
    """Sort key, descending, limit of a Cinder list. Source: Cinder API, List accessible volumes with details."""
    for name in ("limit", "offset"):
        if not re.fullmatch(r"-?\d+", query.get(name, "0")):
            raise refusals.cinder(400, f"{name} param must be an integer")
    if int(query.get("limit", "0")) < 0:
        raise refusals.cinder(400, "limit param must be positive")
    if int(query.get("offset", "0")) < 0:
        raise refusals.cinder(400, "offset must be >= 0")
    key, _, direction = query.get("sort", "").partition(":")
    key, direction = key or query.get("sort_key", "created_at"), direction or query.get("sort_dir", "desc")
    if key not in _CINDER_SORT_KEYS:
        raise refusals.cinder(400, "Invalid input received: Invalid sort key")
    if direction not in ("asc", "desc"):
        raise refusals.cinder(400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.")
    return key, direction == "desc", min(int(query.get("limit", str(_MAX_PAGE))), _MAX_PAGE)


def wanted_ids(query: dict[str, str]) -> list[str] | None:
    """The ids of `ids=['a','b']`, at most 60; None where it is not given."""
    if "ids" not in query:
        return None
    text = query["ids"].strip()
    ids = (
        [piece.strip().strip("'\"") for piece in text[1:-1].split(",")] if text[:1] == "[" and text[-1:] == "]" else []
    )
    if not ids or any(UUID.fullmatch(one) is None for one in ids):
        raise refusals.coded(400, "EVS.1002", "The ids value must be a list of disk IDs.")
    if len(ids) > _MAX_IDS:
        raise refusals.coded(400, "EVS.5400", "At most 60 disk IDs can be queried at a time.")
    return ids


def page(
    state: State, listing: Listing, query: dict[str, str], order: tuple[str, bool, int], *, vendor: bool
) -> tuple[list[Volume], int]:
    """One page and the number of all volumes that match."""
    key, descending, limit = order
    ids = wanted_ids(query) if vendor else None
    volumes, place = listing.ordered(state, key, descending)
    start = 0
    if "marker" in query:
        # A marker that is gone is refused, by both: the volume may have been deleted in mid-list.
        if query["marker"] not in place:
            raise refusals.cinder(404, f"Volume {query['marker']} could not be found.")
        start = place[query["marker"]] + 1
    tests = _FILTERS | _VENDOR_FILTERS if vendor else _FILTERS
    chosen = [(tests[name], value) for name, value in query.items() if name in tests and not (ids and name == "id")]
    offset = int(query.get("offset", "0")) if query.get("offset", "0").isdecimal() else 0
    if ids is None and not chosen:
        return volumes[start + offset :][:limit], len(volumes)
    among = set(ids) if ids is not None else None
    matching = [
        v for v in volumes if (among is None or v.id in among) and all(test(v, value) for test, value in chosen)
    ]
    after = [volume for volume in matching if place[volume.id] >= start]
    return after[offset : offset + limit], len(matching)


def next_link(base: str, path: str, query: dict[str, str], shown: list[Volume], limit: int) -> list[Json]:
    """The `volumes_links` of a page: there whenever the page is exactly full, even if nothing follows."""
    if not shown or len(shown) < limit:
        return []
    onward = {
        **{name: value for name, value in query.items() if name != "offset"},
        "limit": str(limit),
        "marker": shown[-1].id,
    }
    return [{"rel": "next", "href": f"{base}{path}?{urlencode(onward)}"}]
