"""The process in the background: it reads its orders, cuts every tie to who began it, and carries its runs out.

Nothing but the standard library is loaded before the orders are read and their pipe is closed.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

_MOST = 1 << 20


def main() -> int:
    """Be the process; its exit code. The answer to who began it goes to standard output, one line."""
    line = _read_orders()
    if os.fork():
        # Who began this waits for this first process only, and never has to bury the other.
        os._exit(0)
    answer = os.dup(1)
    _let_go(1)
    from evs_tui.background.agent import carry_out

    return carry_out(line, lambda document: _tell(answer, document))


def _read_orders() -> bytes:
    pieces: list[bytes] = []
    while not pieces or b"\n" not in pieces[-1]:
        piece = os.read(0, 65536)
        if not piece or sum(map(len, pieces)) > _MOST:
            break
        pieces.append(piece)
    _let_go(0)
    return b"".join(pieces)


def _let_go(descriptor: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, descriptor)
    os.close(nothing)


def _tell(descriptor: int, document: dict[str, Any]) -> None:
    """Say the one line, and let go. Who began this may be gone already."""
    try:
        os.write(descriptor, json.dumps(document).encode() + b"\n")
    except OSError:
        pass
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
