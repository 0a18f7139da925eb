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
from bot.store.records import Outgoing, Sent, Subscriber

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


class BroadcastsPart(Database):
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
