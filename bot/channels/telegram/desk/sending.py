"""Calls between merchants and consultants as they are made: in the ticket's thread, as edits, by name if not copied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.channels.channel import CallRefused
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.desk import reply_parameters
from bot.channels.telegram.fields import CHANNEL
from bot.json_text import from_text
from bot.store.ports import DeskTopics as Store

UNCHANGED = "not modified"
NOT_COPIED = "can't be copied"  # in Telegram's refusals


async def in_ticket_thread(call: Call, store: Store) -> Call | None:
    """Make a ticket's call a reply to its first message, whose id is known only once that is sent, or a change of it.

    Returns None if there is nothing to change.
    """
    if call.ticket is None:
        return call
    ticket = await store.ticket(call.ticket)
    if call.topic and not call.sends:
        if ticket is None or not ticket.first:
            return None
        return replace(call, params={**call.params, "message_id": int(ticket.first)}, ticket=None)
    answered = {"reply_parameters": reply_parameters(ticket.first)} if ticket and ticket.first else {}
    return replace(call, params={**answered, **call.params}, ticket=None)


async def send_shown(make: Caller, call: Call, chat: str, store: Store) -> Any:
    """Make the call that shows a person's message: change its copy if it was edited, name it if it cannot be copied.

    Raises RetryLater, RecipientGone, ChatMoved, CallRefused.
    """
    if call.edit:
        copy = await copy_of(call.about, call.edit["ticket"], chat, store)
        if copy is not None and await changed(make, call, int(copy)):
            return None
    try:
        return await make(call)
    except CallRefused as error:
        if not call.instead or NOT_COPIED not in str(error):
            raise
        kept = {name: call.params[name] for name in PLACE if name in call.params}
        return await make(Call("sendMessage", {**kept, "text": call.instead}))


PLACE = ("chat_id", "message_thread_id", "reply_parameters", "business_connection_id")


async def changed(make: Caller, call: Call, copy: int) -> bool:
    """Change the copy of an edited message. Returns false if it cannot be changed, as when it was deleted."""
    place = {name: value for name, value in call.params.items() if name in ("chat_id", "business_connection_id")}
    try:
        await make(Call(call.edit["method"], {**place, "message_id": copy, **call.edit["params"]}))
    except CallRefused as error:
        return UNCHANGED in str(error)
    return True


async def copy_of(about: str, ticket: int, chat: str, store: Store) -> str | None:
    """Return the id of the one message that shows a person's message alone, or None."""
    calls = await store.ticket_calls(ticket)
    found = [one for one in calls if (one.channel, one.chat) == (CHANNEL, chat) and one.platform_id]
    of = [(one.cause, one.platform_id) for one in found if from_text(one.payload).get("about") == about]
    last = [id for cause, id in of if cause == of[-1][0]] if of else []
    shown = [one.platform_id for one in found]
    return last[0] if len(last) == 1 and shown.count(last[0]) == 1 else None
