"""Canned replies: what consultants send by a name, in the merchant's language: the agency's replies, and topics' answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.assistant import Assistant
from bot.channels.markup import escape_lines
from bot.content.kinds import Text
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import Manner
from bot.language.normalize import loose_key
from bot.model import LANGUAGES, Language, Ticket

COMMANDS = ("r", "reply")
MOST_CHOICES = 8


@dataclass(frozen=True)
class Canned:
    """A reply of the agency, or a topic's answer."""

    kind: Literal["reply", "topic"]
    name: str

    def text(self, assistant: Assistant, ticket: Ticket) -> str:
        """Return the Markdown for a merchant, in their language. Raises BadTemplate."""
        knowledge, lang = assistant.knowledge, ticket.lang
        if self.kind == "reply":
            template = knowledge.library.replies[self.name].text[lang]
            return knowledge.templates.render(template, lang, name=escape_lines(ticket.name.partition(" (@")[0]))
        told = knowledge.tell(self.name, lang, assistant.today(), manner=Manner(whole=True, connected=True)).text
        return told.replace(knowledge.offer_consultant(lang, connected=True, beside=told), "").strip()


def choices(knowledge: Knowledge, asked: str) -> tuple[Canned, ...]:
    """Return the candidates for a name, one if it is sure: by id or title, replies first, or else by the meaning of the words."""
    library, key = knowledge.library, loose_key(asked)
    known = [name for name, topic in library.topics.items() if topic.known]
    titles: Iterable[tuple[Canned, Text]] = (
        *((Canned("reply", name), one.title) for name, one in library.replies.items()),
        *((Canned("topic", name), library.topics[name].title) for name in known),
    )
    for one, title in titles:
        if asked.lower() == one.name or (key and key in {loose_key(title[lang]) for lang in LANGUAGES}):
            return (one,)
    found = knowledge.finder.find(asked)
    sure = [label.name for label in found.answers if label.kind == "topic" and not found.tentative]
    likely = [label.name for label in (*found.answers, *found.choices) if label.kind == "topic"]
    named = sure if len(sure) == 1 else [*dict.fromkeys([*likely, *(one for one in known if asked.lower() in one)])]
    return tuple(Canned("topic", name) for name in named if name in known)[:MOST_CHOICES]


def lines(knowledge: Knowledge, listed: Iterable[Canned], lang: Language) -> str:
    """Return a list with what to type for each, and its title."""
    replies, topics = knowledge.library.replies, knowledge.library.topics
    titled = ((one, (replies if one.kind == "reply" else topics)[one.name].title[lang]) for one in listed)
    return "\n".join(f"- `/r {one.name}` {escape_lines(title)}" for one, title in titled)


def all_replies(knowledge: Knowledge) -> tuple[Canned, ...]:
    return tuple(Canned("reply", name) for name in knowledge.library.replies)
