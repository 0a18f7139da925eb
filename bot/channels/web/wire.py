"""What the page and the server say to each other, and the web as a channel of the service.

The page sends `{"type": "hello", "after": N}` once, then `{"type": "say", "id", "text", "lang"}` and
`{"type": "press", "id", "says", "label", "lang"}`. The server answers each with `{"type": "got", "id"}` once it is stored, or
`{"type": "refused", "id", "text", "wait"}`, and sends `{"type": "turns", "turns": […]}`. A turn is what the visitor said with all
the replies to it, or null with what is told him unasked; its `n` is its place in the conversation, and a page that comes back names the last one it has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channels.channel import News, Rate
from bot.channels.markup import plain
from bot.channels.web.rendering import html
from bot.json_text import from_text, to_text
from bot.knowledge.knowledge import Knowledge
from bot.language.detect import HAN_CHARACTER
from bot.model import LANGUAGES, Address, Language, Message, Reply
from bot.store import Arrival, Posted

CHANNEL = "web"
LINGERS = 600.0  # seconds for which pages can still read a turn of which nothing is to stay
LONGEST_ID = 64
LONGEST_STATEMENT = 64  # bytes, as everywhere
DATA = "my-data.json"  # the name of the file with what is kept of a visitor
SHOWN = 4000  # characters of what a visitor said that are shown again


class Garbage(Exception):
    """This is nothing that the page sends; the message says what is wrong with it."""


@dataclass(frozen=True)
class Hello:
    """The page is there, and has everything up to a turn; None: nothing yet."""

    after: int | None


@dataclass(frozen=True)
class Incoming:
    """What a visitor says; `press` is the statement of a button, `text` is then its label."""

    id: str
    text: str
    press: str | None
    lang: Language


def parse(frame: str) -> Hello | Incoming:
    """What a frame of the page says. Raises Garbage."""
    try:
        data = from_text(frame)
    except (ValueError, RecursionError) as error:
        raise Garbage("this is no JSON") from error
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "hello":
        after = data.get("after")
        if after is not None and not (type(after) is int and 0 <= after < 1 << 62):
            raise Garbage('"after" is no number of a turn')
        return Hello(after)
    if kind not in ("say", "press"):
        raise Garbage("there is no such frame; there are: hello, say, press")
    id, lang = text_of(data, "id"), text_of(data, "lang")
    if not 0 < len(id) <= LONGEST_ID:
        raise Garbage(f'"id" has 1 to {LONGEST_ID} characters')
    if lang not in LANGUAGES:
        raise Garbage(f'"lang" is none of {", ".join(LANGUAGES)}')
    language: Language = "zh" if lang == "zh" else "en"
    if kind == "say":
        return Incoming(id, text_of(data, "text"), None, language)
    says = text_of(data, "says")
    if len(says.encode("utf-8", "surrogatepass")) > LONGEST_STATEMENT:
        raise Garbage(f'"says" has at most {LONGEST_STATEMENT} bytes')
    return Incoming(id, text_of(data, "label"), says, language)


def text_of(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Garbage(f'"{name}" is missing or no text')
    return value


def arrival(visitor: str, said: Incoming) -> Arrival:
    """What a visitor says, for the inbox; when it is sent again its key is the same."""
    payload = {"visitor": visitor, "id": said.id, "text": said.text, "press": said.press, "lang": said.lang}
    # A hash, since keys stay when the visitor has everything erased.
    key = hashlib.sha256(f"{visitor}:{said.id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Arrival(f"{CHANNEL}:{key}", CHANNEL, visitor, to_text(payload))


class WebChannel:
    """The web as the service sees it. A turn is delivered by being in the outbox, from which pages read it.

    `wake` is told the visitor for whom there is a new one.
    """

    name = CHANNEL
    rate = Rate(0.0)
    lingers = LINGERS
    responses = None

    def __init__(self, wake: Callable[[str], None]) -> None:
        self.wake = wake

    def chat_rate(self, chat: str) -> Rate:
        return self.rate

    def counts(self, payload: str) -> bool:
        return False

    def read(self, payload: str) -> Message | None:
        data = from_text(payload)
        press, visitor = data["press"], data["visitor"]
        return Message(
            address=Address(CHANNEL, visitor, visitor),
            text="" if press is not None else data["text"],
            id=data["id"],
            kind="text" if press is None else "press",
            press=press,
            hint=data["lang"],
        )

    async def informed(self, message: Message) -> Message:
        return message

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        """One call with the whole turn, so that a page gets all of it or nothing."""
        data = from_text(payload)
        turn = {
            "to": data["visitor"],
            "said": {"id": data["id"], "text": data["text"][:SHOWN], "press": data["press"] is not None},
            "replies": [kept(reply) for reply in replies],
        }
        return [to_text(turn)]

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        return unasked(chat, replies)

    async def send(self, payload: str, chat: str) -> str | None:
        self.wake(from_text(payload)["to"])
        return None


def unasked(chat: str, replies: Sequence[Reply]) -> list[str]:
    """Says something of the assistant's own accord."""
    return [to_text({"to": chat, "said": None, "replies": [kept(reply) for reply in replies]})]


NEWS = News(lambda chat, reply: unasked(chat, [reply]))


def kept(reply: Reply) -> dict[str, Any]:
    """A reply as the outbox keeps it."""
    made: dict[str, Any] = {"text": reply.text}
    if reply.buttons:
        made["buttons"] = [[button.label, button.says] for button in reply.buttons]
    if reply.attachments:
        made["files"] = [[one.kind, one.path] for one in reply.attachments]
    if reply.progress:
        made["progress"] = [reply.progress.title, reply.progress.done, reply.progress.left]
    if reply.verdict:
        made |= {"verdict": reply.verdict, "code": reply.code}
    if reply.clears:
        made["clears"] = True
    if reply.source:
        made["source"] = reply.source
    return made


def turn(posted: Posted, knowledge: Knowledge) -> dict[str, Any]:
    """A turn as the page gets it; `at` is Unix seconds."""
    data = from_text(posted.payload)
    return {
        "n": posted.id,
        "at": round(posted.made, 3),
        "said": data["said"],
        "replies": [shown(reply, knowledge) for reply in data["replies"]],
    }


def shown(reply: Mapping[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    lang = language_of(reply["text"])
    made: dict[str, Any] = {"html": html(reply["text"]), "lang": lang}
    if buttons := reply.get("buttons"):
        made["buttons"] = [[plain(label), says] for label, says in buttons]
    if files := reply.get("files"):
        # By its name, since the folder may lie elsewhere by now.
        names = [(kind, DATA if kind == "data" else path.rpartition("/files/")[2]) for kind, path in files]
        made["files"] = [[kind, name] for kind, name in names if kind == "data" or name in knowledge.library.files]
    if progress := reply.get("progress"):
        title, done, left = progress
        words = knowledge.say("web_progress", lang, title=title, done=done, left=left)
        made["progress"] = {"text": words, "done": done, "left": left}
    if verdict := reply.get("verdict"):
        made |= {"verdict": verdict, "code": reply["code"], "sign": knowledge.say(f"verdict_{verdict}", lang)}
    if reply.get("clears"):
        made["clears"] = True
    if source := reply.get("source"):
        made["source"] = html(source)
    return made


def language_of(text: str) -> Language:
    return "zh" if HAN_CHARACTER.search(text) else "en"


def start_screen(knowledge: Knowledge) -> dict[Language, dict[str, list[list[str]]]]:
    """What is asked most and the checks, a label with its statement each."""
    library = knowledge.library
    made: dict[Language, dict[str, list[list[str]]]] = {}
    for lang in LANGUAGES:
        topics = [[knowledge.topic(name).title[lang], f"topic={name}"] for name in knowledge.most_asked]
        checks = [[check.title[lang], f"check={name}"] for name, check in library.checks.items()]
        made[lang] = {"topics": topics, "checks": checks}
    return made
