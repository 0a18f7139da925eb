"""The plan of an import of auto-replies: the files to write, and the report on them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filetype

from bot import private
from bot.channels.channel import CallRefused, RetryLater
from bot.channels.wechat.autoreply import Article, AutoReplies, parse
from bot.content.folder import LARGEST_FILE
from bot.content.said import Notice, said
from bot.importing.wechat_rules import PREFIX, Media, Translated
from bot.importing.yaml_text import NotPut, as_read, load, put_entries, put_key
from bot.model import LANGUAGES

if TYPE_CHECKING:
    from bot.channels.wechat.api import WeChatApi

KEYWORDS, PHRASES = "keywords.yaml", "phrases.yaml"
# The files that the platform sends: their endings by those that `filetype` finds.
ENDINGS = {
    **{one: one for one in ("png", "jpg", "gif", "bmp", "webp", "amr", "mp3", "wav", "mp4")},
    **dict.fromkeys(("m4v", "m4a", "mov", "3gp"), "mp4"),
    "wmv": "wma",
}

Download = Callable[[str], Awaitable[bytes]]
Articles = Callable[[str], Awaitable[tuple[Article, ...]]]


class NotPlanned(Exception):
    """The import cannot be made; the message says why."""


@dataclass(frozen=True)
class Fetched:
    """Media as they came: their bytes by name, and the names behind each id."""

    media: Media
    data: Mapping[str, bytes]


async def fetch(replies: AutoReplies, download: Download | None, articles: Articles | None) -> Fetched:
    """Fetch the files and articles of an account's replies; without `download`, say that there is no account."""
    files, found, missing, data = (
        dict[str, str](),
        dict[str, tuple[Article, ...]](),
        dict[str, Notice](),
        dict[str, bytes](),
    )
    for one in dict.fromkeys((answer.type, answer.content) for answer in replies.answers if not answer.news_info):
        kind, name = one
        if kind == "text" or not name:
            continue
        if download is None or articles is None:
            missing[name] = said("no-account-for-file")
            continue
        try:
            if kind == "news":
                found[name] = await articles(name)
                continue
            body = await whole(name, download)
        except (CallRefused, RetryLater) as error:
            missing[name] = said("file-refused", why=error)
            continue
        if len(body) > LARGEST_FILE:
            missing[name] = said("media-too-large", most=LARGEST_FILE >> 20)
            continue
        end = ending(body)
        if end is None:
            missing[name] = said("file-unknown")
            continue
        files[name] = f"wechat-{hashlib.sha256(body).hexdigest()[:12]}{end}"
        data[files[name]] = body
    return Fetched(Media(files, found, missing), data)


async def of_account(api: WeChatApi, given: AutoReplies | None) -> tuple[AutoReplies, Fetched]:
    """Ask an account's interface for its auto-replies, unless they are given, and for their media. Raises NotRead."""

    async def articles(media: str) -> tuple[Article, ...]:
        return articles_of(await api.post("material/get_material", {"media_id": media}))

    replies = given or parse(await api.get("get_current_autoreply_info"), "the interface's answer")
    return replies, await fetch(replies, api.download, articles)


async def whole(name: str, download: Download) -> bytes:
    """Download a file; the platform answers for a video with the address of its file."""
    body = await download(name)
    if body[:1] == b"{":
        try:
            return await download(str(json.loads(body)["video_url"]))
        except (ValueError, KeyError, TypeError):
            return body
    return body


def ending(data: bytes) -> str | None:
    """Return the ending for a file's name, by its content, or None."""
    found = ENDINGS.get(filetype.guess_extension(data) or "")
    return f".{found}" if found else None


def articles_of(answer: Mapping[str, Any]) -> tuple[Article, ...]:
    """Read the articles of a permanent news item, whose fields have other names than those of an auto-reply."""
    items = answer.get("news_item")
    return tuple(
        Article(
            title=str(one.get("title", "")),
            author=str(one.get("author", "")),
            digest=str(one.get("digest", "")),
            content_url=str(one.get("url", "")),
            source_url=str(one.get("content_source_url", "")),
        )
        for one in (items if isinstance(items, list) else [])
        if isinstance(one, dict)
    )


@dataclass(frozen=True)
class Plan:
    """The files to write, and what becomes of each rule."""

    files: Mapping[Path, bytes]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]  # differ in the folder; without --update they stay
    same: int
    absent: tuple[str, ...]  # of an earlier import, no longer in the account
    welcome: bool = False  # written

    def write(self) -> None:
        """Write the files, those to send before the texts that name them. Raises OSError."""
        for path in sorted(self.files, key=lambda path: path.suffix == ".yaml"):
            private.write_whole(path, self.files[path])

    def trial(self, folder: Path, made: Path) -> Path:
        """Write the files into a copy of the folder. Raises OSError."""
        copy = made / folder.resolve().name
        shutil.copytree(folder, copy) if folder.is_dir() else copy.mkdir()
        moved = {copy / path.relative_to(folder): data for path, data in self.files.items()}
        Plan(moved, (), (), (), 0, ()).write()
        return copy


def plan(translated: Translated, fetched: Fetched, folder: Path, *, update: bool) -> Plan:
    """Plan the import into a folder, whose other lines and rules are kept. Raises NotPlanned, OSError."""
    text, phrases = read_text(folder / KEYWORDS), read_text(folder / PHRASES)
    before = entries(text)
    written = {one["id"]: one for one in translated.rules}
    differ = [name for name, one in written.items() if name in before and before[name] != as_read(one)]
    fresh = [name for name in written if name not in before]
    wanted = [*fresh, *(differ if update else [])]
    files: dict[Path, bytes] = {}
    where = folder / KEYWORDS
    try:
        if wanted:
            files[where] = put_entries(text, [written[name] for name in written if name in wanted]).encode()
        where, welcome = folder / PHRASES, dict.fromkeys(LANGUAGES, translated.welcome)
        own = load(phrases).get("welcome") if isinstance(load(phrases), dict) else None
        if translated.welcome and own != welcome and (update or not own):
            files[where] = put_key(phrases, "welcome", welcome).encode()
    except NotPut as error:
        raise NotPlanned(f"{where}: {error}") from None
    used = {reply.get("picture") or reply.get("file") for one in wanted for reply in written[one]["replies"]}
    used |= {*translated.saved}
    files |= {folder / "files" / name: body for name, body in fetched.data.items() if name in used}
    there = [name for name in before if name.startswith(PREFIX) and name not in written]
    return Plan(
        {path: data for path, data in files.items() if not (path.exists() and path.read_bytes() == data)},
        tuple(fresh),
        tuple(differ if update else ()),
        tuple(() if update else differ),
        len(written) - len(fresh) - len(differ),
        tuple(there),
        welcome=bool(translated.welcome) and folder / PHRASES in files,
    )


def entries(text: str) -> dict[str, Any]:
    found = load(text)
    listed = found if isinstance(found, list) else []
    return {str(one["id"]): one for one in listed if isinstance(one, dict) and "id" in one}


def read_text(path: Path) -> str:
    return path.read_text("utf-8-sig") if path.exists() else ""
