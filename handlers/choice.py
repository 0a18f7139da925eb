"""Choices: a pressed button, or the number or label of what was just offered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bot.knowledge.amounts import fold
from bot.knowledge.content import Topic
from bot.knowledge.eligibility import Check
from bot.knowledge.eligibility.choosing import place_of, placeless
from bot.knowledge.eligibility.vocabulary import FILLERS
from bot.knowledge.normalize import HAN, loose_key
from bot.model import Button, Outcome, Reply, Turn
from handlers.answer import MORE, topic_turn
from handlers.asked import Asked
from handlers.handoff import END, consultant, end
from handlers.last_answer import more
from handlers.menu import area, set_language
from handlers.privacy import forgotten
from handlers.subscription import subscribe, unsubscribe

MINUS = "-\u2212\u2013\u2014\uff0d"  # "-3" is a number, not the third choice
NONE = "none"  # the statement of "none of these", which only a question back offers
MOST_POINTING = 3  # words that point to a choice; more are a question of their own
SHORTEST_STEM = 4
POINTING_HAN = re.compile("^(?:我?[想要]?问?的?是|就?是|那个?|关于|选)|(?:那个|这个|那种|[的吧呢啊了呀])+$")


def choice(asked: Asked) -> Turn | None:
    """Carry out the statement of the button that was pressed or named; None where the message is no choice."""
    says = asked.message.press or named(asked)
    return None if says is None else carry_out(asked, says)


def named(asked: Asked) -> str | None:
    """The statement of the offered button whose number or label the message is."""
    offered = asked.conversation.offered
    key = loose_key(asked.text) if len(asked.text) <= 200 else ""
    if not key:
        return None
    numbered = [button for button in offered if button.numbered]
    if key.isdecimal() and len(key) <= 2 and 1 <= int(key) <= len(numbered) and asked.text[0] not in MINUS:
        return numbered[int(key) - 1].says
    labelled = next((button.says for button in offered if loose_key(button.label) == key), None)
    if labelled is not None:
        return labelled
    choosing = any(button.says == NONE for button in offered)
    check = asked.conversation.check
    if asked.says("none_of_these") and (choosing or check is None or check.asked is None):
        return NONE  # said of what was offered before the answer, too; in a check it answers the question
    return meant(asked, [button for button in numbered if button.says != NONE]) if choosing else None


def meant(asked: Asked, choices: Sequence[Button]) -> str | None:
    """The one of the choices just asked about that is pointed to: "the second one", "the trademark one", "商标的"."""
    folded = fold(asked.text)
    places = place_of(folded, len(choices))
    if len(places) == 1 and 0 <= places[0] < len(choices) and not content(placeless(folded)):
        return choices[places[0]].says
    words = content(folded)
    if not words or len(words) > MOST_POINTING:
        return None
    fit = [button.says for button in choices if holds(asked, button, words)]
    return fit[0] if len(fit) == 1 else None


def content(folded: str) -> list[str]:
    """The words of a message that tell something, Chinese ones as they stand together."""
    tokens = re.findall(rf"[{HAN}]+|[^\W_{HAN}]+", folded)
    words = [POINTING_HAN.sub("", token) if not token.isascii() else token for token in tokens]
    return [word for word in words if word and word not in FILLERS]


def holds(asked: Asked, button: Button, words: Sequence[str]) -> bool:
    """Whether the title of what a button offers, in either language, has all these words."""
    kind, _, name = button.says.partition("=")
    library = asked.knowledge.library
    of: Mapping[str, Topic | Check] = library.topics if kind == "topic" else library.checks
    title = fold(f"{of[name].title.en} {of[name].title.zh}") if name in of else fold(button.label)
    latin = set(re.findall(r"[a-z0-9]+", title))
    return all(any(map(word_of(word), latin)) if word.isascii() else word in title for word in words)


def word_of(word: str) -> Callable[[str], bool]:
    """Whether another word is this one, or ends otherwise: "refund" and "refunded"."""
    stem = word.removesuffix("s")
    return lambda other: other == word or (len(stem) >= SHORTEST_STEM and other.startswith(stem))


def carry_out(asked: Asked, says: str) -> Turn:
    """What a statement asks for; one that is no longer understood gets a friendly line."""
    kind, _, name = says.partition("=")
    library = asked.knowledge.library
    if kind == "topic" and name in library.topics:
        return topic_turn(asked, name)
    if kind == MORE and name in library.topics and library.topics[name].known:
        return more(asked, name)
    if kind == "check" and name in library.checks:
        from handlers.check import start

        return start(asked, name)
    if kind == "area" and name in asked.knowledge.areas:
        return area(asked, name)
    if kind == "lang" and name in ("en", "zh"):
        return set_language(asked, name)
    if kind == "forget":
        return forgotten(asked, sure=name == "yes")
    if kind == "subscribe" and name in library.operator.subjects:
        return subscribe(asked, name)
    if kind == "unsubscribe":
        return unsubscribe(asked, name)
    if says == "consultant":
        return consultant(asked)
    if says == END:
        return end(asked)
    if says == NONE:
        buttons = asked.consultant_buttons()
        reply = Reply(asked.say("none_of_these_reply", consultant=bool(buttons)), buttons)
        return asked.turn(reply, outcome=Outcome("unknown"))
    return asked.turn(Reply(asked.say("choice_gone")), outcome=Outcome("unknown"))
