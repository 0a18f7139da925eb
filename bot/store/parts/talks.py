"""The tickets as the console lists them, with their talks."""

from __future__ import annotations

from bot.model import Ticket
from bot.store.parts.conversations import SELECT_DRAFT, draft_of
from bot.store.parts.database import Database
from bot.store.records import Draft, TalkEntry, TicketList, Told
from bot.store.state import ticket_of
from bot.store.tables import TICKET

MOST_SAID = 500  # newest entries of a talk

# Who waits longest comes first; then leads, then those who were answered last.
WAITING_FIRST = "ORDER BY CASE WHEN waits IS NULL THEN 1 ELSE 0 END, waits, lead DESC, coalesce(heard, opened) DESC, id"
OPEN = f"SELECT {TICKET} FROM tickets WHERE state = 'open' {WAITING_FIRST} LIMIT @1 OFFSET @2"
MINE = f"SELECT {TICKET} FROM tickets WHERE state = 'open' AND holder = @3 {WAITING_FIRST} LIMIT @1 OFFSET @2"
CLOSED = f"SELECT {TICKET} FROM tickets WHERE state = 'closed' ORDER BY closed DESC, id DESC LIMIT @1 OFFSET @2"
COUNTS = """
SELECT (SELECT count(*) FROM tickets WHERE state = 'open'),
(SELECT count(*) FROM tickets WHERE state = 'open' AND holder = @1),
(SELECT count(*) FROM tickets WHERE state = 'closed')"""
SAID = """
SELECT ticket, who, words, name, kind, file, cause, account, id, time FROM talk WHERE ticket = @1 ORDER BY id DESC LIMIT @2"""
SAID_BY_ID = (
    "SELECT ticket, who, words, name, kind, file, cause, account, id, time FROM talk WHERE ticket = @1 AND id = @2"
)
LAST_WORDS = """
SELECT ticket, words FROM talk WHERE id IN
(SELECT max(id) FROM talk WHERE ticket IN @1:bigint[] AND who = 'merchant' GROUP BY ticket)"""
# What the assistant told a merchant, and what their own pages show them of their words.
TOLD = """
SELECT id, cause, payload, made FROM outbox WHERE channel = @1 AND chat = @2 AND ticket IS NULL AND payload <> ''
ORDER BY id DESC LIMIT @3"""
DRAFTS = f"{SELECT_DRAFT.partition(' WHERE ')[0]} WHERE ticket = @1 ORDER BY id"
NEWEST = """
SELECT coalesce((SELECT max(id) FROM talk WHERE ticket = @1), 0),
(SELECT count(*) FROM drafts WHERE ticket = @1 AND state <> 'offered')"""
NEWEST_OF_ALL = "SELECT (SELECT coalesce(max(id), 0) FROM talk), (SELECT count(*) FROM tickets WHERE state = 'open')"
NOTES = "SELECT name, value FROM kept WHERE substr(name, 1, length(CAST(@1 AS TEXT))) = CAST(@1 AS TEXT) ORDER BY name"


class TalksPart(Database):
    async def ticket_list(self, which: TicketList, holder: str, limit: int, offset: int = 0) -> list[Ticket]:
        place = (limit, offset)
        if which == "mine":
            return [ticket_of(row) for row in await self.read(MINE, *place, holder)]
        return [ticket_of(row) for row in await self.read(OPEN if which == "open" else CLOSED, *place)]

    async def ticket_counts(self, holder: str) -> tuple[int, int, int]:
        ((opened, mine, closed),) = await self.read(COUNTS, holder)
        return opened, mine, closed

    async def last_said(self, tickets: list[int]) -> dict[int, str]:
        return dict(map(tuple, await self.read(LAST_WORDS, tickets)))

    async def talk(self, ticket: int) -> list[TalkEntry]:
        return [TalkEntry(*row) for row in reversed(await self.read(SAID, ticket, MOST_SAID))]

    async def said(self, ticket: int, id: int) -> TalkEntry | None:
        return next((TalkEntry(*row) for row in await self.read(SAID_BY_ID, ticket, id)), None)

    async def told(self, channel: str, chat: str, limit: int) -> list[Told]:
        return [Told(*row) for row in reversed(await self.read(TOLD, channel, chat, limit))]

    async def drafts_of(self, ticket: int) -> list[Draft]:
        return [draft_of(row) for row in await self.read(DRAFTS, ticket)]

    async def newest_said(self, ticket: int | None) -> str:
        rows = await self.look(NEWEST_OF_ALL) if ticket is None else await self.look(NEWEST, ticket)
        return "-".join(map(str, rows[0]))

    async def notes(self, prefix: str) -> dict[str, str]:
        return {str(name).removeprefix(prefix): str(value) for name, value in await self.read(NOTES, prefix)}
