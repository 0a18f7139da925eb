"""What belongs to a merchant: all of it in one place, to be handed to them or erased.

Whatever table keeps something of a merchant stands here. The names in braces become the placeholders of each database:
`address` is the merchant's, `anywhere` a pattern for their addresses in chats with others, `own` their chat with the
assistant, `beside` a pattern for their chats with others in whose name the assistant answers; with `keyed` the keys begin
that older versions gave to what they wrote, and `named` is a pattern for updates of a platform that tell who somebody is.
"""

from __future__ import annotations

from bot.model import Address

HIS = "(address = {address} OR address LIKE {anywhere} ESCAPE '\\')"
CHATS = "(channel = {channel} AND (chat = {own} OR chat LIKE {beside} ESCAPE '\\'))"
OWN = f"SELECT result FROM results WHERE {HIS} ORDER BY code"
OCCURRED = f"SELECT time, kind, data FROM events WHERE {HIS} ORDER BY id"
TICKETS = f"SELECT id, address, lang, state, first, coalesce(heard, opened) FROM tickets WHERE {HIS} ORDER BY id"
SUBSCRIBED = f"SELECT DISTINCT subject FROM subscriptions WHERE {CHATS} ORDER BY subject"
TOLD = (
    f"SELECT id, payload, made FROM outbox WHERE {CHATS} OR ticket IN (SELECT id FROM tickets WHERE {HIS}) ORDER BY id"
)

# Updates whose handling failed stay as they came. One from a group, or from the consultants' desk, may hold a merchant: it
# is by them or about them, or a reply that quotes what was said in their tickets.
NAMES = "payload LIKE {named} ESCAPE '\\'"
QUOTES = (
    "EXISTS (SELECT 1 FROM ticket_messages AS said JOIN tickets ON tickets.id = said.ticket "
    f"WHERE {HIS} AND said.channel = inbox.channel AND said.chat = inbox.chat "
    "AND (payload LIKE '%\"message_id\":' || said.message || ',%' OR payload LIKE '%\"message_id\":' || said.message || '}}%'))"
)

ERASURE = (
    f"UPDATE inbox SET state = 'done', payload = '', error = NULL WHERE state = 'dead' AND channel = {{channel}} AND {NAMES}",
    f"UPDATE inbox SET state = 'done', payload = '', error = NULL WHERE state = 'dead' AND {QUOTES}",
    f"DELETE FROM outbox WHERE ticket IN (SELECT id FROM tickets WHERE {HIS})",
    f"DELETE FROM ticket_messages WHERE ticket IN (SELECT id FROM tickets WHERE {HIS})",
    f"DELETE FROM tickets WHERE {HIS}",
    f"DELETE FROM conversations WHERE {HIS}",
    f"DELETE FROM results WHERE {HIS}",
    f"DELETE FROM events WHERE {HIS}",
    f"DELETE FROM kept WHERE {HIS}",
    f"DELETE FROM subscriptions WHERE {CHATS}",
    f"DELETE FROM receivers WHERE {CHATS}",
    # The keys stay, so that an update that is delivered again is still recognised.
    f"UPDATE inbox SET state = 'done', payload = '', error = NULL, chat = '' WHERE {CHATS} AND state <> 'new'",
    "UPDATE inbox SET key = 'erased:' || id WHERE state <> 'new' AND substr(key, 1, length(CAST({keyed} AS TEXT))) = {keyed}",
    f"DELETE FROM outbox WHERE {CHATS}",
)


def filled(statement: str, address: Address, mark: str) -> tuple[str, list[str]]:
    """A statement with the database's numbered placeholders ("?" or "$" and a number), and what they stand for."""
    user = address.user.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "address": str(address),
        "anywhere": f"{address.channel}:%:{user}",
        "channel": address.channel,
        "own": address.user,
        "beside": f"{user}@%",
        "keyed": f"{address.channel}:{address.user}:",
        "named": f'%"id":{user},%',
    }
    used = [name for name in values if f"{{{name}}}" in statement]
    return statement.format(**{name: f"{mark}{place}" for place, name in enumerate(used, 1)}), [
        values[one] for one in used
    ]
