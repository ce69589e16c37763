"""Disk and container formats: which a cloud takes, and one line of guidance for each."""

from __future__ import annotations

from evs_tui.cloud.dialects import Dialect
from evs_tui.exports.problem import Problem
from evs_tui.text import clean

BARE = "bare"

# Source: IMS User Guide, Common Image Formats; Glance, Disk and Container Formats. Which one is meant where none is
# named differs from page to page of the EVS API: vhd on Huawei Cloud's, zvhd2 on those of Open Telekom Cloud and
# Flexible Engine.
_GUIDANCE = {
    "vhd": "widely read, also elsewhere; some pages' default",
    "zvhd": "compressed (zlib), read from start to end",
    "zvhd2": "compressed (zstd), starts quickly; some pages' default",
    "raw": "every byte as on the disk: the largest, read by all",
    "qcow2": "QEMU's format: compact, read by KVM and most clouds",
    "vhdx": "Hyper-V's newer format, for large disks",
    "vmdk": "VMware's format",
    "vdi": "VirtualBox's format",
    "ploop": "Virtuozzo's format",
}
_UPSTREAM_GUIDANCE = {
    "qcow2": "compact, read by KVM and most clouds",
    # Unmodified Cinder asks qemu-img for "vhd", a name which qemu-img does not know.
    "vhd": "Microsoft's format: many OpenStack clouds fail at it",
}
_CONTAINER_GUIDANCE = {
    "bare": "no container: what image services expect",
    "ami": "Amazon machine image; bare is meant almost always",
    "ari": "Amazon ramdisk; bare is meant almost always",
    "aki": "Amazon kernel; bare is meant almost always",
    "ovf": "OVF package; bare is meant almost always",
}


def disk_format_problem(value: str, dialect: Dialect) -> Problem | None:
    """Why `value` is no disk format of this cloud; the sentence lists those that are.

    Source: EVS API, Exporting EVS Disk Data as an Image; Cinder API, Upload volume to image.
    """
    return _choice_problem(value, dialect.disk_formats, f"no disk format of {dialect.title}")


def container_format_problem(value: str, dialect: Dialect) -> Problem | None:
    """Why `value` is no container format of this cloud; the sentence lists those that are."""
    return _choice_problem(value, dialect.container_formats, "no container format")


def disk_format_guidance(value: str, dialect: Dialect) -> str:
    """One line on what the disk format is good for."""
    guidance = _GUIDANCE.get(value, "")
    return guidance if dialect.huawei_style else _UPSTREAM_GUIDANCE.get(value, guidance)


def container_format_guidance(value: str) -> str:
    """One line on what the container format means."""
    return _CONTAINER_GUIDANCE.get(value, "")


def encryption_problem(disk_format: str, container_format: str, dialect: Dialect) -> Problem | None:
    """Why an encrypted disk cannot be exported like this: plain Cinder takes raw and bare alone for it.

    Source: Cinder API, Upload volume to image.
    """
    if dialect.huawei_style or (disk_format == "raw" and container_format == BARE):
        return None
    return Problem(f"an encrypted disk is exported as raw and bare alone on {dialect.title}")


def _choice_problem(value: str, choices: tuple[str, ...], what: str) -> Problem | None:
    if value in choices:
        return None
    hint = f"{value} → {value.lower()}" if value.lower() in choices else None
    from_all = ", ".join(choices[:-1]) + " or " + choices[-1]
    return Problem(f'"{clean(value)}" is {what}: choose {from_all}', hint=hint)
