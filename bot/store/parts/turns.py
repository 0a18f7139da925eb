"""The frequent writes: updates, turns and outcomes of send attempts, many per transaction.

The contents of nearly every write are stored in two steps (`store_settled`, `store_turns`); the rest takes one statement each.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.json_text import to_text
from bot.model import Conversation, Group
from bot.store.parts.counting import counted
from bot.store.parts.database import Database, Many, Row, Steps
from bot.store.records import PARKED, Delivery, Handled, Outgoing, Write, part_of
from bot.store.state import to_json
from bot.store.tables import erase_statements, fill_placeholders

MOVE_CALLS = "UPDATE outbox SET chat = @1, part = @2 WHERE channel = @3 AND chat = @4 AND state = 'waiting'"
END_CALLS = (
    "UPDATE outbox SET state = 'gone', error = @3, finished = @4 WHERE channel = @1 AND chat = @2 AND state = 'waiting'"
)
DELETE_CALL = "DELETE FROM outbox WHERE id = @1"
INSERT_RESULT = (
    "INSERT INTO results (code, address, until, result) VALUES (@1, @2, @3, @4) ON CONFLICT (code) DO NOTHING"
)
REMEMBER = """
INSERT INTO kept (name, value, address, touched) VALUES (@1, @2, @3, @4) ON CONFLICT (name) DO UPDATE
SET value = excluded.value, address = excluded.address, touched = excluded.touched"""
SAVE_GROUP = """
INSERT INTO groups (channel, chat, settings, ended) VALUES (@1, @2, @3, @4)
ON CONFLICT (channel, chat) DO UPDATE SET settings = excluded.settings, ended = excluded.ended"""
COPY_GROUP = """
INSERT INTO groups (channel, chat, settings)
SELECT channel, CAST(@3 AS TEXT), settings FROM groups WHERE channel = @1 AND chat = @2
ON CONFLICT (channel, chat) DO UPDATE SET settings = excluded.settings, ended = NULL"""
DELETE_GROUP = "DELETE FROM groups WHERE channel = @1 AND chat = @2"
# A group with a new id is known under it, even without settings.
INSERT_GROUP = "INSERT INTO groups (channel, chat, settings) VALUES (@1, @2, @3) ON CONFLICT (channel, chat) DO NOTHING"
SUBSCRIBE = """
INSERT INTO subscriptions (channel, chat, subject, address, lang, made) VALUES (@1, @2, @3, @4, @5, @6)
ON CONFLICT (channel, chat, subject) DO UPDATE SET lang = excluded.lang"""
UNSUBSCRIBE = "DELETE FROM subscriptions WHERE channel = @1 AND chat = @2 AND subject = @3"
UNSUBSCRIBE_ALL = "DELETE FROM subscriptions WHERE channel = @1 AND chat = @2"
OPEN_TICKET = """
INSERT INTO tickets (id, address, lang, opened, name, card, lead, waits)
SELECT CAST(@1 AS BIGINT), CAST(@2 AS TEXT), CAST(@3 AS TEXT), CAST(@4 AS DOUBLE PRECISION), CAST(@5 AS TEXT), CAST(@6 AS TEXT),
CAST(@7 AS INTEGER), CASE WHEN CAST(@7 AS INTEGER) = 0 THEN CAST(@4 AS DOUBLE PRECISION) END
WHERE NOT EXISTS (SELECT 1 FROM tickets WHERE address = @2 AND state = 'open')"""
CLOSE_TICKET = "UPDATE tickets SET state = 'closed', closed = @2 WHERE id = @1 AND state = 'open'"
CLAIM_TICKET = "UPDATE tickets SET holder = @2, holder_name = @3 WHERE id = @1"
ANSWER_TICKET = """
UPDATE tickets SET answered = coalesce(answered, @2), answers = answers + 1, waits = NULL WHERE id = @1"""
# Locks the ticket's row in PostgreSQL, too.
EXPECT_TICKET = """
UPDATE tickets SET holder = holder WHERE id = @1 AND state = 'open' AND holder = @2 AND answers = @3 RETURNING id"""
# A ticket may be erased while a message is under way.
INSERT_SAID = """
INSERT INTO talk (ticket, time, who, name, words, kind, file, cause, account)
SELECT CAST(@1 AS BIGINT), CAST(@2 AS DOUBLE PRECISION), CAST(@3 AS TEXT), CAST(@4 AS TEXT), CAST(@5 AS TEXT), CAST(@6 AS TEXT),
CAST(@7 AS TEXT), CAST(@8 AS BIGINT), CAST(@9 AS TEXT) WHERE EXISTS (SELECT 1 FROM tickets WHERE id = @1)"""
WAIT = "UPDATE tickets SET waits = @2 WHERE id = @1 AND waits IS NULL"
SOLVE_TICKET = "UPDATE tickets SET solved = @2 WHERE id = @1"
REMIND_TICKET = "UPDATE tickets SET reminded = reminded + 1 WHERE id = @1"
SHOW_TICKET = "UPDATE tickets SET shown = @2 WHERE id = @1"
SAVE_DRAFT = """
INSERT INTO drafts (id, ticket, question, answer, topics, state, consultant, final, made)
VALUES (@1, @2, @3, @4, @5, @6, @7, @8, @9) ON CONFLICT (id) DO UPDATE
SET state = excluded.state, consultant = excluded.consultant, final = excluded.final"""
TOUCH_TICKET = "UPDATE tickets SET heard = @2 WHERE id = @1"
# A ticket may be erased while a message is under way.
INSERT_TICKET_MESSAGE = """
INSERT INTO ticket_messages (ticket, channel, chat, message, made)
SELECT CAST(@1 AS BIGINT), CAST(@2 AS TEXT), CAST(@3 AS TEXT), CAST(@4 AS TEXT), CAST(@5 AS DOUBLE PRECISION)
WHERE EXISTS (SELECT 1 FROM tickets WHERE id = @1) ON CONFLICT (channel, chat, message) DO NOTHING"""
# The ticket's first message at the desk; messages to the merchant's own chat (prefix @3) do not count.
SET_FIRST_MESSAGE = """
UPDATE tickets SET first = @2 WHERE id = @1 AND first IS NULL
AND substr(address, 1, length(CAST(@3 AS TEXT))) <> CAST(@3 AS TEXT)"""
# Tickets whose first message is in a chat that has a new id. Message ids may be the same in both chats.
FIRST_MESSAGE_IN = (
    "EXISTS (SELECT 1 FROM ticket_messages AS one WHERE one.ticket = tickets.id AND one.channel = @1 "
    "AND one.chat = {} AND one.message = tickets.first)"
)
FIRST_MESSAGE_MOVED = f"{FIRST_MESSAGE_IN.format('@2')} AND NOT {FIRST_MESSAGE_IN.format('@3')}"
CLEAR_FIRST_MESSAGE = f"UPDATE tickets SET first = NULL WHERE {FIRST_MESSAGE_MOVED}"
KEEP_QUESTION = """
INSERT INTO questions (time, until, address, lang, words, reason, topic) VALUES (@1, @2, @3, @4, @5, @6, @7)"""
ERASURE = erase_statements()
CALL = "channel, chat, part, payload, priority, cause, ticket, passing, not_before, made"  # the columns of `row_of`, and the time


def store_writes(database: Database, writes: Sequence[Write], now: float) -> Steps[list[bool]]:
    """Store the writes. Returns true for each stored one; false for a turn whose entry was already finished, or whose ticket is
    not as it expects."""
    arrivals = [one for write in writes if isinstance(write, tuple) for one in write]
    turns = [write for write in writes if isinstance(write, Handled)]
    deliveries = [write for write in writes if isinstance(write, Delivery)]
    rows: list[Row] = [
        (one.key, one.channel, one.chat, part_of(one.channel, one.chat), one.payload) for one in arrivals
    ]
    marks: list[Row] = [
        (one.entry.id, one.state, one.not_before, one.platform_id, one.error)
        for one in deliveries
        if one.moved_to is None
    ]
    overtaken = yield from find_overtaken(turns)
    entries = [(turn.entry.id, turn.error) for turn in turns if turn.entry and id(turn) not in overtaken]
    open_ = yield from database.store_settled(now, rows, marks, list(dict(entries).items()))
    for delivery in deliveries:
        yield from store_delivery(delivery, now)
    counts = []
    for turn in turns:
        counts.append(id(turn) not in overtaken and (turn.entry is None or turn.entry.id in open_))
        if turn.entry is not None:
            open_.discard(turn.entry.id)
    new = [turn for turn, one_counts in zip(turns, counts, strict=True) if one_counts]
    yield from store_turns(database, new, now)
    yield from database.notice(
        {part_of(one.channel, one.chat) for one in arrivals},
        {part_of(out.channel, out.chat) for turn in new for out in turn.outgoing},
    )
    of_turns = iter(counts)
    return [next(of_turns) if isinstance(write, Handled) else True for write in writes]


def find_overtaken(turns: Sequence[Handled]) -> Steps[set[int]]:
    """Find the turns whose ticket is not as they expect, and those after another one's for the same ticket; by their `id()`."""
    overtaken, met = set[int](), set[int]()
    expecting = [(turn.expects, id(turn)) for turn in turns if turn.expects]
    for expected, turn in sorted(expecting, key=lambda one: one[0].ticket):
        row = expected.ticket, expected.holder, expected.answers
        if expected.ticket in met or not (yield EXPECT_TICKET, row):
            overtaken.add(turn)
        met.add(expected.ticket)
    return overtaken


def store_delivery(delivery: Delivery, now: float) -> Steps[None]:
    """Store the rare effects of a send attempt: a moved or gone chat, a ticket's message, a call to delete."""
    entry, chat = delivery.entry, (delivery.entry.channel, delivery.entry.chat)
    if (to := delivery.moved_to) is not None:
        yield MOVE_CALLS, (to, part_of(entry.channel, to), *chat)
        return
    if delivery.platform_id is not None and entry.ticket is not None:
        yield INSERT_TICKET_MESSAGE, (entry.ticket, *chat, delivery.platform_id, now)
        yield SET_FIRST_MESSAGE, (entry.ticket, delivery.platform_id, f"{entry.channel}:{entry.chat}:")
    if delivery.is_passing:
        yield DELETE_CALL, (entry.id,)
    if delivery.state == "gone":
        yield END_CALLS, (*chat, delivery.error, now)
        yield UNSUBSCRIBE_ALL, chat


def has_rare_effects(write: Write) -> bool:
    """Return true if a write needs more than `store_settled`."""
    if isinstance(write, Delivery):
        return write.state == "gone" or write.is_passing or write.moved_to is not None or write.entry.ticket is not None
    return isinstance(write, Handled)


def leaves_traces(write: Write) -> bool:
    """Return true if a write deletes data that must be wiped from the files."""
    return write.erase if isinstance(write, Handled) else isinstance(write, Delivery) and write.is_passing


def store_turns(database: Database, turns: Sequence[Handled], now: float) -> Steps[None]:
    """Store turns whose entries were new, in a fixed order, to prevent deadlocks between processes."""
    for address in sorted({turn.address for turn in turns if turn.erase}, key=str):
        for statement in ERASURE:
            yield fill_placeholders(statement, address)
    groups = {(turn.address.channel, turn.address.chat): group for turn in turns if (group := turn.group)}
    if groups:
        yield Many(
            SAVE_GROUP,
            [
                (*chat, to_json(group), None if group.here else now)
                for chat, group in sorted(groups.items(), key=lambda one: one[0])
            ],
        )
    for turn in turns:
        yield from store_rare_effects(turn, now)
    talks = {str(turn.address): to_json(turn.conversation) for turn in turns if turn.conversation}
    said: list[Row] = [*sorted(talks.items())]
    outgoing = [row_of(out, turn.entry.id if turn.entry else None, now) for turn in turns for out in turn.outgoing]
    happened = [(event.kind, str(turn.address), event.data) for turn in turns for event in turn.events]
    events: list[Row] = [(kind, address, to_text(data)) for kind, address, data in happened]
    if said or outgoing or events:
        day = database.day_of(now)
        sums = counted(((day, *event) for event in happened), database.shard)
        yield from database.store_turns(now, said, outgoing, events, sums)


def row_of(out: Outgoing, cause: int | None, now: float) -> Row:
    """Return a call's row for the outbox; `cause` is the id of the inbox entry that it answers."""
    part, until = part_of(out.channel, out.chat), now + out.kept if out.kept or out.parked else 0.0
    if out.parked:
        until += PARKED
    return out.channel, out.chat, part, out.payload, out.priority, cause, out.ticket, out.passing, until


def store_rare_effects(turn: Handled, now: float) -> Steps[None]:
    """Store the rare effects of a turn: results, subscriptions, moved chats, notes and tickets."""
    address, chat = str(turn.address), (turn.address.channel, turn.address.chat)
    if (result := turn.result) is not None:
        yield INSERT_RESULT, (result.code, result.address, result.until, to_json(result))
    if wish := turn.subscribing:
        if wish.on:
            yield SUBSCRIBE, (*chat, wish.subject, address, (turn.conversation or Conversation()).lang or "en", now)
        elif wish.subject:
            yield UNSUBSCRIBE, (*chat, wish.subject)
        else:
            yield UNSUBSCRIBE_ALL, chat
    if (to := turn.moved_to) is not None:
        yield COPY_GROUP, (*chat, to)
        yield DELETE_GROUP, chat
        yield INSERT_GROUP, (turn.address.channel, to, to_json(Group()))
        yield CLEAR_FIRST_MESSAGE, (*chat, to)
    for note in turn.notes:
        yield REMEMBER, (*note, None, None)
    for note in turn.own_notes:
        yield REMEMBER, (*note, address, now)
    if (asked := turn.question) is not None:
        yield KEEP_QUESTION, (now, asked.until, address, asked.lang, asked.words, asked.reason, asked.topic)
    if turn.closes is not None:
        yield CLOSE_TICKET, (turn.closes, now)
    if turn.opens is not None:
        new = turn.opens
        yield OPEN_TICKET, (new.id, address, new.lang, now, new.name, new.card, int(new.lead))
    for claim in turn.claims:
        yield CLAIM_TICKET, (claim.ticket, claim.holder, claim.name)
    if turn.answers is not None:
        yield ANSWER_TICKET, (turn.answers, now)
    if turn.solves is not None:
        yield SOLVE_TICKET, turn.solves
    for id in turn.reminds:
        yield REMIND_TICKET, (id,)
    for shown in turn.shows:
        yield SHOW_TICKET, shown
    for draft in turn.drafts:
        row = (draft.id, draft.ticket, draft.question, draft.answer, " ".join(draft.topics), draft.state)
        yield SAVE_DRAFT, (*row, draft.consultant, draft.final, now)
    for one in turn.said:
        cause = one.cause or (turn.entry.id if turn.entry else None)
        yield INSERT_SAID, (one.ticket, now, one.who, one.name, one.text, one.kind, one.file, cause, one.account)
        if one.who == "merchant":
            yield WAIT, (one.ticket, now)
    for ticket in sorted(turn.heard_tickets):
        yield TOUCH_TICKET, (ticket, now)
    if (own := turn.belongs) is not None:
        yield INSERT_TICKET_MESSAGE, (own.ticket, own.channel, own.chat, own.message, now)
