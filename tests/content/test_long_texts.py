"""What is read of a long text, and what is said of one that is longer than that."""

from __future__ import annotations

import random

import pytest

from bot.knowledge.knowledge import Knowledge
from bot.language.amounts import LONGEST_READ, fold
from bot.model import Conversation, InGroup, Language, Message
from bot.search.finding import ROOM
from handlers import respond
from handlers.overlong import LONGEST
from tests.conftest import TODAY
from tests.hostile import HERE, kinds

STORY: dict[Language, list[str]] = {
    "en": [
        "I run a small pottery with my sister in a village near the coast.",
        "Our grandfather built the kiln, and most of the moulds are his too.",
        "In summer the tourists come, and in winter hardly anybody does.",
        "Last year a friend showed us how he sends his baskets to other countries.",
        "He had three parcels on his table that morning, all for people far away.",
        "My sister takes the photographs, since she has the better camera.",
        "We have put two thousand cups into boxes, and the shed is full.",
        "The accountant has told us to be careful with money this year.",
        "A neighbour reads a lot of news and has an opinion on everything.",
        "It has rained for a week, so the road to the harbour was closed.",
    ],
    "zh": [
        "我和姐姐在海边的村子里开了一家小陶艺厂。",
        "窑是爷爷当年自己砌的，模具大多也是他留下来的。",
        "夏天游客多，冬天几乎没什么人来。",
        "去年有个朋友给我们看了他怎么把竹篮寄到国外。",
        "那天早上他桌上放着三个包裹，都是寄到很远的地方的。",
        "照片是姐姐拍的，她的相机好一些。",
        "我们装好了两千个杯子，棚子里都堆满了。",
        "会计说今年花钱要小心一点。",
        "隔壁邻居天天看新闻，什么事都有自己的看法。",
        "下了一个星期的雨，去码头的路都封了。",
    ],
}
ASKED: dict[Language, tuple[str, str]] = {
    "en": ("How much is the deposit?", "deposit-amount"),
    "zh": ("保证金要交多少钱？", "deposit-amount"),
}


@pytest.mark.parametrize("lang", STORY)
@pytest.mark.parametrize("times", [1, 3], ids=["ten sentences", "thirty sentences"])
@pytest.mark.parametrize("place", [0, 5, 100], ids=["first", "among them", "last"])
def test_the_question_of_a_long_story_is_answered_wherever_it_stands(
    lang: Language, times: int, place: int, knowledge: Knowledge
) -> None:
    question, topic = ASKED[lang]
    story = [f"{sentence[:-1]} {number}{sentence[-1]}" for number in range(times) for sentence in STORY[lang]]
    story.insert(place, question)
    turn = respond(Message(HERE, " ".join(story), nonce="1"), Conversation(lang=lang), knowledge, TODAY)
    assert turn.outcome.topics == (topic,)


def test_no_more_is_read_than_there_is_room_for(knowledge: Knowledge) -> None:
    finder = knowledge.finder
    for kind, make in kinds(knowledge).items():
        text = make(LONGEST, random.Random(kind))
        assert finder.matcher(text).steps(finder.gist(text)) <= ROOM + 1e-6, kind


def test_one_letter_may_stand_for_a_sentence() -> None:
    assert len(fold("\ufdfa" * 400)) <= LONGEST_READ


# --- texts beyond what is read


@pytest.mark.parametrize(
    ("lang", "text", "told"),
    [("en", "How much is the deposit? ", "4,000 characters"), ("zh", "保证金是多少？", "4,000 个字符")],
)
def test_a_longer_text_is_cut_and_that_is_said(lang: Language, text: str, told: str, knowledge: Knowledge) -> None:
    here = InGroup("called", 0.0, me="@shop")
    for group in (None, here):
        long = Message(HERE, (text * LONGEST)[: LONGEST + 1], nonce="1", group=group)
        turn = respond(long, Conversation(lang=lang), knowledge, TODAY)
        assert told in turn.replies[0].text
        assert turn.outcome.topics == ("deposit-amount",)
    whole = Message(HERE, f"  {(text * LONGEST)[:LONGEST]}\n\n", nonce="1")
    assert told not in respond(whole, Conversation(lang=lang), knowledge, TODAY).replies[0].text


def test_where_nothing_is_answered_nothing_is_said_of_the_length(knowledge: Knowledge) -> None:
    overheard = Message(HERE, "How much is it? " * 300, nonce="1", group=InGroup("overheard", 0.0))
    assert respond(overheard, Conversation(), knowledge, TODAY).replies == ()
