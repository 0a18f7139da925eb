"""Answers to choose from, for whoever looks something up in the middle of another chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import Manner, long_date
from bot.language.detect import language_of
from bot.model import Language
from bot.search.finding import Label

MOST = 10
LONGEST = 256  # characters that are looked at
LIKELY = 0.05  # score of what is offered beside what was found


@dataclass(frozen=True)
class Offer:
    """One answer: the topic, what a list shows of it, and the whole in Markdown with its source."""

    topic: str
    lang: Language
    title: str
    line: str
    date: str
    text: str


def offers(text: str, hint: Language | None, knowledge: Knowledge, today: date) -> tuple[Offer, ...]:
    """The answers that a few words may mean, likeliest first; for no words what is asked most."""
    text = text.strip()[:LONGEST]
    lang = language_of(text, hint, knowledge.neutral) or "en"
    names = meant(text, knowledge) if text else knowledge.most_asked
    return tuple(offer(name, lang, knowledge, today) for name in names[:MOST])


def own_language(text: str, knowledge: Knowledge) -> bool:
    """Whether the words tell their language, so that everybody is offered the same for them."""
    text = text.strip()[:LONGEST]
    return language_of(text, "en", knowledge.neutral) == language_of(text, "zh", knowledge.neutral)


def meant(text: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The topics that can be answered; none where the assistant would not answer or ask back about any."""
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
