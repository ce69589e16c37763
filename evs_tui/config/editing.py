"""Changes to `config.toml` that leave every comment and every other line as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evs_tui.config.paths import Paths
from evs_tui.config.profiles import Profile, table_of
from evs_tui.config.settings import LARGEST, load_settings
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
        if default:
            _set_default(document, profile.name)

    _edit(paths, change)


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


def _set_default(document: TOMLDocument, name: str) -> None:
    if "default_profile" in document:
        document["default_profile"] = name
        return
    import tomlkit

    # A key after the first table would belong to that table, so it goes to the top, below the first comments.
    rest = document.as_string()
    lines = rest.splitlines(keepends=True)
    top = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), len(lines))
    key = tomlkit.item(name).as_string()
    text = "".join([*lines[:top], f"default_profile = {key}\n\n", *lines[top:]])
    document.clear()
    document.update(tomlkit.parse(text))


def _edit(paths: Paths, change: Callable[[TOMLDocument], None]) -> None:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    load_settings(paths, {})  # a file that could not be read afterwards is not touched
    try:
        text = read_trusted(paths.config_file, limit=LARGEST).text
    except FileNotFoundError:
        text = _FIRST_LINES
    try:
        document = tomlkit.parse(text)
        change(document)
        changed = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise ConfigFailure(f"{shown(paths.config_file)} cannot be changed", type(error).__name__) from error
    write_private(paths.config_file, changed.encode())
