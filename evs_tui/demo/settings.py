"""What can be set about a simulated cloud: its pace, and the points on which real clouds differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ExpiredAnswer = Literal["401", "EVS.0002", "Common.0013"]


@dataclass(frozen=True, slots=True)
class PhaseSeconds:
    """How long each phase takes, in seconds of the cloud's clock.

    `saving` None means 8 s for the smallest disk to 40 s for 500 GiB and more: long enough to watch, short enough to
    wait for.
    `settle` is how long after its image became active a disk leaves `uploading`.
    """

    queued: float = 3.0
    saving: float | None = None
    settle: float = 0.5
    stopping: float = 6.0
    starting: float = 8.0

    def saving_for(self, size_gib: int) -> float:
        """Seconds an image of a disk of `size_gib` is `saving`."""
        return self.saving if self.saving is not None else 8.0 + 32.0 * min(1.0, size_gib / 500)


@dataclass(frozen=True, slots=True)
class Settings:
    """Points on which clouds differ.

    `hide_unfinished`: the IMS list leaves out images that are still queued or saving (its default filter is on
    registered images). `force_allowed`: the operator lets disks in use be exported (Cinder's `enable_force_upload`).
    `expired_answer`: how the EVS service words an expired token: a 401, or one of its two 400 twins.
    `compute`: a plain OpenStack has servers, which the smallest have not.
    `volume_type_form`: what `volume_type` is in the answer to an export.
    """

    hide_unfinished: bool = True
    force_allowed: bool = True
    token_seconds: float = 86_400.0
    expired_answer: ExpiredAnswer = "401"
    volume_type_form: Literal["object", "null", "name"] = "object"
    image_quota: int = 100
    compute: bool = False
