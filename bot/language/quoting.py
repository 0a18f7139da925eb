"""Quoting of merchants' text in Markdown."""

from __future__ import annotations

import re


def escape_markdown(text: str) -> str:
    """Escape Markdown, and join lines with spaces."""
    return re.sub(r"([\\`*_\[\]<>#~|&!])", r"\\\1", text).replace("\n", " ")
