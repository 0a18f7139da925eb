"""Which groups and business accounts are answered: all, those in a list, or those that the operator allows when asked."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from bot.json_text import from_text, to_text
from bot.store import utc
from bot.store.ports import Notes

log = logging.getLogger(__name__)

Sort = Literal["group", "business"]
State = Literal["asks", "allowed", "refused"]
NOTE = "admission"  # with the decisions, as JSON
FRESH = 2.0  # seconds for which the decisions are cached, since each group's message needs them
MOST_ASKING = 100  # so that strangers cannot fill the note
LONGEST_NAME = 60


@dataclass(frozen=True)
class Applicant:
    """A group, or a business account by its owner's id, and what was decided of it; `since` is a time in UTC."""

    id: str
    sort: Sort
    name: str
    since: str
    state: State = "asks"


def applicants(note: str | None) -> dict[str, Applicant]:
    """Read the decisions from the note, by id."""
    return {one["id"]: Applicant(**one) for one in from_text(note)} if note else {}


async def decide(store: Notes, id: str, state: State, sort: Sort) -> None:
    """Store the operator's decision on a group or account; it need not have asked."""
    known = applicants(await store.recall(NOTE))
    before = known.get(id, Applicant(id, sort, "", utc(time.time())))
    await store.remember(NOTE, as_note({**known, id: Applicant(id, before.sort, before.name, before.since, state)}))


def as_note(known: Mapping[str, Applicant]) -> str:
    return to_text([asdict(one) for one in known.values()])


class Admission:
    """Decides by the settings: `all`, `asked`, or a list of ids, which is `listed` if it is empty."""

    def __init__(self, groups: str, business: str, store: Notes) -> None:
        self.allowed: Mapping[Sort, str] = {"group": groups, "business": business}
        self.turnstile = asyncio.Lock()  # for reading and adding
        self.store, self.known, self.read = store, dict[str, Applicant](), float("-inf")

    async def admits(self, sort: Sort, id: str, name: str = "") -> bool:
        """Return true if a group or account is to be answered; one that is new asks the operator, if they are to be asked."""
        allowed = self.allowed[sort]
        if allowed == "all" or id in allowed.split():
            return True
        if allowed != "asked":
            return False
        async with self.turnstile:
            if time.monotonic() > self.read + FRESH:
                self.known, self.read = applicants(await self.store.recall(NOTE)), time.monotonic()
            if id not in self.known:
                await self.ask(Applicant(id, sort, name[:LONGEST_NAME], utc(time.time())))
        return self.known[id].state == "allowed" if id in self.known else False

    async def ask(self, new: Applicant) -> None:
        if sum(one.state == "asks" for one in self.known.values()) >= MOST_ASKING:
            return
        self.known[new.id] = new
        await self.store.remember(NOTE, as_note(self.known))
        log.warning("%s %s asks to be answered: `merchant-bot access allow %s`", new.sort, new.id, new.id)

    async def follow(self, old: str, new: str) -> None:
        """Have a group keep its decision under its new id."""
        known = applicants(await self.store.recall(NOTE))
        if (
            self.allowed["group"] == "asked"
            and (before := known.get(old))
            and known.get(new, before).state in ("asks", before.state)
        ):
            await decide(self.store, new, before.state, "group")
            self.read = float("-inf")
