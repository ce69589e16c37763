"""What kind of image comes of a disk, in a few words each: what it is good for, and what its traits mean for it."""

from __future__ import annotations

from collections.abc import Sequence

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Volume
from evs_tui.exports.verdict import is_large


def result_words(volume: Volume, dialect: Dialect) -> tuple[str, ...]:
    """One sentence for each trait of the disk that shows in its image, without a full stop, at most 50 cells.

    Source: EVS User Guide, Notes and Constraints (encryption); IMS API, Querying Images (`virtual_env_type`).
    """
    words = [
        "bootable: servers can start from the image"
        if volume.bootable
        else "a data disk: no server starts from the image"
    ]
    if volume.encrypted:
        words.append(
            "encrypted: so is the image; it cannot be shared"
            if dialect.huawei_style
            else "encrypted: exported as raw and bare alone"
        )
    if volume.shared:
        words.append("shared: sound only while all its servers are off")
    if is_large(volume, dialect):
        words.append("over 1 TiB: refused by some pages, not by others")
    return tuple(words)


def results_in_short(volumes: Sequence[Volume], dialect: Dialect) -> str:
    """The traits of many disks, counted."""
    counts = (
        (sum(volume.bootable for volume in volumes), "bootable"),
        (sum(volume.encrypted for volume in volumes), "encrypted"),
        (sum(volume.shared for volume in volumes), "shared"),
        (sum(is_large(volume, dialect) for volume in volumes), "over 1 TiB"),
    )
    return (
        ", ".join(f"{count} {word}" for count, word in counts if count)
        or "data disks: no server starts from their images"
    )
