"""The page with what is kept of a merchant: an official account can send no files, so a text brings its address."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from bot.model import Address
from bot.store import Belongings, as_file

DATA_PATH = "/wechat/data/"
PAGE_LASTS = 3600.0  # seconds


class DataPages:
    """Addresses of merchants' pages, signed and valid for a time."""

    def __init__(self, own: Callable[[Address], Awaitable[Belongings]], secret: str) -> None:
        self.own, self.secret = own, hashlib.sha256(b"data page" + secret.encode()).digest()

    def sign(self, address: str, until: float) -> str:
        """Return the last part of the address of a merchant's page, valid until a time (Unix seconds)."""
        said = f"{int(until)}:{address}".encode()
        return encode(said) + "." + encode(hmac.digest(self.secret, said, "sha256")[:16])

    def read(self, signed: str, now: float) -> Address | None:
        """Return the merchant whose page it is, or None if the signature is wrong or old."""
        text, _, mark = signed.partition(".")
        try:
            said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            until, _, address = said.decode().partition(":")
        except ValueError:
            return None
        right = encode(hmac.digest(self.secret, said, "sha256")[:16])
        if not hmac.compare_digest(mark.encode("utf-8", "replace"), right.encode()) or int(until) < now:
            return None
        return Address.of(address)

    async def serve(self, request: web.Request) -> web.Response:
        whose = self.read(request.match_info["signed"], time.time())
        if whose is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="this address is not valid any more\n")
        headers = {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        }
        return web.Response(text=as_file(await self.own(whose)), content_type="application/json", headers=headers)


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
