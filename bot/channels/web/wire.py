"""The protocol between page and server, and the web as a channel.

The page sends `{"type": "hello", "after": N}` once, then `{"type": "say", "id", "text", "lang"}`,
`{"type": "press", "id", "says", "label", "lang"}` and `{"type": "file", "id", "file", "lang"}`, where `file` is the id that a POST of the
file to `sent?name=` has returned. The server answers each with `{"type": "got", "id"}` once it is stored, or
with `{"type": "refused", "id", "text", "wait"}` (`wait` in seconds), and sends `{"type": "turns", "turns": […]}`. A turn holds
the visitor's message and its replies; the message is null if the replies are unrequested, or if the visitor pressed a button
of the page (`"quiet": true`), as that of the language. `desk` marks what consultants write. A turn's number `n` increases with
each turn; in hello, a page that reconnects gives its last turn's number. `{"type": "older", "before": N}` is answered with the
turns before that number, as `{"type": "older", "turns": […], "more"}`; `more` tells, also in the first frame with turns,
whether there are turns before these. `{"type": "identify", "person": {"id", "expires", "signature", "name"}, "lang"}` names
the visitor as the embedding site knows them, and is answered with `{"type": "identified", "words"}`, with `words` if it is refused.
`{"type": "talk", "talk"}` tells who has the visitor's talk with a consultant: `{"id", "name", "state", "held", "delivered", "seen"}`, with `name` and `state` by
language and the numbers of the newest turns that came to the desk and that a consultant has seen, or null once it is over.
`{"type": "saw", "turn": N}` says that the visitor has seen a consultant's turn, and `{"type": "typing"}` that they are typing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.channels.channel import Channel, News
from bot.channels.markup import plain
from bot.channels.web.rendering import html
from bot.json_text import from_text, to_text
from bot.knowledge.knowledge import Knowledge
from bot.language.detect import HAN_CHARACTER
from bot.model import LANGUAGES, Address, KeptFile, Language, Message, Reply
from bot.store import Arrival, Posted

CHANNEL = "web"
LATIN_WORD = re.compile("[A-Za-z]+")
LINGERS = 600.0  # seconds for which pages can read a turn whose content is not to be stored
LONGEST_ID = 64
LONGEST_STATEMENT = 64  # bytes, as on the other platforms
DATA = "my-data.json"  # name of the file with a visitor's stored data
LONGEST_SHOWN = 4000  # characters of a visitor's message shown again


class InvalidFrame(Exception):
    """The frame is invalid; the message gives the reason."""


@dataclass(frozen=True)
class Hello:
    """A page's first frame; `after` is the number of its last turn, None if it has none."""

    after: int | None


@dataclass(frozen=True)
class OlderTurns:
    """A request for the turns before the turn `before`."""

    before: int


@dataclass(frozen=True)
class Typing:
    """The visitor is typing."""


@dataclass(frozen=True)
class Receipt:
    """The page has shown a consultant's message, that of the turn `turn`, to its visitor."""

    turn: int


@dataclass(frozen=True)
class Incoming:
    """A visitor's message; for a pressed button, `press` is its statement and `text` its label.

    A `quiet` one is not shown as the visitor's words. `file`: the id of the file that is sent, whose name is `text`.
    """

    id: str
    text: str
    press: str | None
    lang: Language
    quiet: bool = False
    file: str = ""


@dataclass(frozen=True)
class Identify:
    """The embedding site's statement about its visitor, to be verified."""

    given: Mapping[str, Any]
    lang: Language


def parse(frame: str) -> Hello | OlderTurns | Typing | Receipt | Identify | Incoming:
    """Parse a frame from the page. Raises InvalidFrame."""
    try:
        data = from_text(frame)
    except (ValueError, RecursionError) as error:
        raise InvalidFrame("the frame is not JSON") from error
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "hello":
        return Hello(None if data.get("after") is None else turn_number(data, "after"))
    if kind == "older":
        return OlderTurns(turn_number(data, "before"))
    if kind == "typing":
        return Typing()
    if kind == "saw":
        return Receipt(turn_number(data, "turn"))
    if kind not in ("say", "press", "file", "identify"):
        raise InvalidFrame('"type" must be one of hello, older, typing, saw, say, press, file, identify')
    lang = text_field(data, "lang")
    if lang not in LANGUAGES:
        raise InvalidFrame(f'"lang" must be one of {", ".join(LANGUAGES)}')
    language: Language = "zh" if lang == "zh" else "en"
    if kind == "identify":
        person = data.get("person")
        return Identify(person if isinstance(person, dict) else {}, language)
    id = text_field(data, "id")
    if not 0 < len(id) <= LONGEST_ID:
        raise InvalidFrame(f'"id" must have 1 to {LONGEST_ID} characters')
    if kind == "file":
        return Incoming(id, "", None, language, file=text_field(data, "file"))
    if kind == "say":
        return Incoming(id, text_field(data, "text"), None, language)
    says = text_field(data, "says")
    if len(says.encode("utf-8", "surrogatepass")) > LONGEST_STATEMENT:
        raise InvalidFrame(f'"says" must have at most {LONGEST_STATEMENT} bytes')
    return Incoming(id, text_field(data, "label"), says, language, quiet=data.get("quiet") is True)


def turn_number(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    if not (type(value) is int and 0 <= value < 1 << 62):
        raise InvalidFrame(f'"{name}" must be the number of a turn')
    return value


def text_field(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise InvalidFrame(f'"{name}" must be text')
    return value


def arrival(visitor: str, said: Incoming, name: str = "", file: KeptFile | None = None) -> Arrival:
    """Convert a visitor's message for the inbox, with their `name` if known; a repeated message gets the same key."""
    mark: dict[str, Any] = {"quiet": True} if said.quiet else {}
    if file:
        mark["file"] = vars(file)
    if name:
        mark["name"] = name
    payload = {"visitor": visitor, "id": said.id, "text": said.text, "press": said.press, "lang": said.lang, **mark}
    # A hash, since keys remain when the visitor's data are erased.
    key = hashlib.sha256(f"{visitor}:{said.id}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Arrival(f"{CHANNEL}:{key}", CHANNEL, visitor, to_text(payload))


def seen_arrival(visitor: str, shown: Posted) -> Arrival | None:
    """Return for the inbox that a visitor has seen a turn, or None if it is no consultant's message."""
    about = from_text(shown.payload).get("about")
    key = hashlib.sha256(f"{visitor}:saw:{shown.id}".encode()).hexdigest()[:32]
    return Arrival(f"{CHANNEL}:{key}", CHANNEL, visitor, to_text({"saw": about})) if about else None


class WebChannel(Channel):
    """The web as a channel. Turns are delivered by storing them in the outbox, from which pages read them.

    `wake` is called with the visitor who has a new turn.
    """

    name = CHANNEL
    retention = LINGERS
    shows_files = True

    def __init__(self, wake: Callable[[str], None]) -> None:
        self.wake = wake

    def counts(self, payload: str) -> bool:
        return False

    def read(self, payload: str) -> Message | None:
        data = from_text(payload)
        if "saw" in data:
            return None
        press, visitor = data["press"], data["visitor"]
        file = KeptFile(**data["file"]) if "file" in data else None
        return Message(
            address=Address(CHANNEL, visitor, visitor),
            text="" if press is not None else data["text"],
            id=data["id"],
            kind=("picture" if file.is_picture else "file") if file else "text" if press is None else "press",
            press=press,
            hint=data["lang"],
            name=data.get("name", ""),
            file=file,
        )

    def write(self, payload: str, message: Message, replies: Sequence[Reply]) -> list[str]:
        """Return one call with the whole turn, so that pages never show a part of it."""
        data = from_text(payload)
        kind, _, rated = (data["press"] or "").partition("=")
        said = {"id": data["id"], "text": data["text"][:LONGEST_SHOWN], "press": data["press"] is not None}
        if "file" in data:
            said["file"] = data["file"]
        turn = {
            "to": data["visitor"],
            # The page shows what a rating says below the answer that was rated.
            **({"rated": rated} if kind == "helped" else {}),
            "said": None if data.get("quiet") else said,
            "replies": [stored_reply(reply) for reply in replies],
        }
        return [to_text(turn)]

    def tell(self, chat: str, replies: Sequence[Reply], about: str = "") -> list[str]:
        return unrequested_calls(chat, replies, desk=True, about=about)

    def told(self, payload: str) -> list[tuple[Literal["merchant", "assistant"], str]]:
        turn = from_text(payload)
        said = (turn["said"] or {}).get("text", "")
        made: list[tuple[Literal["merchant", "assistant"], str]] = [("merchant", said)] if said else []
        return [*made, *(("assistant", reply["text"]) for reply in turn["replies"] if reply["text"])]

    def saw(self, payload: str) -> str | None:
        about: str | None = from_text(payload).get("saw")
        return about

    async def send(self, payload: str, chat: str) -> str | None:
        self.wake(from_text(payload)["to"])
        return None


def unrequested_calls(chat: str, replies: Sequence[Reply], *, desk: bool = False, about: str = "") -> list[str]:
    """Return the call that sends unrequested replies, those of the consultants' `desk` marked as such, and `about` their message."""
    mark: dict[str, Any] = {"desk": True} if desk else {}
    if about:
        mark["about"] = about
    return [to_text({"to": chat, "said": None, **mark, "replies": [stored_reply(reply) for reply in replies]})]


NEWS = News(lambda chat, reply: unrequested_calls(chat, [reply]))


def stored_reply(reply: Reply) -> dict[str, Any]:
    """Convert a reply to the JSON stored in the outbox."""
    made: dict[str, Any] = {"text": reply.text}
    if reply.buttons:
        made["buttons"] = [[button.label, button.says] for button in reply.buttons]
    if reply.attachments:
        made["files"] = [[one.kind, one.path] for one in reply.attachments]
    if reply.progress:
        made["progress"] = [reply.progress.title, reply.progress.done, reply.progress.left]
    if reply.verdict:
        made |= {"verdict": reply.verdict, "sign": reply.sign, "code": reply.code}
    if reply.clears:
        made["clears"] = True
    if reply.file:
        made["file"] = vars(reply.file)
    if reply.source:
        made["source"] = reply.source
    if reply.rating:
        made["rating"] = [[button.label, button.says] for button in (reply.rating.yes, reply.rating.no)]
    return made


def turn_frame(posted: Posted, knowledge: Knowledge) -> dict[str, Any]:
    """Convert a stored turn to the page's JSON; `at` is in Unix seconds."""
    data = from_text(posted.payload)
    mark = {"desk": True} if data.get("desk") else {}
    return {
        "n": posted.id,
        "at": round(posted.made, 3),
        "said": data["said"],
        **mark,
        **({"rated": data["rated"]} if "rated" in data else {}),
        "replies": [rendered_reply(reply, knowledge) for reply in data["replies"]],
    }


def rendered_reply(reply: Mapping[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    lang = language_of(reply["text"])
    made: dict[str, Any] = {"html": html(reply["text"]), "lang": lang}
    if buttons := reply.get("buttons"):
        made["buttons"] = [[plain(label), says] for label, says in buttons]
    if files := reply.get("files"):
        # Files are found by name, since the content's folder may have moved.
        names = [(kind, DATA if kind == "data" else path.rpartition("/files/")[2]) for kind, path in files]
        made["files"] = [[kind, name] for kind, name in names if kind == "data" or name in knowledge.library.files]
    if progress := reply.get("progress"):
        title, done, left = progress
        words = knowledge.say("web_progress", lang, title=title, done=done, left=left)
        made["progress"] = {"text": words, "done": done, "left": left}
    if verdict := reply.get("verdict"):
        # Turns of earlier versions have no sign.
        sign = reply["sign"] if "sign" in reply else knowledge.say(f"verdict_{verdict}", lang)
        made |= {"verdict": verdict, "code": reply["code"], "sign": sign}
    if reply.get("clears"):
        made["clears"] = True
    if file := reply.get("file"):
        made["file"] = file
    if source := reply.get("source"):
        made["source"] = html(source)
    if rating := reply.get("rating"):
        made["rating"] = rating
    return made


def language_of(text: str) -> Language:
    """Return the language of most of a text: an English one may quote a word in Chinese, and a Chinese one a name."""
    return "zh" if len(HAN_CHARACTER.findall(text)) > len(LATIN_WORD.findall(text)) else "en"


def start_screen(knowledge: Knowledge) -> dict[Language, dict[str, list[list[str]]]]:
    """Return the most asked topics and the checks by language, as [label, statement] pairs.

    The checks about the topics asked most come first.
    """
    library = knowledge.library
    made: dict[Language, dict[str, list[list[str]]]] = {}
    asked = {name: place for place, name in enumerate(knowledge.most_asked)}
    first = {
        name: min((asked[topic] for topic in check.related if topic in asked), default=len(asked))
        for name, check in library.checks.items()
    }
    for lang in LANGUAGES:
        topics = [[knowledge.topic(name).title[lang], f"topic={name}"] for name in knowledge.most_asked]
        checks = [[library.checks[name].title[lang], f"check={name}"] for name in sorted(first, key=first.__getitem__)]
        made[lang] = {"topics": topics, "checks": checks}
    return made
