"""What no module may do, read from the source: open a secret, or hand a plain text to a widget that reads markup."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "evs_tui"

# Widgets and calls of the toolkit that read markup in a text: a volume's name there could press keys and run actions.
READS_MARKUP = {
    "Static", "Label", "Button", "Link", "Collapsible", "Checkbox", "RadioButton", "TabPane", "Option", "Selection",
    "notify", "add_row", "add_column", "add_leaf", "add_option", "add_options",
}  # fmt: skip
MARKUP_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}
SAFE_BUILDERS = {"Content", "Text", "content", "text"}


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def is_harmless(value: ast.expr | None) -> bool:
    """Whether a text that is shown is one of ours, or a kind of text that knows no markup."""
    if value is None or isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.IfExp):
        return is_harmless(value.body) and is_harmless(value.orelse)
    if isinstance(value, ast.Call):
        called = value.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        owner = called.value if isinstance(called, ast.Attribute) else None
        return name in SAFE_BUILDERS or (isinstance(owner, ast.Name) and owner.id in SAFE_BUILDERS)
    return False


def markup_risks(source: str) -> list[int]:
    """The lines of `source` that show a text which the toolkit would read as markup."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual")
        for alias in node.names
    }
    lines = []
    for name, call in calls(tree):
        if name not in READS_MARKUP or (name[0].isupper() and name not in imported):
            continue
        plain = any(
            word.arg == "markup" and isinstance(word.value, ast.Constant) and word.value.value is False
            for word in call.keywords
        )
        if not plain and not is_harmless(call.args[0] if call.args else None):
            lines.append(call.lineno)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            names = {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
            if names & MARKUP_ATTRIBUTES and not is_harmless(node.value):
                lines.append(node.lineno)
    return lines


@pytest.mark.parametrize("path", sorted((PACKAGE / "tui").rglob("*.py")), ids=lambda path: path.name)
def test_no_plain_text_reaches_what_reads_markup(path: Path) -> None:
    assert markup_risks(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "risky"),
    [
        ("Static(f'{name}')", True),
        ("Static(name)", True),
        ("Label('fixed ' + name)", True),
        ("self.notify(message)", True),
        ("self.notify(message, markup=True)", True),
        ("table.add_row(volume.name)", True),
        ("self.border_title = volume.name", True),
        ("widget.tooltip = f'{x}'", True),
        ("Static('fixed')", False),
        ("Static()", False),
        ("Static(Content(name))", False),
        ("Static(Text(name))", False),
        ("Static(name, markup=False)", False),
        ("self.notify(message, markup=False)", False),
        ("self.border_title = 'fixed'", False),
        ("Option(name)", False),
    ],
)
def test_the_rule_itself(line: str, risky: bool) -> None:
    source = f"from textual.widgets import Label, Static\n{line}\n"
    assert markup_risks(source) == ([2] if risky else [])


def test_a_secret_is_opened_only_where_a_request_is_built() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name == "reveal" for name, _ in calls(ast.parse(path.read_text(encoding="utf-8"))))
    }
    # Beside requests: what a store is given, a typed secret's check, and the pipe to our own process.
    of_stores = {
        "background/line.py",
        "credentials/kept.py",
        "credentials/profile_fields.py",
        "credentials/stores/encrypted_file.py",
        "credentials/stores/os_keyring.py",
    }
    assert users >= of_stores
    assert all(user.startswith("cloud/auth/") for user in users - of_stores), users


STARTS_A_CHILD = {
    "Popen", "run", "call", "check_call", "check_output", "create_subprocess_exec", "create_subprocess_shell", "system",
    "popen", "posix_spawn", "execv", "execve", "execvp", "execvpe", "spawnv", "spawnve",
}  # fmt: skip
WITH_CHILDREN = {"subprocess", "asyncio", "os"}


def test_a_child_is_started_with_an_environment_that_was_chosen_for_it() -> None:
    for path in PACKAGE.rglob("*.py"):
        for name, call in calls(ast.parse(path.read_text(encoding="utf-8"))):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            started = isinstance(owner, ast.Name) and owner.id in WITH_CHILDREN and name in STARTS_A_CHILD
            if started and not (name == "run" and isinstance(owner, ast.Name) and owner.id == "asyncio"):
                assert any(word.arg == "env" for word in call.keywords), f"{path}:{call.lineno}"


def test_the_http_library_is_seen_by_the_transport_alone() -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Import)
            and any(alias.name.split(".")[0] in {"httpx", "httpcore"} for alias in node.names)
        )
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"httpx", "httpcore"})
    }
    assert users == {"cloud/transport.py"}


def test_the_check_of_certificates_is_never_switched_off() -> None:
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for _, call in calls(tree):
            for word in call.keywords:
                off = isinstance(word.value, ast.Constant) and word.value.value is False
                assert not (word.arg in {"verify", "check_hostname"} and off), path
        unchecked = any(isinstance(node, ast.Attribute) and node.attr == "CERT_NONE" for node in ast.walk(tree))
        # There it looks at a refused certificate, to say whose it is; nothing is sent.
        assert not unchecked or path == PACKAGE / "cloud" / "tls.py", path


def test_the_simulated_cloud_needs_nothing_but_the_standard_library() -> None:
    import sys

    for path in (PACKAGE / "demo").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("evs_tui.demo"), (path, name)
