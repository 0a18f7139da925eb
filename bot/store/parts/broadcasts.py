"""Broadcasts: subscribers, receivers and progress.

A broadcast is identified by the hash of its text. Each receiver is stored in the transaction that puts their call into
the outbox, so that nobody receives it twice, even after an interruption.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bot.json_text import from_text
from bot.model import LANGUAGES, Address
from bot.store.parts.database import Database, Many, Steps
from bot.store.parts.turns import row_of
from bot.store.records import Bulletin, BulletinState, Outgoing, Sent, Subscriber

# With the conversation, since the language may have changed after the subscription.
SELECT_SUBSCRIBERS = """
SELECT subscriptions.address, lang, state FROM subscriptions
LEFT JOIN conversations ON conversations.address = subscriptions.address
WHERE subject = @1 OR @1 IS NULL ORDER BY made, subscriptions.address, subject"""
SELECT_RECEIVERS = "SELECT channel, chat FROM receivers WHERE broadcast = @1 AND chat IN @2:text[]"
INSERT_RECEIVER = "INSERT INTO receivers (broadcast, channel, chat, call) VALUES (@1, @2, @3, @4)"
# Calls pruned from the outbox were finished long ago, and count as sent.
COUNT_STATES = """
SELECT coalesce(outbox.state, 'sent'), count(*) FROM receivers LEFT JOIN outbox ON outbox.id = receivers.call
WHERE broadcast = @1 GROUP BY 1"""

BULLETIN = "id, name, en, zh, subject, lang, state, who, made, total"
BULLETINS = f"SELECT {BULLETIN} FROM broadcasts ORDER BY id DESC LIMIT @1"
BULLETIN_BY_ID = f"SELECT {BULLETIN} FROM broadcasts WHERE id = @1"
ADD_BULLETIN = """
INSERT INTO broadcasts (name, en, zh, subject, lang, who, made) VALUES (@1, @2, @3, @4, @5, @6, @7) RETURNING id"""
CHANGE_BULLETIN = """
UPDATE broadcasts SET name = @1, en = @2, zh = @3, subject = @4, lang = @5, who = @6, made = @7
WHERE id = @8 AND state = 'draft' RETURNING id"""
MOVE_BULLETIN = """
UPDATE broadcasts SET state = @3, total = coalesce(CAST(@4 AS INTEGER), total)
WHERE id = @1 AND state IN @2:text[] RETURNING id"""
DROP_BULLETIN = "DELETE FROM broadcasts WHERE id = @1 AND state = 'draft'"


class BroadcastsPart(Database):
    async def save_bulletin(self, bulletin: Bulletin) -> int | None:
        one = bulletin
        row = (one.name, one.en, one.zh, one.subject, one.lang, one.who, time.time())

        def steps() -> Steps[int | None]:
            changed = (yield CHANGE_BULLETIN, (*row, one.id)) if one.id else (yield ADD_BULLETIN, row)
            return int(changed[0][0]) if changed else None

        return await self.transact(steps)

    async def bulletins(self, limit: int) -> list[Bulletin]:
        return [Bulletin(*row) for row in await self.read(BULLETINS, limit)]

    async def bulletin(self, id: int) -> Bulletin | None:
        return next((Bulletin(*row) for row in await self.read(BULLETIN_BY_ID, id)), None)

    async def move_bulletin(
        self, id: int, before: Sequence[BulletinState], state: BulletinState, total: int | None = None
    ) -> bool:
        def steps() -> Steps[bool]:
            return bool((yield MOVE_BULLETIN, (id, list(before), state, total)))

        return await self.transact(steps)

    async def drop_bulletin(self, id: int) -> None:
        await self.change(DROP_BULLETIN, id)

    async def subscribers(self, subject: str | None) -> list[Subscriber]:
        """Return the subscribers of a subject, each with their current language."""
        found: dict[str, Subscriber] = {}
        for address, lang, state in await self.read(SELECT_SUBSCRIBERS, subject):
            spoken = (from_text(state).get("lang") if state else None) or lang
            found[address] = Subscriber(Address.of(address), next((one for one in LANGUAGES if one == spoken), "en"))
        return list(found.values())

    async def broadcast(self, name: str, outgoing: Sequence[Outgoing]) -> int:
        def steps() -> Steps[int]:
            yield from self.lock_broadcasts()
            rows = yield SELECT_RECEIVERS, (name, [out.chat for out in outgoing])
            given = {(channel, chat) for channel, chat in rows}
            calls = [row_of(out, None, 0.0) for out in outgoing if (out.channel, out.chat) not in given]
            if calls:
                made = yield from self.store_calls(time.time(), calls)
                yield Many(INSERT_RECEIVER, [(name, channel, chat, call) for call, channel, chat in made])
                yield from self.notice()
            return len(calls)

        new = await self.transact(steps)
        self.posted.set()
        return new

    async def broadcast_sent(self, name: str) -> Sent:
        states = dict(map(tuple, await self.read(COUNT_STATES, name)))
        failed = states.get("dead", 0) + states.get("dropped", 0)
        return Sent(states.get("waiting", 0), states.get("sent", 0), failed, states.get("gone", 0))
