"""The system type of an image: sent exactly where the cloud heeds it, and explained everywhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.problem import Problem
from evs_tui.exports.wording import shortened
from evs_tui.text import clean

OS_TYPES = ("linux", "windows")
_DEFAULT = "linux"
_LOOKS_LIKE_WINDOWS = re.compile(r"(?<![a-z])(windows|win(?=-?\d)|w2k)")
_TELLING_METADATA = ("__platform", "__os_version", "image_name", "os_type", "os_distro")


@dataclass(frozen=True, slots=True)
class OsType:
    """What becomes of the system type of one export.

    `value_to_send` is None where it must not be sent. `shown` is what the image will bear, or `-`; `reason`
    says in a few words why; `warning` is there when the result is probably not what the person wants.
    """

    value_to_send: str | None
    editable: bool
    shown: str
    reason: str
    warning: str | None = None


def os_type_problem(value: str) -> Problem | None:
    """Why `value` is no system type. Source: EVS API, Exporting EVS Disk Data as an Image."""
    if value in OS_TYPES:
        return None
    hint = f"{value} → {value.lower()}" if value.lower() in OS_TYPES else None
    return Problem(f'"{clean(value)}" is no system type: choose linux or windows', hint=hint)


def os_type_rule(volume: Volume, dialect: Dialect, chosen: str | None) -> OsType:
    """What to send as `__os_type` for `volume` when a person chose `chosen` (None: nothing), and what to show.

    The cloud heeds it only for an available disk whose own image metadata has none; there it is always sent.
    Source: EVS API, Exporting EVS Disk Data as an Image, field `__os_type`.
    """
    if not dialect.huawei_style:
        ignored = f"{chosen} is not sent: {dialect.title} takes no system type" if chosen else None
        return OsType(None, False, "-", "not sent: this cloud does not take it", ignored)
    if volume.os_type is not None:
        return _inherited(volume, volume.os_type, chosen)
    windows = looks_like_windows(volume)
    if volume.status != "available":
        warning = None
        if windows or chosen == "windows":
            warning = "the image will be typed linux, though this is a Windows disk"
        return OsType(None, False, _DEFAULT, "without effect: the disk is not available", warning)
    value = chosen or _DEFAULT
    warning = "this looks like a Windows disk: choose windows" if windows and value == "linux" else None
    return OsType(value, True, value, "sent: the disk has no type of its own", warning)


def looks_like_windows(volume: Volume) -> bool:
    """Whether the disk's image metadata, or else its name, speaks of Windows. A guess, good for a warning alone."""
    told = [volume.image_metadata[key] for key in _TELLING_METADATA if key in volume.image_metadata]
    return any(_LOOKS_LIKE_WINDOWS.search(text.lower()) is not None for text in told or [volume.name])


def _inherited(volume: Volume, own: str, chosen: str | None) -> OsType:
    source = volume.image_metadata.get("__os_version") or volume.image_metadata.get("image_name")
    reason = f"inherited from {shortened(source, 26) if source else 'its image'}; fixed"
    warning = None
    if chosen is not None and chosen != own:
        warning = f"{chosen} has no effect: the disk's own type {shortened(own, 12)} counts"
    elif own == "linux" and looks_like_windows(volume):
        warning = "the image will be typed linux, but this looks like Windows"
    return OsType(None, False, own, reason, warning)
