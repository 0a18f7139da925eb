"""The operator's brand on the web chat's pages: its colour in both themes, its pictures, and the files that carry them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from rjsmin import jsmin

from bot.channels.assets import Asset
from bot.content import kinds
from bot.content.agency import Brand
from bot.content.colour import BLACK, WHITE, mix, readable
from bot.content.picture import picture_problem
from bot.content.tree import read
from bot.model import LANGUAGES

STATIC = files(__name__.rpartition(".")[0]) / "static"
NAMES = ("chat.css", "dark.css", "sheet.css", "chat.js", "result.js", "starting.js", "widget.js", "icon.svg")
OURS = "#0b6b63"  # the colour without a brand's
FACE = 'const face = { colour: "#0b6b63" };'  # in widget.js, replaced by the brand's
# What the brand's colour stands on in the dark theme, as dark.css has it.
DARK_SURFACE, DARK_RAISED = "#18232c", "#1e2b35"


def shortened(name: str, text: str) -> bytes:
    """Return a file without indentation, and a script without comments, since a page on another site loads a fifth less then."""
    lines = "\n".join(map(str.strip, text.splitlines()))
    return (jsmin(lines) if name.endswith(".js") else lines).encode()


@dataclass(frozen=True)
class Face:
    """The pages' brand: `logo` and `avatar` are names of files that are there, or ""."""

    brand: Brand
    logo: str
    avatar: str
    assets: Mapping[str, Asset]

    @property
    def icon(self) -> str:
        """The address of the logo, or of the icon without one, below the chat's."""
        return picture(self.logo) if self.logo else f"icon.svg?v={self.assets['icon.svg'].version}"

    @property
    def colour(self) -> str:
        return self.brand.colour or OURS


def face_of(brand: Brand, known: Mapping[str, str]) -> Face:
    """Return the face of a brand with those of its pictures that are there."""
    there = {field: name for field, name in brand.pictures.items() if name in known}
    return made(brand, there.get("logo", ""), there.get("avatar", ""))


@lru_cache(maxsize=4)
def made(brand: Brand, logo: str, avatar: str) -> Face:
    texts = {name: (STATIC / name).read_text("utf-8") for name in NAMES}
    if brand.colour:
        texts["icon.svg"] = texts["icon.svg"].replace(OURS, brand.colour)
        texts["chat.css"] += light_style(brand.colour)
        texts["dark.css"] += dark_style(brand.colour)
    if avatar:
        texts["chat.css"] += avatar_style(avatar)
    texts["widget.js"] = texts["widget.js"].replace(FACE, launcher(brand, logo))
    return Face(brand, logo, avatar, {name: Asset.of(name, shortened(name, text)) for name, text in texts.items()})


def picture(name: str) -> str:
    """Return the address of a picture below the chat's."""
    return f"files/{quote(name)}"


def light_style(colour: str) -> str:
    """Return the light theme's colours, each readable where it is used; paper keeps its own."""
    tint = mix(colour, WHITE, 0.9)
    accent = readable(colour, tint, BLACK)
    return (
        f"@media screen {{ :root {{ --accent: {accent}; --on-accent: {WHITE}; "
        f"--mine: {colour}; --on-mine: {WHITE}; --tint: {tint}; }} }}\n"
    )


def dark_style(colour: str) -> str:
    """Return the dark theme's colours, each readable where it is used."""
    tint = mix(colour, DARK_SURFACE, 0.75)
    accent = readable(readable(colour, DARK_RAISED, WHITE), tint, WHITE)
    on_accent = readable(mix(accent, BLACK, 0.8), accent, BLACK)
    return (
        f":root {{ --accent: {accent}; --on-accent: {on_accent}; "
        f"--mine: {mix(colour, BLACK, 0.15)}; --on-mine: {WHITE}; --tint: {tint}; }}\n"
    )


def avatar_style(name: str) -> str:
    return (
        ".turn .row.bot { position: relative; padding-left: 42px; }\n"
        ".turn .row.bot::before { content: ''; position: absolute; left: 0; top: 0; width: 34px; height: 34px; border-radius: 50%; "
        f'background: url("{picture(name)}") center / cover; }}\n'
        ".turn .row.bot ~ .row.bot::before { display: none; }\n"
    )


def launcher(brand: Brand, logo: str) -> str:
    """Return the line of widget.js with the brand's colour, its name by language, and the address of its logo."""
    face: dict[str, str] = {"colour": brand.colour or OURS}
    if brand.name:
        face |= {lang: brand.name[lang] for lang in LANGUAGES}
    if logo:
        face["logo"] = picture(logo)
    return f"const face = {json.dumps(face, ensure_ascii=False)};"


def first_face(folders: Sequence[Path]) -> tuple[Brand, dict[str, str]]:
    """Read the brand and its pictures for the time until the content is open; none if it has a mistake, which is told then."""
    for folder in reversed(folders):
        node = read(folder / "operator.yaml", "operator.yaml", []) if (folder / "operator.yaml").is_file() else None
        if node is None or not isinstance(node.value, dict) or "brand" not in node.value:
            continue
        brand = kinds.parse(Brand, node.at(("brand",)), [])
        paths = {name: folder / "files" / name for name in brand.pictures.values()} if brand else {}
        usable = {
            name: str(path.resolve())
            for name, path in paths.items()
            if path.is_file() and picture_problem(name, str(path)) is None
        }
        return brand or Brand(), usable
    return Brand(), {}
