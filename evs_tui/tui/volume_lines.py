"""Everything that helps to be sure that this is the right disk, as lines for the pane and for the drawer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evs_tui.cloud.models import Server
from evs_tui.exports.power import server_name, server_words
from evs_tui.failure import Failure
from evs_tui.tui.content import Line, Part, Token, width_of, wrap
from evs_tui.tui.theme import Symbols, sign
from evs_tui.volumes.columns import NO_NAME, VolumeRow, size_text

_SHOWN_APART = frozenset({"image_name", "image_id", "__os_type", "__os_version"})
_KEYS_OF_IDS = "123456789"


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the volumes: the servers, and why those or the images could not be read."""

    servers: Mapping[str, Server | None]
    servers_failure: Failure | None = None
    images_failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Where labels and values begin, and the width of it all. Ids that have a key show it before their label."""

    label: int
    value: int
    width: int
    keys: bool


def pane_columns(width: int) -> Columns:
    """For the pane beside the list."""
    return Columns(1, 13, width, keys=False)


def drawer_columns(width: int) -> Columns:
    """For the drawer over the list."""
    return Columns(3, 18, width, keys=True)


def ids_of(row: VolumeRow) -> tuple[str, ...]:
    """The ids that can be sent to the terminal, the volume's own first; the others have the keys 1 to 9."""
    servers = dict.fromkeys(attachment.server_id for attachment in row.volume.attachments)
    image_id = row.volume.image_metadata.get("image_id")
    return (row.volume.id, *servers, *((image_id,) if image_id else ()))[: 1 + len(_KEYS_OF_IDS)]


def volume_lines(row: VolumeRow, beside: Beside, symbols: Symbols, columns: Columns) -> Iterator[Line]:
    """The facts of one volume."""
    volume, verdict = row.volume, row.verdict
    facts = _Facts(columns, ids_of(row))
    yield from facts.fact("Name", volume.name or NO_NAME, ink="text" if volume.name else "muted")
    yield from facts.id("ID", volume.id)
    yield from facts.fact("Export", verdict.reason, before=sign(verdict.sign, symbols))
    yield from facts.moment("Last export", row.exported, otherwise="none known here")
    if beside.images_failure is not None:
        yield from facts.fact("", f"Images could not be read: {beside.images_failure.why}", ink="muted")
    yield from facts.fact("Size, type", ", ".join(filter(None, (size_text(volume.size_gib), volume.volume_type))))
    yield from facts.fact("Status", volume.status)
    yield from facts.fact("Zone", volume.availability_zone)
    yield from _attachments(row, beside, facts)
    yield from facts.fact(
        "System", ", ".join(filter(None, (volume.os_type, volume.image_metadata.get("__os_version"))))
    )
    yield from facts.fact("Encrypted", "yes: so will the image be" if volume.encrypted else "no")
    yield from facts.fact("Shared", "yes: may have several servers" if volume.shared else "no")
    yield from facts.fact("Bootable", "yes" if volume.bootable else "no")
    if volume.dedicated:
        yield from facts.fact("Storage", "dedicated (DSS)")
    yield from facts.fact("Description", volume.description)
    yield from facts.several("Tags", [f"{key}={value}" for key, value in sorted(volume.tags.items())])
    yield from facts.moment("Created", volume.created_at)
    yield from facts.moment("Updated", volume.updated_at)
    yield from facts.fact("From image", volume.image_metadata.get("image_name"))
    if image_id := volume.image_metadata.get("image_id"):
        yield from facts.id("Image id", image_id)
    told = sorted((key, value) for key, value in volume.image_metadata.items() if key not in _SHOWN_APART)
    yield from facts.several("Image data", [f"{key}={value}" for key, value in told])


def _attachments(row: VolumeRow, beside: Beside, facts: _Facts) -> Iterator[Line]:
    if not row.volume.attachments:
        yield from facts.fact("Attached to", None)
    for attachment in row.volume.attachments:
        server = beside.servers.get(attachment.server_id)
        state = "state not known" if server is None else server_words(server)
        name = "(name not known)" if server is None else server_name(server)
        yield from facts.fact("Attached to", ", ".join(filter(None, (name, state, attachment.device))))
        yield from facts.id("Server id", attachment.server_id)
    if row.volume.attachments and (failure := beside.servers_failure) is not None:
        yield from facts.fact("", f"Servers could not be listed: {failure.why}", ink="muted")


class _Facts:
    """Lays out labels and values; a value that needs more than its line goes on in the same column."""

    def __init__(self, columns: Columns, ids: tuple[str, ...]) -> None:
        self._columns = columns
        self._keys = dict(zip(ids, ("y", *_KEYS_OF_IDS), strict=False)) if columns.keys else {}

    def fact(self, label: str, value: str | None, *, ink: Token = "text", before: Part | None = None) -> Iterator[Line]:
        """One fact; `-` where there is none. `before` is a sign in front of it."""
        if not value:
            value, ink = "-", "muted"
        at = self._columns.value
        indent = at if before is None else at + 2
        room = self._columns.width - indent - 1
        # Blanks in a name count, as long as it fits.
        texts = [value] if width_of(value) <= room else wrap(value, room)
        for number, text in enumerate(texts):
            sign_part = [(at, *before)] if before is not None and number == 0 else []
            yield Line.placed(*self._label(label if number == 0 else ""), *sign_part, (indent, text, ink))

    def id(self, label: str, value: str) -> Iterator[Line]:
        """An id, whole: on a line of its own where it does not fit beside its label."""
        key = self._keys.get(value)
        before: list[tuple[int, str, Token]] = [(1, key, "key")] if key else []
        if self._columns.value + width_of(value) < self._columns.width:
            yield Line.placed(*before, *self._label(label), (self._columns.value, value, "text"))
        else:
            yield Line.placed(*before, *self._label(label))
            yield Line.placed((self._columns.label + 1, value, "text"))

    def several(self, label: str, values: list[str]) -> Iterator[Line]:
        """Several facts of one kind, a line each."""
        if not values:
            yield from self.fact(label, None)
        for number, value in enumerate(values):
            yield from self.fact(label if number == 0 else "", value)

    def moment(self, label: str, moment: datetime | None, *, otherwise: str | None = None) -> Iterator[Line]:
        """A moment, here and in UTC."""
        if moment is None:
            yield from self.fact(label, otherwise, ink="muted")
            return
        here, utc = moment.astimezone(), moment.astimezone(UTC)
        if not here.utcoffset():
            yield from self.fact(label, f"{utc:%Y-%m-%d %H:%M} UTC")
            return
        day = "" if here.date() == utc.date() else "%Y-%m-%d "
        yield from self.fact(label, f"{here:%Y-%m-%d %H:%M} here")
        yield from self.fact("", f"{utc.strftime(day + '%H:%M')} UTC", ink="muted")

    def _label(self, label: str) -> list[tuple[int, str, Token]]:
        return [(self._columns.label, label, "muted")] if label else []
