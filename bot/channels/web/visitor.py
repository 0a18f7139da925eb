"""Who visits: a random name in a cookie, signed, so that nobody can read another visitor's conversation."""

from __future__ import annotations

import base64
import hmac
import re
import secrets

NAME = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits
LASTS = 365 * 24 * 3600  # seconds since the last visit


class Visitors:
    """Makes and reads the cookies' values."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    def new(self) -> str:
        """The name of a new visitor."""
        return secrets.token_urlsafe(16)

    def signed(self, name: str) -> str:
        """A cookie's value for this visitor."""
        digest = hmac.digest(self.secret, f"visitor {name}".encode(), "sha256")
        return f"{name}.{base64.urlsafe_b64encode(digest[:18]).decode()}"

    def read(self, cookie: str | None) -> str | None:
        """The visitor of a cookie, or None where there is none or it was not made here."""
        name, dot, _ = (cookie or "").partition(".")
        if not (cookie and dot and NAME.fullmatch(name)):
            return None
        expected = self.signed(name).encode()
        return name if hmac.compare_digest(cookie.encode("utf-8", "replace"), expected) else None
