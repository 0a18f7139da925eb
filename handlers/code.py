"""Result codes: 75 bits in fifteen characters of Crockford's base 32."""

from __future__ import annotations

import re

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP, GROUPS = 5, 3
BITS = 5 * GROUP * GROUPS
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
LONGEST_MESSAGE = 2000

GROUP_PATTERN = f"[0-9A-TV-Z]{{{GROUP}}}"
# With or without hyphens; not part of a longer word.
CODE = re.compile(
    rf"(?<![0-9A-Z]){GROUP_PATTERN}(?:[-\u2010-\u2014 ]?{GROUP_PATTERN}){{{GROUPS - 1}}}(?![0-9A-Z])", re.IGNORECASE
)


def code_from(nonce: str) -> str:
    """Encode a random number (hexadecimal, at least 75 bits) as a code; "" if it is empty."""
    if not nonce:
        return ""
    number = int(nonce, 16)
    letters = "".join(LETTERS[number >> 5 * place & 31] for place in range(GROUP * GROUPS))
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def code_in(text: str) -> str | None:
    """Return the first code in a text in canonical form, or None."""
    match = CODE.search(text[:LONGEST_MESSAGE])
    if match is None:
        return None
    letters = re.sub(r"[^0-9A-Z]", "", match[0].upper()).translate(MISREAD)
    return "-".join(letters[start : start + GROUP] for start in range(0, len(letters), GROUP))


def surely_code(text: str) -> bool:
    """Return true if a message is a code and nothing else, with hyphens, letters and digits."""
    match = CODE.fullmatch(text.strip())
    return match is not None and "-" in text and any(map(str.isalpha, text)) and any(map(str.isdigit, text))
