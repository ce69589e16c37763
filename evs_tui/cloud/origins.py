"""Where requests may go: endpoints as a user or a catalog writes them, reduced to an origin and a path prefix."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from evs_tui.text import excerpt

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_VERSION_AND_REST = re.compile(r"/v\d+(\.\d+)?(/.*)?$")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class BadEndpoint(ValueError):
    """A URL that no request may be sent to. The message says why, in words for a user."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one service answers: an origin (`https://host[:port]`) and the path before the API version, often empty."""

    origin: str
    prefix: str = ""

    def __str__(self) -> str:
        return self.origin + self.prefix

    @property
    def host(self) -> str:
        """The host without its port."""
        return urlsplit(self.origin).hostname or ""

    @property
    def is_plain(self) -> bool:
        """Whether what goes there can be read on the way. Only hosts of this machine are spoken to like that."""
        return self.origin.startswith("http://")


def endpoint_from(url: str) -> Endpoint:
    """The endpoint that `url` names. An API version in its path, and all behind it, is dropped.

    Versions are chosen call by call: one host serves several, and catalogs name one of them, or none.

    Raises:
        BadEndpoint: not https (or plain http to a host other than this machine), user info, an odd host or path.
    """
    shown = excerpt(url, 200)
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadEndpoint(f"{shown} is not a URL") from None
    if "@" in parts.netloc:
        raise BadEndpoint("it holds a user name or a password, which belong elsewhere")
    if parts.scheme not in _DEFAULT_PORTS:
        raise BadEndpoint(f"{shown} does not begin with https://")
    if not _is_host(host):
        raise BadEndpoint(f"{shown} names no usable host")
    if parts.scheme == "http" and not is_loopback(host):
        raise BadEndpoint(f"{shown} is plain http: passwords and tokens would travel readable to {host}")
    if parts.query or parts.fragment:
        raise BadEndpoint(f"{shown} has a query or a fragment")
    prefix = _VERSION_AND_REST.sub("", parts.path.rstrip("/")).rstrip("/")
    if not _PREFIX.fullmatch(prefix) or any(piece in {".", ".."} for piece in prefix.split("/")):
        raise BadEndpoint(f"{shown} has an unusable path")
    shown_host = f"[{host}]" if ":" in host else host
    if port == 0:
        raise BadEndpoint(f"{shown} names no usable port")
    suffix = "" if port is None or port == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return Endpoint(f"{parts.scheme}://{shown_host}{suffix}", prefix)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: `localhost` or a loopback address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        labels = host.rstrip(".").split(".")
        return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    return True
