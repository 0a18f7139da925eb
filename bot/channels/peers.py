"""Origins of requests: the client's address behind trusted proxies, and the page's site."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# 192.0.2.7:5678, [2001:db8::1]:80 or [2001:db8::1]; addresses without port or brackets need no pattern.
WITH_PORT = re.compile(r"(?:(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]+)(?:%[^\]]*)?\](?::[0-9]{1,5})?)")
DEFAULT_PORTS = {"http": 80, "https": 443}


def address_of(text: str) -> Address | None:
    """Parse an entry of X-Forwarded-For or a connection's peer. Returns None if it is not an IP address."""
    text = text.strip().strip('"')
    found = WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found["v4"] or found["v6"]) if found else text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if address.version == 6 else address


@dataclass(frozen=True)
class Proxies:
    """The networks of proxies whose X-Forwarded-For header is trusted."""

    networks: tuple[Network, ...]

    def trust(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def client(self, request: web.Request) -> str:
        """Return a request's client, as a key for `Limit`."""
        return self.client_address(request.remote or "", request.headers.getall("X-Forwarded-For", ()))

    def client_address(self, peer: str, forwarded: Iterable[str]) -> str:
        """Return the client behind a peer that sends these X-Forwarded-For headers.

        Each proxy appends its peer's address. So entries are read from the last, as long as the proxies that passed them on
        are trusted; those further left may be forged by the client.
        """
        here = address_of(peer)
        if here is None:
            return peer
        for entry in reversed([one for one in ",".join(forwarded).split(",") if one.strip()]):
            before = address_of(entry) if self.trust(here) else None
            if before is None:
                break
            here = before
        return address_key(here)


def address_key(address: Address) -> str:
    """Return the key of an address: for IPv6 its /64 network, which usually belongs to one client as a whole."""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def origin_of(text: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin or URL, or None if it is malformed."""
    try:
        parts = urlsplit(text)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def matches_site(origin: str, sites: Iterable[str]) -> bool:
    """Return true if an origin matches one of the sites, given like https://example.com or https://*.example.org."""
    asked = origin_of(origin)
    for site in sites:
        known = origin_of(site.replace("//*.", "//"))
        if asked is None or known is None or (asked[0], asked[2]) != (known[0], known[2]):
            continue
        if asked[1].endswith(f".{known[1]}") if "//*." in site else asked[1] == known[1]:
            return True
    return False
