"""Redaction of secrets, applied where logs and messages leave the process and nowhere else.

Removes the registered secrets in every spelling, and anything that looks like a secret: bot tokens, user and password
in URLs, and passwords in URL parameters.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

GONE = "…"
SHORTEST = 4  # characters; a shorter secret would match inside words, and is only redacted in URLs
# A bot token in URLs of the Bot API.
TOKEN = re.compile(r"(\d{5,})(?::|%3A)[A-Za-z0-9_-]{30,}", re.IGNORECASE)
# A password may hold an unencoded slash, but a URL ends at a space or a quotation mark.
USER = re.compile(r"(?<=://)[^\s/@\"'<>]*(?::[^\s@\"'<>]*)?@")
PARAMETER = re.compile(
    r"([?&;][\w.-]*(?:password|passwd|pwd|secret|token|api_?key)[\w.-]*=)[^&\s#\"'<>]*", re.IGNORECASE
)
SECRET_PARAMETER = re.compile(r"(?:^|[?&])(?:ssl)?password=([^&#]*)", re.IGNORECASE)

hidden: dict[str, None] = {}  # longest first


def redacted(text: str) -> str:
    """Replace the secrets in a text by "…"."""
    for secret in hidden:
        text = text.replace(secret, GONE)
    text = TOKEN.sub(rf"\1:{GONE}", text)
    return PARAMETER.sub(rf"\1{GONE}", USER.sub(f"{GONE}@", text))


def hide(secrets: Iterable[str]) -> None:
    """Register secrets to be redacted, in their plain, URL, JSON and Python spellings."""
    found = {spelling for secret in secrets for spelling in spellings(secret) if len(spelling) >= SHORTEST}
    ordered = sorted({*hidden, *found}, key=lambda one: (-len(one), one))
    hidden.clear()
    hidden.update(dict.fromkeys(ordered))


def spellings(secret: str) -> set[str]:
    plain = unquote(secret)
    return {
        secret,
        *(
            way(one)
            for one in (secret, plain)
            for way in (str, quote, quote_plus, as_part, as_json, as_ascii, as_python)
        ),
    }


def as_part(text: str) -> str:
    return quote(text, safe="")


def as_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def as_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def as_python(text: str) -> str:
    return repr(text)[1:-1]


def of_url(url: str | None) -> set[str]:
    """Return the secrets in a URL: its password, the HTTP Basic credentials, and passwords in its parameters."""
    rest = (url or "").partition("://")[2]
    user, at, _ = rest.partition("?")[0].rpartition("@")
    name, _, password = user.partition(":")
    found = set(SECRET_PARAMETER.findall(rest))
    if at and password:
        basic = b64encode(f"{unquote(name)}:{unquote(password)}".encode()).decode()
        found |= {password, basic}
    return found - {""}
