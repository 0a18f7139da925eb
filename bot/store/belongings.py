"""What belongs to a merchant: all of it in one place, to be handed to him or erased.

Whatever table keeps something of a merchant stands here. The names in braces become the placeholders of each database:
`address` is the merchant's, `anywhere` a pattern for his addresses in chats with others, `channel` and `chat` are his own.
"""

from __future__ import annotations

from bot.model import Address

HIS = "(address = {address} OR address LIKE {anywhere} ESCAPE '\\')"
OWN = f"SELECT result FROM results WHERE {HIS} ORDER BY code"
OCCURRED = f"SELECT time, kind, data FROM events WHERE {HIS} ORDER BY id"
TICKETS = f"SELECT id, address, lang, state, first, coalesce(heard, opened) FROM tickets WHERE {HIS} ORDER BY id"
SUBSCRIBED = "SELECT subject FROM subscriptions WHERE channel = {channel} AND chat = {chat} ORDER BY subject"
TOLD = (
    "SELECT id, payload, made FROM outbox WHERE (channel = {channel} AND chat = {chat}) "
    f"OR ticket IN (SELECT id FROM tickets WHERE {HIS}) ORDER BY id"
)

ERASURE = (
    f"DELETE FROM outbox WHERE ticket IN (SELECT id FROM tickets WHERE {HIS})",
    f"DELETE FROM ticket_messages WHERE ticket IN (SELECT id FROM tickets WHERE {HIS})",
    f"DELETE FROM tickets WHERE {HIS}",
    f"DELETE FROM conversations WHERE {HIS}",
    f"DELETE FROM results WHERE {HIS}",
    f"DELETE FROM events WHERE {HIS}",
    "DELETE FROM subscriptions WHERE channel = {channel} AND chat = {chat}",
    "DELETE FROM receivers WHERE channel = {channel} AND chat = {chat}",
    # The keys stay, so that an update that is delivered again is still recognised.
    "UPDATE inbox SET state = 'done', payload = '', error = NULL, chat = '' "
    "WHERE channel = {channel} AND chat = {chat} AND state <> 'new'",
    "DELETE FROM outbox WHERE channel = {channel} AND chat = {chat}",
)


def filled(statement: str, address: Address, mark: str) -> tuple[str, list[str]]:
    """A statement with the database's numbered placeholders ("?" or "$" and a number), and what they stand for."""
    user = address.user.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "address": str(address),
        "anywhere": f"{address.channel}:%:{user}",
        "channel": address.channel,
        "chat": address.chat,
    }
    used = [name for name in values if f"{{{name}}}" in statement]
    return statement.format(**{name: f"{mark}{place}" for place, name in enumerate(used, 1)}), [
        values[one] for one in used
    ]
