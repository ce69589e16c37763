"""Waiting until an exported disk has left `uploading`: before that its servers must not be started. Sends nothing.

Source: EVS API, EVS Disk Status.
"""

from __future__ import annotations

from evs_tui.cloud.errors import CloudError, ErrorKind
from evs_tui.exports.kinds.kind import Around, Ended, Observation, Still
from evs_tui.exports.model import Outcome
from evs_tui.exports.ports import Cloud
from evs_tui.exports.records import StepRow
from evs_tui.exports.statuses import UPLOADING
from evs_tui.exports.timing import Timing


class WaitVolume:
    """See `kind.Observed`."""

    async def observe(self, cloud: Cloud, step: StepRow, around: Around, timing: Timing) -> Observation:  # noqa: ARG002 - see Observed
        """Any status but `uploading` is free; so is a disk that is not there any more."""
        try:
            status = (await cloud.read_volume(step.target_id)).status
        except CloudError as error:
            if error.kind is not ErrorKind.MISSING:
                raise
            return Ended(Outcome.SUCCEEDED, "gone")
        return Still(status) if status == UPLOADING else Ended(Outcome.SUCCEEDED, status)
