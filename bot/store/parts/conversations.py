"""Conversations with their tickets, results, groups and named values."""

from __future__ import annotations

import time

from bot.model import Address, Conversation, Group, Result, Ticket
from bot.store import tables
from bot.store.parts.database import Database, Steps
from bot.store.parts.turns import FIRST_MESSAGE_MOVED, REMEMBER
from bot.store.records import Belongings
from bot.store.state import conversation_of, group_from_json, result_from_json, ticket_of
from bot.store.tables import TICKET, fill_placeholders

# A row for each subject subscribed to, at least one, with the conversation and the open ticket if they exist.
SELECT_CONVERSATION = f"""
SELECT talk.state, wish.subject, ticket.* FROM (SELECT 1) AS one LEFT JOIN conversations AS talk ON talk.address = @1
LEFT JOIN subscriptions AS wish ON wish.channel = @2 AND wish.chat = @3
LEFT JOIN (SELECT {TICKET} FROM tickets WHERE address = @1 AND state = 'open') AS ticket ON 1 = 1 ORDER BY wish.subject"""
TICKET_BY_ID = f"SELECT {TICKET} FROM tickets WHERE id = @1"
TICKET_BY_MESSAGE = f"""
SELECT {TICKET} FROM ticket_messages JOIN tickets ON tickets.id = ticket
WHERE channel = @1 AND chat = @2 AND message = @3"""
TICKETS_LEFT = f"""
SELECT {TICKET} FROM tickets WHERE state = 'open' AND {FIRST_MESSAGE_MOVED} ORDER BY coalesce(heard, opened) DESC LIMIT 100"""
SELECT_RESULT = "SELECT result FROM results WHERE code = @1"
SELECT_GROUP = "SELECT settings FROM groups WHERE channel = @1 AND chat = @2"
SELECT_NOTE = "SELECT value FROM kept WHERE name = @1"
INSERT_NOTE = "INSERT INTO kept (name, value) VALUES (@1, @2) ON CONFLICT (name) DO NOTHING"
DISCLOSURES = tables.disclosures()


class ConversationsPart(Database):
    async def conversation(self, address: Address) -> Conversation:
        return conversation_of(await self.look(SELECT_CONVERSATION, str(address), address.channel, address.chat))

    async def ticket(self, id: int) -> Ticket | None:
        return next(map(ticket_of, await self.look(TICKET_BY_ID, id)), None)

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        return next(map(ticket_of, await self.look(TICKET_BY_MESSAGE, channel, chat, message)), None)

    async def tickets_left(self, channel: str, old: str, new: str) -> list[Ticket]:
        return [ticket_of(row) for row in await self.read(TICKETS_LEFT, channel, old, new)]

    async def result(self, code: str) -> Result | None:
        return next((result_from_json(text) for (text,) in await self.look(SELECT_RESULT, code)), None)

    async def group_of(self, channel: str, chat: str) -> Group | None:
        return next((group_from_json(text) for (text,) in await self.look(SELECT_GROUP, channel, chat)), None)

    async def belongings(self, address: Address) -> Belongings:
        found = []
        for handed, statement in DISCLOSURES:
            sql, values = fill_placeholders(statement, address)
            found.append((handed, await self.read(sql, *values)))
        return tables.belongings(found)

    async def kept(self, name: str, value: str) -> str:
        def steps() -> Steps[str]:
            yield INSERT_NOTE, (name, value)
            ((found,),) = yield SELECT_NOTE, (name,)
            return str(found)

        return await self.transact(steps)

    async def recall(self, name: str) -> str | None:
        return next((str(value) for (value,) in await self.read(SELECT_NOTE, name)), None)

    async def remember(self, name: str, value: str, whose: Address | None = None) -> None:
        await self.change(REMEMBER, name, value, *((str(whose), time.time()) if whose else (None, None)))
