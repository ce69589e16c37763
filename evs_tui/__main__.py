"""`python -m evs_tui`: the same as the command `evs-tui`, which is the better way.

Python puts the working directory first on the search path for `-m`, so that a file there could pose as a library.
It is taken out before anything else is imported; for the modules that Python itself loads earlier only the
installed command (or `python -P -m`) is safe.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]

    from evs_tui.cli.main import main

    sys.exit(main())
