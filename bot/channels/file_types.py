"""Files between merchants and consultants: which are taken, as their content tells, whatever their names say."""

from __future__ import annotations

import mimetypes
from pathlib import PurePosixPath

import filetype

LARGEST_MB = 10
LARGEST = LARGEST_MB << 20  # bytes of a file
LONGEST_NAME = 80  # characters
# Nothing that a browser or an office program runs: no HTML, no SVG, no archives, no files with macros.
OFFICE = "application/vnd.openxmlformats-officedocument"
TAKEN = frozenset(
    [
        *(f"image/{kind}" for kind in ("png", "jpeg", "gif", "webp", "heic")),
        *(f"audio/{kind}" for kind in ("mpeg", "ogg", "mp4", "x-wav", "aac", "amr")),
        *(f"video/{kind}" for kind in ("mp4", "webm", "quicktime", "x-m4v", "3gpp")),
        *(
            f"{OFFICE}.{kind}"
            for kind in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
        ),
        "application/pdf",
    ]
)


def type_of(content: bytes) -> str | None:
    """Return a file's media type, or None for one that is not taken."""
    found = filetype.guess_mime(content)
    return found if found in TAKEN else None


def shown_name(name: str, type: str) -> str:
    """Return a name that can be shown and saved, with an ending that says what the file is."""
    last = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable()).strip(" .")
    ending = mimetypes.guess_extension(type) or ""
    if mimetypes.guess_type(last)[0] != type:
        last = (last or "file") + ending
    path = PurePosixPath(last)
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix
