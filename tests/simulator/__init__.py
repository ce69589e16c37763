"""The simulated cloud in a process of its own, for tests over a real socket."""

from tests.simulator.client import Simulator

__all__ = ["Simulator"]
