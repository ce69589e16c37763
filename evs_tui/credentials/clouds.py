"""The identity that one entry of clouds.yaml describes.

Source: openstacksdk, "Configuring OpenStack SDK Applications", sections "Config Files", "Splitting Secrets" and "SSL
Settings"; vendor profile `otc`: openstacksdk, "Vendor Support", T Systems Open Telekom Cloud.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evs_tui.credentials.cloud_files import CloudFile, clouds_file, secure_file, unknown_cloud
from evs_tui.credentials.fields import SECRET_FIELDS, Fields, secret_field
from evs_tui.credentials.strict_yaml import Listing, Node, Table, Text
from evs_tui.failure import ConfigFailure
from evs_tui.text import clean, excerpt

_VENDOR_AUTH_URLS = {"otc": "https://iam.{region_name}.otc.t-systems.com/v3"}
_TOP_FIELDS = frozenset({"auth_type", "region_name", "interface", "cacert"})
_SPELLINGS = {"ak": "access_key", "sk": "secret_key", "endpoint_type": "interface", "cloud": "profile"}
_YES = {"true", "yes", "on", "1", "y"}
_NO = {"false", "no", "off", "0", "n"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was found: its fields, and what a person should know about its files."""

    fields: Fields
    warnings: tuple[str, ...]


def read_entry(cloud: str, *, region: str | None, variables: Mapping[str, str], places: Sequence[Path]) -> Entry:
    """The entry `cloud`, with the secrets of secure.yaml laid over it; `region` goes before the entry's own.

    Raises:
        ConfigFailure: there is no such file or entry, it is unsafe, asks for unchecked certificates, or says what
            cannot be understood; file, line and key are named.
    """
    file = clouds_file(variables, places)
    entry = file.entry(cloud)
    if entry is None:
        raise unknown_cloud(cloud, file)
    layers = [_layer(file, entry)]
    secure = secure_file(places)
    if secure is not None and (hidden := secure.entry(cloud)) is not None:
        layers.append(_layer(secure, hidden))
    for layer in layers:
        _check_verification(layer)
    return Entry(_fields(cloud, layers, region), _warnings(layers))


@dataclass(frozen=True, slots=True)
class _Layer:
    file: CloudFile
    values: Mapping[str, Text]
    """Scalars by field, those of `auth` among them."""

    @property
    def holds_secrets(self) -> bool:
        return any(name in SECRET_FIELDS for name in self.values)


def _layer(file: CloudFile, entry: Table) -> _Layer:
    values = _scalars(file, entry)
    auth = entry.entries.get("auth")
    if isinstance(auth, Table):
        values |= _scalars(file, auth)
    elif auth is not None and not (isinstance(auth, Text) and auth.is_nothing):
        raise _unusable(file, auth, '"auth" is not a table')
    if "region_name" not in values and (only := _only_region(entry.entries.get("regions"))) is not None:
        values["region_name"] = only
    return _Layer(file, values)


def _scalars(file: CloudFile, table: Table) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for key, node in table.entries.items():
        name = key.replace("-", "_")
        name = _SPELLINGS.get(name, name)
        if isinstance(node, Text):
            if not node.is_nothing and node.value:
                found[name] = _checked(file, name, node)
        elif name in SECRET_FIELDS | _TOP_FIELDS:
            raise _unusable(file, node, f'"{excerpt(key, 60)}" is not a text')
    return found


def _checked(file: CloudFile, name: str, node: Text) -> Text:
    if name not in SECRET_FIELDS and node.value != clean(node.value):
        raise _unusable(file, node, f'"{excerpt(name, 60)}" holds a character that cannot be shown')
    return node


def _only_region(regions: Node | None) -> Text | None:
    if isinstance(regions, Listing) and len(regions.items) == 1 and isinstance(regions.items[0], Text):
        return regions.items[0]
    return None


def _check_verification(layer: _Layer) -> None:
    for name, refused in (("verify", _NO), ("insecure", _YES)):
        node = layer.values.get(name)
        if node is not None and node.value.lower() in refused:
            raise ConfigFailure(
                f"{layer.file.name} cannot be used",
                f'line {node.line}: "{name}: {node.value}" would switch off the check of certificates',
                "remove it; for a certificate of your own give its CA as cacert",
            )


def _fields(cloud: str, layers: Sequence[_Layer], region: str | None) -> Fields:
    values = {name: (layer, node.value) for layer in layers for name, node in layer.values.items()}
    plain = {name: value for name, (_, value) in values.items() if name not in SECRET_FIELDS}
    if region is not None:
        plain["region_name"] = region
    if (auth_url := _auth_url(plain, layers)) is not None:
        plain["auth_url"] = auth_url
    secret_files = {layer.file.path.name for name, (layer, _) in values.items() if name in SECRET_FIELDS}
    return Fields(
        source=f"clouds.yaml entry {excerpt(cloud, 60)}",
        secret_place=", ".join(sorted(secret_files)) or "clouds.yaml",
        called=lambda name: name if name in _TOP_FIELDS else f"auth.{name}",
        plain=plain,
        secrets={
            name: secret_field(name, value, f"{name} in {layer.file.name}")
            for name, (layer, value) in values.items()
            if name in SECRET_FIELDS
        },
    )


def _auth_url(plain: Mapping[str, str], layers: Sequence[_Layer]) -> str | None:
    url = plain.get("auth_url")
    profile = plain.get("profile")
    if url is None and profile is not None:
        url = _VENDOR_AUTH_URLS.get(profile)
        if url is None:
            node = next(layer.values["profile"] for layer in layers if "profile" in layer.values)
            raise ConfigFailure(
                f"{layers[0].file.name} cannot be used",
                f'line {node.line}: the vendor profile "{excerpt(profile, 40)}" is not known here',
                f"give auth.auth_url instead; known is: {', '.join(_VENDOR_AUTH_URLS)}",
            )
    if url is None or "{region_name}" not in url:
        return url
    region = plain.get("region_name")
    if region is None:
        raise ConfigFailure(
            f"{layers[0].file.name} cannot be used",
            "the auth URL contains the region, and region_name is missing",
            "give region_name in the entry, or --region",
        )
    return url.replace("{region_name}", region)


def _warnings(layers: Sequence[_Layer]) -> tuple[str, ...]:
    found = []
    for layer in layers:
        name = layer.file.name
        if layer.file.owner_is_other:
            found.append(f"{name} belongs to another user, who can change where your password is sent")
        if layer.file.readable_by_others and layer.holds_secrets:
            found.append(f"{name} holds a secret and other users can read it: chmod 600 {name}")
    return tuple(found)


def _unusable(file: CloudFile, node: Node, why: str) -> ConfigFailure:
    return ConfigFailure(f"{file.name} cannot be used", f"line {node.line}: {why}")
