"""Plain-text replies, and a base class for channels that can send only text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import quote

from bot.channels.channel import Channel
from bot.channels.markup import plain, split
from bot.content.qr import text_of
from bot.json_text import from_text, to_text
from bot.model import Address, Attachment, Button, Message, Reply
from bot.store import Belongings, as_file

ReadBelongings = Callable[[Address], Awaitable[Belongings]]
Show = Callable[[Attachment], str]


def attachment_text(attachment: Attachment) -> str:
    """Return an attachment's content, the text of a picture's QR code, or the path in brackets."""
    return attachment.content or qr_text(attachment) or f"[{attachment.path}]"


def qr_text(attachment: Attachment) -> str | None:
    """Return the text of the QR code in a picture, usually a link, or None."""
    return text_of(attachment.path) if attachment.kind == "picture" else None


def as_text(reply: Reply) -> str:
    """Format a reply as plain text: its text, its attachments, and its numbered choices."""
    return "\n\n".join(blocks(reply, attachment_text))


def blocks(reply: Reply, show: Show, limit: int | None = None) -> list[str]:
    """Format a reply as a list of texts: its text, split if longer than `limit` characters, each attachment, the choices."""
    words = split(reply.text, limit, plain) if limit else [plain(reply.text)]
    attached = [show(attachment) for attachment in reply.attachments]
    choices = "\n".join(f"  {mark} {button.label}" for mark, button in numbered_buttons(reply.buttons))
    return [part for part in (*words, *attached, choices) if part]


def numbered_buttons(buttons: Sequence[Button]) -> Iterator[tuple[str, Button]]:
    """Yield the buttons with their numbers, or with a dash if a number would be taken as an answer."""
    number = 0
    for button in buttons:
        number += button.numbered
        yield (f"{number}." if button.numbered else "-"), button


def pack(parts: Iterable[str], between: str, limit: int | None) -> list[str]:
    """Join parts into as few texts of up to `limit` characters as possible; longer parts are cut."""
    made: list[str] = []
    for part in parts:
        if made and (limit is None or len(made[-1]) + len(between) + len(part) <= limit):
            made[-1] += between + part
        else:
            made += [part] if limit is None else [part[at : at + limit] for at in range(0, len(part), limit)]
    return made


def shower(public_url: str | None) -> Show:
    """Return a function that shows an attachment as the text of its QR code, its URL under PUBLIC_URL, or else its name."""

    def show(attachment: Attachment) -> str:
        if code := qr_text(attachment):
            return code
        name = attachment.path.rpartition("/files/")[2]
        return f"{public_url}/files/{quote(name)}" if public_url else f"[{name}]"

    return show


def calls(reply: Reply, limit: int | None = None, public_url: str | None = None) -> list[str]:
    """Return the payloads that send a reply: its texts, then the merchant's data if attached."""
    files = tuple(one for one in reply.attachments if one.kind != "data")
    texts = pack(blocks(replace(reply, attachments=files), shower(public_url), limit), "\n\n", limit)
    data = [{"data": one.path} for one in reply.attachments if one.kind == "data"]
    return [to_text(call) for call in (*({"text": text} for text in texts), *data)]


class TextChannel(Channel):
    """A channel that can only send texts. Subclasses set `name`, define `read` and `put`, and override what they can do.

    Buttons become numbered lines; merchants answer with the number. Files become their URLs under PUBLIC_URL, or else their
    names. A merchant's data becomes text, read when it is sent, so that the outbox never contains it. Texts over `limit`
    characters are split. By default there are no news (merchants who subscribe are told so), no rate limits, no requests to
    the platform, and no lingering calls.
    """

    limit: int | None = None
    brings_news = False

    def __init__(self, own: ReadBelongings, public_url: str | None = None) -> None:
        self.own, self.public_url = own, public_url

    async def complete(self, message: Message) -> Message | None:
        return replace(message, news=self.brings_news)

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        return self.tell(message.address.chat, replies)

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        return [call for reply in replies for call in calls(reply, self.limit, self.public_url)]

    def told(self, payload: str) -> list[tuple[Literal["merchant", "assistant"], str]]:
        text = from_text(payload).get("text", "")
        return [("assistant", text)] if text else []

    async def texts(self, payload: str) -> list[str]:
        """Return a call's texts: one, or several for a merchant's data over the limit."""
        call = from_text(payload)
        if "text" in call:
            return [call["text"]]
        kept = as_file(await self.own(Address.of(call["data"])))
        return pack(kept.split("\n"), "\n", self.limit)

    async def send(self, payload: str, chat: str) -> str | None:
        made = None
        for text in await self.texts(payload):
            made = await self.put(chat, text)
        return made

    @abstractmethod
    async def put(self, chat: str, text: str) -> str | None:
        """Send a text. Returns the message's id on the platform, if any. Raises RetryLater, RecipientGone, ChatMoved, CallRefused."""
