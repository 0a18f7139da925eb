"""Visitors' names: random and in a signed cookie, so that nobody can read another visitor's conversation."""

from __future__ import annotations

import base64
import hmac
import re
import secrets

NAME = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits
LASTS = 365 * 24 * 3600  # seconds since the last visit


class Visitors:
    """Signs and verifies the values of cookies."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    def new(self) -> str:
        """Return a new visitor's name: 22 characters, 128 random bits."""
        return secrets.token_urlsafe(16)

    def sign(self, name: str) -> str:
        """Return the visitor's cookie value: NAME.SIGNATURE."""
        digest = hmac.digest(self.secret, f"visitor {name}".encode(), "sha256")
        return f"{name}.{base64.urlsafe_b64encode(digest[:18]).decode()}"

    def read(self, cookie: str | None) -> str | None:
        """Return the visitor's name in a cookie, or None if it is missing or its signature is invalid."""
        name, dot, _ = (cookie or "").partition(".")
        if not (cookie and dot and NAME.fullmatch(name)):
            return None
        expected = self.sign(name).encode()
        return name if hmac.compare_digest(cookie.encode("utf-8", "replace"), expected) else None
