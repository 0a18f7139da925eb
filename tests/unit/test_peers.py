"""Where a request comes from, through proxies that are trusted, and whose page opens a WebSocket."""

from __future__ import annotations

import pytest

from bot import settings
from bot.channels.peers import Proxies, matches_site
from bot.settings import BadSettings, networks, read_settings

LOOPBACK = networks(settings.LOOPBACK)


@pytest.mark.parametrize(
    ("peer", "lines", "who"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("::1", ["203.0.113.7"], "203.0.113.7"),
        ("::ffff:127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        # What the client says of itself stands to the left, and in lines of its own.
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["127.0.0.1", "203.0.113.7"], "203.0.113.7"),
        # Several proxies in a row: over trusted ones to the left.
        ("127.0.0.1", ["203.0.113.7, 127.0.0.2, ::1"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7, 127.0.0.2", "127.0.0.3"], "203.0.113.7"),
        ("127.0.0.1", ["127.0.0.9"], "127.0.0.9"),
        # Ports, brackets, quotes and mapped addresses, as various proxies write them.
        ("127.0.0.1", ["203.0.113.7:5678"], "203.0.113.7"),
        ("127.0.0.1", ["[2001:db8:1:2::7]:80"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["[2001:db8:1:2::7]"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["2001:db8:1:2::7"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ['"[2001:db8:1:2::7]:4711"'], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["::ffff:203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["[::ffff:203.0.113.7]:80"], "203.0.113.7"),
        ("127.0.0.1", ["fe80::1%eth0"], "fe80::/64"),
        ("127.0.0.1", [" 203.0.113.7 ,, "], "203.0.113.7"),
        # What is no address ends the reading where it stands.
        ("127.0.0.1", ["203.0.113.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7, _hidden, 127.0.0.2"], "127.0.0.2"),
        ("127.0.0.1", ["203.0.113.7:567890"], "127.0.0.1"),
        ("127.0.0.1", ["[::1"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.007"], "127.0.0.1"),
        ("127.0.0.1", ["<script>"], "127.0.0.1"),
        # A private address is no proxy of ours unless it is said to be one.
        ("10.0.0.5", ["203.0.113.7"], "10.0.0.5"),
        ("192.168.1.1", ["203.0.113.7"], "192.168.1.1"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1, 10.0.0.5"], "10.0.0.5"),
        ("", ["203.0.113.7"], ""),
    ],
)
def test_the_address_is_that_of_the_last_who_is_not_trusted(peer: str, lines: list[str], who: str) -> None:
    assert Proxies(LOOPBACK).client_address(peer, lines) == who


def test_other_proxies_are_trusted_where_they_are_named() -> None:
    proxies = Proxies(networks("10.0.0.0/8, 192.0.2.7 2001:db8::/32"))
    assert (
        proxies.client_address("10.1.2.3", ["198.51.100.1, 203.0.113.7, 192.0.2.7", "[2001:db8::5]:80"])
        == "203.0.113.7"
    )
    assert proxies.client_address("127.0.0.1", ["203.0.113.7"]) == "127.0.0.1"


@pytest.mark.parametrize("value", ["proxy.example.com", "10.0.0.0/33", "10.0.0.1:80", "10.0.0.0/8; 192.0.2.7", "[::1]"])
def test_a_wrong_setting_is_told_with_what_would_be_right(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", value)
    with pytest.raises(BadSettings) as told:
        read_settings()
    assert str(told.value).startswith("TRUSTED_PROXIES: these are addresses of proxies or networks of them")
    assert str(told.value).endswith("right would be, for example, TRUSTED_PROXIES=10.0.0.0/8 192.0.2.7")


@pytest.mark.parametrize("value", ["http://[", "http://", "https://:443", "https://a:x", "ftp://a", "a"])
def test_an_address_that_is_none_is_told(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", value)
    with pytest.raises(BadSettings, match=r"^PUBLIC_URL: .*; right would be"):
        read_settings()


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        ("https://example.com", True),
        ("https://example.com:443", True),
        ("https://EXAMPLE.com", True),
        ("http://example.com", False),
        ("https://example.com:8443", False),
        ("https://shop.example.net", True),
        ("https://a.b.example.org", True),
        ("https://example.org", False),
        ("https://evilexample.org", False),
        ("https://example.com.evil.net", False),
        ("http://[", False),
        ("http://[::1", False),
        ("https://", False),
        ("https://example.com:x", False),
        ("null", False),
        ("", False),
        ("example.com", False),
        ("file://", False),
    ],
)
def test_whose_page_an_origin_is(origin: str, ours: bool) -> None:
    sites = ["https://example.com", "https://shop.example.net", "https://*.example.org"]
    assert matches_site(origin, sites) is ours
