"""Weekly messages to staff who want them: the report to owners, what gets old to editors.

Each is sent from Monday morning on, in the agency's time zone, once a week: one process at a time looks, what was sent is
noted, and the outbox takes one call for each person and week.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from bot.channels.channel import News
from bot.console.entrance import NAMED
from bot.model import LANGUAGES, Address, Language, Reply
from bot.store import Outgoing, Role, Staff, Store, StoreError

log = logging.getLogger(__name__)

Digest = Literal["report", "aging"]
ROLE_FOR: Mapping[Digest, Role] = {"report": "owner", "aging": "editor"}
WISH = "weekly-"  # begins the note of a person's wish, its language; "" where it was taken back
SENT = "weekly-sent-"  # begins the note of the week that was sent last
HOUR = 9  # of Monday
EVERY = 60.0  # seconds between looks
PRIORITY = 1  # after every answer

# Returns the text of a kind in a language, "" if there is nothing to tell. The time is in the agency's zone.
Write = Callable[[Language, datetime], Awaitable[str]]


@dataclass(frozen=True)
class State:
    """A person's subscription to a message; `reachable`: they are known on a platform that can deliver it."""

    reachable: bool
    on: bool


class Weekly:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.texts: dict[Digest, Write] = {}
        self.ways: Mapping[str, News] = {}
        self.now: Callable[[], datetime] = datetime.now

    def open(self, ways: Mapping[str, News], now: Callable[[], datetime]) -> None:
        """Use the channels that can bring messages; `now` returns the time in the agency's zone."""
        self.ways, self.now = ways, now

    async def addresses(self) -> dict[str, Address]:
        """Return the addresses of staff by name, on the platform on which they asked for the console."""
        found = {}
        for note, name in (await self.store.notes(NAMED)).items():
            channel, _, user = note.partition(":")
            if channel in self.ways:
                found[name] = Address(channel, user, user)
        return found

    async def state(self, staff: Staff, kind: Digest) -> State:
        wish = await self.store.recall(f"{WISH}{kind}:{staff.id}")
        return State(staff.name in await self.addresses(), bool(wish))

    async def switch(self, staff: Staff, kind: Digest, lang: Language | None) -> None:
        """Subscribe a person to a message in a language, or unsubscribe them for None."""
        await self.store.remember(f"{WISH}{kind}:{staff.id}", lang or "")

    async def run(self) -> None:
        """Look whether a message is due, until cancelled."""
        while True:
            try:
                if await self.store.lease("weekly"):
                    for kind in self.texts:
                        await self.send_due(kind)
            except StoreError as error:
                log.error("cannot send the weekly messages: %s", error)
            except Exception:  # merchants are answered, whatever is wrong with a report
                log.exception("cannot write the weekly messages")
            await asyncio.sleep(EVERY)

    async def send_due(self, kind: Digest) -> None:
        """Send a week's message to all who want it, unless it was. Raises StoreError."""
        now = self.now()
        monday = now.date() - timedelta(days=now.weekday())
        if now < datetime.combine(monday, time(HOUR), now.tzinfo):
            monday -= timedelta(days=7)
        note, week = f"{SENT}{kind}", monday.isoformat()
        before = await self.store.recall(note)
        if before is not None and before >= week:
            return
        if before is not None:  # else nobody could want it yet: the first is next week's
            await self.send(kind, week, now)
        await self.store.remember(note, week)

    async def send(self, kind: Digest, week: str, now: datetime) -> None:
        where, outgoing = await self.addresses(), []
        texts: dict[Language, str] = {}
        for staff in await self.store.staff():
            wish = await self.store.recall(f"{WISH}{kind}:{staff.id}")
            lang = next((one for one in LANGUAGES if one == wish), None)
            if lang is None or staff.name not in where or not staff.may(ROLE_FOR[kind]):
                continue
            if lang not in texts:
                texts[lang] = await self.texts[kind](lang, now)
            to = where[staff.name]
            calls = self.ways[to.channel].calls(to.chat, Reply(texts[lang])) if texts[lang] else ()
            outgoing += [Outgoing(to.channel, to.chat, call, PRIORITY) for call in calls[:1]]
        if outgoing:
            await self.store.broadcast(f"weekly {kind} {week}", outgoing)
