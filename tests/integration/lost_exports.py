"""Exports that end badly, for several tests to look at: they take a minute, so they are under way beside the others."""

from __future__ import annotations

from pathlib import Path

from tests.integration.program import Ended, Program, Running
from tests.processes import outliving
from tests.rig_cloud import RigCloud


class LostExports:
    """Exports that end badly, all under way at once: what never was seen is missed for a minute before it is gone."""

    def __init__(self, folder: Path, rig: RigCloud) -> None:
        self.rig = rig
        self.programs = {label: Program(folder / label, rig.environment()) for label in ("deleted", "failing")}
        self.volumes = {
            "deleted": rig.create_volume("deleted", metadata={"osrig_delay": "6"}),
            "failing": rig.create_volume("failing", metadata={"osrig_fail": "1"}),
        }
        for program in self.programs.values():
            program.home.mkdir()
        self._running = {label: self._start(label) for label in self.programs}
        rig.delete_image(rig.wait_for_image(rig.name("deleted")))
        self._ended: dict[str, Ended] = {}

    def ended(self, label: str) -> Ended:
        """How this one ended."""
        if label not in self._ended:
            self._ended[label] = self._running.pop(label).finish(180)
        return self._ended[label]

    def close(self) -> None:
        """End what no test waited for."""
        for running in self._running.values():
            running.process.kill()
            running.process.communicate()

    def _start(self, label: str) -> Running:
        arguments = ("--name", self.rig.name(label), "--disk-format", "qcow2", "--yes", "--wait", "--output", "json")
        running = self.programs[label].start("export", self.volumes[label], *arguments)
        outliving(running.process)
        return running
