"""Toneless pinyin of Chinese characters, kept in the cache: pypinyin takes half a second and 58 MB."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from sys import intern

from bot import compiled
from bot.compiled import Form

CHARACTERS = "〇" + "".join(map(chr, range(0x3400, 0xA000)))  # with Extension A


@cache
def sounds() -> Mapping[str, str]:
    """Return the pinyin of each character by itself, without its tone; characters without one are missing."""
    return compiled.keep("pinyin", compiled.digest([version("pypinyin")]), of, form, spoken)


def spoken() -> Mapping[str, str]:
    from pypinyin import lazy_pinyin  # deferred: only for the cache

    return {one: sound for one, sound in zip(CHARACTERS, lazy_pinyin(list(CHARACTERS)), strict=True) if one != sound}


def form(found: Mapping[str, str]) -> Form:
    return Form({"characters": "".join(found), "sounds": " ".join(found.values())})


def of(kept: Form) -> Mapping[str, str]:
    return dict(zip(kept.facts["characters"], map(intern, kept.facts["sounds"].split(" ")), strict=True))
