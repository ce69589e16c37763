"""Whether the host where signing in happens can be reached: its name, and its certificate."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from evs_tui.checks.check import Found, State
from evs_tui.cloud.origins import Endpoint
from evs_tui.cloud.tls import shown_certificate, tls_context
from evs_tui.credentials.stores.deadline import aside
from evs_tui.failure import ExitCode
from evs_tui.text import excerpt

T = TypeVar("T")
_DEADLINE_S = 6.0
_UNREACHABLE = ExitCode.UNREACHABLE


async def name_resolution(endpoint: Endpoint, proxy: str | None) -> Found:
    """Whether the host's name leads to an address."""
    host = endpoint.host
    if proxy is not None:
        return Found(State.SKIPPED, f"the proxy {proxy} looks the name up")
    if _is_address(host):
        return Found(State.SKIPPED, f"{host} is an address, not a name")
    try:
        found = await _in_time(lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    except TimeoutError:
        return _not_resolved(host, f"no answer within {_DEADLINE_S:.0f} s")
    except (OSError, UnicodeError) as error:
        return _not_resolved(host, excerpt(getattr(error, "strerror", None) or "no such name").lower())
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return Found(State.OK, f"{host} is {', '.join(list(addresses)[:3])}")


async def certificate(endpoint: Endpoint, proxy: str | None, ca_bundle: str | None) -> Found:
    """Whether the host can be connected to, and shows a certificate that is trusted. Nothing is sent.

    Raises:
        ConfigFailure: `ca_bundle` cannot be used.
    """
    if endpoint.is_plain:
        return Found(State.SKIPPED, f"{endpoint.host} is this machine, spoken to by plain http")
    if proxy is not None:
        return Found(State.SKIPPED, f"the connection goes through the proxy {proxy}; signing in checks the certificate")
    host, port = endpoint.host, urlsplit(endpoint.origin).port or 443
    context = tls_context(ca_bundle)
    try:
        version = await _in_time(lambda: _handshake(context, host, port))
    except ssl.SSLCertVerificationError as error:
        return await _not_trusted(endpoint, excerpt(error.verify_message or "it cannot be verified"))
    except TimeoutError:
        return _not_connected(host, port, f"no answer within {_DEADLINE_S:.0f} s")
    except OSError as error:
        return _not_connected(host, port, excerpt(error.strerror or type(error).__name__).lower())
    return Found(State.OK, f"{host}:{port} answers with {version} and a certificate that is trusted")


async def _not_trusted(endpoint: Endpoint, why: str) -> Found:
    shown = await _in_time(lambda: shown_certificate(endpoint.origin))
    return Found(
        State.FAIL,
        f"the certificate of {endpoint.host} is not trusted: {why}" + (f"; it is {shown}" if shown else ""),
        "if this is your cloud's own authority, name its certificate as ca_bundle of the profile; "
        "the check is never left out",
        _UNREACHABLE,
    )


def _handshake(context: ssl.SSLContext, host: str, port: int) -> str:
    with (
        socket.create_connection((host, port), timeout=_DEADLINE_S / 2) as plain,
        context.wrap_socket(plain, server_hostname=host) as encrypted,
    ):
        return encrypted.version() or "TLS"


async def _in_time(function: Callable[[], T]) -> T:
    return await asyncio.wait_for(aside(function), _DEADLINE_S)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _not_resolved(host: str, why: str) -> Found:
    return Found(
        State.FAIL,
        f"the name {host} leads nowhere: {why}",
        "check the auth URL and the region for a typing error, and the name service of this host",
        _UNREACHABLE,
    )


def _not_connected(host: str, port: int, why: str) -> Found:
    return Found(
        State.FAIL,
        f"no connection to {host}:{port}: {why}",
        "a firewall may be in between, or a proxy be needed (HTTPS_PROXY)",
        _UNREACHABLE,
    )
