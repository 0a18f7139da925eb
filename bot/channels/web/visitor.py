"""Visitors' names: random and in a signed cookie, so that nobody can read another visitor's conversation."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits
LASTS = 365 * 24 * 3600  # seconds since the last visit


LONGEST_PART = 64  # characters of a person's id or name
SIGNATURE = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Person:
    """A visitor's identity at the embedding site: their id there, and a name, "" if unknown."""

    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id


def signature(secret: str, id: str, expires: int) -> str:
    """Return the embedding site's signature of a person's id until a time (Unix seconds)."""
    return hmac.digest(secret.encode(), f"{id}.{expires}".encode(), "sha256").hex()


def identified(secret: str | None, given: Mapping[str, Any], now: float) -> Person | None:
    """Return the person whose id the embedding site has signed, or None if it has not, or for an earlier time."""
    id, name, expires, signed = given.get("id"), given.get("name") or "", given.get("expires"), given.get("signature")
    if not (secret and isinstance(id, str) and isinstance(name, str) and isinstance(signed, str)):
        return None
    if not (0 < len(id) <= LONGEST_PART and type(expires) is int and now < expires and SIGNATURE.fullmatch(signed)):
        return None
    try:
        right = hmac.compare_digest(signed, signature(secret, id, expires))
    except UnicodeEncodeError:
        return None
    return Person(id, " ".join(name.split())[:LONGEST_PART]) if right else None


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
