"""Broadcasts: a Markdown file in both languages, sent once to every subscriber, with a lower priority than answers.

The command fills the outbox, and `serve` sends it. A broadcast is identified by the hash of its text: running the same
file again resumes it, and nobody receives it twice.
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

PRIORITY = 1  # after every answer
STEP = 200  # receivers per transaction
EVERY = 0.5  # seconds between polls for progress
STALLED = 15.0  # seconds without progress before a warning
HEADINGS: Mapping[str, Language] = {"english": "en", "en": "en", "中文": "zh", "chinese": "zh", "zh": "zh"}
HEADING = re.compile(r"#[ \t]+(?P<name>.*?)[ \t]*#*[ \t]*")
RIGHT = "write “# English” and “# 中文”, each on a line of its own, with the text below"


Ways = Mapping[str, News]  # the delivery by channel


class BadBroadcast(Exception):
    """An invalid broadcast file: one line per mistake, with its place."""


@dataclass(frozen=True)
class Broadcast:
    """A broadcast's text in both languages; its name is the hash of the text."""

    text: Mapping[Language, str]

    @property
    def name(self) -> str:
        return hashlib.sha256("\0".join(self.text[lang] for lang in LANGUAGES).encode()).hexdigest()[:24]


def read(file: Path, ways: Ways) -> Broadcast:
    """Read a broadcast file and check it for every channel. Raises BadBroadcast and OSError."""
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
            mistakes += [f"{file}:{found[one][0]}: {why}" for why in text_mistakes(one, text[one], ways)]
    if mistakes:
        raise BadBroadcast("\n".join(mistakes))
    return Broadcast(text)


def text_mistakes(lang: Language, text: str, ways: Ways) -> list[str]:
    """Return the mistakes in one language's text."""
    if not text:
        return ["there is no text below this heading"]
    if lang == "zh" and not HAN_CHARACTER.search(text):
        return ["there is no Chinese below this heading"]
    too_long = filter(None, (way.too_long(text) for way in ways.values()))
    return [f"this is too long for one message: {why}" for why in too_long]


@dataclass(frozen=True)
class Plan:
    """A broadcast's receivers, its progress so far, and the number of subscribers it cannot reach."""

    receivers: Sequence[Subscriber]
    before: Sent
    unreached: int = 0

    @property
    def languages(self) -> Mapping[Language, int]:
        return Counter(one.lang for one in self.receivers)


async def plan(store: Broadcasts, broadcast: Broadcast, subject: str | None, lang: Language | None, ways: Ways) -> Plan:
    """Plan a broadcast to the subscribers of a subject (None: any) with a language (None: both). Raises StoreError."""
    chosen = [one for one in await store.subscribers(subject) if lang in (None, one.lang)]
    receivers = [one for one in chosen if is_reachable(one.address, ways)]
    return Plan(receivers, await store.broadcast_sent(broadcast.name), len(chosen) - len(receivers))


def is_reachable(address: Address, ways: Ways) -> bool:
    """Return true if an address can receive broadcasts."""
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
    """Put a broadcast into the outbox for all receivers who have not had it. Returns their number. Raises StoreError.

    `told` is called with the number of receivers processed in each step.
    """
    new = 0
    for start in range(0, len(receivers), STEP):
        some = receivers[start : start + STEP]
        new += await store.broadcast(broadcast.name, [call(one, broadcast, subject, knowledge, ways) for one in some])
        told(len(some))
    return new


def call(to: Subscriber, broadcast: Broadcast, subject: str | None, knowledge: Knowledge, ways: Ways) -> Outgoing:
    """Return the call that sends a broadcast to a subscriber, with an unsubscribe button."""
    button = Button(knowledge.say("unsubscribe_button", to.lang), f"unsubscribe={subject or ''}")
    reply = Reply(broadcast.text[to.lang], (button,), preview=True)
    address = to.address
    (payload,) = ways[address.channel].calls(address.chat, reply)
    return Outgoing(address.channel, address.chat, payload, PRIORITY)


async def watch(
    store: Broadcasts, broadcast: Broadcast, told: Callable[[Sent], None], stalled: Callable[[], None]
) -> Sent:
    """Wait until no call of a broadcast is waiting, and return the final counts.

    `told` is called with the counts at each poll, `stalled` once after STALLED seconds without progress.
    """
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
