"""The verdict of a volume: whether it can be exported, what it takes, and why. Pure; nothing is asked here."""

from __future__ import annotations

from collections.abc import Mapping

from evs_tui.cloud.dialects import Dialect
from evs_tui.cloud.models import Server, Volume
from evs_tui.exports.model import Sign, Verdict, VerdictState
from evs_tui.exports.power import Power, power_of, server_name, server_words
from evs_tui.exports.statuses import AVAILABLE, ENDED_BY, IN_USE, MISSING, PASSING, UPLOADING, is_error
from evs_tui.exports.wording import LABEL_CELLS, NOTE_CELLS, cells, sentence, shortened

ONE_TIB = 1024
"""GiB above which some of the vendor's pages say that an export is refused."""

_READY = Verdict(VerdictState.READY, Sign.GOOD, "ready", "Not attached: can be exported now.")
_ENCRYPTED = Verdict(VerdictState.READY, Sign.GOOD, "ready, encrypted", "Encrypted: the image will be encrypted too.")
_LARGE = Verdict(VerdictState.READY, Sign.ACT, "over 1 TiB", "Over 1 TiB: some clouds refuse that; the plan asks.")
_UPLOADING = Verdict(VerdictState.BUSY, Sign.BUSY, "exporting now", "Being exported already: 2 shows it if it is ours.")
_EXPORTING = Verdict(VerdictState.BUSY, Sign.BUSY, "exporting now", "Being exported already: 2 shows it.")
_DEDICATED = Verdict(
    VerdictState.BLOCKED, Sign.BAD, "dedicated store", "On dedicated storage (DSS): no image can be made."
)
_MISSING = Verdict(VerdictState.BLOCKED, Sign.BAD, "not found", "No disk of this project has this id.")
_NO_SERVER = Verdict(
    VerdictState.BLOCKED, Sign.ASK, "server unknown", "In use, but no server is named: detach it first."
)


def verdict(
    volume: Volume, dialect: Dialect, servers: Mapping[str, Server | None], *, exporting: bool = False
) -> Verdict:
    """Whether `volume` can be exported.

    `servers` maps a server's id to the server, or to None where its state cannot be read; an id that is not
    there was not asked yet. Both count as running, and neither is said to run. `exporting` tells of an open
    export of our own.
    Source: EVS API, Exporting EVS Disk Data as an Image; EVS API, EVS Disk Status.
    """
    if exporting:
        return _EXPORTING
    if volume.status == UPLOADING:
        return _UPLOADING
    if volume.dedicated:
        return _DEDICATED
    if volume.status == AVAILABLE:
        return _available(volume, dialect)
    return _in_use(power_of(volume, servers)) if volume.status == IN_USE else _by_status(volume.status)


def is_large(volume: Volume, dialect: Dialect) -> bool:
    """Whether the volume is larger than some pages of Huawei-style clouds allow: over 1 TiB.

    Source: EVS API, Exporting EVS Disk Data as an Image; IMS User Guide, Constraints.
    """
    return dialect.huawei_style and volume.size_gib > ONE_TIB


def _available(volume: Volume, dialect: Dialect) -> Verdict:
    if is_large(volume, dialect):
        return _LARGE
    return _ENCRYPTED if volume.encrypted else _READY


def _by_status(status: str) -> Verdict:
    if status == MISSING:
        return _MISSING
    if status in PASSING:
        reason = (
            f"{status}: {ENDED_BY[status]}." if status in ENDED_BY else f"{status}: passes by itself; r asks again."
        )
        return Verdict(VerdictState.BUSY, Sign.WAIT, PASSING[status], reason)
    if is_error(status):
        reason = f"Status {status}: repair it in the console first."
        if cells(reason) > NOTE_CELLS:
            reason = sentence("Status {}: repair it first.", status)
        return Verdict(VerdictState.BLOCKED, Sign.BAD, "status: error", reason)
    reason = sentence('"{}" is not known here: i shows what came.', status)
    return Verdict(VerdictState.BLOCKED, Sign.ASK, "unknown status", reason)


def _in_use(power: Power) -> Verdict:
    if power.unread:
        reason = sentence("Attached to {}: whether it runs is not known yet.", power.unread[0][:8])
        return Verdict(VerdictState.NEEDS_STOP, Sign.ACT, "in use", reason, power.to_stop)
    if power.unreadable:
        reason = sentence("Server {} cannot be read: it counts as running.", power.unreadable[0][:8])
        return Verdict(VerdictState.NEEDS_STOP, Sign.ASK, "state unreadable", reason, power.to_stop)
    if power.on:
        return _running(power)
    if power.off:
        return _off(power.off)
    return _NO_SERVER


def _running(power: Power) -> Verdict:
    on, count = power.on, len(power.on)
    label = "stop 1 server" if count == 1 else shortened(f"stop {count} servers", LABEL_CELLS)
    if count == 1:
        reason = sentence("{} is {}: it must stop first.", server_name(on[0]), server_words(on[0]))
    elif power.off:
        reason = sentence(f"{{}} and {count - 1} more are not off: they must stop first.", server_name(on[0]))
    elif count == 2:
        reason = sentence("Shared by {} and {}: both must stop first.", server_name(on[0]), server_name(on[1]))
    else:
        reason = sentence(f"Shared by {{}} and {count - 1} more: all must stop first.", server_name(on[0]))
    return Verdict(VerdictState.NEEDS_STOP, Sign.ACT, label, reason, power.to_stop)


def _off(off: tuple[Server, ...]) -> Verdict:
    rest = "off: can be exported now, with force."
    if len(off) == 1:
        reason = sentence(f"{{}} is {rest}", server_name(off[0]))
        return Verdict(VerdictState.SERVERS_STOPPED, Sign.GOOD, "server is off", reason)
    # Names would not always fit the line; the details have them.
    return Verdict(VerdictState.SERVERS_STOPPED, Sign.GOOD, "servers are off", f"Its {len(off)} servers are {rest}")
