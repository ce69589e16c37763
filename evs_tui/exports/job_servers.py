"""The servers of one job: what its run did to them, what it still does, and what it left for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evs_tui.exports.consequences import OFFERED
from evs_tui.exports.kinds.server_job import OVERDUE
from evs_tui.exports.model import Attention, Outcome, StepKind, StepState
from evs_tui.exports.records import StepRow


@dataclass(frozen=True, slots=True)
class JobServers:
    """The steps of a run that concern one export: its servers, and its own disk."""

    prepare: tuple[StepRow, ...] = ()
    """Stops, and the waits until the servers are off."""
    restore: tuple[StepRow, ...] = ()
    """The wait until the disk is free, and the starts."""

    @classmethod
    def of(cls, export: StepRow, steps: Sequence[StepRow]) -> JobServers:
        """Those among `steps` of the same run."""
        servers = export.terms.servers
        before, after = {StepKind.STOP, StepKind.WAIT_STOPPED}, {StepKind.START}
        return cls(
            tuple(step for step in steps if step.kind in before and step.target_id in servers),
            tuple(
                step
                for step in steps
                if (step.kind in after and step.target_id in servers)
                or (step.kind is StepKind.WAIT_VOLUME and export.no in step.needs)
            ),
        )

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all these steps."""
        return frozenset(step.id for step in (*self.prepare, *self.restore))

    @property
    def stopped(self) -> tuple[str, ...]:
        """The names of the servers that are stopped for the export."""
        return tuple(step.target_name for step in self.prepare if step.kind is StepKind.STOP)

    @property
    def stays_off(self) -> bool:
        """Whether these servers shall not be started again after an export."""
        return any(start.terms.kept_off for start in self._starts())

    @property
    def is_preparing(self) -> bool:
        """Whether something was begun for the export that is still to be sent."""
        return any(step.state is not StepState.PENDING for step in self.prepare)

    @property
    def is_restoring(self) -> bool:
        """Whether a server that was stopped for the export is still to be started."""
        return any(not start.is_settled and self._began(start) for start in self._starts())

    @property
    def is_open(self) -> bool:
        """Whether any of these steps is still to happen."""
        return any(not step.is_settled for step in (*self.prepare, *self.restore))

    def preparing_phase(self) -> str:
        """What goes on with the servers before the export is sent, in a few words."""
        words = (_phase(step) for step in self.prepare)
        settled = all(step.is_settled for step in self.prepare)
        return next((found for found in words if found is not None), "servers are off" if settled else "stopping")

    def restoring_phase(self) -> str:
        """What goes on with the servers after the export, in a few words."""
        words = (_phase(step) for step in self.restore)
        return next((found for found in words if found is not None), "server waits for a disk")

    def attention(self, job_id: str, *, abandoned: bool) -> Iterator[Attention]:
        """What a person must do about the servers. `abandoned`: nobody carries the run out."""
        restore = f"evs-tui jobs restore {job_id} starts it again"
        for step in self.prepare:
            if step.state is StepState.TAKEN and step.fact == OVERDUE:
                text = f"{step.target_name} has not shut down in time; it is looked at until it has."
                wait = f"evs-tui jobs resume {job_id} waits on"
                yield Attention("stop_overdue", text, f"{wait}, evs-tui jobs restore {job_id} gives up and puts back")
            elif step.state is StepState.UNCLEAR:
                text = f"Whether the cloud took the request to stop {step.target_name} is not known."
                yield Attention("stop_unclear", text, "evs-tui jobs --watch looks at the server")
        for start in self._starts():
            yield from self._of_start(start, restore, abandoned=abandoned)

    def _of_start(self, start: StepRow, restore: str, *, abandoned: bool) -> Iterator[Attention]:
        name = start.target_name
        if start.state is StepState.TAKEN and start.fact == OVERDUE:
            yield Attention("start_overdue", f"{name} was started and does not run yet.", "look at it in the console")
        elif start.state is StepState.SKIPPED and start.fact == OFFERED:
            text = f"{name} is off, and the answer to our stop was lost: whether this run stopped it is not proved."
            yield Attention("start_offered", text, restore)
        elif start.is_settled:
            if start.outcome not in {Outcome.SUCCEEDED, Outcome.CANCELLED}:
                why = f" ({start.error.why})" if start.error is not None else ""
                yield Attention("still_stopped", f"{name} is still stopped by this run{why}.", restore)
        elif abandoned and self._began(start) and start.state is not StepState.TAKEN:
            yield Attention("still_stopped", f"{name} is still stopped by this run, and nobody carries it on.", restore)

    def _starts(self) -> list[StepRow]:
        return [step for step in self.restore if step.kind is StepKind.START]

    def _began(self, start: StepRow) -> bool:
        """Whether the stop that `start` undoes was sent, or may have been."""
        stops = [s for s in self.prepare if s.kind is StepKind.STOP and s.target_id == start.target_id]
        return any(stop.state not in {StepState.PENDING, StepState.SKIPPED, StepState.REFUSED} for stop in stops)


def _phase(step: StepRow) -> str | None:
    name = step.target_name
    off = f"{name} is not off yet" if step.fact == OVERDUE else "waiting until off"
    words = {
        (StepKind.STOP, StepState.ANNOUNCED): f"stopping {name}",
        (StepKind.STOP, StepState.UNCLEAR): f"is {name} stopping?",
        (StepKind.WAIT_STOPPED, StepState.TAKEN): off,
        (StepKind.START, StepState.ANNOUNCED): f"starting {name}",
        (StepKind.START, StepState.TAKEN): f"starting {name}",
        (StepKind.START, StepState.UNCLEAR): f"is {name} starting?",
    }
    return words.get((step.kind, step.state))
