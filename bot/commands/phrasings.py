"""Export of phrasings as CSV, in the format of the import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from bot.knowledge.knowledge import Knowledge
from bot.language.dating import undated
from bot.model import LANGUAGES, Language

COLUMNS = ("topic", "lang", "phrasing", "answer", "known")


def export(knowledge: Knowledge) -> str:
    """Export the phrasings of all topics as CSV; the first row of each topic and language contains the answer."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for name, topic in knowledge.library.topics.items():
        for lang in LANGUAGES:
            answer, known = facts_text(knowledge, name, lang), "" if topic.known else "no"
            for number, words in enumerate(topic.phrasings[lang] or ("",)):
                writer.writerow((name, lang, words, "" if number else answer, known))
    return out.getvalue()


def facts_text(knowledge: Knowledge, name: str, lang: Language) -> str:
    """Return a topic's facts, without source and date."""
    topic, texts = knowledge.topic(name), knowledge.texts[name, lang]
    parts: Iterable[str] = [fact.id for fact in topic.facts] or ["instead"]
    return "\n\n".join(undated(texts[part], lang) for part in parts)
