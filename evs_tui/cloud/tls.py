"""Which certificates are believed, and what is said about one that is not."""

from __future__ import annotations

import hashlib
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from evs_tui.failure import ConfigFailure
from evs_tui.text import clean, excerpt

_CONNECT_SECONDS = 5.0
_SEQUENCE = 0x30
_SET = 0x31
_INTEGER = 0x02
_EXPLICIT_0 = 0xA0
_COMMON_NAME = b"\x55\x04\x03"
_ORGANISATION = b"\x55\x04\x0a"


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """A context that verifies chain and host name against the system's trust store, with `ca_bundle` on top.

    It is built by hand because the library's default one would write session keys where SSLKEYLOGFILE says.

    Raises:
        ConfigFailure: `ca_bundle` cannot be read, or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if ca_bundle is not None:
        path = Path(ca_bundle).expanduser()
        try:
            if path.is_dir():
                context.load_verify_locations(capath=str(path))
            else:
                context.load_verify_locations(cafile=str(path))
        except (OSError, ssl.SSLError) as error:
            why = error.strerror if type(error) is FileNotFoundError else "it holds no certificate that can be read"
            raise ConfigFailure(
                f"The CA bundle {excerpt(ca_bundle, 200)} cannot be used",
                str(why or error.__class__.__name__),
                "Name a file of PEM certificates (OS_CACERT, or cacert in clouds.yaml)",
            ) from None
    return context


def verification_failure(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """The refusal of a certificate that lies behind `error`, if one does."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error
        error, seen = error.__cause__ or error.__context__, seen + 1
    return None


def shown_certificate(origin: str) -> str:
    """Issuer and SHA-256 of the certificate that the host of `origin` shows, for a message; "" where it shows none.

    Opens a connection of its own, on which nothing is sent and nothing is believed: the refused one does not tell.
    Blocks for up to a few seconds.
    """
    parts = urlsplit(origin)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 443), timeout=_CONNECT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as encrypted,
        ):
            certificate = encrypted.getpeercert(binary_form=True)
    except OSError:
        return ""
    if not certificate:
        return ""
    return f'issued by "{issuer_of(certificate)}", SHA-256 {hashlib.sha256(certificate).hexdigest()}'


def issuer_of(certificate: bytes) -> str:
    """Common name (else organisation) of who issued a DER `certificate`, cleaned; `unknown` where it is unreadable."""
    try:
        body = _children(_children(certificate)[0][1])[0][1]
        fields = [field for field in _children(body) if field[0] != _EXPLICIT_0]
        # After the optional version: serial number, signature algorithm, issuer.
        if fields[0][0] != _INTEGER or fields[2][0] != _SEQUENCE:
            return "unknown"
        names: dict[bytes, str] = {}
        for tag, relative in _children(fields[2][1]):
            if tag == _SET:
                kind, value = _children(_children(relative)[0][1])[:2]
                names.setdefault(kind[1], value[1].decode("utf-8", "replace"))
    except (IndexError, ValueError):
        return "unknown"
    return excerpt(clean(names.get(_COMMON_NAME) or names.get(_ORGANISATION) or "unknown"), 100)


def _children(data: bytes) -> list[tuple[int, bytes]]:
    """The tag-length-value items in `data`, in order."""
    items = []
    at = 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise ValueError("cut")
        items.append((tag, data[at : at + length]))
        at += length
    return items
