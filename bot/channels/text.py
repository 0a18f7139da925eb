"""Replies as plain words, and a channel of them: what stands in for what a platform cannot do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote

from bot.channels.channel import Rate
from bot.channels.markup import plain, split
from bot.channels.responses import Responses
from bot.json_text import from_text, to_text
from bot.model import Address, Attachment, Button, Message, Reply
from bot.store import Belongings, as_file

Own = Callable[[Address], Awaitable[Belongings]]
Show = Callable[[Attachment], str]


def shown(attachment: Attachment) -> str:
    """A file by its path; what has no path, as it is."""
    return attachment.content or f"[{attachment.path}]"


def as_text(reply: Reply) -> str:
    """A reply as plain text: the words, what is attached, and the choices with the numbers that choose them."""
    return "\n\n".join(blocks(reply, shown))


def blocks(reply: Reply, show: Show, limit: int | None = None) -> list[str]:
    """The same in parts: the words, in several where there is a limit, each attachment, and the choices."""
    words = split(reply.text, limit, plain) if limit else [plain(reply.text)]
    attached = [show(attachment) for attachment in reply.attachments]
    choices = "\n".join(f"  {mark} {button.label}" for mark, button in marked(reply.buttons))
    return [part for part in (*words, *attached, choices) if part]


def marked(buttons: Sequence[Button]) -> Iterator[tuple[str, Button]]:
    """The buttons with the numbers that choose them; a dash stands where a number is the answer itself."""
    number = 0
    for button in buttons:
        number += button.numbered
        yield (f"{number}." if button.numbered else "-"), button


def joined(parts: Iterable[str], between: str, limit: int | None) -> list[str]:
    """As few texts as the parts fit into; a part that is longer itself is cut."""
    made: list[str] = []
    for part in parts:
        if made and (limit is None or len(made[-1]) + len(between) + len(part) <= limit):
            made[-1] += between + part
        else:
            made += [part] if limit is None else [part[at : at + limit] for at in range(0, len(part), limit)]
    return made


def calls(reply: Reply, limit: int | None = None, public_url: str | None = None) -> list[str]:
    """The texts of a reply; after them comes what is kept of a merchant, if it is attached."""

    def show(attachment: Attachment) -> str:
        name = attachment.path.rpartition("/files/")[2]
        return f"{public_url}/files/{quote(name)}" if public_url else f"[{name}]"

    files = tuple(one for one in reply.attachments if one.kind != "data")
    texts = joined(blocks(replace(reply, attachments=files), show, limit), "\n\n", limit)
    data = [{"data": one.path} for one in reply.attachments if one.kind == "data"]
    return [to_text(call) for call in (*({"text": text} for text in texts), *data)]


class TextChannel:
    """A channel that can send a text to a chat, and nothing else. A platform has a `name`, gives `read` and `put`, and
    overrides what it can do.

    Buttons are numbered lines, whose numbers choose them. A file is its address on the web chat, as PUBLIC_URL has it, or else
    its name. What is kept of a merchant is a text, gathered when it is sent, so that it waits nowhere. Longer than the `limit`
    of characters it takes several texts. News cannot be sent, and who subscribes is told so. Nothing limits how much is sent,
    nothing is asked of the platform, and nothing is read after it was sent.
    """

    name: str
    rate = Rate(0.0)
    lingers = 0.0
    responses: Responses | None = None
    limit: int | None = None
    brings_news = False

    def __init__(self, own: Own, public_url: str | None = None) -> None:
        self.own, self.public_url = own, public_url

    def chat_rate(self, chat: str) -> Rate:
        return self.rate

    def counts(self, payload: str) -> bool:
        return True

    def read(self, payload: str) -> Message | None:
        raise NotImplementedError

    async def informed(self, message: Message) -> Message:
        return replace(message, news=self.brings_news)

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        return self.tell(message.address.chat, replies)

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        return [call for reply in replies for call in calls(reply, self.limit, self.public_url)]

    async def texts(self, payload: str) -> list[str]:
        """What a call says: one text, or several where what is kept of a merchant does not fit into one."""
        call = from_text(payload)
        if "text" in call:
            return [call["text"]]
        kept = as_file(await self.own(Address.of(call["data"])))
        return joined(kept.split("\n"), "\n", self.limit)

    async def send(self, payload: str, chat: str) -> str | None:
        made = None
        for text in await self.texts(payload):
            made = await self.put(chat, text)
        return made

    async def put(self, chat: str, text: str) -> str | None:
        """Send a text. Returns the platform's id of it, if it has one. Raises Later, Gone, Moved, Refused."""
        raise NotImplementedError
