"""Which kind does what: the one table that whoever carries out, looks or observes reads."""

from __future__ import annotations

from collections.abc import Mapping

from evs_tui.exports.kinds.export import ExportAction
from evs_tui.exports.kinds.kind import Action, Looked, Observed
from evs_tui.exports.kinds.start import StartAction
from evs_tui.exports.kinds.stop import StopAction
from evs_tui.exports.kinds.wait_stopped import WaitStopped
from evs_tui.exports.kinds.wait_volume import WaitVolume
from evs_tui.exports.model import StepKind

_STOP, _START = StopAction(), StartAction()

ACTIONS: Mapping[StepKind, Action] = {StepKind.EXPORT: ExportAction(), StepKind.STOP: _STOP, StepKind.START: _START}
"""The kinds that send a call."""
LOOKED: Mapping[StepKind, Looked] = {StepKind.STOP: _STOP, StepKind.START: _START}
"""The kinds whose lost answers a plain reading clears up; an export needs more, see `export_look`."""
OBSERVED: Mapping[StepKind, Observed] = {
    StepKind.WAIT_STOPPED: WaitStopped(),
    StepKind.WAIT_VOLUME: WaitVolume(),
    StepKind.START: _START,
}
"""The kinds that are read until they end. A taken export is watched by rules of its own, see `watcher`."""
