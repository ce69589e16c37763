"""What takes far longer than it should: disks that stay `uploading`, images that stay unfinished. Watching goes on.

Nothing can be cancelled in the cloud, so a person is told how old it is and what can be done. The bound grows with the
disk: a few clouds need most of a day for 2 TiB.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from evs_tui.exports.evidence import UPLOADING
from evs_tui.exports.model import Attention, JobState
from evs_tui.exports.records import StepRow
from evs_tui.exports.words import elapsed_words

_BOUND_S = 6 * 3600.0
_BOUND_S_PER_GIB = 45.0
_UNFINISHED = frozenset({"queued", "saving", "uploading", "importing"})


def leftovers(step: StepRow, state: JobState, now: datetime) -> Iterator[Attention]:
    """What about this step has been going on for too long.

    `disk_stuck`: the disk is `uploading` beyond the bound. `image_stuck`: the disk is back, the image was not finished
    within the bound. Source: EVS API, EVS Disk Status; IMS API, Image Statuses.
    """
    if state is not JobState.EXPORTING or step.announced_at is None:
        return
    age = (now - step.announced_at).total_seconds()
    if age < _BOUND_S + _BOUND_S_PER_GIB * step.volume_size_gib:
        return
    support = ", ".join(str(item) for item in ((step.answer or {}).get("request_id"),) if item)
    ask = "ask the cloud's support" + (f" with request id {support}" if support else "")
    if step.volume_status in {None, UPLOADING}:
        yield Attention(
            "disk_stuck",
            f"The disk has been uploading for {elapsed_words(int(age))}; no call of the cloud ends that.",
            f"wait, or {ask}; until it is back the disk can be neither attached, detached nor exported",
        )
    elif step.image_status in _UNFINISHED:
        yield Attention(
            "image_stuck",
            f'The disk is back, and its image is still "{step.image_status}" after {elapsed_words(int(age))}.',
            f"wait, or {ask}; the image can be deleted only when it is no longer being made",
        )
