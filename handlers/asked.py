"""One message with everything a handler may look at, and the making of replies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.normalize import loose_key
from bot.model import (
    USUAL_TERMS,
    Attachment,
    Button,
    Conversation,
    Language,
    Message,
    Outcome,
    Reply,
    Result,
    Terms,
    Turn,
)

LONGEST_LABEL = 60
LONGEST_SENTENCE = 100
PLEASE = re.compile(r"^\s*(?:please\b|请)|\bplease\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A message in its conversation, beside the knowledge that answers it on this day.

    `opened` is the result of a check whose code the message holds; `terms` is what the operator promises.
    """

    message: Message
    conversation: Conversation
    knowledge: Knowledge
    today: date
    opened: Result | None = None
    terms: Terms = USUAL_TERMS

    @property
    def lang(self) -> Language:
        return self.conversation.lang or "en"

    @cached_property
    def text(self) -> str:
        return self.message.text.strip()

    def say(self, phrase: str, **values: object) -> str:
        return self.knowledge.say(phrase, self.lang, **values)

    def says(self, phrase: str) -> bool:
        """Whether the message is one of the phrase's sentences, which stand between bars, in either language."""
        if len(self.text) > LONGEST_SENTENCE:
            return False
        keys = {loose_key(self.text), loose_key(PLEASE.sub("", self.text))} - {""}
        sentences = self.knowledge.library.phrases[phrase]
        return any(loose_key(one) in keys for text in (sentences.en, sentences.zh) for one in text.split("|"))

    def turn(self, *replies: Reply, outcome: Outcome, topic: str | None = None, **changes: object) -> Turn:
        """The turn with these replies; the buttons of the last one are what a number chooses from now on."""
        offered = replies[-1].buttons if replies else ()
        changes = {"offered": offered, "unclear": None, **({"topic": topic} if topic else {}), **changes}
        return Turn(replies, outcome, self.conversation.with_(**changes))

    def topic_button(self, name: str) -> Button:
        return Button(self.knowledge.topic(name).title[self.lang], f"topic={name}")

    def check_button(self, name: str) -> Button:
        title = self.knowledge.library.checks[name].title[self.lang]
        return Button(self.say("start_check", title=title)[:LONGEST_LABEL], f"check={name}")

    def consultant_button(self) -> Button:
        return Button(self.say("consultant_button"), "consultant")

    def pictures(self, name: str) -> tuple[Attachment, ...]:
        files = self.knowledge.library.files
        return tuple(Attachment("picture", files[file]) for file in self.knowledge.topic(name).pictures)
