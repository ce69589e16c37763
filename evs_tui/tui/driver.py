"""The toolkit's way to the terminal, with an input whose refusal is told instead of being drawn as a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable

from textual.driver import Driver


def driver_that_tells(lost: Callable[[], None]) -> type[Driver] | None:
    """The toolkit's own driver, except that an input that cannot be read any more (EIO) calls `lost`.

    None where the toolkit's choice stays: Windows.
    """
    if sys.platform == "win32":
        return None
    from textual.drivers.linux_driver import LinuxDriver

    class TerminalDriver(LinuxDriver):
        """See `driver_that_tells`."""

        def run_input_thread(self) -> None:
            """Read keys until the app ends or the terminal refuses."""
            try:
                super().run_input_thread()
            except OSError:
                lost()

    return TerminalDriver
