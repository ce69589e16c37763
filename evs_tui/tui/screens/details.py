"""Everything that helps to be sure that this is the right disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from evs_tui.clock import iso
from evs_tui.exports.plan import volume_name
from evs_tui.tui.content import Line
from evs_tui.tui.widgets.drawer import Drawer
from evs_tui.volumes.columns import VolumeRow, size_text

_LABEL, _VALUE = 3, 18


class DetailsDrawer(Drawer):
    """The facts of one volume."""

    def __init__(self, row: VolumeRow) -> None:
        super().__init__(f"Details of {volume_name(row.volume)}", _lines(row))


def _lines(row: VolumeRow) -> Iterator[Line]:
    volume = row.volume
    yield _fact("ID", volume.id)
    yield _fact("Export", row.verdict.reason)
    yield _fact("Size and type", "  ".join(part for part in (size_text(volume.size_gib), volume.volume_type) if part))
    yield _fact("Status", volume.status)
    yield _fact("Zone", volume.availability_zone)
    for attachment, name in zip(volume.attachments, row.servers, strict=False):
        yield _fact("Attached to", "  ".join(part for part in (name, attachment.device, attachment.server_id) if part))
    traits = {
        "bootable": volume.bootable,
        "shared": volume.shared,
        "encrypted": volume.encrypted,
        "DSS": volume.dedicated,
    }
    yield _fact("Traits", ", ".join(word for word, is_so in traits.items() if is_so))
    yield _fact("System", volume.os_type)
    yield _fact("From image", volume.image_metadata.get("image_name"))
    yield _fact("Description", volume.description)
    yield _fact("Tags", ", ".join(f"{key}={value}" for key, value in volume.tags.items()))
    yield _fact("Created", _moment(volume.created_at))
    yield _fact("Updated", _moment(volume.updated_at))


def _fact(label: str, value: str | None) -> Line:
    return Line.placed((_LABEL, label, "muted"), (_VALUE, value or "-", "text" if value else "muted"))


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else f"{iso(moment)}   {moment.astimezone():%Y-%m-%d %H:%M} here"
