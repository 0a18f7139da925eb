"""Who is at the other end: the address a request comes from, through the proxies that are trusted, and whose page it is."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from bot.settings import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# 192.0.2.7:5678, [2001:db8::1]:80 or [2001:db8::1]; an IPv6 address alone is taken as it is.
WITH_PORT = re.compile(r"(?:(?P<v4>[0-9.]+):[0-9]{1,5}|\[(?P<v6>[0-9A-Fa-f:.]+)(?:%[^\]]*)?\](?::[0-9]{1,5})?)")
DEFAULT_PORTS = {"http": 80, "https": 443}


def address_of(text: str) -> Address | None:
    """The address in an entry of X-Forwarded-For or of a connection's peer; None where it is none."""
    text = text.strip().strip('"')
    found = WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found["v4"] or found["v6"]) if found else text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if address.version == 6 else address


@dataclass(frozen=True)
class Proxies:
    """The networks whose machines are believed when they say in X-Forwarded-For where a request comes from."""

    networks: tuple[Network, ...]

    def trust(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def client(self, request: web.Request) -> str:
        """Where a request comes from, as `Limit` counts it."""
        return self.behind(request.remote or "", request.headers.getall("X-Forwarded-For", ()))

    def behind(self, peer: str, forwarded: Iterable[str]) -> str:
        """Who is behind a peer that sends these lines of X-Forwarded-For.

        Each proxy appends who has spoken to it. So the last entry is the nearest, and an entry counts as long as all that
        have passed it on are trusted; what stands to the left of it may be the client's own invention.
        """
        here = address_of(peer)
        if here is None:
            return peer
        for entry in reversed([one for one in ",".join(forwarded).split(",") if one.strip()]):
            before = address_of(entry) if self.trust(here) else None
            if before is None:
                break
            here = before
        return counted(here)


def counted(address: Address) -> str:
    """Of IPv6, whoever has one address has its whole network."""
    return str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def origin_of(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin or of an address; None where it is none."""
    try:
        parts = urlsplit(text)
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def is_one_of(origin: str, sites: Iterable[str]) -> bool:
    """Whether an origin is one of these sites, each like https://example.com or https://*.example.org."""
    asked = origin_of(origin)
    for site in sites:
        known = origin_of(site.replace("//*.", "//"))
        if asked is None or known is None or (asked[0], asked[2]) != (known[0], known[2]):
            continue
        if asked[1].endswith(f".{known[1]}") if "//*." in site else asked[1] == known[1]:
            return True
    return False
