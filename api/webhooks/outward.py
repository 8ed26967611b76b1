"""Outward: calls to addresses that others gave us, kept away from everything that is inside.

The name is resolved here, every address it has is checked, and the connection goes to the address
that was checked: a name that answers differently the second time gains nothing. No redirects.
"""

import ipaddress
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

SECONDS = 15.0
MOST_READ = 64 * 1024
LONGEST = 500
OWN_NAMES = (".local", ".internal", ".localhost", ".arpa")


class Unreachable(Exception):
    """The address may not be called, or did not answer; the message is safe to show."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other side said: its status and what we need of its headers."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


def allowed_hosts() -> frozenset[str]:
    """Hosts of our own that may be called all the same: for the demo and the tests."""
    return frozenset(getattr(settings, "OUTWARD_ALLOWED", ()))


def wrong_with(url: str) -> str:
    """Why an address can never be called, as a sentence; empty when nothing speaks against it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is not an address."
    host = parts.hostname or ""
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or not host:
        return "This is not an address."
    if parts.username or parts.password or parts.fragment:
        return "Write the address without a user and without a fragment."
    if host in allowed_hosts():
        return "" if parts.scheme in ("http", "https") else "Write an https address."
    if parts.scheme != "https" or port not in (None, 443):
        return "Write an https address on port 443."
    if _literal(host) is not None:
        return "Write a name, not a number."
    last = host.rpartition(".")[2]
    is_name = last.isalpha() or last.startswith("xn--")
    if last == host or not is_name or host.endswith(OWN_NAMES):
        return "Write the name of a host on the internet."
    return ""


def _literal(host: str) -> Any:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_outside(address: str) -> bool:
    """Whether an address is on the internet, and on no net of anybody's own."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    found = mapped or found
    return found.is_global and not (found.is_multicast or found.is_reserved)


class Guarded(httpcore.NetworkBackend):
    """Connections only to addresses that were checked."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host, if all of them are outside."""
        found = _resolved(host, port)
        if host not in allowed_hosts() and not all(is_outside(address) for address in found):
            raise Unreachable("The address is not on the internet.")
        return self._plain.connect_tcp(found[0], port, timeout, local_address, socket_options)


def _resolved(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("The name of the host is not known.") from None
    return [str(row[4][0]) for row in rows]


@cache
def _pool() -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(),
        network_backend=Guarded(),
        max_connections=20,
        max_keepalive_connections=0,
    )


def post(url: str, content: bytes, headers: Mapping[str, str]) -> Answered:
    """Send a body to an address; raises Unreachable. A redirect is an answer like any other."""
    said = wrong_with(url)
    if said:
        raise Unreachable(said)
    given = [(name.encode(), value.encode()) for name, value in headers.items()]
    given.append((b"Host", urlsplit(url).netloc.encode()))
    limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), SECONDS)}
    try:
        with _pool().stream("POST", url, headers=given, content=content, extensions=limits) as got:
            read = 0
            for part in got.iter_stream():
                read += len(part)
                if read > MOST_READ:
                    break
            told = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in got.headers
            }
            return Answered(got.status, told)
    except Unreachable:
        raise
    except (httpcore.TimeoutException, TimeoutError):
        raise Unreachable(f"No answer within {SECONDS:.0f} seconds.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise Unreachable("The connection failed.") from None
