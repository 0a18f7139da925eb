"""One message with everything a handler may look at, and the making of replies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.content.kinds import Text
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import Manner
from bot.language.frames import readings
from bot.language.normalize import loose_key
from bot.model import (
    USUAL_TERMS,
    Attachment,
    Button,
    Conversation,
    InGroup,
    Language,
    Message,
    Outcome,
    Reply,
    Result,
    Terms,
    Turn,
)

CONSULTANT_TOPIC = "contact-consultant"
LONGEST_LABEL = 60
LONGEST_SENTENCE = 100


def nothing_else(asked: Asked) -> Turn:
    raise AssertionError("no other ability was given")


@dataclass(frozen=True)
class Asked:
    """A message in its conversation, beside the knowledge that answers it on this day.

    `opened` is the result of a check whose code the message holds; `terms` is what the operator promises.
    `respond` makes the turn of all abilities, for one that leaves a message to the others.
    """

    message: Message
    conversation: Conversation
    knowledge: Knowledge
    today: date
    opened: Result | None = None
    terms: Terms = USUAL_TERMS
    respond: Callable[[Asked], Turn] = nothing_else

    @property
    def lang(self) -> Language:
        return self.conversation.lang or "en"

    @cached_property
    def text(self) -> str:
        return self.message.text.strip()

    @cached_property
    def command(self) -> tuple[str, str] | None:
        """The name of the command that the message gives, and what follows it."""
        if not self.text.startswith("/"):
            return None
        name, _, rest = self.text[1:].partition(" ")
        return name.partition("@")[0].lower(), rest.strip()

    @property
    def here(self) -> InGroup:
        """The group in which the message was written."""
        assert self.message.group is not None
        return self.message.group

    def say(self, phrase: str, **values: object) -> str:
        return self.knowledge.say(phrase, self.lang, **values)

    def says(self, phrase: str) -> bool:
        """Whether the message is one of the phrase's sentences, which stand between bars, in either language."""
        if len(self.text) > LONGEST_SENTENCE:
            return False
        keys = {loose_key(reading) for reading in (self.text, *readings(self.text))} - {""}
        sentences = self.knowledge.library.phrases[phrase]
        return any(loose_key(one) in keys for text in (sentences.en, sentences.zh) for one in text.split("|"))

    def turn(self, *replies: Reply, outcome: Outcome, topic: str | None = None, **changes: object) -> Turn:
        """The turn with these replies; the buttons of the last one are what a number chooses from now on.

        `topic` is what the turn is about; it is the last answer too, unless `changes` say otherwise.
        """
        offered = replies[-1].buttons if replies else ()
        about = {"topic": topic, "last": (f"{topic}/",), "rest": ()} if topic else {}
        changes = {"offered": offered, "unclear": None, **about, **changes}
        return Turn(replies, outcome, self.conversation.with_(**changes))

    def topic_button(self, name: str) -> Button:
        return Button(self.knowledge.topic(name).title[self.lang], f"topic={name}")

    def check_button(self, name: str) -> Button:
        title = self.knowledge.library.checks[name].title[self.lang]
        return Button(self.say("start_check", title=title)[:LONGEST_LABEL], f"check={name}")

    def consultant_buttons(self) -> tuple[Button, ...]:
        """The button to a consultant, where one can be reached from here or the agency has given a contact."""
        reachable = self.terms.consultant or self.knowledge.library.operator.consultant is not None
        return (Button(self.say("consultant_button"), "consultant"),) if reachable else ()

    def offer(self, beside: str = "") -> str:
        """The sentence that offers a consultant, or says that there is none here; `beside` is what it follows."""
        return self.knowledge.offer_consultant(self.lang, connected=self.terms.consultant, beside=beside)

    def render(self, text: Text) -> str:
        """A text of the content that may offer a consultant."""
        return self.knowledge.templates.render(text[self.lang], self.lang, offer=self.offer())

    def manner(self) -> Manner:
        """How topics are told in this conversation; in a group everybody reads the answer, so it is cited in full."""
        grouped = self.message.group is not None
        cited = frozenset() if grouped else frozenset(self.conversation.cited)
        return Manner(cited=cited, whole=grouped, connected=self.terms.consultant)

    def pictures(self, name: str) -> tuple[Attachment, ...]:
        files, contact = self.knowledge.library.files, self.knowledge.library.operator.consultant
        code = (contact.qr,) if contact and contact.qr and name == CONSULTANT_TOPIC else ()
        return tuple(Attachment("picture", files[file]) for file in (*code, *self.knowledge.topic(name).pictures))
