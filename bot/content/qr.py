"""QR codes in pictures, for places that cannot show the picture."""

from __future__ import annotations

from functools import lru_cache

LARGEST = 40_000_000  # pixels


@lru_cache(maxsize=64)
def text_of(picture: str) -> str | None:
    """Return the text of the QR code in a picture file, usually a link, or None if no code can be read."""
    import zxingcpp  # deferred, as is Pillow: only a contact's picture needs them
    from PIL import Image

    try:
        with Image.open(picture) as image:
            if image.width * image.height > LARGEST:
                return None
            found = zxingcpp.read_barcodes(image.convert("L"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return next((one.text for one in found if one.text), None)
