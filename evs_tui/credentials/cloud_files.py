"""clouds.yaml and secure.yaml: where they are looked for, and one entry of them read with care.

Source: openstacksdk, "Configuring OpenStack SDK Applications". Unlike there, the working directory is no such place: a
file that lies in it by chance, or on purpose, must not decide where a password goes.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evs_tui.credentials.strict_yaml import Node, Table, Text, read_yaml
from evs_tui.failure import ConfigFailure
from evs_tui.files import TrustedText, read_trusted, shown
from evs_tui.text import excerpt

_LARGEST = 1024 * 1024
_CLOUDS = ("clouds.yaml", "clouds.yml")
_SECURE = ("secure.yaml", "secure.yml")
_CLOUDS_VARIABLE = "OS_CLIENT_CONFIG_FILE"


@dataclass(frozen=True, slots=True)
class CloudFile:
    """One file that was read."""

    path: Path
    clouds: Table
    readable_by_others: bool
    owner_is_other: bool

    @property
    def name(self) -> str:
        """How messages call the file."""
        return shown(self.path)

    def entry(self, cloud: str) -> Table | None:
        """The entry of this cloud.

        Raises:
            ConfigFailure: it is no table.
        """
        node = self.clouds.entries.get(cloud)
        if node is None or isinstance(node, Table):
            return node
        raise ConfigFailure(f"{self.name} cannot be used", f'line {node.line}: "{excerpt(cloud, 60)}" is not a table')


def directories(variables: Mapping[str, str], environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The directories that may hold the files, best first: the named file's own, the user's, the system's."""
    from platformdirs import user_config_path

    named = variables.get(_CLOUDS_VARIABLE)
    found = [Path(named).expanduser().absolute().parent] if named else []
    if (chosen := Path(environ.get("XDG_CONFIG_HOME", ""))).is_absolute():
        found.append(chosen / "openstack")
    with contextlib.suppress(RuntimeError):  # a user without a home
        found += [user_config_path("openstack", appauthor=False), Path("~/.config/openstack").expanduser()]
    found.append(Path("/etc/openstack"))
    return tuple(dict.fromkeys(path for path in found if path.is_absolute()))


def clouds_file(variables: Mapping[str, str], places: Sequence[Path]) -> CloudFile:
    """The file that names the clouds: the one that `OS_CLIENT_CONFIG_FILE` names, else the first one in `places`.

    Raises:
        ConfigFailure: there is none, or it is unsafe or cannot be understood.
    """
    if named := variables.get(_CLOUDS_VARIABLE):
        path = Path(named).expanduser().absolute()
        file = _read(path)
        if file is None:
            raise ConfigFailure(f"{_CLOUDS_VARIABLE} cannot be used", f"there is no file {shown(path)}")
        return file
    found = _first(places, _CLOUDS)
    if found is None:
        looked = ", ".join(shown(place) for place in places)
        raise ConfigFailure(
            "There is no clouds.yaml", f"it was looked for in {looked}", "OS_CLOUD names an entry of it"
        )
    return found


def secure_file(places: Sequence[Path]) -> CloudFile | None:
    """The file that holds the secrets of the clouds apart, if there is one.

    Raises:
        ConfigFailure: it is unsafe or cannot be understood.
    """
    return _first(places, _SECURE)


def unknown_cloud(cloud: str, file: CloudFile) -> ConfigFailure:
    """What to say about an entry that is not there: the nearest names, else all."""
    names = list(file.clouds.entries)
    if near := difflib.get_close_matches(cloud, names, n=3, cutoff=0.5):
        advice = f"did you mean {_listed(near)}?"
    elif names:
        advice = f"it has: {_listed(names[:10])}"
    else:
        advice = "it has no entries"
    return ConfigFailure(f'There is no cloud "{excerpt(cloud, 60)}"', f"{file.name} has no such entry", advice)


def cloud_names(places: Sequence[Path], variables: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the entries that could be chosen, for a hint; none where the file is not there or not usable."""
    try:
        return tuple(excerpt(name, 60) for name in clouds_file(variables, places).clouds.entries)
    except ConfigFailure:
        return ()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(excerpt(name, 60) for name in names)


def _first(places: Sequence[Path], names: Sequence[str]) -> CloudFile | None:
    for place in places:
        for name in names:
            if (file := _read(place / name)) is not None:
                return file
    return None


def _read(path: Path) -> CloudFile | None:
    try:
        trusted = read_trusted(path, limit=_LARGEST)
    except FileNotFoundError:
        return None
    return CloudFile(path, _clouds(trusted), trusted.readable_by_others, trusted.owner_is_other)


def _clouds(file: TrustedText) -> Table:
    name = shown(file.path)
    clouds: Node | None = read_yaml(file.text, name).entries.get("clouds")
    if isinstance(clouds, Table):
        return clouds
    if clouds is None or (isinstance(clouds, Text) and clouds.is_nothing):
        return Table({}, 1)
    raise ConfigFailure(f"{name} cannot be used", f'line {clouds.line}: "clouds" is not a table')
