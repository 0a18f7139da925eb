"""Choice of an offered button by its number, label, position or subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from bot.checks import Check
from bot.checks.choice_reader import place_of, without_places
from bot.checks.vocabulary import FILLERS
from bot.content.kinds import Topic
from bot.language.amounts import fold
from bot.language.normalize import HAN, loose_key
from bot.model import Button
from handlers.request import Request

MINUS = "-\u2212\u2013\u2014\uff0d"  # "-3" is a number, not the third choice
NONE = "none"  # statement of "none of these", offered by clarifications only
MOST_POINTING = 3  # words that may choose; more are a new question
SHORTEST_STEM = 4
POINTING_HAN = re.compile("^(?:我?[想要]?问?的?是|就?是|那个?|关于|选)|(?:那个|这个|那种|[的吧呢啊了呀])+$")


def named_choice(request: Request) -> str | None:
    """Return the statement of the offered button that the message names, or None."""
    offered = request.conversation.offered
    key = loose_key(request.text) if len(request.text) <= 200 else ""
    if not key:
        return None
    numbered = [button for button in offered if button.numbered]
    if key.isdecimal() and len(key) <= 2 and 1 <= int(key) <= len(numbered) and request.text[0] not in MINUS:
        return numbered[int(key) - 1].says
    labelled = next((button.says for button in offered if loose_key(button.label) == key), None)
    if labelled is not None:
        return labelled
    choosing = any(button.says == NONE for button in offered)
    check = request.conversation.check
    if request.is_sentence("none_of_these") and (choosing or check is None or check.asked is None):
        return NONE  # valid after the answer, too; in a check it answers the question
    return pointed_choice(request, [button for button in numbered if button.says != NONE]) if choosing else None


def pointed_choice(request: Request, choices: Sequence[Button]) -> str | None:
    """Return the statement of the choice meant by "the second one", "the trademark one" or "商标的", or None."""
    folded = fold(request.text)
    places = place_of(folded, len(choices))
    if len(places) == 1 and 0 <= places[0] < len(choices) and not content_words(without_places(folded)):
        return choices[places[0]].says
    words = content_words(folded)
    if not words or len(words) > MOST_POINTING:
        return None
    fit = [button.says for button in choices if title_contains(request, button, words)]
    return fit[0] if len(fit) == 1 else None


def content_words(folded: str) -> list[str]:
    """Return a message's content words; a run of Chinese characters is one word."""
    tokens = re.findall(rf"[{HAN}]+|[^\W_{HAN}]+", folded)
    words = [POINTING_HAN.sub("", token) if not token.isascii() else token for token in tokens]
    return [word for word in words if word and word not in FILLERS]


def title_contains(request: Request, button: Button, words: Sequence[str]) -> bool:
    """Return true if the title of the button's topic or check contains all words, in either language."""
    kind, _, name = button.says.partition("=")
    library = request.knowledge.library
    of: Mapping[str, Topic | Check] = library.topics if kind == "topic" else library.checks
    title = fold(f"{of[name].title.en} {of[name].title.zh}") if name in of else fold(button.label)
    latin = set(re.findall(r"[a-z0-9]+", title))
    return all(any(map(word_of(word), latin)) if word.isascii() else word in title for word in words)


def word_of(word: str) -> Callable[[str], bool]:
    """Return a test for the same word or another form of it: "refund" and "refunded"."""
    stem = word.removesuffix("s")
    return lambda other: other == word or (len(stem) >= SHORTEST_STEM and other.startswith(stem))
