"""Builds the program as one file for hosts without internet: `.venv/bin/python .ci/one_file.py [FILE]`.

The file (by default dist/evs-tui.pyz) runs on any Python 3.11 or newer, with nothing installed: `python3 evs-tui.pyz`.
It holds this checkout's evs_tui and, from the environment that runs the command, everything it needs that is pure
Python. What has native parts stays out: the OS keyring of Linux and the encrypted file then work only where the host
itself has the cryptography package.

Modules are compiled for the Python that builds; any other version compiles them at every start, which takes longer.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import marshal
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OLDEST = "3.11"
SYSTEMS = ("linux", "darwin")
LEFT_OUT = {
    "cryptography": "native: signs nothing of ours; the keyring on Linux and the encrypted file need it",
    "cffi": "native: needed by cryptography alone",
    "pycparser": "needed by cffi alone",
}
WORKS_WITHOUT_ITS_NATIVE_PART = {"pyyaml", "markupsafe"}
NATIVE = {".so", ".pyd", ".dylib"}
KEPT_METADATA = ("METADATA", "entry_points.txt")
MAIN = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("evs-tui needs Python 3.11 or newer, and this is " + sys.version.split()[0])
from evs_tui.cli.main import main

sys.exit(main())
"""


def main() -> None:
    """Build the file and say what it holds."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "evs-tui.pyz"
    target.parent.mkdir(parents=True, exist_ok=True)
    found = sorted(needed(), key=lambda distribution: distribution.name.lower())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _add(archive, "__main__.py", MAIN.encode())
        for path in sorted((ROOT / "evs_tui").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                _add(archive, str(PurePosixPath(*path.relative_to(ROOT).parts)), path.read_bytes())
        for distribution in found:
            for name, data in files_of(distribution):
                _add(archive, name, data)
    target.write_bytes(b"#!/usr/bin/env -S python3 -I\n" + content.getvalue())
    target.chmod(0o755)
    python = ".".join(map(str, sys.version_info[:2]))
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB, compiled for Python {python}")
    print("holds:", ", ".join(f"{distribution.name} {distribution.version}" for distribution in found))
    print("left out:", ", ".join(sorted(LEFT_OUT)))


def needed() -> list[importlib.metadata.Distribution]:
    """Everything that evs-tui requires on any system it serves, without what stays out."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = ["evs-tui"]
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found or name in LEFT_OUT:
            continue
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            sys.exit(f"{name} is not installed here, so the file would not run everywhere: build with Python {OLDEST}")
        found[name] = distribution
        waiting += [requirement.name for requirement in _requirements(distribution)]
    del found["evs-tui"]
    return list(found.values())


def _requirements(distribution: importlib.metadata.Distribution) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        wanted = [{"python_version": OLDEST, "sys_platform": system, "extra": ""} for system in SYSTEMS]
        if requirement.marker is None or any(requirement.marker.evaluate(environment) for environment in wanted):
            yield requirement


def files_of(distribution: importlib.metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    """The files of a distribution that go in: its modules, their data, its licence and what it says of itself."""
    for file in distribution.files or ():
        parts = PurePosixPath(file).parts
        if ".." in parts or "__pycache__" in parts:
            continue
        if file.suffix in NATIVE:
            if canonicalize_name(distribution.name) not in WORKS_WITHOUT_ITS_NATIVE_PART:
                sys.exit(f"{distribution.name} has native parts: decide in {Path(__file__).name} whether it stays out")
            continue
        about_itself = parts[0].endswith(".dist-info")
        if about_itself and file.name not in KEPT_METADATA and "licenses" not in parts and "LICENSE" not in file.name:
            continue  # among them direct_url.json, which names directories of the building host
        yield str(PurePosixPath(file)), Path(str(file.locate())).read_bytes()


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(_entry(name), data)
    if name.endswith(".py") and name != "__main__.py":
        archive.writestr(_entry(name + "c"), _compiled(name, data))


def _entry(name: str) -> zipfile.ZipInfo:
    """The same bytes give the same file, whenever it is built."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _compiled(name: str, source: bytes) -> bytes:
    """Bytecode with a hash that nobody checks: the source beside it cannot change."""
    code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    flags = (0b01).to_bytes(4, "little")
    return importlib.util.MAGIC_NUMBER + flags + importlib.util.source_hash(source) + marshal.dumps(code)


if __name__ == "__main__":
    os.umask(0o022)
    main()
