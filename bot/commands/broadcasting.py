"""Broadcasts: a Markdown file in both languages, sent once to everybody who subscribes, behind the answers.

The file is put into the outbox, from which `serve` sends it. Its name there is the hash of what it says: the same file goes
on where it was stopped, and nobody gets it twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.channels.channel import News
from bot.knowledge.knowledge import Knowledge
from bot.language.detect import HAN_CHARACTER
from bot.model import LANGUAGES, Address, Button, Language, Reply
from bot.store import Outgoing, Sent, Subscriber
from bot.store.ports import Broadcasts

PRIORITY = 1  # behind every answer
STEP = 200  # receivers whose calls are stored together
EVERY = 0.5  # seconds between looks at how far it is
STALLED = 15.0  # seconds without progress until that is told
HEADINGS: Mapping[str, Language] = {"english": "en", "en": "en", "中文": "zh", "chinese": "zh", "zh": "zh"}
HEADING = re.compile(r"#[ \t]+(?P<name>.*?)[ \t]*#*[ \t]*")
RIGHT = "write “# English” and “# 中文”, each on a line of its own, with the text below"


Ways = Mapping[str, News]  # how it is brought, by channel


class BadBroadcast(Exception):
    """A file that cannot be sent: a line for each mistake, with its place."""


@dataclass(frozen=True)
class Broadcast:
    """What is sent, in both languages."""

    text: Mapping[Language, str]

    @property
    def name(self) -> str:
        return hashlib.sha256("\0".join(self.text[lang] for lang in LANGUAGES).encode()).hexdigest()[:24]


def read(file: Path, ways: Ways) -> Broadcast:
    """The broadcast in a file, which each of the ways can bring. Raises BadBroadcast and OSError."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadBroadcast(f"{file}: this file is not UTF-8: {error.reason} at byte {error.start}") from error
    mistakes: list[str] = []
    found: dict[Language, tuple[int, list[str]]] = {}
    lang: Language | None = None
    for number, line in enumerate(lines, 1):
        heading = HEADING.fullmatch(line)
        if heading:
            named = HEADINGS.get(heading["name"].strip().lower())
            if named is None:
                mistakes.append(
                    f"{file}:{number}: no language is called “{heading['name']}”; {RIGHT}. For a title use **bold**"
                )
            elif named in found:
                mistakes.append(f"{file}:{number}: this language begins on line {found[named][0]} already")
            lang = named
            if named:
                found.setdefault(named, (number, []))
        elif lang:
            found[lang][1].append(line)
        elif line.strip() and not found and not mistakes:
            mistakes.append(f"{file}:{number}: this text has no language; {RIGHT}")
    text = {lang: "\n".join(lines).strip() for lang, (_, lines) in found.items()}
    for one in LANGUAGES:
        if one not in found:
            mistakes.append(f"{file}: the {'English' if one == 'en' else 'Chinese'} text is missing; {RIGHT}")
        else:
            mistakes += [f"{file}:{found[one][0]}: {why}" for why in wrong_with(one, text[one], ways)]
    if mistakes:
        raise BadBroadcast("\n".join(mistakes))
    return Broadcast(text)


def wrong_with(lang: Language, text: str, ways: Ways) -> list[str]:
    """What keeps a text from being sent."""
    if not text:
        return ["there is no text below this heading"]
    if lang == "zh" and not HAN_CHARACTER.search(text):
        return ["there is no Chinese below this heading"]
    too_long = filter(None, (way.too_long(text) for way in ways.values()))
    return [f"this is too long for one message: {why}" for why in too_long]


@dataclass(frozen=True)
class Plan:
    """Who gets a broadcast, for how many subscribers there is no way, and how far it has come before."""

    receivers: Sequence[Subscriber]
    before: Sent
    unreached: int = 0

    @property
    def languages(self) -> Mapping[Language, int]:
        return Counter(one.lang for one in self.receivers)


async def plan(store: Broadcasts, broadcast: Broadcast, subject: str | None, lang: Language | None, ways: Ways) -> Plan:
    """Whom it is for: the subscribers of a subject, or of any, who speak a language, or either."""
    chosen = [one for one in await store.subscribers(subject) if lang in (None, one.lang)]
    receivers = [one for one in chosen if reached(one.address, ways)]
    return Plan(receivers, await store.broadcast_sent(broadcast.name), len(chosen) - len(receivers))


def reached(address: Address, ways: Ways) -> bool:
    """Whether something can be sent to an address that it has not asked for."""
    return address.channel in ways and ways[address.channel].reaches(address)


async def enqueue(
    store: Broadcasts,
    broadcast: Broadcast,
    receivers: Sequence[Subscriber],
    subject: str | None,
    knowledge: Knowledge,
    ways: Ways,
    told: Callable[[int], None],
) -> int:
    """Put it into the outbox for everybody who was not given it before. Returns for how many; `told` how far it is."""
    new = 0
    for start in range(0, len(receivers), STEP):
        some = receivers[start : start + STEP]
        new += await store.broadcast(broadcast.name, [call(one, broadcast, subject, knowledge, ways) for one in some])
        told(len(some))
    return new


def call(to: Subscriber, broadcast: Broadcast, subject: str | None, knowledge: Knowledge, ways: Ways) -> Outgoing:
    """The one call that brings it to a subscriber, with the button that ends it."""
    button = Button(knowledge.say("unsubscribe_button", to.lang), f"unsubscribe={subject or ''}")
    reply = Reply(broadcast.text[to.lang], (button,), preview=True)
    address = to.address
    (payload,) = ways[address.channel].calls(address.chat, reply)
    return Outgoing(address.channel, address.chat, payload, PRIORITY)


async def watch(
    store: Broadcasts, broadcast: Broadcast, told: Callable[[Sent], None], stalled: Callable[[], None]
) -> Sent:
    """Wait until nothing of it waits any more; `stalled` is called once where nothing moves."""
    last, since, warned = Sent(), time.monotonic(), False
    while True:
        now = await store.broadcast_sent(broadcast.name)
        told(now)
        if not now.waiting:
            return now
        if now != last:
            last, since = now, time.monotonic()
        elif not warned and time.monotonic() - since > STALLED:
            warned = True
            stalled()
        await asyncio.sleep(EVERY)
