"""Subscriptions and broadcasts, as both databases keep them. "@" stands for a database's mark of a placeholder.

A chat subscribes to subjects. A broadcast is known by the hash of its content, and whoever was given it is written down in
the transaction that puts the call into the outbox, so that nobody is given it twice, whatever is stopped and begun again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.json_text import from_text
from bot.model import LANGUAGES, Address, Language

SUBSCRIBE = """
INSERT INTO subscriptions (channel, chat, subject, address, lang, made) VALUES (@1, @2, @3, @4, @5, @6)
ON CONFLICT (channel, chat, subject) DO UPDATE SET lang = excluded.lang"""
UNSUBSCRIBE = "DELETE FROM subscriptions WHERE channel = @1 AND chat = @2 AND subject = @3"
UNSUBSCRIBE_ALL = "DELETE FROM subscriptions WHERE channel = @1 AND chat = @2"
# The language may have been changed since.
SUBSCRIBERS = """
SELECT subscriptions.address, lang, state FROM subscriptions
LEFT JOIN conversations ON conversations.address = subscriptions.address
ORDER BY made, subscriptions.address, subject"""
SUBSCRIBERS_TO = SUBSCRIBERS.replace("ORDER BY", "WHERE subject = @1 ORDER BY")
# What is no longer in the outbox has been deleted there because it was finished long ago.
PROGRESS = """
SELECT coalesce(outbox.state, 'sent'), count(*) FROM receivers LEFT JOIN outbox ON outbox.id = receivers.call
WHERE broadcast = @1 GROUP BY 1"""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who gets what is shared, and in which language."""

    address: Address
    lang: Language


@dataclass(frozen=True, slots=True)
class Sent:
    """How a broadcast stands: how many calls wait, have been sent, were refused, and met a chat that is gone."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    gone: int = 0

    @property
    def all(self) -> int:
        return self.waiting + self.sent + self.failed + self.gone


def subscribers(rows: Iterable[tuple[str, str, str | None]]) -> list[Subscriber]:
    """One for each address, in the language that he speaks now."""
    found: dict[str, Subscriber] = {}
    for address, lang, state in rows:
        spoken = (from_text(state).get("lang") if state else None) or lang
        found[address] = Subscriber(Address.of(address), next((one for one in LANGUAGES if one == spoken), "en"))
    return list(found.values())


def sent(states: Mapping[str, int]) -> Sent:
    failed = states.get("dead", 0) + states.get("dropped", 0)
    return Sent(states.get("waiting", 0), states.get("sent", 0), failed, states.get("gone", 0))
