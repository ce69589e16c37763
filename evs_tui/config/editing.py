"""Changes to `config.toml` that leave every comment and every other line as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evs_tui.config.paths import Paths
from evs_tui.config.profiles import Profile, table_of
from evs_tui.config.settings import LARGEST, load_settings, settings_in
from evs_tui.failure import ConfigFailure
from evs_tui.files import read_trusted, shown, write_private

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_FIRST_LINES = (
    "# Settings and profiles of evs-tui. A secret has no place here: evs-tui refuses the file if it finds one.\n"
)


def save_profile(paths: Paths, profile: Profile, *, default: bool = False) -> None:
    """Add a profile, or change the one of its name; with `default` it is taken when nothing else is said.

    Raises:
        ConfigFailure: the file cannot be used or written; it is as it was.
    """

    def change(document: TOMLDocument) -> None:
        import tomlkit

        profiles = _table(document, "profiles")
        table = profiles.get(profile.name)
        if table is None:
            table = profiles[profile.name] = tomlkit.table()
        wanted = table_of(profile)
        for key in [key for key in table if key not in wanted]:
            del table[key]
        for key, value in wanted.items():
            if table.get(key) != value:
                table[key] = value

    _edit(paths, change, default=profile.name if default else None)


def remove_profile(paths: Paths, name: str) -> None:
    """Take a profile out of the file.

    Raises:
        ConfigFailure: the file cannot be used or written; it is as it was.
    """

    def change(document: TOMLDocument) -> None:
        profiles = document.get("profiles", {})
        if name in profiles:
            del profiles[name]
        if not profiles and "profiles" in document:
            del document["profiles"]
        if document.get("default_profile") == name:
            del document["default_profile"]

    _edit(paths, change)


def _table(document: TOMLDocument, name: str) -> Any:
    import tomlkit

    if name not in document:
        document[name] = tomlkit.table(is_super_table=True)
    return document[name]


def _with_first_key(text: str, key: str, value: str) -> str:
    """A key after a table would belong to that table, so a new one goes to the top, below the first comments."""
    lines = text.splitlines(keepends=True)
    top = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), len(lines))
    return "".join([*lines[:top], f'{key} = "{value}"\n\n', *lines[top:]])


def _edit(paths: Paths, change: Callable[[TOMLDocument], None], *, default: str | None = None) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = paths.config_file
    _check_no_link(path)
    load_settings(paths, {})  # a file that is refused is not touched
    try:
        text = read_trusted(path, limit=LARGEST).text
    except FileNotFoundError:
        text = _FIRST_LINES
    try:
        document = tomlkit.parse(text)
        change(document)
        if default is not None and "default_profile" in document:
            document["default_profile"] = default
        changed = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise ConfigFailure(f"{shown(path)} cannot be changed", type(error).__name__) from error
    if default is not None and "default_profile" not in document:
        changed = _with_first_key(changed, "default_profile", default)
    settings_in(path, changed)  # nor is one written that would be refused
    write_private(path, changed.encode())


def _check_no_link(path: Path) -> None:
    if path.is_symlink():
        raise ConfigFailure(
            f"{shown(path)} cannot be changed",
            "it is a symbolic link, and the change would put a file in its place",
            "edit the file that it leads to by hand",
        )
