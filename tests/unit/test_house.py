"""The house stands as it was drawn: who may import whom, no circles, and what a command does not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "evs_tui"
BASE = {"secret", "text", "clock", "failure", "files", "hygiene", "logs"}
PURE_CLOUD = {f"evs_tui.cloud.{name}" for name in ("models", "errors", "answers", "dialects", "operations", "ring")}

# Room by room: the rooms it may use, itself and the base modules aside.
ALLOWED: dict[str, set[str]] = {
    "checks": {"cloud", "credentials"},
    "cli": {
        "checks",
        "tui",
        "background",
        "workspace",
        "accounts",
        "lists",
        "volumes",
        "exports",
        "cloud",
        "credentials",
        "config",
        "core",
    },
    "tui": {
        "checks",
        "accounts",
        "background",
        "workspace",
        "core",
        "lists",
        "volumes",
        "exports",
        "cloud",
        "credentials",
        "config",
    },
    "background": {"workspace", "exports", "cloud", "config"},
    "workspace": {
        "checks",
        "accounts",
        "connecting",
        "core",
        "lists",
        "volumes",
        "exports",
        "cloud",
        "credentials",
        "config",
        "demo",
    },
    "connecting": {"accounts", "core", "workspace", "exports", "cloud", "credentials", "demo"},
    "accounts": {"cloud", "credentials", "config", "demo"},
    "core": set(),
    "lists": {"volumes", "exports", "cloud"},
    "volumes": {"exports", "cloud"},
    "exports": {"cloud"},
    "cloud": set(),
    "credentials": {"cloud", "config"},
    "config": set(),
    "demo": set(),
    "__main__": {"cli"},
    "__init__": set(),
}
# Who alone may import a library.
LIBRARIES: dict[str, set[str]] = {
    "textual": {"tui"},
    "rich": {"tui"},
    "httpx": {"cloud"},
    "keyring": {"credentials"},
    "sqlite3": {"exports"},
    "yaml": {"credentials"},
    "tomlkit": {"config"},
    "secretstorage": {"credentials"},
    "cryptography": {"credentials"},
}


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """What a module imports, lazily and for types too; with `at_import` only what loading it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(_loaded(tree)) if at_import else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            base = node.module or ""
            names = [f"{base}.{alias.name}" for alias in node.names]
            yield from (name for name in names if name in MODULES)
            if any(name not in MODULES for name in names):
                yield base


def _loaded(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _loaded(node)


def room(module: str) -> str:
    """The room of a module: the first name below the package."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_room_imports_only_what_lies_below_it() -> None:
    wrong = []
    for module, path in MODULES.items():
        here = room(module)
        for name in imports(path):
            if not name.startswith("evs_tui."):
                continue
            there = room(name)
            allowed = {here} | BASE if here in BASE else {here} | BASE | ALLOWED[here]
            if here == "demo":
                allowed = {"demo"}
            if there not in allowed:
                wrong.append(f"{module} imports {name}")
    assert wrong == []


def test_the_engine_and_the_listing_see_the_cloud_through_its_pure_modules_alone() -> None:
    for module, path in MODULES.items():
        if room(module) in {"exports", "volumes", "lists"}:
            seen = {name for name in imports(path) if name.startswith("evs_tui.cloud.")}
            assert seen <= PURE_CLOUD, module


def test_credentials_see_of_the_cloud_only_who_signs_in_where() -> None:
    for module, path in MODULES.items():
        if room(module) == "credentials":
            seen = {name for name in imports(path) if name.startswith("evs_tui.cloud.")}
            assert seen <= {f"evs_tui.cloud.{name}" for name in ("identity", "dialects", "origins")}, module


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_a_library_is_imported_in_its_room_alone(library: str) -> None:
    users = {
        room(module)
        for module, path in MODULES.items()
        if any(name == library or name.startswith(library + ".") for name in imports(path))
    }
    assert users <= LIBRARIES[library]


def test_no_circle_of_modules() -> None:
    graph = {
        module: {name for name in imports(path, at_import=True) if name in MODULES and name != module}
        for module, path in MODULES.items()
    }
    # A package's own __init__ is loaded before its modules; none of ours imports anything but them.
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], {"textual", "rich", "httpx", "keyring", "sqlite3", "asyncio"}),
        (["--version"], {"textual", "rich", "httpx", "keyring", "sqlite3", "asyncio"}),
        (["jobs"], {"textual", "rich", "httpx", "keyring"}),
    ],
)
def test_a_command_loads_only_what_it_needs(arguments: list[str], absent: set[str], tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from evs_tui.cli.main import main\n"
        f"code = main({arguments!r})\n"
        f"print(sorted({absent!r} & set(sys.modules)), code)\n"
    )
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True
    )
    assert ended.stdout.splitlines()[-1] == "[] 0"
