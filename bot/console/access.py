"""Secrets of the sign-in: one-time links, sessions, and the tokens of forms. The store knows only their digests."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from bot.store import Role, Staff
from bot.store.ports import People

LINK_LASTS = 600.0  # seconds
SESSION_LASTS = 30 * 24 * 3600  # seconds


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def form_token(session: str) -> str:
    """Return the token that every form of a session carries, which no other site can know."""
    return hmac.new(session.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(session: str, token: str) -> bool:
    return hmac.compare_digest(form_token(session).encode(), token.encode("utf-8", "replace"))


async def invite(store: People, name: str, role: Role | None) -> tuple[Staff, str] | None:
    """Give a person a link of ten minutes; returns them with its secret, or None if a new person has no role."""
    secret = new_secret()
    found = await store.invite(name, role, digest(secret), time.time() + LINK_LASTS)
    return (found, secret) if found else None


async def sign_in(store: People, secret: str) -> str | None:
    """Use a link up. Returns the secret of a new session, or None if the link is not valid any more."""
    session = new_secret()
    found = await store.sign_in(digest(secret), digest(session), time.time() + SESSION_LASTS)
    return session if found else None
