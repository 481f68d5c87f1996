"""The address guard: what this installation may connect to.

Refused are addresses that are not public (loopback, private, link-local, metadata, carrier-grade NAT, reserved,
multicast, unspecified, and IPv6 forms that carry such an IPv4 address), unless `host:port` is in
`AMBAR_ALLOWED_TARGETS` (`host:*` allows every port of a host). Names are resolved and *all* their addresses
judged; connecting goes to the judged address, so a name that changes in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import structlog

from ..refusals import Refusal

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

RESOLVE_SECONDS = 3.0
LONGEST_URL = 2048

_METADATA = {ipaddress.ip_address("168.63.129.16")}
"""Cloud metadata services on public addresses (the others are link-local or private)."""
_CARRIERS = (
    (ipaddress.ip_network("64:ff9b::/96"), 0),
    (ipaddress.ip_network("2002::/16"), 80),
    (ipaddress.ip_network("::/96"), 0),
)
"""IPv6 ranges that carry an IPv4 address, and how far to shift to find it."""

_TARGET = re.compile(r"(\[[^\]]+\]|[^:\s]+):(\d{1,5}|\*)")
log = structlog.get_logger(__name__)
_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


class AddressRefused(Refusal):
    """This address may not be connected to."""

    code = "address_refused"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This address may not be connected to: {reason}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A judged URL: connect to one of `addresses`, speak to `host`."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


def check(url: str) -> Target:
    """Judges a URL that somebody typed in.

    :raises AddressRefused: with the reason.
    """
    scheme, host, port = split(url)
    return Target(scheme=scheme, host=host, port=port, addresses=addresses(host, port))


def split(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an http(s) URL without credentials.

    :raises AddressRefused: anything else.
    """
    if not isinstance(url, str) or len(url) > LONGEST_URL:
        raise AddressRefused("not a URL of reasonable length")
    if any(ord(letter) <= 32 or ord(letter) == 127 or letter == "\\" for letter in url):
        raise AddressRefused("the URL holds blanks, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("not a URL") from error
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise AddressRefused("only http and https are spoken")
    if "@" in parts.netloc:
        raise AddressRefused("credentials do not belong into a URL")
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise AddressRefused("the URL names no host")
    if port == 0:
        raise AddressRefused("port 0 can't be connected to")
    return scheme, host, port or (443 if scheme == "https" else 80)


def addresses(host: str, port: int) -> tuple[str, ...]:
    """The judged addresses of a host; every one must be acceptable.

    :raises AddressRefused: one is not, or the name has none.
    """
    found = _resolve(host, port)
    for address in found:
        if not allowed(host, port) and not allowed(address, port):
            reason = refuses(ipaddress.ip_address(address))
            if reason:
                raise AddressRefused(f"{host} is {reason}")
    return found


def refuses(address: Address) -> str | None:
    """Why an address is not public, or None when it is."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or _carried(address)
        if address.teredo:
            carried = address.teredo[1]
        if carried is not None and not (address.is_loopback or address.is_unspecified):
            return refuses(carried)
    for name in ("unspecified", "loopback", "link_local", "multicast", "private", "reserved"):
        if getattr(address, f"is_{name}"):
            return f"a {name.replace('_', '-')} address"
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return "a private address"
    if address in _METADATA:
        return "a metadata address"
    return None if address.is_global else "not a public address"


def allowed(host: str, port: int) -> bool:
    """Whether the configuration lets this `host:port` through."""
    targets = _targets(os.environ.get("AMBAR_ALLOWED_TARGETS", ""))
    name = host.strip("[]").lower()
    return (name, str(port)) in targets or (name, "*") in targets


@lru_cache(maxsize=8)
def _targets(text: str) -> frozenset[tuple[str, str]]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for part in parts:
        if not _TARGET.fullmatch(part):
            log.warning(
                "AMBAR_ALLOWED_TARGETS: this entry allows nothing, write host:port or host:*", entry=part
            )
    pairs = (part.rpartition(":") for part in parts)
    return frozenset((host.strip("[]").lower(), port) for host, _, port in pairs)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    for network, shift in _CARRIERS:
        if address in network:
            return ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return None


def _resolve(host: str, port: int) -> tuple[str, ...]:
    try:
        return (str(ipaddress.ip_address(host.strip("[]").partition("%")[0])),)
    except ValueError:
        pass
    try:
        future = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        rows = future.result(RESOLVE_SECONDS)
    except (OSError, UnicodeError) as error:
        if isinstance(error, LateError):
            raise AddressRefused(f"{host} can't be resolved in time") from error
        raise AddressRefused(f"{host} can't be resolved") from error
    found = tuple(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))
    if not found:
        raise AddressRefused(f"{host} has no address")
    return found
