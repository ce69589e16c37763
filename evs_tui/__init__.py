"""evs-tui gets a cloud disk out as an image: choose it, check it, export it, watch it until it is usable."""

from __future__ import annotations

__version__ = "0.1.0"
