"""Inline mode: `@bot deposit` in any chat lists answers; the chosen one is sent with its source.

`@bot /` lists the canned replies to consultants in their group; the chosen one is the desk's command that sends it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from bot.channels.channel import CallRefused, RecipientGone, RetryLater
from bot.channels.markup import plain, split, telegram_html, utf16_length
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.fields import language
from bot.channels.telegram.replies import TEXT_LIMIT
from bot.knowledge.knowledge import Knowledge
from handlers.inline import LONGEST, Offer, ReplyOffer, offers, own_language, replies

log = logging.getLogger(__name__)

CACHE_SECONDS = 3600  # seconds for which Telegram may cache answers; their ids depend on the content's version
LINE = 120  # characters of an answer's first line in the list
OF_REPLIES = "/"  # begins a query for canned replies
CONCURRENT_ANSWERS = 4  # concurrent queries
MOST = 500  # waiting queries, one for each person


def query_answer(query: Mapping[str, Any], knowledge: Knowledge, today: date) -> Call:
    """Return the call that answers an inline query."""
    hint = language(query["from"].get("language_code"))
    text = str(query.get("query", ""))[:LONGEST]
    return Call(
        "answerInlineQuery",
        {
            "inline_query_id": query["id"],
            "results": [article(one, knowledge.version) for one in offers(text, hint, knowledge, today)],
            "cache_time": CACHE_SECONDS,
            # If the text does not show its language, the answers are in the sender's, and not cached for others.
            "is_personal": not own_language(text, knowledge),
        },
    )


def canned_answer(query: Mapping[str, Any], knowledge: Knowledge) -> Call:
    """Return the call that answers a consultant's query for canned replies."""
    hint = language(query["from"].get("language_code"))
    asked = str(query["query"]).removeprefix(OF_REPLIES).removeprefix("r ")
    return Call(
        "answerInlineQuery",
        {
            "inline_query_id": query["id"],
            "results": [reply_article(one, knowledge.version) for one in replies(asked, hint, knowledge)],
            "cache_time": 0,
            "is_personal": True,
        },
    )


def reply_article(one: ReplyOffer, version: str) -> dict[str, Any]:
    return {
        "type": "article",
        "id": hashlib.sha256(f"reply {one.id} {version}".encode()).hexdigest()[:32],
        "title": one.title,
        "description": one.text[:LINE],
        "input_message_content": {"message_text": f"/r {one.id}"},
    }


def article(one: Offer, version: str) -> dict[str, Any]:
    line = plain(one.line)
    shown = line if len(line) <= LINE else f"{line[: LINE - 1]}…"
    return {
        "type": "article",
        "id": hashlib.sha256(f"{one.topic} {one.lang} {version}".encode()).hexdigest()[:32],
        "title": plain(one.title),
        "description": "\n".join(part for part in (shown, one.date) if part),
        "input_message_content": {
            "message_text": split(one.text, TEXT_LIMIT, telegram_html, utf16_length)[0],
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        },
    }


async def no_consultants(_: str) -> bool:
    return False


IsConsultant = Callable[[str], Awaitable[bool]]  # returns true if the person with this id is a consultant


async def answer_query(
    make: Caller,
    query: Mapping[str, Any],
    knowledge: Knowledge,
    today: date,
    is_consultant: IsConsultant = no_consultants,
) -> None:
    """Answer a query; failures are logged, and expired queries ignored."""
    is_reply_query = str(query.get("query", "")).startswith(OF_REPLIES)
    in_group = query.get("chat_type") in ("group", "supergroup")
    try:
        if is_reply_query and in_group and await is_consultant(str(query["from"]["id"])):
            await make(canned_answer(query, knowledge))
        else:
            await make(query_answer(query, knowledge, today))
    except (RetryLater, RecipientGone, CallRefused) as error:
        log.info("answerInlineQuery: %s", error)
    except Exception:
        log.exception("cannot answer an inline query")


class Lookups:
    """Answers inline queries without the inbox: each person's newest only, since a new query replaces the last."""

    def __init__(self, make: Caller, is_consultant: IsConsultant = no_consultants) -> None:
        self.make, self.is_consultant = make, is_consultant
        self.source: Callable[[], tuple[Knowledge, date]] | None = None
        self.waiting: dict[int, Mapping[str, Any]] = {}
        self.under_way: set[asyncio.Task[None]] = set()

    def open(self, source: Callable[[], tuple[Knowledge, date]]) -> None:
        """Start answering queries; `source` returns the knowledge and today's date. Earlier queries are dropped."""
        self.source = source

    def take(self, update: Mapping[str, Any]) -> bool:
        """Take an inline query, to be answered in the background. Returns false for other updates."""
        query = update.get("inline_query")
        if not isinstance(query, Mapping):
            return False
        sender = query.get("from")
        if not isinstance(sender, Mapping) or type(sender.get("id")) is not int:
            log.warning("ignoring an inline query without a sender")
        elif self.source is not None and len(self.waiting) < MOST:
            self.waiting[sender["id"]] = query
            if len(self.under_way) < CONCURRENT_ANSWERS:
                task = asyncio.create_task(self.work())
                self.under_way.add(task)
                task.add_done_callback(self.under_way.discard)
        return True

    async def work(self) -> None:
        assert self.source is not None
        while self.waiting:
            query = self.waiting.pop(next(iter(self.waiting)))
            await answer_query(self.make, query, *self.source(), self.is_consultant)
