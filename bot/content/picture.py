"""Pictures of a brand, which every visitor loads and which a page may hold: small, and without scripts."""

from __future__ import annotations

from pathlib import Path

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from bot.content.folder import read_bytes
from bot.content.said import Notice, said

LARGEST = 500_000  # bytes
SMALLEST_SIDE, LARGEST_SIDE = 32, 4096  # pixels
KINDS = ("PNG", "JPEG", "WEBP")
DRAWING = ".svg"
ACTIVE = ("script", "foreignobject", "iframe", "embed", "object", "handler", "set", "animate")


def picture_problem(name: str, path: str) -> Notice | None:
    """Return why a picture cannot be a brand's, or None."""
    size = Path(path).stat().st_size
    if size > LARGEST:
        return said("picture-too-large", name=name, size=f"{size / 1e6:,.1f}", most=LARGEST // 1000)
    if name.lower().endswith(DRAWING):
        return drawing_problem(name, read_bytes(Path(path)))
    from PIL import Image  # deferred: only a brand needs it

    try:
        with Image.open(path, formats=KINDS) as image:
            image.verify()
            width, height = image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return said("no-picture", name=name)
    if min(width, height) < SMALLEST_SIDE or max(width, height) > LARGEST_SIDE:
        return said("picture-size", name=name, width=width, height=height, least=SMALLEST_SIDE, most=LARGEST_SIDE)
    return None


def drawing_problem(name: str, text: bytes) -> Notice | None:
    """Return why an SVG cannot be used: it is none, or it could do something or load something."""
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException, ValueError):
        return said("no-picture", name=name)
    if local(root.tag) != "svg":
        return said("no-picture", name=name)
    for element in root.iter():
        tag = local(element.tag)
        if tag in ACTIVE:
            return said("svg-acts", name=name, what=f"<{tag}>")
        for attribute, value in element.attrib.items():
            leads_out = local(attribute) in ("href", "src") and not value.startswith(("#", "data:image/"))
            if local(attribute).startswith("on") or leads_out:
                return said("svg-acts", name=name, what=local(attribute))
    return None


def local(name: object) -> str:
    """Return an XML name without its namespace, in lower case; a comment's is none."""
    return name.rpartition("}")[2].lower() if isinstance(name, str) else ""
