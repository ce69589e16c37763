"""The simulated cloud: one ASGI application that imports nothing of the rest of the product.

`--demo` runs the product against it in-process; tests run it behind a socket, with a clock they set and misbehaviour
on demand.
"""

from evs_tui.demo.account import DEMO_CREDENTIAL, Credential, Flavour, Origins
from evs_tui.demo.app import SimulatedCloud
from evs_tui.demo.clock import SettableClock
from evs_tui.demo.faults import Fault, preset
from evs_tui.demo.inventory import hostile_volumes, volumes
from evs_tui.demo.records import Image, Inventory, Server, Volume
from evs_tui.demo.settings import PhaseSeconds, Settings

__all__ = [
    "DEMO_CREDENTIAL",
    "Credential",
    "Fault",
    "Flavour",
    "Image",
    "Inventory",
    "Origins",
    "PhaseSeconds",
    "Server",
    "SettableClock",
    "Settings",
    "SimulatedCloud",
    "Volume",
    "hostile_volumes",
    "preset",
    "volumes",
]
