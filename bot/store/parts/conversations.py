"""Conversations with their tickets, results, groups and named values."""

from __future__ import annotations

import time

from bot.model import Address, Conversation, Group, Result, Ticket
from bot.store import tables
from bot.store.parts.database import Database, Row, Steps
from bot.store.parts.turns import FIRST_MESSAGE_MOVED, INSERT_TICKET_MESSAGE, REMEMBER
from bot.store.records import Belongings, DeskTopic, Draft, Marks, Shown
from bot.store.state import conversation_of, group_from_json, result_from_json, ticket_of
from bot.store.tables import TICKET, fill_placeholders

# A row for each subject subscribed to, at least one, with the conversation and the open ticket if they exist; not
# one that waits for a consultant to write first.
SELECT_CONVERSATION = f"""
SELECT talk.state, wish.subject, ticket.* FROM (SELECT 1) AS one LEFT JOIN conversations AS talk ON talk.address = @1
LEFT JOIN subscriptions AS wish ON wish.channel = @2 AND wish.chat = @3
LEFT JOIN (SELECT {TICKET} FROM tickets WHERE address = @1 AND state = 'open' AND (lead = 0 OR answered IS NOT NULL)) AS ticket ON 1 = 1 ORDER BY wish.subject"""
TICKET_BY_ID = f"SELECT {TICKET} FROM tickets WHERE id = @1"
TICKET_BY_MESSAGE = f"""
SELECT {TICKET} FROM ticket_messages JOIN tickets ON tickets.id = ticket
WHERE channel = @1 AND chat = @2 AND message = @3"""
TICKETS_LEFT = f"""
SELECT {TICKET} FROM tickets WHERE state = 'open' AND {FIRST_MESSAGE_MOVED} ORDER BY coalesce(heard, opened) DESC LIMIT 100"""
TICKET_CALLS = """
SELECT channel, chat, payload, cause, platform_id FROM outbox WHERE ticket = @1 AND state = 'sent' ORDER BY id"""
OPEN_TICKETS = f"SELECT {TICKET} FROM tickets WHERE state = 'open' ORDER BY opened LIMIT @1"
# A merchant's turns are calls without the ticket, with the same cause as the calls that bring them to the desk; what a consultant
# does is caused by an update of their own, or stands in the talk. Where the console alone is the desk, what is stored has come there.
MARKS = """
WITH mine AS (
  SELECT id, cause, made FROM outbox
  WHERE channel = @2 AND chat = @3 AND ticket IS NULL AND cause IS NOT NULL AND made >= @4
), theirs AS (
  SELECT channel, cause, made, state FROM outbox WHERE ticket = @1 AND cause IS NOT NULL
)
SELECT
  (SELECT coalesce(max(id), 0) FROM mine WHERE cause IN (SELECT cause FROM theirs WHERE channel <> @2 AND state = 'sent')
    OR NOT EXISTS (SELECT 1 FROM theirs WHERE channel <> @2) AND cause IN (SELECT cause FROM talk WHERE ticket = @1)),
  (SELECT coalesce(max(id), 0) FROM mine WHERE made <= (SELECT max(made) FROM (
    SELECT made FROM theirs WHERE channel = @2 OR cause NOT IN (SELECT cause FROM mine)
    UNION ALL SELECT time FROM talk WHERE ticket = @1 AND (who = 'consultant' OR who = 'state' AND kind IN ('claimed', 'passed'))
  ) AS acts)),
  (SELECT count(*) FROM drafts WHERE ticket = @1 AND state = 'edited' AND made >= @5)"""
WRITES = 900.0  # seconds since a question for which a changed draft counts as being written
OPEN_TICKET_OF = f"SELECT {TICKET} FROM tickets WHERE address = @1 AND state = 'open'"
LATEST_TICKET = f"SELECT {TICKET} FROM tickets WHERE address = @1 ORDER BY CASE state WHEN 'open' THEN 0 ELSE 1 END, opened DESC LIMIT 1"
LAST_WAITS = """
SELECT answered - opened FROM tickets WHERE answered IS NOT NULL ORDER BY opened DESC LIMIT @1"""
CARD_CALL = "SELECT shown FROM tickets WHERE id = @1"
SELECT_DRAFT = "SELECT id, ticket, question, answer, topics, state, consultant, final FROM drafts WHERE id = @1"
TOPIC = "channel, chat, thread, address, title"
TOPIC_OF = f"SELECT {TOPIC} FROM desk_topics WHERE channel = @1 AND chat = @2 AND address = @3"
TOPIC_AT = f"SELECT {TOPIC} FROM desk_topics WHERE channel = @1 AND chat = @2 AND thread = @3"
KEEP_TOPIC = f"""
INSERT INTO desk_topics ({TOPIC}, touched) VALUES (@1, @2, @3, @4, @5, @6) ON CONFLICT (address, channel, chat) DO UPDATE
SET thread = excluded.thread, title = excluded.title, touched = excluded.touched"""
MOVE_CARD = "UPDATE tickets SET first = @2 WHERE id = @1"
SELECT_RESULT = "SELECT result FROM results WHERE code = @1"
SELECT_GROUP = "SELECT settings FROM groups WHERE channel = @1 AND chat = @2"
SELECT_NOTE = "SELECT value FROM kept WHERE name = @1"
INSERT_NOTE = "INSERT INTO kept (name, value) VALUES (@1, @2) ON CONFLICT (name) DO NOTHING"
DISCLOSURES = tables.disclosures()


def draft_of(row: Row) -> Draft:
    id, ticket, question, answer, topics, *rest = row
    return Draft(id, ticket, question, answer, tuple(topics.split()), *rest)


def topic_from(row: Row) -> DeskTopic:
    channel, chat, thread, address, title = row
    return DeskTopic(channel, chat, thread, Address.of(address), title)


class ConversationsPart(Database):
    async def conversation(self, address: Address) -> Conversation:
        return conversation_of(await self.look(SELECT_CONVERSATION, str(address), address.channel, address.chat))

    async def ticket(self, id: int) -> Ticket | None:
        return next(map(ticket_of, await self.look(TICKET_BY_ID, id)), None)

    async def ticket_at(self, channel: str, chat: str, message: str) -> Ticket | None:
        return next(map(ticket_of, await self.look(TICKET_BY_MESSAGE, channel, chat, message)), None)

    async def ticket_calls(self, ticket: int) -> list[Shown]:
        return [Shown(*row) for row in await self.read(TICKET_CALLS, ticket)]

    async def latest_ticket(self, address: Address) -> Ticket | None:
        return next(map(ticket_of, await self.read(LATEST_TICKET, str(address))), None)

    async def open_ticket(self, address: Address) -> Ticket | None:
        return next(map(ticket_of, await self.look(OPEN_TICKET_OF, str(address))), None)

    async def marks(self, ticket: Ticket) -> Marks:
        place = ticket.address.channel, ticket.address.chat
        ((delivered, seen, changing),) = await self.read(MARKS, ticket.id, *place, ticket.opened, time.time() - WRITES)
        return Marks(delivered, seen, changing > 0)

    async def last_waits(self, limit: int) -> list[float]:
        return [float(wait) for (wait,) in await self.read(LAST_WAITS, limit)]

    async def open_tickets(self, limit: int) -> list[Ticket]:
        return [ticket_of(row) for row in await self.read(OPEN_TICKETS, limit)]

    async def draft(self, id: int) -> Draft | None:
        return next((draft_of(row) for row in await self.read(SELECT_DRAFT, id)), None)

    async def card_call(self, ticket: int) -> str:
        return next((str(shown) for (shown,) in await self.read(CARD_CALL, ticket)), "")

    async def topic_of(self, channel: str, chat: str, address: Address) -> DeskTopic | None:
        return next((topic_from(row) for row in await self.read(TOPIC_OF, channel, chat, str(address))), None)

    async def topic_at(self, channel: str, chat: str, thread: str) -> DeskTopic | None:
        return next((topic_from(row) for row in await self.read(TOPIC_AT, channel, chat, thread)), None)

    async def keep_topic(self, topic: DeskTopic, ticket: int) -> None:
        place, now = (topic.channel, topic.chat, topic.thread), time.time()

        def steps() -> Steps[None]:
            yield KEEP_TOPIC, (*place, str(topic.address), topic.title, now)
            yield INSERT_TICKET_MESSAGE, (ticket, *place, now)

        await self.transact(steps)

    async def move_card(self, ticket: int, channel: str, chat: str, message: str) -> None:
        def steps() -> Steps[None]:
            yield INSERT_TICKET_MESSAGE, (ticket, channel, chat, message, time.time())
            yield MOVE_CARD, (ticket, message)

        await self.transact(steps)

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
