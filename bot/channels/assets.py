"""Static files that pages load, and files of a talk."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

YEAR = 365 * 24 * 3600  # seconds
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

    def response(self, request: web.Request, **headers: str) -> web.Response:
        """Serve the file: kept for a year at an address with its version, else asked for anew each time."""
        known = request.query.get("v") == self.version
        headers = {
            "Cache-Control": f"public, max-age={YEAR}, immutable" if known else "no-cache",
            "Content-Type": f"{self.type}; charset=utf-8",
            "ETag": f'"{self.version}"',
            "Vary": "Accept-Encoding",
            "X-Content-Type-Options": "nosniff",
            **headers,
        }
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=self.zipped, headers=headers | {"Content-Encoding": "gzip"})
        return web.Response(body=self.body, headers=headers)


def talk_file(name: str, type: str, content: bytes) -> web.Response:
    """Serve a file of a talk: a picture is shown, anything else saved; nothing in it can run, whatever it is."""
    way = "inline" if type.startswith("image/") else "attachment"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": type,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=content, headers=headers)
