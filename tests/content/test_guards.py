"""What must never be confused is not: pair by pair of the guards' own sides, asked in the words of the other side."""

from __future__ import annotations

import copy
import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from bot.content.kinds import Guard, GuardSide
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import Library
from bot.language.normalize import normalize
from bot.model import LANGUAGES, Address, Conversation, Language, Message, Turn
from bot.search.finding import split
from bot.search.guards import GAP, Guards, spellings
from handlers import respond
from tests.conftest import TODAY
from tests.opened import shipped_knowledge

LIBRARY: Library = shipped_knowledge().library
WORDS = 4  # spellings of a side that are put in
QUESTIONS = 12  # of the other side's phrasings that they are put into


@dataclass(frozen=True)
class Pair:
    """A side that is asked about, and another side whose topics must not answer."""

    guard: Guard
    asked: GuardSide
    other: GuardSide
    lang: Language

    def __str__(self) -> str:
        return f"{self.guard.id}-{self.asked.id}-not-{self.other.id}-{self.lang}"


def topics_of(side: GuardSide) -> set[str]:
    known = [name for name, topic in LIBRARY.topics.items() if topic.known]
    return {name for pattern in side.topics for name in fnmatch.filter(known, pattern)}


def forbidden(pair: Pair) -> set[str]:
    """The topics that speak of the other side and not of the one that is asked about."""
    return topics_of(pair.other) - topics_of(pair.asked)


PAIRS = [
    Pair(guard, asked, other, lang)
    for guard in LIBRARY.guards.values()
    for asked in guard.sides
    for other in guard.sides
    if asked is not other
    for lang in LANGUAGES
    if topics_of(other) - topics_of(asked)
]


def says(side: GuardSide) -> re.Pattern[str]:
    words = sorted({word for lang in LANGUAGES for word in side.said[lang]}, key=len, reverse=True)
    return re.compile(
        "|".join(
            rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word) for word in words
        ),
        re.IGNORECASE,
    )


def questions(pair: Pair) -> Iterator[str]:
    """Phrasings of the other side's topics with the words of the side that is asked about in place of the other's, or in front."""
    others = [side for side in pair.guard.sides if side is not pair.asked]
    words = [word for word in pair.asked.said[pair.lang] if not any(says(side).search(word) for side in others)]
    asked = 0
    for topic in sorted(forbidden(pair)):
        for phrasing in LIBRARY.topics[topic].phrasings[pair.lang]:
            named = says(pair.other).search(phrasing)
            if asked >= QUESTIONS or not (named or topics_of(pair.other) == set(LIBRARY.topics)):
                continue
            if len(split(phrasing)) > 1:  # each sentence of a story is guarded by itself
                continue
            asked += 1
            for word in words[:WORDS]:
                changed = says(pair.other).sub(f" {word} " if word.isascii() else word, phrasing)
                if not any(says(side).search(changed) for side in others):
                    yield changed


def in_front(pair: Pair) -> Iterator[str]:
    """One sentence that names no side, with the side that is asked about before it, as a clause of its own and not."""
    word = pair.asked.said[pair.lang][0]
    for topic in sorted(forbidden(pair))[:QUESTIONS]:
        plain = [
            phrasing
            for phrasing in LIBRARY.topics[topic].phrasings[pair.lang]
            if not any(says(side).search(normalize(phrasing)) for side in pair.guard.sides)
            and len(split(phrasing)) == 1
        ]
        for phrasing in plain[:2]:
            yield f"{word}, {phrasing}" if pair.lang == "en" else f"{word}，{phrasing}"
            yield f"{word} {phrasing}" if word.isascii() else word + phrasing


def turn(knowledge: Knowledge, text: str) -> Turn:
    return respond(Message(Address("t", "t", "t"), text), Conversation(), knowledge, TODAY)


def confused(knowledge: Knowledge, pair: Pair) -> list[tuple[str, str]]:
    """Questions about one side that are answered outright with the other, or begin a check that speaks of it alone."""
    wrong = forbidden(pair)
    found = []
    for text in [*questions(pair), *in_front(pair)]:
        outcome = turn(knowledge, text).outcome
        if outcome.kind == "answer":
            found += [(text, topic) for topic in outcome.topics if topic in wrong]
        related = LIBRARY.checks[outcome.check].related if outcome.check else ()
        if related and set(related) <= wrong:
            found.append((text, f"check {outcome.check}"))
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_question_about_one_side_is_not_answered_with_the_other(knowledge: Knowledge, pair: Pair) -> None:
    assert confused(knowledge, pair) == []


@pytest.mark.parametrize("guard", LIBRARY.guards)
def test_without_its_guard_it_would_be(knowledge: Knowledge, guard: str) -> None:
    without = unguarded(knowledge, {name: one for name, one in LIBRARY.guards.items() if name != guard})
    assert any(confused(without, pair) for pair in PAIRS if pair.guard.id == guard)


def unguarded(knowledge: Knowledge, guards: Mapping[str, Guard]) -> Knowledge:
    """The same knowledge with these guards only."""
    bare = copy.copy(knowledge)
    bare.finder = copy.copy(knowledge.finder)
    bare.finder.guards = Guards(guards.values(), [name for name, topic in LIBRARY.topics.items() if topic.known])
    bare.finder.remember()
    return bare


@pytest.mark.parametrize(
    "text", ["cancel MALL application", "how do I withdraw my MALL application", "怎么撤回MALL申请", "MALL申请怎么取消"]
)
def test_what_takes_an_application_back_does_not_apply(knowledge: Knowledge, text: str) -> None:
    assert "mall-apply" not in turn(knowledge, text).outcome.topics


def test_a_text_is_heard_as_each_guard_alone_hears_it() -> None:
    guards = Guards(LIBRARY.guards.values(), LIBRARY.topics)
    said = [words for guard in LIBRARY.guards.values() for side in guard.sides for words in spellings(side)]
    known = [text for topic in LIBRARY.topics.values() for lang in LANGUAGES for text in topic.phrasings[lang][::20]]
    for text in (*(f"can 我们{words.replace(GAP, ' now ')} 吗" for words in said), *said, *known):
        assert guards.heard(text) == tuple(guard.said(normalize(text)) for guard in guards.guards), text
