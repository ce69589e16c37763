"""Answers that were right, made wrong: what a fault does to a reply."""

from __future__ import annotations

import gzip
import io
import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from evs_tui.demo.exchange import Reply
from evs_tui.demo.faults import HOSTILE_ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from evs_tui.demo.faults import Fault

_PIECE = 1 << 20


def spoiled(fault: Fault, reply: Reply) -> Reply:
    """The reply after the fault's replacement or rewrite."""
    if fault.status is not None or fault.body is not None or fault.size:
        raw = (
            _filling(fault.size, packed=fault.gzip)
            if fault.size
            else (fault.body or "").encode("utf-8", "surrogatepass")
        )
        headers = dict(fault.headers)
        if fault.gzip and fault.size:
            headers["Content-Encoding"] = "gzip"
        kind = fault.content_type if fault.content_type is not None else ("application/json" if raw else None)
        reply = Reply(fault.status or reply.status, headers=headers, raw=raw, content_type=kind)
    elif fault.headers:
        reply.headers.update(fault.headers)
    if fault.rewrite is not None:
        _REWRITES[fault.rewrite](reply)
    return reply


def _filling(size: int, *, packed: bool) -> bytes:
    """A JSON object of about `size` bytes, gzip-packed if wished."""
    if not packed:
        return b'{"volumes": [], "padding": "' + b"x" * size + b'"}'
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1) as out:
        out.write(b'{"volumes": [], "padding": "')
        for _ in range(size // _PIECE + 1):
            out.write(b"x" * _PIECE)
        out.write(b'"}')
    return target.getvalue()


def _rows(reply: Reply) -> list[dict[str, Any]]:
    body = reply.payload if isinstance(reply.payload, dict) else {}
    for key in ("volumes", "images", "servers"):
        if isinstance(body.get(key), list):
            return [row for row in body[key] if isinstance(row, dict)]
    return [row for row in body.values() if isinstance(row, dict)]


def _truncate(reply: Reply) -> None:
    whole = reply.body()
    reply.raw = whole[: len(whole) // 2]


def _null_lists(reply: Reply) -> None:
    for row in _rows(reply):
        row.update({key: None for key, value in row.items() if isinstance(value, list | dict)})


def _missing_keys(reply: Reply) -> None:
    for row in _rows(reply):
        for key in [key for key in row if key not in ("id", "name", "status", "size")]:
            del row[key]


def _numbers_as_strings(reply: Reply) -> None:
    for row in _rows(reply):
        row.update({key: str(value).lower() for key, value in row.items() if isinstance(value, bool | int)})


def _duplicate_ids(reply: Reply) -> None:
    for key in ("volumes", "images", "servers"):
        if isinstance(reply.payload, dict) and reply.payload.get(key):
            reply.payload[key] = [*reply.payload[key], deepcopy(reply.payload[key][0])]


def _hostile_next_link(reply: Reply) -> None:
    if isinstance(reply.payload, dict):
        reply.payload["volumes_links"] = [
            {"rel": "next", "href": f"{HOSTILE_ORIGIN}/v2/x/volumes/detail?marker=stolen"}
        ]
        reply.payload["next"] = f"{HOSTILE_ORIGIN}/v2/images?marker=stolen"


def _hostile_catalog(reply: Reply) -> None:
    body = reply.payload if isinstance(reply.payload, dict) else {}
    for entry in body.get("token", body).get("catalog", []):
        if entry["type"] != "identity":
            for endpoint in entry["endpoints"]:
                endpoint["url"] = HOSTILE_ORIGIN + "/" + endpoint["url"].split("//", 1)[1].partition("/")[2]


def _no_image_id(reply: Reply) -> None:
    for row in _rows(reply):
        row.pop("image_id", None)


def _wrong_content_type(reply: Reply) -> None:
    reply.content_type = "text/html; charset=UTF-8"


def _not_json(reply: Reply) -> None:
    reply.raw = json.dumps(reply.payload).encode()[:-9] + b"\xff\xfe\x00garbage"


_REWRITES: dict[str, Callable[[Reply], None]] = {
    "truncate": _truncate,
    "null-lists": _null_lists,
    "missing-keys": _missing_keys,
    "numbers-as-strings": _numbers_as_strings,
    "duplicate-ids": _duplicate_ids,
    "hostile-next-link": _hostile_next_link,
    "hostile-catalog": _hostile_catalog,
    "no-image-id": _no_image_id,
    "wrong-content-type": _wrong_content_type,
    "not-json": _not_json,
}
