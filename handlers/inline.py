"""Inline answers: a list to choose from while writing in another chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import islice

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import Manner, long_date
from bot.language.detect import language_of
from bot.language.normalize import loose_key
from bot.model import Language
from bot.search.found import Label

MOST = 10
LONGEST = 256  # characters read
LIKELY = 0.05  # lowest score of additional topics


@dataclass(frozen=True)
class Offer:
    """One answer: its entry in the list, and its text in Markdown with the source."""

    topic: str
    lang: Language
    title: str
    line: str
    date: str
    text: str


def offers(text: str, hint: Language | None, knowledge: Knowledge, today: date) -> tuple[Offer, ...]:
    """Return up to ten answers to the text, likeliest first; the most asked topics if it is empty."""
    text = text.strip()[:LONGEST]
    lang = language_of(text, hint, knowledge.neutral) or "en"
    names = matched_topics(text, knowledge) if text else knowledge.most_asked
    return tuple(offer(name, lang, knowledge, today) for name in names[:MOST])


@dataclass(frozen=True)
class ReplyOffer:
    """A canned reply that a consultant may choose: its id, its title and its text as it is written."""

    id: str
    title: str
    text: str


def replies(text: str, hint: Language | None, knowledge: Knowledge) -> tuple[ReplyOffer, ...]:
    """Return up to ten canned replies whose id or title has the text, or which say it."""
    lang, key = hint or "en", loose_key(text[:LONGEST])
    found = (
        ReplyOffer(one.id, one.title[lang], one.text[lang])
        for one in knowledge.library.replies.values()
        if any(key in loose_key(words) for words in (one.id, one.title.en, one.title.zh, one.text.en, one.text.zh))
    )
    return tuple(islice(found, MOST))


def own_language(text: str, knowledge: Knowledge) -> bool:
    """Return true if the text's language does not depend on the reader's, so that its answers can be cached for all."""
    text = text.strip()[:LONGEST]
    return language_of(text, "en", knowledge.neutral) == language_of(text, "zh", knowledge.neutral)


def matched_topics(text: str, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the topics matched, and likely and related ones; none if no topic matches."""
    found = knowledge.finder.find(text)
    named = [label.name for label in (*found.answers, *found.choices) if label.kind == "topic"]
    if not named:
        return ()
    likely = [one.topic for one in found.candidates if one.score >= LIKELY]
    related = knowledge.topic(named[0]).related
    topics = knowledge.library.topics
    return tuple(
        name
        for name in dict.fromkeys((*named, *likely, *related))
        if name in topics
        and topics[name].known
        and (name in named or not knowledge.finder.refusals(text, Label("topic", name)))
    )


def offer(name: str, lang: Language, knowledge: Knowledge, today: date) -> Offer:
    answer = knowledge.tell(name, lang, today, manner=Manner(whole=True))
    first = next((line.strip() for line in answer.text.splitlines() if line.strip()), "")
    day = long_date(date.fromisoformat(answer.date), lang) if answer.date else ""
    return Offer(name, lang, knowledge.topic(name).title[lang], first, day, answer.text)
