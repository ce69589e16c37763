"""What the program leaves behind: its arguments, everything it shows, every file under its home."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.cli.program import Ended, Process

_SABOTAGED = (
    "import sys; from tests.secrecy.sabotage import sabotage; sabotage({how!r});"
    "from tests.cli.quick import main; sys.exit(main())"
)


def _arguments_of(pid: int) -> bytes:
    """What every user of the host may read; empty for the moment in which the program is being put in place."""
    for _ in range(1000):
        if found := Path(f"/proc/{pid}/cmdline").read_bytes():
            return found
        time.sleep(0.001)
    raise AssertionError(f"process {pid} has no arguments")


@dataclass
class Traces:
    """The traces of several runs in one home."""

    home: Path
    shown: dict[str, bytes] = field(default_factory=dict)

    def run(
        self, *words: str, variables: Mapping[str, str], how: str = "", typed: tuple[tuple[str, str], ...] = ()
    ) -> Ended:
        """Run the program, sabotaged in the way `how`. `typed` are pairs of what to wait for and what to type then."""
        process = Process(*words, variables=variables, code=_SABOTAGED.format(how=how), terminal=bool(typed))
        self._keep(f"arguments of {words}", _arguments_of(process.pid))
        for awaited, keys in typed:
            process.read_until(awaited)
            process.type(keys)
        ended = process.end()
        self._keep(f"output of {words}", ended.out.encode() + ended.err.encode() + process.seen.encode())
        return ended

    def _keep(self, place: str, data: bytes) -> None:
        self.shown[place] = self.shown.get(place, b"") + data

    def everywhere(self) -> dict[str, bytes]:
        """All of it, by place."""
        files = {str(path): path.read_bytes() for path in self.home.rglob("*") if path.is_file()}
        return {**self.shown, **files}

    def check(self, *secrets: str) -> None:
        """None of `secrets` is anywhere, as it is, in a URL, or packed for the clipboard."""
        for secret in secrets:
            raw = secret.encode()
            for form in (raw, quote(secret, safe="").encode(), base64.b64encode(raw).rstrip(b"=")[:-1]):
                for place, data in self.everywhere().items():
                    at = data.find(form)
                    assert at < 0, f"a secret is in {place}: {data[max(0, at - 80) : at + len(form) + 20]!r}"

    def text(self, name: str) -> str:
        """A file under the home."""
        return (self.home / name).read_text()
