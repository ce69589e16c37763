"""Which proxy a request goes through, by the usual variables, and how that is shown."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from evs_tui.failure import ConfigFailure


def proxy_for(origin: str) -> str | None:
    """The URL of the proxy for `origin`, or None. Plain http never takes one: the token would lie open to it.

    `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` count, in either case, and the system's own settings where it has some.

    Raises:
        ConfigFailure: the proxy is of a kind that cannot be used.
    """
    parts = urlsplit(origin)
    if parts.scheme != "https":
        return None
    proxies = getproxies()
    found = proxies.get("https") or proxies.get("all")
    if not found or proxy_bypass(parts.netloc):
        return None
    url = found if "://" in found else f"http://{found}"
    try:
        target = urlsplit(url)
        usable = target.scheme in {"http", "https"} and bool(target.hostname) and target.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigFailure(
            "The proxy cannot be used",
            "only proxies with http:// or https:// are spoken to",
            "Set HTTPS_PROXY to such a proxy, or name the cloud's hosts in NO_PROXY",
        )
    return url


def shown_proxy(url: str) -> str:
    """Host and port of a proxy, without a user name or password that its URL may hold."""
    parts = urlsplit(url)
    return (parts.hostname or "") + ("" if parts.port is None else f":{parts.port}")
