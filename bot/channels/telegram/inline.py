"""Inline mode: `@bot deposit` in any chat offers answers, and the one chosen is sent with its source."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from bot.channels.channel import Gone, Later, Refused
from bot.channels.markup import plain, split, telegram_html, utf16_length
from bot.channels.telegram.call import Call, Caller
from bot.channels.telegram.fields import language
from bot.channels.telegram.writing import TEXT_LIMIT
from bot.knowledge.knowledge import Knowledge
from handlers.offers import LONGEST, Offer, offers, own_language

log = logging.getLogger(__name__)

CACHED = 3600  # seconds for which Telegram may give the same answers; their ids tell one content from another
LINE = 120  # characters of an answer's first line in the list
AT_ONCE = 4  # queries under way
MOST = 500  # queries that wait, one for each person


def answer(query: Mapping[str, Any], knowledge: Knowledge, today: date) -> Call:
    """The call that answers an inline query."""
    hint = language(query["from"].get("language_code"))
    text = str(query.get("query", ""))[:LONGEST]
    return Call(
        "answerInlineQuery",
        {
            "inline_query_id": query["id"],
            "results": [article(one, knowledge.version) for one in offers(text, hint, knowledge, today)],
            "cache_time": CACHED,
            # What says nothing of its language is answered in the person's own, and not to others as well.
            "is_personal": not own_language(text, knowledge),
        },
    )


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


async def answered(make: Caller, query: Mapping[str, Any], knowledge: Knowledge, today: date) -> None:
    """Answer a query; one that cannot be answered any more is nothing to anybody."""
    try:
        await make(answer(query, knowledge, today))
    except (Later, Gone, Refused) as error:
        log.info("answerInlineQuery: %s", error)
    except Exception:
        log.exception("an inline query failed")


class Lookups:
    """Answers inline queries beside the inbox: of each person the newest, since nobody waits for an older one."""

    def __init__(self, make: Caller) -> None:
        self.make = make
        self.source: Callable[[], tuple[Knowledge, date]] | None = None
        self.waiting: dict[int, Mapping[str, Any]] = {}
        self.under_way: set[asyncio.Task[None]] = set()

    def open(self, source: Callable[[], tuple[Knowledge, date]]) -> None:
        """From now on queries are answered, from what `source` gives."""
        self.source = source

    def take(self, update: Mapping[str, Any]) -> bool:
        """Take an update over if it is an inline query; returns at once."""
        query = update.get("inline_query")
        if not isinstance(query, Mapping):
            return False
        sender = query.get("from")
        if not isinstance(sender, Mapping) or type(sender.get("id")) is not int:
            log.warning("an inline query is from nobody, and passed over")
        elif self.source is not None and len(self.waiting) < MOST:
            self.waiting[sender["id"]] = query
            if len(self.under_way) < AT_ONCE:
                task = asyncio.create_task(self.work())
                self.under_way.add(task)
                task.add_done_callback(self.under_way.discard)
        return True

    async def work(self) -> None:
        assert self.source is not None
        while self.waiting:
            query = self.waiting.pop(next(iter(self.waiting)))
            await answered(self.make, query, *self.source())
