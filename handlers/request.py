"""The handlers' input, and helpers to build replies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.checks.free_text import mentions
from bot.checks.own_case import LONGEST, facts_told
from bot.content.kinds import Text
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.writer import Manner
from bot.language.amounts import in_simplified
from bot.language.asking import asks_within
from bot.language.frames import readings, unframed
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
from bot.search.finding import CORRECTS

ANSWERED = Outcome("answer", score=1.0)  # of what needs no finding
CONSULTANT_TOPIC = "contact-consultant"
LONGEST_LABEL = 60
LONGEST_SENTENCE = 100


def no_other_handlers(request: Request) -> Turn:
    raise AssertionError("no other ability was given")


@dataclass(frozen=True)
class Request:
    """A message with its conversation, the knowledge and the date.

    `opened` is the check result whose code the message holds; `terms` are the operator's settings.
    `respond` runs all handlers, for a handler that delegates.
    """

    message: Message
    conversation: Conversation
    knowledge: Knowledge
    today: date
    opened: Result | None = None
    terms: Terms = USUAL_TERMS
    respond: Callable[[Request], Turn] = no_other_handlers

    @property
    def lang(self) -> Language:
        return self.conversation.lang or "en"

    @cached_property
    def text(self) -> str:
        """The message's text, in simplified characters, which the readers of words know."""
        text = self.message.text.strip()
        return in_simplified(text) if self.conversation.traditional else text

    @cached_property
    def plain(self) -> str:
        """The message without greeting, name, please and thanks around it."""
        return unframed(self.text, self.knowledge.english)

    @cached_property
    def command(self) -> tuple[str, str] | None:
        """The message's command name and its argument, or None."""
        if not self.text.startswith("/"):
            return None
        name, _, rest = self.text[1:].partition(" ")
        return name.partition("@")[0].lower(), rest.strip()

    @property
    def topic_check(self) -> str | None:
        """The check of the conversation's topic, or None."""
        topic = self.knowledge.library.topics.get(self.conversation.topic or "")
        return topic.check if topic else None

    @cached_property
    def stated(self) -> str:
        """What a message that asks nothing states as answers to the check of the subject just spoken of; "" if nothing."""
        name, text = self.topic_check, self.text
        if name is None or self.conversation.check is not None or len(text) > LONGEST:
            return ""
        if asks_within(text) or CORRECTS.search(text):
            return ""
        facts = facts_told(text)
        return facts if mentions(self.knowledge.logic(name), facts, self.lang, averages=True).given else ""

    @cached_property
    def answers_told(self) -> int:
        """The number of questions of the check of the subject just spoken of that the message and those before it answer."""
        logic, texts = self.knowledge.logic(str(self.topic_check)), (*self.conversation.told, self.text)
        return len({name for text in texts for name in mentions(logic, text, self.lang, averages=True).given})

    @property
    def group(self) -> InGroup:
        """The group in which the message was written."""
        assert self.message.group is not None
        return self.message.group

    def say(self, phrase: str, **values: object) -> str:
        return self.knowledge.say(phrase, self.lang, **values)

    def is_sentence(self, phrase: str) -> bool:
        """Return true if the message is one of the phrase's sentences (separated by "|") in either language."""
        if len(self.text) > LONGEST_SENTENCE:
            return False
        return not self.keys.isdisjoint(self.knowledge.sentences(phrase))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The message, and what polite frames leave of it, as keys of sentences."""
        return frozenset(loose_key(reading) for reading in (self.text, *readings(self.text))) - {""}

    def turn(self, *replies: Reply, outcome: Outcome, topic: str | None = None, **changes: object) -> Turn:
        """Build a turn; numbers choose among the last reply's buttons from then on.

        `topic` is the turn's subject, and the last answer unless `changes` override it.
        """
        offered = replies[-1].buttons if replies else ()
        about = {"topic": topic, "last": (f"{topic}/",), "rest": (), "shown": ()} if topic else {}
        changes = {"offered": offered, "unclear": None, **about, **changes}
        return Turn(replies, outcome, self.conversation.with_(**changes))

    def tell(self, phrase: str, *buttons: Button, outcome: Outcome = ANSWERED, **values: object) -> Turn:
        """Build the turn that says a phrase."""
        return self.turn(Reply(self.say(phrase, **values), buttons), outcome=outcome)

    def topic_button(self, name: str) -> Button:
        return Button(self.knowledge.topic(name).title[self.lang], f"topic={name}")

    def check_button(self, name: str) -> Button:
        title = self.knowledge.library.checks[name].title[self.lang]
        return Button(self.say("start_check", title=title)[:LONGEST_LABEL], f"check={name}")

    def consultant_buttons(self) -> tuple[Button, ...]:
        """Return the consultant button, if there is a desk or the agency has given a contact."""
        reachable = self.terms.consultant or self.knowledge.library.operator.consultant is not None
        return (Button(self.say("consultant_button"), "consultant"),) if reachable else ()

    def offer(self, beside: str = "") -> str:
        """Return the sentence that offers a consultant or says that none is available, to follow the text `beside`."""
        return self.knowledge.offer_consultant(self.lang, connected=self.terms.consultant, beside=beside)

    def render(self, text: Text) -> str:
        """Render a content text that may contain the consultant's offer."""
        return self.knowledge.templates.render(text[self.lang], self.lang, offer=self.offer())

    def manner(self) -> Manner:
        """Return the writer's options; a group gets full citations, since its readers change."""
        grouped = self.message.group is not None
        cited = frozenset() if grouped else frozenset(self.conversation.cited)
        return Manner(cited=cited, whole=grouped, connected=self.terms.consultant)

    def pictures(self, name: str) -> tuple[Attachment, ...]:
        files, contact = self.knowledge.library.files, self.knowledge.library.operator.consultant
        code = (contact.qr,) if contact and contact.qr and name == CONSULTANT_TOPIC else ()
        return tuple(Attachment("picture", files[file]) for file in (*code, *self.knowledge.topic(name).pictures))
