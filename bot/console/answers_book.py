"""All answers as a workbook, for reading on paper."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

import xlsxwriter

from bot.channels.markup import plain
from bot.console.words import Words
from bot.content.kinds import STATUSES, Topic
from bot.knowledge.knowledge import Knowledge
from bot.model import LANGUAGES

LONGEST = 32_767  # characters of a cell
COLUMNS = (
    ("title_en", 20), ("title_zh", 18), ("book_questions_en", 28), ("book_questions_zh", 26), ("fact_en", 46), ("fact_zh", 40),
    ("source", 24), ("source_date", 12), ("status", 14),
)  # fmt: skip


def answers_book(knowledge: Knowledge, say: Words) -> bytes:
    """Return a workbook with a row for each topic. Every cell is text, also what looks like a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(say("nav_answers")[:31])
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "bottom": 4})
        for index, (name, width) in enumerate(COLUMNS):
            sheet.set_column(index, index, width)
            sheet.write_string(0, index, say(name), head)
        topics = sorted(knowledge.library.topics.values(), key=lambda one: (one.area, one.title[say.lang]))
        for row, topic in enumerate(topics, 1):
            for index, cell in enumerate(cells(knowledge, topic, say)):
                sheet.write_string(row, index, cell[:LONGEST], text)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_footer("&C&P / &N")
    return out.getvalue()


def cells(knowledge: Knowledge, topic: Topic, say: Words) -> Iterator[str]:
    sources = knowledge.library.sources
    yield from (topic.title[lang] for lang in LANGUAGES)
    yield from ("\n".join(topic.phrasings[lang]) for lang in LANGUAGES)
    for lang in LANGUAGES:
        texts = knowledge.texts[topic.id, lang]
        parts = [one.id for one in topic.facts] or ["instead"]
        yield "\n\n".join(plain(texts[part]) for part in parts)
    named = [one for fact in topic.facts if (one := fact.source or topic.source or "")] or [topic.source or ""]
    told = [sources[one] for one in distinct(named) if one in sources]
    yield "\n".join(one.title(say.lang) for one in told)
    days = [fact.confirmed.date.isoformat() for fact in topic.facts if fact.confirmed]
    yield "\n".join(distinct([*(one.date.isoformat() for one in told), *days]))
    status = max((one.status for one in topic.facts), key=STATUSES.index, default=None)
    yield say(f"status_{status}") if status else say("honestly_unknown")


def distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in words if one))
