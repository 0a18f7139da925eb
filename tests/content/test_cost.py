"""A message costs no more than its length allows, whatever it says. Work is counted here; tests/benchmarks/hostile.py times it."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import FrameType

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.knowledge.library import shipped
from bot.model import Conversation, Message
from bot.search.following import may_follow
from bot.search.guards import Heard
from bot.search.matching import meaning
from bot.search.matching.features import Floats, Vocabulary
from bot.search.matching.space import Space
from handlers import respond
from handlers.overlong import LONGEST
from tests.conftest import TODAY
from tests.hostile import HERE, in_check, kinds

CHECKS = sorted(path.stem for path in (shipped() / "checks").glob("*.yaml"))
COSTLY = ("guards' words", "phrasings", "orders")  # the kinds that cost most inside checks
GROUPS = 12  # of kinds, so that each test is short
MOST_TEXTS = 12  # embedded in one turn: the whole, its parts, halves of questions, and some of these as corrected
MOST_LETTERS = 900  # of them together
MOST_HEARD = 12  # texts that the guards hear
MOST_PASSES = 5  # through what is known, texts of one language together
MOST_STEPS = 150_000  # calls of Python, which take about 30 ms


@dataclass
class Work:
    """What one turn has cost."""

    steps: int = 0
    embedded: list[str] = field(default_factory=list)
    compared: list[tuple[int, str]] = field(default_factory=list)  # with which language's vocabulary
    heard: list[str] = field(default_factory=list)
    passes: int = 0


class Counting:
    """The encoder, which notes what it is given."""

    def __init__(self, encoder: meaning._Encoder, work: Work) -> None:
        self.encoder, self.work = encoder, work

    def encode(self, texts: list[str]) -> Floats:
        self.work.embedded += texts
        return self.encoder.encode(texts)


@pytest.fixture
def counted(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Conversation], Work]:
    """Answer a text that nobody has said before, and count."""
    encoder, finder = meaning._encoder(), knowledge.finder
    for name in CHECKS:  # what is made ready when it is first needed
        inside = respond(Message(HERE, press=f"check={name}", nonce="1"), Conversation(), knowledge, TODAY).conversation
        for text in ("what is that in 2021", "那是什么，十二个月"):
            respond(Message(HERE, text, nonce="1"), inside, knowledge, TODAY)

    def count(text: str, conversation: Conversation) -> Work:
        work = Work()

        def heard(said: str) -> Heard:
            work.heard.append(said)
            return finder.guards.heard(said)

        def step(frame: FrameType, event: str, _argument: object) -> None:
            work.steps += event in ("call", "c_call")
            work.passes += event == "call" and frame.f_code is Space.near.__code__
            if event == "call" and frame.f_code is Vocabulary.row.__code__:
                work.compared.append((id(frame.f_locals["self"]), frame.f_locals["text"]))

        with monkeypatch.context() as patch:
            patch.setattr(meaning, "_encoder", lambda: Counting(encoder, work))
            patch.setattr(finder, "heard", lru_cache(8)(heard))
            sys.setprofile(step)
            try:
                respond(Message(HERE, text, nonce="1"), conversation, knowledge, TODAY)
            finally:
                sys.setprofile(None)
        return work

    return count


def bounded(work: Work, what: str) -> None:
    assert len(work.embedded) <= MOST_TEXTS, what
    assert len(set(work.embedded)) == len(work.embedded), what
    assert len(set(work.compared)) == len(work.compared), what
    assert sum(map(len, work.embedded)) <= MOST_LETTERS, what
    assert len(work.heard) <= MOST_HEARD, what
    assert work.passes <= MOST_PASSES, what
    assert work.steps <= MOST_STEPS, what


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_long_text_costs_no_more_than_its_length_allows(
    group: int, knowledge: Knowledge, counted: Callable[[str, Conversation], Work]
) -> None:
    for kind, make in list(kinds(knowledge).items())[group::GROUPS]:
        chance = random.Random(kind)
        respond(Message(HERE, make(400, chance), nonce="1"), Conversation(), knowledge, TODAY)
        short = counted(make(400, chance), Conversation(lang="en"))
        bounded(short, kind)
        long = counted(make(LONGEST, chance), Conversation(lang="en", topic=knowledge.most_asked[0]))
        bounded(long, kind)
        assert long.steps <= LONGEST / 400 * short.steps, kind


@pytest.mark.parametrize("check", CHECKS)
def test_it_costs_no_more_inside_a_check(
    check: str, knowledge: Knowledge, counted: Callable[[str, Conversation], Work]
) -> None:
    """At each kind of its questions, at a doubt, at the summary and at the verdict, each with other kinds of text."""
    inside, first = in_check(knowledge, check), CHECKS.index(check) % 4
    for number, (kind, make) in enumerate(list(kinds(knowledge).items())[first::4]):
        where = list(inside)[number % len(inside)]
        respond(
            Message(HERE, make(40, random.Random(kind)), nonce="1"), inside[where], knowledge, TODAY
        )  # patterns compile
        bounded(counted(make(LONGEST, random.Random(kind)), inside[where]), f"{kind}, {where}")
    for kind in COSTLY:
        for where in (f"{check}: verdict", f"{check}: doubt"):
            text = kinds(knowledge)[kind](LONGEST * 2 // 5, random.Random(kind))
            bounded(counted(text, inside[where]), f"{kind}, {where}")


def test_no_long_message_is_read_with_the_title_of_the_answer_before_it() -> None:
    words = "and what about it when we move the goods of our sister to the new shed behind the kiln"
    assert may_follow("and what about 金牌")
    assert may_follow(" ".join(words.split()[:14]))
    assert not may_follow(words)
    assert not may_follow(f"{words} 店")
