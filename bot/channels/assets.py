"""Static files that pages load."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """A static file, uncompressed and compressed; its address carries the version, so that browsers keep it."""

    body: bytes
    zipped: bytes
    type: str
    version: str

    @classmethod
    def of(cls, name: str, body: bytes) -> Asset:
        version = hashlib.sha256(body).hexdigest()[:12]
        return cls(body, gzip.compress(body, mtime=0), TYPES[name.rpartition(".")[2]], version)
