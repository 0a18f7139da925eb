"""A merchant's own words where there is markup around them."""

from __future__ import annotations

import re


def escape_markdown(text: str) -> str:
    """His words on one line, so that none of them is markup."""
    return re.sub(r"([\\`*_\[\]<>#~|&!])", r"\\\1", text).replace("\n", " ")
