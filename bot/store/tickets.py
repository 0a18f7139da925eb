"""The statements about tickets that both databases understand; `{n}` is the n-th value."""

from __future__ import annotations

OPEN = (
    "INSERT INTO tickets (id, address, lang, opened) "
    "SELECT CAST({1} AS BIGINT), CAST({2} AS TEXT), CAST({3} AS TEXT), CAST({4} AS DOUBLE PRECISION) "
    "WHERE NOT EXISTS (SELECT 1 FROM tickets WHERE address = {2} AND state = 'open')"
)
CLOSE = "UPDATE tickets SET state = 'closed', closed = {2} WHERE id = {1} AND state = 'open'"
HEARD = "UPDATE tickets SET heard = {2} WHERE id = {1}"
BELONGS = (
    "INSERT INTO ticket_messages (ticket, channel, chat, message, made) "
    "SELECT CAST({1} AS BIGINT), CAST({2} AS TEXT), CAST({3} AS TEXT), CAST({4} AS TEXT), CAST({5} AS DOUBLE PRECISION) "
    "WHERE EXISTS (SELECT 1 FROM tickets WHERE id = {1}) "  # it may have been erased while a message was on its way
    "ON CONFLICT (channel, chat, message) DO NOTHING"
)
# The first message in the consultants' chat: what goes to the merchant, in a chat {3}, is none.
FIRST = (
    "UPDATE tickets SET first = {2} WHERE id = {1} AND first IS NULL "
    "AND substr(address, 1, length(CAST({3} AS TEXT))) <> CAST({3} AS TEXT)"
)
# A conversation, if there is one, and the ticket that is open beside it.
TALK = (
    "SELECT talk.state, ticket.id, ticket.address, ticket.lang, ticket.state, ticket.first, coalesce(ticket.heard, ticket.opened) FROM (SELECT 1) AS one "
    "LEFT JOIN conversations AS talk ON talk.address = {1} "
    "LEFT JOIN tickets AS ticket ON ticket.address = {1} AND ticket.state = 'open'"
)
TICKET = "SELECT id, address, lang, state, first, coalesce(heard, opened) FROM tickets WHERE id = {1}"
TICKET_AT = (
    "SELECT tickets.id, address, lang, state, first, coalesce(heard, opened) FROM ticket_messages JOIN tickets ON tickets.id = ticket "
    "WHERE channel = {1} AND chat = {2} AND message = {3}"
)
# Tickets that begin in a chat which has become another. Their first message may have the same id in both.
IN_CHAT = (
    "EXISTS (SELECT 1 FROM ticket_messages AS one WHERE one.ticket = tickets.id AND one.channel = {{1}} "
    "AND one.chat = {chat} AND one.message = tickets.first)"
)
BEGUN = f"{IN_CHAT.format(chat='{2}')} AND NOT {IN_CHAT.format(chat='{3}')}"
TICKETS_LEFT = (
    "SELECT id, address, lang, state, first, coalesce(heard, opened) FROM tickets "
    f"WHERE state = 'open' AND {BEGUN} ORDER BY coalesce(heard, opened) DESC LIMIT 100"
)
BEGIN_ANEW = f"UPDATE tickets SET first = NULL WHERE {BEGUN}"


def placed(statement: str, mark: str) -> str:
    """A statement with the placeholders of a database: "?" or "$" and a number."""
    return statement.format("", *(f"{mark}{number}" for number in range(1, 6)))
